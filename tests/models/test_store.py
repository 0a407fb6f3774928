"""Installing, checking and opening models."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from rostro import models, simd
from rostro.cli.models import models as cli
from rostro.errors import (
    DownloadError,
    EngineError,
    EngineNotInstalledError,
    FileMissingError,
    ModelError,
    ModelIntegrityError,
    UnknownModelError,
    WriteError,
)
from rostro.models import Model
from rostro.support.files import cache_folder
from tests.support.networks import OWN_CARD, PARAM, double_onnx, noise

NAMES = sorted(models.DEFAULTS.values())


def files_of(cache: Path, name: str) -> list[str]:
    return sorted(path.name for path in (cache / "models" / name).iterdir())


def test_what_is_installed(default_models: dict[str, Model]) -> None:
    for model in default_models.values():
        model.verify()
        assert model.card is not None
        original = model.card.files[0].name
        made = [f"{model.name}{suffix}" for suffix in (".onnx", ".ncnn.param", ".ncnn.bin")]
        names = {original, "installed.json", *made}
        there = {path.name for path in model.folder.iterdir()}
        # Int8 forms are there where somebody installed them.
        assert {name for name in there if ".int8" not in name} == names
        manifest = json.loads((model.folder / "installed.json").read_text())
        assert {entry["made_from"] for entry in manifest["files"].values()} == {
            model.card.files[0].sha256
        }
        assert "pnnx" in manifest["files"]["bin"]["made_by"]
        assert "onnx" in manifest["files"]["onnx"]["made_by"]


def test_auto_takes_the_engine_of_the_card(
    default_models: dict[str, Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simd, "features", tuple)  # a CPU that the cards have no times of
    for machine in ("x86_64", "aarch64"):
        monkeypatch.setattr("platform.machine", lambda machine=machine: machine)
        for model in default_models.values():
            assert model.card is not None
            assert model.open(threads=1).name == model.card.engines[machine].best
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    assert default_models["embed"].open().name == "onnxruntime"


def test_auto_takes_the_other_engine(
    default_models: dict[str, Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = default_models["embed"]
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setitem(sys.modules, "ncnn", None)
    assert model.open().name == "onnxruntime"
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(EngineNotInstalledError, match="pip install ncnn"):
        model.open()


def test_install_mends_what_is_damaged(cache: Path) -> None:
    model = models.resolve("yunet-2023mar")
    good = {path.name: path.read_bytes() for path in model.folder.iterdir()}
    (model.folder / "yunet-2023mar.onnx").write_bytes(b"")
    (model.folder / "yunet-2023mar.ncnn.bin").unlink()
    (model.folder / "installed.json").write_text("{")
    models.install("yunet-2023mar")
    assert {path.name: path.read_bytes() for path in model.folder.iterdir()} == good


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("damage", ["altered", "truncated", "empty", "another"])
def test_damaged_files_are_never_loaded(cache: Path, name: str, damage: str) -> None:
    model = models.resolve(name)
    for format, engine in (("onnx", "onnxruntime"), ("param", "ncnn"), ("bin", "ncnn")):
        path = model.folder / model.files[format].name
        good = path.read_bytes()
        flipped = good[:-1] + bytes([good[-1] ^ 1])
        bad = {
            "altered": flipped,
            "truncated": good[:-1],
            "empty": b"",
            "another": b"x" * len(good),
        }
        path.write_bytes(bad[damage])
        with pytest.raises(ModelIntegrityError, match=f"rostro models install {name}") as caught:
            model.open(engine)
        assert str(path) in str(caught.value)
        with pytest.raises(ModelIntegrityError):
            model.verify()
        path.write_bytes(good)
    model.verify()


def test_altered_original(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = models.resolve("yunet-2023mar")
    assert model.card is not None
    original = model.folder / model.card.files[0].name
    original.write_bytes(original.read_bytes()[:-1] + b"!")
    with pytest.raises(ModelIntegrityError, match=r"int8bq\.onnx: got SHA-256 .*; 49f000ec"):
        model.verify()
    monkeypatch.setenv("ROSTRO_OFFLINE", "1")
    with pytest.raises(DownloadError, match=f"Put it by hand at {original}"):
        models.install("yunet-2023mar")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 1, "files": {"onnx": 3}}', "\udcff"])
def test_broken_manifest_counts_for_nothing(cache: Path, text: str) -> None:
    manifest = cache / "models" / "yunet-2023mar" / "installed.json"
    manifest.write_text(text, errors="surrogateescape")
    assert not models.resolve("yunet-2023mar").installed


def test_manifest_of_another_original_counts_for_nothing(cache: Path) -> None:
    manifest = cache / "models" / "yunet-2023mar" / "installed.json"
    manifest.write_text(manifest.read_text().replace("49f000ec", "00000000"))
    assert not models.resolve("yunet-2023mar").installed


def test_offline_with_nothing_there(empty_cache: Path) -> None:
    model = models.resolve("sface-2021dec")
    assert not model.installed and model.files == {}
    with pytest.raises(DownloadError, match="ROSTRO_OFFLINE") as caught:
        model.open()
    assert str(empty_cache / "models" / "sface-2021dec") in str(caught.value)
    assert not empty_cache.exists()


def test_offline_from_a_folder(
    default_models: dict[str, Model],
    empty_cache: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without network, and so without pnnx, ONNX Runtime serves; the log says why."""
    source = default_models["embed"].folder
    with caplog.at_level(logging.WARNING, logger="rostro"):
        model = models.install("sface-2021dec", source=source)
    assert "no ncnn form" in caplog.text and "pnnx" in caplog.text
    assert model.open().name == "onnxruntime"
    with pytest.raises(ModelError, match="got no files for ncnn"):
        model.open("ncnn")
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "ncnn", None)
        with pytest.raises(EngineNotInstalledError, match="pip install ncnn"):
            model.open("ncnn")
    assert not [name for name in files_of(empty_cache, model.name) if name.startswith(".")]


def test_wrong_file_in_the_folder(empty_cache: Path, tmp_path: Path) -> None:
    name = "face_detection_yunet_2023mar_int8bq.onnx"
    (tmp_path / name).write_bytes(b"x" * 122489)
    with pytest.raises(DownloadError, match=f"{tmp_path / name}: got SHA-256"):
        models.install("yunet-2023mar", source=tmp_path)
    assert not list(empty_cache.rglob("*.*"))


def test_interrupted_install(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    folder = cache / "models" / "yunet-2023mar"
    for path in folder.glob("*yunet-2023mar.*"):
        path.unlink()
    (folder / "installed.json").unlink()
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", interrupt)
        with pytest.raises(KeyboardInterrupt):
            models.install("yunet-2023mar")
    assert files_of(cache, "yunet-2023mar") == ["face_detection_yunet_2023mar_int8bq.onnx"]
    models.install("yunet-2023mar").verify()


@pytest.mark.processes
def test_two_processes_install_at_once(cache: Path) -> None:
    original = cache / "original"
    original.mkdir()
    folder = cache / "models" / "yunet-2023mar"
    shutil.copy(folder / "face_detection_yunet_2023mar_int8bq.onnx", original)
    shutil.rmtree(folder)
    script = "from rostro import models; models.install('yunet-2023mar').verify()"
    environment = os.environ | {"ROSTRO_MODELS": str(original)}
    both = [subprocess.Popen([sys.executable, "-c", script], env=environment) for _ in range(2)]
    assert [process.wait(120) for process in both] == [0, 0]
    models.resolve("yunet-2023mar").verify()
    assert len(files_of(cache, "yunet-2023mar")) == 5


def test_cache_that_cannot_be_written(
    default_models: dict[str, Model], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = default_models["detect"].folder
    (tmp_path / "file").touch()
    for unwritable in (tmp_path / "file" / "cache", Path("/proc/rostro")):
        monkeypatch.setenv("ROSTRO_CACHE", str(unwritable))
        with pytest.raises(WriteError, match="ROSTRO_CACHE can name another") as caught:
            models.install("yunet-2023mar", source=source)
        assert str(unwritable) in str(caught.value)


def test_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ROSTRO_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("ROSTRO_CACHE")
    assert cache_folder().name == "rostro"


def test_unknown_names() -> None:
    with pytest.raises(UnknownModelError, match=r"did you mean sface-2021dec\?.*yunet-2023mar"):
        models.resolve("sface-2021")
    for call in (models.resolve, models.install):
        with pytest.raises(UnknownModelError, match="got 'zzz'; "):
            call("zzz")
    for path in ("absent.onnx", "absent.param", "absent.toml"):
        with pytest.raises(FileMissingError, match=path):
            models.resolve(path)


def test_model_for_another_task() -> None:
    assert models.resolve("sface-2021dec", "embed").name == "sface-2021dec"
    with pytest.raises(ModelError, match="got a model for 'embed'; one for 'detect'"):
        models.resolve("sface-2021dec", "detect")


def test_own_card(tmp_path: Path) -> None:
    double_onnx(tmp_path / "mine.onnx", ("n", 3, "h", "w"))
    card = tmp_path / "mine.toml"
    card.write_text(OWN_CARD)
    model = models.resolve(card, "embed")
    assert model.name == "mine" and model.installed
    (out,) = model.open().run(noise(1, 3, 96, 112))
    assert out.shape == (1, 3, 96, 112)
    with pytest.raises(ModelError, match=r"rostro models convert FILE\.onnx"):
        model.open("ncnn")
    # ncnn's form beside it counts.
    (tmp_path / "mine.ncnn.param").write_text(PARAM)
    (tmp_path / "mine.ncnn.bin").touch()
    assert model.files.keys() == {"onnx"}
    assert models.resolve(card).open("ncnn").output_names == ("y",)
    # Its hash decides, where it gives one.
    card.write_text(OWN_CARD.replace('"mine.onnx"', f'"mine.onnx"\nsha256 = "{"0" * 64}"'))
    with pytest.raises(ModelIntegrityError, match=r"mine\.onnx"):
        models.resolve(card).open("onnxruntime")
    (tmp_path / "mine.onnx").unlink()
    with pytest.raises(FileMissingError, match=r"mine\.onnx"):
        models.resolve(card).open("onnxruntime")


def test_bare_files(tmp_path: Path) -> None:
    double_onnx(tmp_path / "bare.onnx")
    model = models.resolve(str(tmp_path / "bare.onnx"), "detect")
    assert model.card is None and model.open().output_names == ("y",)
    model.verify()
    (tmp_path / "net.param").write_text(PARAM)
    with pytest.raises(FileMissingError, match=r"net\.bin"):
        models.resolve(tmp_path / "net.param").open()
    (tmp_path / "net.bin").touch()
    assert models.resolve(tmp_path / "net.param").open().name == "ncnn"
    (tmp_path / "bare.onnx").write_bytes(b"garbage")
    with pytest.raises(EngineError, match=r"bare\.onnx"):
        models.resolve(tmp_path / "bare.onnx").open()


def test_cli(cache: Path) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli, arguments)
        return result.exit_code, result.output

    status, text = run("list")
    assert status == 0
    for name in NAMES:
        (line,) = (line for line in text.splitlines() if line.startswith(name))
        assert "onnxruntime ncnn" in line and line.endswith(str(cache / "models" / name))
    assert run("path") == (0, f"{cache / 'models'}\n")
    assert run("path", NAMES[0]) == (0, f"{cache / 'models' / NAMES[0]}\n")
    assert run("verify") == (0, "".join(f"{name}: good\n" for name in NAMES))
    models.resolve(NAMES[1]).files["bin"].write_bytes(b"")
    status, text = run("verify")
    assert status == 1
    assert f"{NAMES[0]}: good" in text and "got 0 bytes; " in text
    status, text = run("install", NAMES[1])
    assert status == 0 and "installed for onnxruntime and ncnn" in text
    assert run("verify", NAMES[1]) == (0, f"{NAMES[1]}: good\n")
    assert isinstance(CliRunner().invoke(cli, ["verify", "zzz"]).exception, SystemExit)
    assert isinstance(CliRunner().invoke(cli, ["install", "zzz"]).exception, UnknownModelError)


def test_cli_with_nothing_installed(empty_cache: Path) -> None:
    assert "  -  " in CliRunner().invoke(cli, ["list"]).output
    assert isinstance(CliRunner().invoke(cli, ["verify"]).exception, FileMissingError)
    assert isinstance(CliRunner().invoke(cli, ["install"]).exception, DownloadError)
