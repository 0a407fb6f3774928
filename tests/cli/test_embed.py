"""`rostro embed`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from rostro.pictures import images
from tests.support.command_line import assert_one_error, rostro

pytestmark = pytest.mark.usefixtures("default_models")


def test_embed(astronaut: Path, hopper: Path, tmp_path: Path) -> None:
    two = Image.new("RGB", (1024, 600))
    two.paste(Image.open(astronaut).resize((400, 400)), (0, 0))
    two.paste(Image.open(hopper), (500, 0))
    two.save(tmp_path / "two.png")
    output = tmp_path / "faces.npz"
    assert rostro("embed", astronaut, tmp_path / "two.png", "-o", output).exit_code == 0
    with np.load(output) as faces:
        embeddings = faces["embeddings"]
        assert embeddings.shape == (3, 128) and embeddings.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)
        assert faces["boxes"].shape == (3, 4) and faces["scores"].shape == (3,)
        assert faces["files"].tolist() == [str(astronaut)] + [str(tmp_path / "two.png")] * 2
        assert faces["index"].tolist() == [0, 0, 1]
        assert faces["embedder"] == "sface-2021dec"
        # The same woman once more, and another one.
        similarities = sorted(embeddings[1:] @ embeddings[0])
        assert similarities[0] < 0.362 < 0.7 < similarities[1]

    largest = tmp_path / "largest.npz"
    assert rostro("embed", "--largest", tmp_path / "two.png", "-o", largest).exit_code == 0
    with np.load(largest) as faces:
        assert len(faces["embeddings"]) == 1
        assert faces["boxes"][0, 0] > 500, "the larger one is on the right"


def test_embed_no_face(tmp_path: Path) -> None:
    Image.new("RGB", (200, 200)).save(tmp_path / "black.png")
    assert rostro("embed", tmp_path / "black.png", "-o", tmp_path / "a.npz").exit_code == 0
    with np.load(tmp_path / "a.npz") as faces:
        assert faces["embeddings"].shape == (0, 128)


def test_embed_writes_nothing_when_nothing_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no")
    result = rostro("embed", tmp_path / "a.jpg", "-o", tmp_path / "a.npz")
    assert result.exit_code == 1
    assert_one_error(result, "a.jpg")
    assert not (tmp_path / "a.npz").exists()
    result = rostro("embed", tmp_path / "a.jpg", "-o", tmp_path / "none" / "a.npz")
    assert result.exit_code == 1
    assert_one_error(result, "there is no folder")


def test_a_picture_that_exceeds_the_memory_fails_alone(
    astronaut: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "huge.png")
    read = images.load_image

    def load_image(path: Path) -> object:
        if path.name == "huge.png":
            raise MemoryError("Unable to allocate 3.73 GiB")
        return read(path)

    monkeypatch.setattr(images, "load_image", load_image)
    output = tmp_path / "a.npz"
    result = rostro("embed", astronaut, tmp_path / "huge.png", astronaut, "-o", output)
    assert result.exit_code == 1
    assert_one_error(result, "huge.png: not enough memory: Unable to allocate 3.73 GiB")
    with np.load(output) as faces:
        assert faces["files"].tolist() == [str(astronaut)]


def test_an_output_that_is_there(astronaut: Path, tmp_path: Path) -> None:
    output = tmp_path / "a.npz"
    output.write_bytes(b"mine")
    result = rostro("embed", astronaut, "-o", output)
    assert result.exit_code == 2
    assert "a.npz exists already; --overwrite replaces" in result.stderr
    assert output.read_bytes() == b"mine"
    assert rostro("embed", astronaut, "-o", output, "--overwrite").exit_code == 0
