"""A real browser without a screen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


@contextmanager
def headless_chromium() -> Iterator[Any]:
    """A `selenium` driver of Chromium; skips the test where there is none."""
    browser = shutil.which("chromium")
    driver = shutil.which("chromedriver")
    if browser is None or driver is None:
        pytest.skip("no chromium and chromedriver; Debian's packages chromium, chromium-driver")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = browser
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    flags = ["headless=new", "disable-gpu", "disable-dev-shm-usage", "hide-scrollbars"]
    if os.geteuid() == 0:  # root has no sandbox
        flags.append("no-sandbox")
    for flag in flags:
        options.add_argument(f"--{flag}")
    found = webdriver.Chrome(options=options, service=Service(driver))
    try:
        found.set_page_load_timeout(30)
        yield found
    finally:
        found.quit()
