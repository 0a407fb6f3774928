"""`rostro demo`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command_line import rostro

pytestmark = pytest.mark.usefixtures("default_models")


def test_demo(tmp_path: Path) -> None:
    result = rostro("demo", "-o", tmp_path / "demo")
    assert result.exit_code == 0
    assert "the same person" in result.stdout
    assert "different persons" in result.stdout
    for stage in ("detect", "align", "embed"):
        assert f"\n  {stage} " in result.stdout
    written = sorted(path.name for path in (tmp_path / "demo").iterdir())
    assert written == ["astronaut-altered.jpg", "astronaut.jpg", "hopper.jpg"]
