"""The landmarker as a stage: points, attributes, and the five landmarks where asked."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

import rostro
from rostro.errors import ArgumentError, FileMissingError, ModelError
from rostro.faces import Faces
from rostro.types import FloatArray, Image
from tests.support.there import there
from tests.support.tiny_landmarker import CARD, SHARES, tiny_landmarker


def some_faces(count: int) -> Faces:
    """Faces of 40 x 60 pixels, each 5 to the right of the one before."""
    boxes = np.array([[10, 20, 50, 80]], np.float32) + 5 * np.arange(count)[:, None] * [1, 0, 1, 0]
    return Faces(
        boxes.astype(np.float32), np.ones(count, np.float32), np.ones((count, 5, 2), np.float32)
    )


def wanted(faces: Faces) -> FloatArray:
    """Shares of the square of 1.5 times the longer side, edges being half a pixel out."""
    centres = (faces.boxes[:, None, :2] + faces.boxes[:, None, 2:] - 1) / 2
    result: FloatArray = centres + (SHARES - 0.5) * 90
    return result


@pytest.mark.parametrize("batch", [1, "n"])
def test_points_and_attributes_of_many_faces(tmp_path: Path, batch: int | str) -> None:
    landmarker = rostro.Landmarker(tiny_landmarker(tmp_path, batch), threads=1)
    image = np.zeros((120, 200, 3), np.uint8)
    image[..., 2] = 255
    image[:, 110:] = 255
    faces = some_faces(19)  # three runs of the network
    found = landmarker(image, faces)
    np.testing.assert_allclose(there(found.points), wanted(faces), atol=1e-3)
    assert found.scheme == landmarker.scheme == "five"
    assert there(found.landmarks).max() == 1  # as they were
    attributes = there(found.attributes)
    assert landmarker.attribute_names == {"color": ("red", "green", "blue")}
    assert attributes["color"].shape == (19, 3)
    red, green, blue = attributes["color"].T
    assert (red > green).all() and (np.diff(green) >= 0).all() and (green == blue).all()
    logits = attributes["color"].sum(axis=1) - 1.5
    np.testing.assert_allclose(attributes["presence"], 1 / (1 + np.exp(-logits)), rtol=1e-4)


def test_the_five_landmarks_become_those_of_the_points_where_asked(tmp_path: Path) -> None:
    path = tiny_landmarker(tmp_path)
    image = np.full((120, 200, 3), 255, np.uint8)
    faces = some_faces(2)
    bare = Faces(faces.boxes, faces.scores)  # of a detector without landmarks
    for each in (faces, bare):
        found = rostro.Landmarker(path, landmarks=True, threads=1)(image, each)
        np.testing.assert_allclose(there(found.landmarks), wanted(faces), atol=1e-3)
    assert rostro.Landmarker(path, threads=1)(image, bare).landmarks is None


def test_no_faces_give_empty_columns(tmp_path: Path) -> None:
    landmarker = rostro.Landmarker(tiny_landmarker(tmp_path), landmarks=True, threads=1)
    found = landmarker(np.zeros((50, 50, 3), np.uint8), some_faces(0))
    assert there(found.points).shape == (0, 5, 2) and found.scheme == "five"
    assert {name: each.shape for name, each in there(found.attributes).items()} == {
        "color": (0, 3),
        "presence": (0,),
        "certainty": (0,),
    }


def test_it_is_pickled_as_what_it_was_made_from(tmp_path: Path, photo: Image) -> None:
    landmarker = rostro.Landmarker(tiny_landmarker(tmp_path), landmarks=True, threads=1)
    again = pickle.loads(pickle.dumps(landmarker))
    assert again.landmarks
    np.testing.assert_array_equal(
        there(again(photo, some_faces(1)).points), there(landmarker(photo, some_faces(1)).points)
    )


def test_what_cannot_be_cropped_is_refused_by_name(tmp_path: Path, photo: Image) -> None:
    upright = CARD.replace("scale = 1.5", "upright = true")
    landmarker = rostro.Landmarker(tiny_landmarker(tmp_path, card=upright), threads=1)
    faces = some_faces(2)
    with pytest.raises(ArgumentError, match=r"landmarks\[0\]: got eyes at one point"):
        landmarker(photo, faces)
    with pytest.raises(ArgumentError, match="a table without landmarks"):
        landmarker(photo, Faces(faces.boxes, faces.scores))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('output = "y"', 'output = "z"', "got an output 'z'; one of means, brightness, y"),
        ('scheme = "five"', 'scheme = "six"', 'scheme: got "six"'),
        ('scheme = "five"', 'scheme = "ibug68"', "136 a face are wanted"),
        ('["red", "green", "blue"]', '["red"]', "color for 1 faces"),
        ('kind = "coordinates"', 'kind = "points"', "landmarks.kind: got 'points'"),
        ('kind = "coordinates"', 'kind = "heatmap"\nrange = [0.0, 1.0]', "range: unknown"),
        ("size = [16, 16]", "", "input.size"),
        ("[crop]\nscale = 1.5", "", "crop: missing"),
    ],
)
def test_cards_that_make_no_sense(
    tmp_path: Path, photo: Image, old: str, new: str, message: str
) -> None:
    assert old in CARD
    path = tiny_landmarker(tmp_path, card=CARD.replace(old, new))
    with pytest.raises(ModelError, match=message):
        rostro.Landmarker(path, threads=1)(photo, some_faces(1))


def morphable(folder: Path, basis: str = "") -> Path:
    """A card of a morphable face for a network whose numbers are 12 and 2 weights."""
    numbers = f'kind = "3dmm"\nmean = {[0.0] * 14}\nstd = {[1.0] * 14}\n{basis}'
    return tiny_landmarker(folder, card=CARD.replace('kind = "coordinates"', numbers), more=4)


def test_a_morphable_face_gives_poses_and_with_a_basis_points(tmp_path: Path, photo: Image) -> None:
    face = some_faces(1)
    alone = rostro.Landmarker(morphable(tmp_path), threads=1)(photo, face)
    assert alone.points is None and there(alone.poses).shape == (1, 3)
    np.savez(tmp_path / "basis.npz", base=np.ones(15), basis=np.ones((15, 2)))
    path = morphable(tmp_path, 'basis = "basis.npz"')
    found = rostro.Landmarker(path, threads=1)(photo, face)
    np.testing.assert_array_equal(there(found.poses), there(alone.poses))
    assert there(found.points).shape == (1, 5, 3)
    with pytest.raises(ModelError, match=r"landmarks\.basis in the card is wanted"):
        rostro.Landmarker(morphable(tmp_path), landmarks=True)
    (tmp_path / "basis.npz").write_bytes(b"PK")
    path = morphable(tmp_path, 'basis = "basis.npz"')
    with pytest.raises(ModelError, match=r"basis\.npz"):
        rostro.Landmarker(path)
    (tmp_path / "basis.npz").unlink()
    with pytest.raises(FileMissingError, match=r"basis\.npz"):
        rostro.Landmarker(path)


@pytest.mark.parametrize(("yaw", "share"), [(0, 1.0), (35, 1.0), (55, 0.5), (-62.5, 0.25), (85, 0)])
def test_points_of_a_face_that_is_turned_away_are_not_certain(
    tmp_path: Path, yaw: float, share: float
) -> None:
    """The landmarks are those of the mean face, turned, as a camera sees it."""
    image = np.full((480, 640, 3), 255, np.uint8)
    turn, camera = np.radians(yaw), rostro.Camera.assumed(640, 480)
    model = rostro.kernels.mean_face("five")
    x = np.cos(turn) * model[:, 0] - np.sin(turn) * model[:, 2]
    z = np.sin(turn) * model[:, 0] + np.cos(turn) * model[:, 2] + 0.6
    seen = np.stack([camera.fx * x / z + camera.cx, camera.fy * model[:, 1] / z + camera.cy], -1)
    landmarks = seen[None].astype(np.float32)
    face = Faces(np.array([[250, 150, 390, 330]], np.float32), np.ones(1, np.float32), landmarks)
    found = rostro.Landmarker(tiny_landmarker(tmp_path), threads=1)(image, face)
    attributes = there(found.attributes)
    certainty = attributes["certainty"] / attributes["presence"]
    assert certainty[0] == pytest.approx(share, abs=0.02)
