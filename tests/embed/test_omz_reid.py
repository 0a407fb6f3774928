"""The optional card ``omz-reid-0095``: what install makes of Open Model Zoo's files."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from click.testing import CliRunner
from PIL import Image as pillow

import rostro
from rostro import models
from rostro.cli.models import models as cli
from rostro.errors import DownloadError, GalleryError, ModelError, RostroError
from rostro.gallery import Gallery
from rostro.gallery.identity import EmbedderIdentity
from rostro.models import Model, builtin_card
from rostro.models.card import Card
from rostro.models.recorded import recorded_input
from rostro.types import FloatArray, Image
from tests.support.cpp_programs import cpp_program
from tests.support.lesser_cpu import run_on_avx2
from tests.support.reid import FILE, NAME, SHARED, known_card, reid_installed, write_files
from tests.support.shared import shared_data, shared_models
from tests.support.shared_cards import EMBEDDERS
from tests.support.there import there

pytestmark = pytest.mark.heavy

ENGINES = ("onnxruntime", "ncnn")
LIMIT = {"onnxruntime": 1e-5, "ncnn": 1e-3}  # of the largest number, as install checks


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the network as OpenVINO's files."""
    folder = tmp_path_factory.mktemp("files")
    write_files(shared_models("embed"), folder)
    return folder


@pytest.fixture(scope="module")
def card(files: Path) -> Card:
    """The built-in card, which knows these layers by their hash."""
    return known_card(files)


@pytest.fixture(scope="module")
def reid(
    files: Path, card: Card, tmp_path_factory: pytest.TempPathFactory, default_models: object
) -> Iterator[Model]:
    """The model, installed from the folder, in a cache beside the default models."""
    cache = tmp_path_factory.mktemp("cache")
    for name in models.DEFAULTS.values():
        shutil.copytree(models.resolve(name).folder, cache / "models" / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROSTRO_CACHE", str(cache))
        with reid_installed(card, files, int8=True) as model:
            yield model
    shutil.rmtree(cache)


def test_the_weights_are_those_of_the_zoo(files: Path) -> None:
    """By the hash and the size that its model.yml gives: what is compared below is the network that
    users get."""
    _, weights = builtin_card(NAME).files
    data = (files / f"{FILE}.bin").read_bytes()
    assert hashlib.sha384(data).hexdigest() == weights.sha384 and len(data) == weights.size


def test_both_cards_of_the_network_say_the_same() -> None:
    built_in, shared = builtin_card(NAME), EMBEDDERS[SHARED]
    for key in (
        "name",
        "task",
        "licence",
        "input",
        "outputs",
        "embed",
        "thresholds",
    ):
        assert getattr(built_in, key) == getattr(shared, key), key
    assert built_in.ncnn.shapes == shared.ncnn.shapes
    assert built_in.thresholds.keys() == {"cosine", "cosine_strict"}
    assert built_in.refined["face-landmarker"].keys() == built_in.thresholds.keys()


@pytest.mark.parametrize("engine", ENGINES)
def test_it_gives_what_others_made_of_the_same_network(reid: Model, engine: str) -> None:
    reid.verify()
    x = recorded_input(there(reid.card))
    session = onnxruntime.InferenceSession(shared_models("embed") / f"{SHARED}.onnx")
    (want,) = session.run(["658"], {"0": x})
    (got,) = reid.open(engine, threads=1).run(x)
    limit = LIMIT[engine] * np.abs(want).max()
    np.testing.assert_allclose(got.ravel(), want.ravel(), rtol=0, atol=limit)


@pytest.mark.usefixtures("reid")
@pytest.mark.parametrize("engine", ENGINES)
def test_people_on_photos(engine: str) -> None:
    """The first pairs of LFW's list, of one person and of two."""
    folder = shared_data("lfw")
    pipeline = rostro.FacePipeline(embedder=NAME, engine=engine, threads=1)
    embedder = there(pipeline.embedder)
    assert (embedder.dim, embedder.template, embedder.size) == (256, "own", (128, 128))
    lines = (folder / "pairsDevTest.txt").read_text().splitlines()

    def embedding(name: str, number: str) -> FloatArray:
        image = rostro.load_image(folder / "images" / name / f"{name}_{int(number):04}.jpg")
        faces = pipeline(image)
        # Whom the list means is in the middle.
        middle = np.abs(faces.boxes[:, :2] + faces.boxes[:, 2:] - image.shape[1]).sum(axis=1)
        found: FloatArray = there(faces.embeddings)[middle.argmin()]
        return found

    for line in (*lines[1:6], *lines[501:506]):
        words = line.split()
        second = words[0] if len(words) == 3 else words[2]
        similarity = float(embedding(words[0], words[1]) @ embedding(second, words[-1]))
        assert (similarity >= there(embedder.threshold)) == (len(words) == 3), line


@pytest.mark.parametrize("engine", ENGINES)
def test_int8_is_made_without_photos(reid: Model, engine: str, photo: Image) -> None:
    """By the ranges beside the card, whose table says that no limit is missed."""
    assert not there(there(reid.recipe).of(engine)).misses
    faces = rostro.Detector(threads=1)(photo)
    one, other = (
        there(
            rostro.Embedder(NAME, engine=engine, threads=1, precision=kind)(photo, faces).embeddings
        )
        for kind in ("float32", "int8")
    )
    assert 0.98 < float(one[0] @ other[0]) < 0.99999  # it is another network


@pytest.mark.processes
@pytest.mark.usefixtures("reid")
def test_int8_gives_the_same_on_a_cpu_without_vnni(photo: Image, tmp_path: Path) -> None:
    crops = rostro.Embedder(NAME, threads=1).crops(photo, rostro.Detector(threads=1)(photo))
    np.save(tmp_path / "crops.npy", crops)
    code = (
        "import sys, numpy\n"
        "crops = numpy.load(sys.argv[1])\n"
        "for engine in rostro.engines.ENGINES:\n"
        f"    embedder = rostro.Embedder({NAME!r}, engine=engine, threads=1, precision='int8')\n"
        "    numpy.save(f'{sys.argv[2]}/{engine}', embedder.embed_crops(crops).embeddings)\n"
    )
    run_on_avx2(code, tmp_path / "crops.npy", tmp_path)
    for engine in ENGINES:
        embedder = rostro.Embedder(NAME, engine=engine, threads=1, precision="int8")
        here, lesser = embedder.embed_crops(crops).embeddings, np.load(tmp_path / f"{engine}.npy")
        np.testing.assert_allclose(lesser, here, atol=1e-4)


@pytest.mark.usefixtures("reid")
def test_batches_are_their_entries(photo: Image) -> None:
    embedder = rostro.Embedder(NAME, engine="onnxruntime", threads=1)
    crop = embedder.crops(photo, rostro.Detector(threads=1)(photo))
    assert crop.shape == (1, 128, 128, 3)
    both = embedder.embed_crops(np.concatenate([crop, crop[:, :, ::-1]]))
    alone = embedder.embed_crops(crop)
    np.testing.assert_allclose(both.embeddings[:1], alone.embeddings, atol=1e-5)


@pytest.mark.usefixtures("reid")
def test_a_gallery_is_of_one_embedder(photo: Image) -> None:
    pipeline = rostro.FacePipeline(embedder=NAME, threads=1)
    embedder = there(pipeline.embedder)
    gallery = Gallery(embedder.dim, embedder=embedder)
    gallery.add("somebody", there(pipeline(photo).embeddings))
    (match,) = gallery.identify(there(pipeline(photo).embeddings), there(embedder.threshold))
    assert there(match).name == "somebody"
    with pytest.raises(RostroError, match="makes embeddings of 128 numbers"):
        gallery.require(rostro.Embedder(threads=1))
    other = replace(EmbedderIdentity.of(embedder), version="of other weights")
    with pytest.raises(GalleryError, match="template own"):
        gallery.require(other)


def test_a_folder_with_wrong_weights(
    files: Path, card: Card, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROSTRO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ROSTRO_OFFLINE", "1")
    monkeypatch.setattr(models, "_builtin_card", lambda name: card)
    shutil.copy(files / f"{FILE}.xml", tmp_path)
    (tmp_path / f"{FILE}.bin").write_bytes((files / f"{FILE}.bin").read_bytes()[:-1] + b"x")
    with pytest.raises(DownloadError, match=rf"{FILE}\.bin.*got SHA-384 .*6d51703e"):
        models.install(NAME, source=tmp_path)
    assert not models.resolve(NAME).installed


def test_other_numbers_than_recorded(
    files: Path, card: Card, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is kept of a network that computes something else."""
    monkeypatch.setenv("ROSTRO_CACHE", str(tmp_path / "cache"))
    (one,) = card.recorded
    wrong = replace(card, recorded=(replace(one, values=(1.0, *one.values[1:])),))
    monkeypatch.setattr(models, "_builtin_card", lambda name: wrong)
    with pytest.raises(ModelError, match="other numbers than were recorded: output 658"):
        models.install(NAME, source=files)
    assert not models.resolve(NAME).installed


def test_convert_on_the_command_line(files: Path, tmp_path: Path) -> None:
    """Into an ONNX file and ncnn's two; a card of one's own names what comes out."""
    done = CliRunner().invoke(cli, ["convert", str(files / f"{FILE}.xml"), "-o", str(tmp_path)])
    names = [f"{FILE}.onnx", f"{FILE}.ncnn.param", f"{FILE}.ncnn.bin"]
    assert done.exit_code == 0 and done.output.split() == [str(tmp_path / n) for n in names]
    again = CliRunner().invoke(cli, ["convert", str(files / f"{FILE}.xml"), "-o", str(tmp_path)])
    assert again.exit_code == 2 and "--overwrite" in again.output
    text = (Path(__file__).parents[1] / "cards" / f"{SHARED}.toml").read_text()
    lines = [line for line in text.splitlines() if not line.startswith(("sha256", "size = 2"))]
    own = "\n".join(lines).replace(f"{SHARED}.onnx", f"{FILE}.xml")
    own += f'\n[[file]]\nname = "{FILE}.bin"\n'
    (files / "own.toml").write_text(own)
    with pytest.raises(ModelError, match="OpenVINO network, which only built-in cards have"):
        models.resolve(files / "own.toml")


def test_the_runtime_embeds_the_same(reid: Model, photo: Image, tmp_path: Path) -> None:
    """The C++ runtime reads the card's own template and takes what was installed."""
    program = cpp_program("rostro_recognise")
    library = next((Path(onnxruntime.__file__).parent / "capi").glob("libonnxruntime.so.*"))
    cards = Path(models.__file__).parent / "cards"
    pillow.fromarray(photo[..., ::-1]).save(tmp_path / "photo.ppm")
    done = subprocess.run(
        [
            program,
            library,
            cards / "yunet-2023mar.toml",
            cards / f"{reid.name}.toml",
            tmp_path / "photo.ppm",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    pipeline = rostro.FacePipeline(embedder=NAME, engine="onnxruntime", threads=1)
    faces = pipeline(np.ascontiguousarray(photo[..., ::-1]), "rgb")
    found = np.array(json.loads(done.stdout)["embeddings"], np.float32)
    np.testing.assert_array_equal(found.reshape(-1, 256), there(faces.embeddings))
