"""The page of `rostro watch --serve` in a real browser: the stream, the people, a name for one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import rostro
from tests.support.browser import headless_chromium
from tests.support.clips import write_clip
from tests.support.command_line import rostro as run

pytestmark = [pytest.mark.heavy, pytest.mark.processes, pytest.mark.usefixtures("default_models")]

TOKEN = "a-token-for-the-test"
SCRIPT = "<script>alert(1)</script>"
PATIENCE = 30  # seconds; a few are usual
# The pixels of the picture that is shown, small; null before the first.
PIXELS = """
const image = document.getElementById("stream"), canvas = document.createElement("canvas");
if (!image.naturalWidth) return null;
canvas.width = canvas.height = 64;
canvas.getContext("2d").drawImage(image, 0, 0, 64, 64);
return Array.from(canvas.getContext("2d").getImageData(0, 0, 64, 64).data).join();
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with headless_chromium() as driver:
        yield driver


def wait(browser: Any, there: Callable[[Any], Any]) -> Any:
    from selenium.common.exceptions import StaleElementReferenceException
    from selenium.webdriver.support.ui import WebDriverWait

    patient = WebDriverWait(
        browser, PATIENCE, 0.1, ignored_exceptions=[StaleElementReferenceException]
    )
    return patient.until(there)


def texts(browser: Any, selector: str) -> list[str]:
    found = browser.execute_script(
        "return Array.from(document.querySelectorAll(arguments[0])).map((e) => e.textContent)",
        selector,
    )
    return [str(text) for text in found]


@pytest.fixture
def watching(
    astronaut: Path, tmp_path: Path, browser: Any
) -> Iterator[tuple[str, Path, subprocess.Popen[str]]]:
    """The page's address with the token; the gallery's file; the process."""
    clip, gallery = write_clip(tmp_path / "clip.mp4", 40), tmp_path / "people.rostro"
    assert run("enroll", astronaut, "--name", SCRIPT, "--gallery", gallery).exit_code == 0
    command = [sys.executable, "-m", "rostro", "watch", str(clip), "--threads", "1", "--realtime"]
    command += ["--gallery", str(gallery), "--serve", "127.0.0.1:0"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"ROSTRO_WATCH_TOKEN": TOKEN},
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert line.startswith("rostro: the page is at http://127.0.0.1:"), line
        yield line.split()[-1], gallery, process
    finally:
        process.kill()
        process.communicate()


def test_in_a_browser(watching: tuple[str, Path, subprocess.Popen[str]], browser: Any) -> None:
    url, gallery, process = watching
    browser.get(url.partition("?")[0])
    assert "token is missing or wrong" in browser.page_source
    browser.get(url)
    assert TOKEN not in browser.current_url

    # Frames arrive.
    first = wait(browser, lambda b: b.execute_script(PIXELS))
    wait(browser, lambda b: b.execute_script(PIXELS) != first)

    # People appear, one with her name, which is text and no script.
    wait(browser, lambda b: SCRIPT in texts(b, ".who"))
    wait(browser, lambda b: any("unknown" in text for text in texts(b, ".what")))
    assert len(texts(browser, ".person")) == 2
    assert browser.execute_script("return document.querySelectorAll('main script').length") == 0
    (unknown,) = [name for name in texts(browser, ".who") if name != SCRIPT]
    wait(browser, lambda b: float(texts(b, "#fps")[0].replace("\u2013", "0")) > 0)
    shown = "return Array.from(document.querySelectorAll('.face img')).map((i) => i.naturalWidth)"
    wait(browser, lambda b: len(b.execute_script(shown)) == 2)

    # The unknown gets a name; first one that is another's.
    form = f"//li[div[@class='who'][.='{unknown}']]//"
    for name, said in ((SCRIPT, "looks different"), ("Grace", "")):
        field = browser.find_element("xpath", f"{form}input")
        field.clear()
        field.send_keys(name)
        browser.find_element("xpath", f"{form}button").click()
        if said:
            wait(browser, lambda b, said=said: said in "".join(texts(b, ".why")))  # type: ignore[misc]
    wait(browser, lambda b: "Grace" in texts(b, ".who"))
    wait(browser, lambda b: any(text.endswith("is Grace") for text in texts(b, "#log li span")))
    with rostro.Gallery.open(gallery) as people:
        assert people.counts() == {SCRIPT: 1, "Grace": 1}

    # Nothing was blocked, and nothing is wrong.
    wrong = [entry["message"] for entry in browser.get_log("browser")]
    refused = (" 403 (Forbidden)", " 409 (Conflict)")  # the token and the name above
    assert [message for message in wrong if not any(part in message for part in refused)] == []

    # The browser goes, and the watching goes on; the end is seen.
    browser.get("about:blank")
    browser.get(url)
    wait(browser, lambda b: len(texts(b, ".person")) == 2)
    process.send_signal(signal.SIGTERM)
    wait(browser, lambda b: texts(b, "#status") == ["ended"])
    _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, "")
