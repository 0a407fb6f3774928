"""The face table: one column added in one place goes through everything."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
import pytest

import rostro
from rostro import faces as table
from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.faces import Face, Faces


def three() -> Faces:
    """Three faces in a row, the second on top of the first."""
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [100, 0, 110, 10]], np.float32)
    return Faces(boxes, np.array([0.75, 0.25, 0.25], np.float32))


@pytest.fixture
def wings(monkeypatch: pytest.MonkeyPatch) -> np.ndarray[Any, Any]:
    """A column that rostro does not know, declared in the one place where columns are."""
    column = table.Column("wings", "wing", "points", "float32", (2, 2), 1)
    monkeypatch.setitem(table.COLUMNS, "wings", column)
    return np.arange(12, dtype=np.float32).reshape(3, 2, 2)


def test_a_column_goes_through_everything(wings: np.ndarray[Any, Any], tmp_path: Path) -> None:
    faces = three().with_columns(wings=wings)
    # Letterbox: from the tensor to the image.
    _, transform = rostro.letterbox(np.zeros((480, 1280, 3), np.uint8), (640, 640))
    np.testing.assert_array_equal(faces.mapped(transform).columns()["wings"], 2 * wings + 0.5)
    # Tiles: moved by their corner, and joined.
    corner = np.array([[1, 0, 300], [0, 1, 200]], np.float32)
    both = Faces.concatenate([faces, faces.mapped(corner)])
    np.testing.assert_array_equal(
        both.columns()["wings"][3:], wings + np.array([300, 200], np.float32)
    )
    # Suppression: the kept ones, or the mean of what they suppressed.
    kept = faces.select(rostro.nms(faces.boxes, faces.scores, 0.5))
    np.testing.assert_array_equal(kept.columns()["wings"], wings[[0, 2]])
    merged = rostro.nms_weighted(faces, 0.5).columns()["wings"]
    np.testing.assert_allclose(merged[0], 0.75 * wings[0] + 0.25 * wings[1], rtol=1e-6)
    # Files.
    np.savez(tmp_path / "faces.npz", allow_pickle=False, **faces.columns())
    with np.load(tmp_path / "faces.npz") as file:
        read = Faces.of(dict(file))
    np.testing.assert_array_equal(read.columns()["wings"], wings)
    assert json.loads(json.dumps(faces.rows()))[1]["wing"] == [[4, 5], [6, 7]]


def test_python_documents_the_columns_of_the_core() -> None:
    documented = get_type_hints(Faces).keys() - {"scheme"}
    assert documented == table.COLUMNS.keys()
    assert get_type_hints(Face).keys() == {column.one for column in table.COLUMNS.values()}
    for name in table.COLUMNS:
        assert f"        {name}: (N" in str(Faces.__doc__)


def test_values_of_the_leaders_survive_weighted_suppression() -> None:
    poses = np.arange(9, dtype=np.float32).reshape(3, 3)
    faces = three().with_columns(
        poses=poses, ids=np.array([7, 8, 9]), attributes={"age": np.array([30, 40, 50])}
    )
    merged = rostro.nms_weighted(faces, 0.5)
    np.testing.assert_array_equal(merged.poses, poses[[0, 2]])
    np.testing.assert_array_equal(merged.ids, [7, 9])
    assert merged.attributes is not None
    np.testing.assert_array_equal(merged.attributes["age"], [30, 50])


def test_rows() -> None:
    faces = three().with_columns(
        norms=np.array([1, 2, 3], np.float32), attributes={"age": np.array([30, 40, 50])}
    )
    assert [face.score for face in faces] == [0.75, 0.25, 0.25]
    face = faces[np.int64(-1)]
    assert isinstance(face, Face)
    assert (face.norm, face.pose, face.attributes) == (3, None, {"age": 50})
    face.box[0] = 101  # a view
    assert faces.boxes[2, 0] == 101
    with pytest.raises(IndexError):
        faces[3]
    with pytest.raises(AttributeError, match="chins"):
        faces.chins  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError):
        faces.boxes = faces.boxes  # type: ignore[misc]


@pytest.mark.parametrize(
    ("index", "wanted"),
    [
        (slice(0, 2), [0, 1]),
        (slice(None, None, -2), [2, 0]),
        (np.array([2, 0]), [2, 0]),
        ([1], [1]),
        (np.array([True, False, True]), [0, 2]),
        (slice(3, 9), []),
    ],
)
def test_slices_are_tables(index: Any, wanted: list[int]) -> None:
    faces = three().with_columns(norms=np.array([0, 1, 2], np.float32))
    part = faces[index]
    assert isinstance(part, Faces)
    np.testing.assert_array_equal(part.norms, wanted)
    np.testing.assert_array_equal(part.boxes, faces.boxes[wanted])
    assert part.boxes.flags.c_contiguous and len(part) == len(wanted)


def test_numbers_are_rounded_to_what_is_meant() -> None:
    faces = Faces(
        np.full((1, 4), 182.65, np.float32),
        np.full(1, 0.1, np.float32),
        ids=np.array([2**40]),
    )
    assert json.dumps(faces.rows()) == json.dumps(
        [{"box": [182.65] * 4, "score": 0.1, "id": 2**40}]
    )


def test_tables_are_pickled() -> None:
    faces = three().with_columns(points=np.zeros((3, 2, 3), np.float32), scheme="pair")
    again = pickle.loads(pickle.dumps(faces))
    assert again.scheme == "pair" and again.columns().keys() == faces.columns().keys()


@pytest.mark.parametrize(
    ("columns", "error", "message"),
    [
        ({"norms": np.zeros(2, np.float32)}, ArgumentError, r"norms: got .*\(2,\); .*\(3,\)"),
        ({"norms": np.zeros(3)}, ArgumentTypeError, "norms: got float64 array.*float32"),
        ({"poses": np.zeros((3, 4), np.float32)}, ArgumentError, r"poses: .*\(3, 3\) is wanted"),
        ({"poses": [1, 2, 3]}, ArgumentTypeError, "poses: got list"),
        ({"nose": np.zeros(3, np.float32)}, ArgumentTypeError, "got a column 'nose'"),
    ],
)
def test_wrong_columns_are_named(
    columns: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        three().with_columns(**columns)


def test_tables_that_differ_are_not_joined() -> None:
    with pytest.raises(ArgumentError, match="tables: got"):
        Faces.concatenate([three(), three().with_columns(norms=np.zeros(3, np.float32))])
    with pytest.raises(ArgumentError, match="at least one"):
        Faces.concatenate([])
