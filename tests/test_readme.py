"""The README's examples are run as they stand, and print what stands below them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"


@pytest.mark.processes
@pytest.mark.usefixtures("default_models")
def test_the_examples_print_what_they_say(tmp_path: Path) -> None:
    blocks = re.findall(r"```(?:python|text)\n(.*?)```", README.read_text(), re.DOTALL)
    code, output = "".join(blocks[::2]), "".join(blocks[1::2])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout == output
    assert done.stderr == ""
