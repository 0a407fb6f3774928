"""`rostro doctor`: what it reports, and that it reports where something is amiss."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rostro import engines, models
from tests.support.command_line import rostro

pytestmark = pytest.mark.usefixtures("default_models")


def test_doctor() -> None:
    result = rostro("doctor")
    assert result.exit_code == 0
    for part in ("rostro", "python", "onnxruntime", "simd used", "threads", "yunet-2023mar"):
        assert part in result.stdout
    document = json.loads(rostro("doctor", "--json").stdout)
    assert document["models"]["yunet-2023mar"]["onnx"] == "ok"
    assert document["cpu"]["simd used"] in document["cpu"]["simd levels"]
    assert document["cpu"]["threads"] >= 1
    assert document["cache"]["writable"] is True


def test_doctor_without_models_and_engines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ROSTRO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(engines, "installed", lambda: dict.fromkeys(engines.ENGINES))
    result = rostro("doctor")
    assert result.exit_code == 0
    assert "engine onnxruntime is not installed: pip install onnxruntime" in result.stdout
    assert "yunet-2023mar is not installed: rostro models install" in result.stdout
    assert not (tmp_path / "cache").exists(), "doctor changes nothing"


@pytest.mark.usefixtures("cache")
def test_doctor_sees_damage() -> None:
    damaged = models.resolve("yunet-2023mar").files["onnx"]
    damaged.write_bytes(damaged.read_bytes()[:-1])
    result = rostro("doctor", "--json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert document["models"]["yunet-2023mar"]["onnx"] == "damaged"
    assert any("rostro models install yunet-2023mar" in line for line in document["warnings"])


def test_doctor_sees_a_cache_that_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("ROSTRO_CACHE", str(tmp_path / "file" / "cache"))
    result = rostro("doctor")
    assert result.exit_code == 0
    assert "cannot be written" in result.stdout
