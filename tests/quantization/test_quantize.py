"""rostro.quantize as a user sees it: what it makes, what it refuses, and what it leaves behind."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

import rostro
from rostro import models
from rostro.cli import cli
from rostro.errors import (
    ArgumentError,
    FileMissingError,
    ModelError,
    QuantizationError,
    WriteError,
)
from rostro.models.card_toml import load_card
from rostro.quantization.written import write_model
from tests.support.shared import shared_data, shared_models
from tests.support.there import there

pytestmark = pytest.mark.heavy

EMBEDDER = "mobilefacenet_foamliu_128"
CARD = f"""
name = "{EMBEDDER}"
task = "embed"
licence = "Apache-2.0"
[[file]]
name = "{EMBEDDER}.onnx"
[input]
name = "input0"
channels = "rgb"
mean = 127.5
std = 128.0
size = [112, 112]
[outputs]
names = ["output0"]
[embed]
dim = 128
template = "arcface"
"""


@pytest.fixture(scope="module", autouse=True)
def _models(default_models: dict[str, models.Model]) -> None:
    del default_models


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder a person: the forty with the most photos."""
    photos = shared_data("lfw") / "images"
    counts = Counter({person: len(list(person.iterdir())) for person in photos.iterdir()})
    folder = tmp_path_factory.mktemp("people")
    for number, (person, _) in enumerate(counts.most_common(40)):
        (folder / str(number)).mkdir()
        for photo in sorted(person.iterdir()):
            (folder / str(number) / photo.name).symlink_to(photo)
    return folder


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen photos of WIDER FACE."""
    photos = sorted((shared_data("widerface") / "images").rglob("*.jpg"))[::15][:16]
    folder = tmp_path_factory.mktemp("crowd")
    for photo in photos:
        (folder / photo.name).symlink_to(photo)
    return folder


@pytest.fixture(scope="module")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("embedder")
    shutil.copy(shared_models("embed") / f"{EMBEDDER}.onnx", folder)
    (folder / f"{EMBEDDER}.onnx").chmod(0o644)
    (folder / f"{EMBEDDER}.toml").write_text(CARD)
    return folder / f"{EMBEDDER}.toml"


def figures(card: Path) -> dict[str, tuple[float | None, float]]:
    made = load_card(card).quantization
    assert made is not None
    return {figure.what: (figure.before, figure.after) for figure in made.figures}


def test_an_embedder_in_int8(embedder: Path, people: Path, tmp_path: Path) -> None:
    before = embedder.with_suffix(".onnx").read_bytes()
    made = rostro.quantize(embedder, tmp_path / "fast.toml", people)
    assert embedder.with_suffix(".onnx").read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"fast.toml", "fast.onnx"}
    assert made.misses == ()

    photo = rostro.load_image(next(people.rglob("*.jpg")))
    found = rostro.Detector()(photo)
    one, other = (
        there(rostro.Embedder(card)(photo, found).embeddings)[0] for card in (embedder, made.card)
    )
    assert 0.95 < one @ other < 0.999999

    told = figures(made.card)
    float_mb, int8_mb = told["size, MB"]
    assert float_mb is not None and int8_mb < 0.4 * float_mb
    (accuracy,) = (told[what] for what in told if what.startswith("verification accuracy"))
    assert accuracy[0] is not None and accuracy[0] > 95 and accuracy[1] > accuracy[0] - 0.3
    assert made.table().count("\n") == len(told) + 1
    # The second conversion would replace the first one.
    with pytest.raises(WriteError, match="exists already"):
        rostro.quantize(embedder, tmp_path / "fast.toml", people)


def test_a_detector_in_float16(crowd: Path, tmp_path: Path) -> None:
    made = rostro.quantize(
        "yunet-2023mar", tmp_path / "half.toml", crowd, engine="ncnn", form="float16"
    )
    photo = rostro.load_image(next(crowd.iterdir()))
    whole, half = rostro.Detector(engine="ncnn")(photo), rostro.Detector(made.card)(photo)
    assert len(whole) == len(half) > 0
    np.testing.assert_allclose(half.boxes, whole.boxes, atol=0.5)
    before, after = figures(made.card)["size, MB"]
    assert before is not None and after < 0.6 * before


@pytest.mark.parametrize("engine", ["onnxruntime", "ncnn"])
def test_what_loses_accuracy_is_refused(engine: str, crowd: Path, tmp_path: Path) -> None:
    """YuNet's points are worse in int8 than the limit allows, on either engine."""
    arguments = ["quantize", "yunet-2023mar", "--engine", engine, "--calibrate", str(crowd)]
    arguments += ["-o", str(tmp_path / "bad.toml"), "--search", "0", "--all-layers"]
    refused = CliRunner().invoke(cli, arguments)
    assert refused.exit_code == 1
    assert "of the eye distance" in refused.stderr and refused.stderr.count("\n") == 1
    assert "| landmark error, faces" in refused.stdout
    assert list(tmp_path.iterdir()) == []

    kept = CliRunner().invoke(cli, [*arguments, "--force"])
    assert kept.exit_code == 0, kept.output
    card = load_card(tmp_path / "bad.toml")
    assert card.quantization is not None and card.quantization.misses
    detector = rostro.Detector(tmp_path / "bad.toml")
    assert any(len(detector(rostro.load_image(photo))) for photo in crowd.iterdir())


def test_photos_that_will_not_do(crowd: Path, tmp_path: Path) -> None:
    empty, blank, few = (tmp_path / name for name in ("empty", "blank", "few"))
    for folder in (empty, blank, few):
        folder.mkdir()
    for number in range(4):
        grey = np.full((64, 64, 3), 60 * number, np.uint8)
        Image.fromarray(grey).save(blank / f"{number}.png")
    (few / "one.jpg").symlink_to(next(crowd.iterdir()))
    out = tmp_path / "out.toml"
    for folder, error, problem in (
        (tmp_path / "nowhere", FileMissingError, "no such folder"),
        (empty, FileMissingError, "no picture in this folder"),
        (blank, QuantizationError, "no face was found on any of"),
        (few, QuantizationError, "1 photos are too few"),
    ):
        for model in models.DEFAULTS.values():
            with pytest.raises(error, match=problem):
                rostro.quantize(model, out, folder)
    for number in range(8):  # no pictures, whatever they are called
        (few / f"{number}.jpg").write_text("no picture")
    with pytest.raises(QuantizationError, match="no face was found"):
        rostro.quantize("yunet-2023mar", out, few)
    assert not out.exists()


def test_arguments_that_will_not_do(crowd: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.toml"
    with pytest.raises(ArgumentError, match=r"out: .*the name of a new card"):
        rostro.quantize("yunet-2023mar", tmp_path / "out.onnx", crowd)
    with pytest.raises(ArgumentError, match=r"form: got 'int4'; one of .*int8.* is wanted"):
        rostro.quantize("yunet-2023mar", out, crowd, form="int4")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match=r"method: got 'best'; one of .*minmax.* is wanted"):
        rostro.quantize("yunet-2023mar", out, crowd, method="best")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match=r"form: got float16; int8 is wanted"):
        rostro.quantize("yunet-2023mar", out, crowd, engine="onnxruntime", form="float16")
    with pytest.raises(ArgumentError, match="keep: got 'nothing'"):
        rostro.quantize("yunet-2023mar", out, crowd, engine="ncnn", keep=["nothing"])
    with pytest.raises(ArgumentError, match="keep: got all"):
        rostro.quantize("yunet-2023mar", out, crowd, engine="ncnn", keep=["*"])
    with pytest.raises(ModelError, match="not those of one head alone"):
        rostro.quantize(shared_models("embed") / f"{EMBEDDER}.onnx", out, crowd)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.processes
def test_a_full_disk_leaves_nothing(crowd: Path, tmp_path: Path) -> None:
    """Files may not grow beyond 64 KiB; the weights do, the temporary ones first."""
    code = (
        "import resource, signal, sys, rostro\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))\n"
        "try:\n"
        "    rostro.quantize('yunet-2023mar', sys.argv[1], sys.argv[2], engine='ncnn',\n"
        "                    form='float16')\n"
        "except rostro.errors.WriteError as error:\n"
        "    print('refused:', error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "out.toml"), str(crowd)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("refused: "), done.stderr
    assert list(tmp_path.iterdir()) == []


def test_weights_go_where_the_card_cannot_be_written(embedder: Path, tmp_path: Path) -> None:
    (tmp_path / "out.toml").mkdir()
    with pytest.raises(WriteError):
        write_model(load_card(embedder), tmp_path / "out.toml", [embedder.with_suffix(".onnx")])
    assert {path.name for path in tmp_path.iterdir()} == {"out.toml"}
