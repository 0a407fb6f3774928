"""The face table: all that is known of the faces of one image, a column for each kind of thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

from rostro import _core
from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.support.arguments import check_mapping, check_several, check_text, shown
from rostro.types import FloatArray

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["COLUMNS", "Column", "Face", "Faces", "Transform", "check_faces"]

Indices: TypeAlias = NDArray[np.integer[Any]] | NDArray[np.bool_] | Sequence[int] | slice

_ATTRIBUTE = "attributes."


class Column(NamedTuple):
    """What a column is, as the core declares it.

    Attributes:
        name: of the column, ``"boxes"``; ``one`` is that of a single face, ``"box"``.
        kind: ``"box"`` and ``"points"`` move with the image, ``"value"`` does not.
        dtype: of its array.
        sides: of a face's entry, -1 where any will do.
        decimals: that mean something, for text.
    """

    name: str
    one: str
    kind: str
    dtype: str
    sides: tuple[int, ...]
    decimals: int


# Declared in cpp/include/rostro/faces.hpp.
COLUMNS = {column.name: column for column in (Column(*facts) for facts in _core.columns())}


class Transform(Protocol):
    """What maps one image's pixels to another's, such as a `rostro.LetterboxTransform`."""

    @property
    def matrix(self) -> FloatArray:
        """(2, 3) float32: x' = m[:, :2] @ x + m[:, 2]."""
        ...


class Face:
    """One face: a row of `Faces`, whose attributes are views into the table's columns."""

    __slots__ = ("_faces", "_index")

    box: FloatArray
    score: float
    landmarks: FloatArray | None
    points: FloatArray | None
    pose: FloatArray | None
    translation: FloatArray | None
    quality: float | None
    reasons: int | None
    live: float | None
    embedding: FloatArray | None
    norm: float | None
    id: int | None

    def __init__(self, faces: Faces, index: int) -> None:
        self._faces = faces
        self._index = index

    def __getattr__(self, name: str) -> Any:
        for column in COLUMNS.values():
            if column.one == name:
                array = self._faces.columns().get(column.name)
                return None if array is None else _entry(array, self._index)
        raise AttributeError(f"a face has no {name!r}")

    @property
    def attributes(self) -> dict[str, Any] | None:
        """What attribute heads said, by name; ``None`` where none was asked."""
        found = self._faces.attributes
        return found and {name: _entry(array, self._index) for name, array in found.items()}

    def table(self) -> Faces:
        """A table of this face alone."""
        return self._faces[[self._index]]

    def __repr__(self) -> str:
        return f"<Face {self._index}: score {self.score:.2f}, box {self.box.round(1).tolist()}>"


class Faces:
    """The faces of one image, best first: columns of equal length. Iterates as `Face`.

    A column that nobody set is ``None``. A table does not change; its arrays are not copies, so do
    not write to them.

    Attributes:
        boxes: (N, 4) float32, ``x1, y1, x2, y2`` in the image's pixels; may reach beyond it.
        scores: (N,) float32, in 0..1.
        landmarks: (N, 5, 2) float32 in pixels: image-left eye, image-right eye, nose, image-left
            and image-right corner of the mouth.
        points: (N, K, 2 or 3) float32 in pixels, of the ``scheme``, such as ``"wflw98"``.
        poses: (N, 3) float32 yaw, pitch, roll in degrees (positive: the face turns to the image's
            right, up, clockwise in the image).
        translations: (N, 3) float32 metres in the camera's frame: x right, y down, z forward.
        quality: (N,) float32, in 0..1.
        reasons: (N,) uint32, bits that say what is wrong with a face.
        live: (N,) float32, in 0..1.
        embeddings: (N, D) float32 of unit norm.
        norms: (N,) float32, of the embeddings before they were made unit vectors: the lower, the
            harder a face was to recognise, within one embedder.
        ids: (N,) int64, of the persons that a tracker follows.

    Args:
        attributes: (N, ...) arrays by name.

    Raises:
        ArgumentError, ArgumentTypeError: a column of another length, shape or dtype.
    """

    __slots__ = ("_columns", "scheme")

    boxes: FloatArray
    scores: FloatArray
    landmarks: FloatArray | None
    points: FloatArray | None
    poses: FloatArray | None
    translations: FloatArray | None
    quality: FloatArray | None
    reasons: NDArray[np.uint32] | None
    live: FloatArray | None
    embeddings: FloatArray | None
    norms: FloatArray | None
    ids: NDArray[np.int64] | None
    scheme: str | None

    def __init__(
        self,
        boxes: FloatArray,
        scores: FloatArray,
        landmarks: FloatArray | None = None,
        *,
        scheme: str | None = None,
        attributes: Mapping[str, NDArray[Any]] | None = None,
        **columns: NDArray[Any] | None,
    ) -> None:
        given = {"boxes": boxes, "scores": scores, "landmarks": landmarks} | columns
        named = check_mapping("attributes", attributes)
        given |= {_ATTRIBUTE + name: array for name, array in named.items()}
        count = len(boxes) if isinstance(boxes, np.ndarray) and boxes.ndim else 0
        for name, array in given.items():
            if array is not None or name in ("boxes", "scores"):
                _check(name, array, count)
        self._columns = {name: array for name, array in given.items() if array is not None}
        self.scheme = None if scheme is None else check_text("scheme", scheme)

    @property
    def attributes(self) -> dict[str, NDArray[Any]] | None:
        """What attribute heads said, (N, ...) by name; ``None`` where none was asked."""
        start = len(_ATTRIBUTE)
        found = {k[start:]: v for k, v in self._columns.items() if k.startswith(_ATTRIBUTE)}
        return found or None

    def columns(self) -> dict[str, NDArray[Any]]:
        """The columns that are set, by name; attributes as ``"attributes.NAME"``."""
        return dict(self._columns)

    def with_columns(
        self,
        *,
        scheme: str | None = None,
        attributes: Mapping[str, NDArray[Any]] | None = None,
        **columns: NDArray[Any],
    ) -> Self:
        """The same faces with more columns, or with others in their place: what a stage returns."""
        added = check_mapping("attributes", attributes)
        named = {_ATTRIBUTE + name: array for name, array in added.items()}
        scheme = self.scheme if scheme is None else scheme
        return self.of(self._columns | columns | named, scheme)

    # Rows

    def __len__(self) -> int:
        return len(self._columns["boxes"])

    def __iter__(self) -> Iterator[Face]:
        return (Face(self, index) for index in range(len(self)))

    @overload
    def __getitem__(self, index: int | np.integer[Any]) -> Face: ...
    @overload
    def __getitem__(self, index: Indices) -> Self: ...
    def __getitem__(self, index: int | np.integer[Any] | Indices) -> Face | Self:
        """A `Face`; of a slice, an array of indices or a mask, the table of these faces."""
        if isinstance(index, int | np.integer):
            return Face(self, range(len(self))[index])
        return self.select(index)

    def select(self, indices: Indices) -> Self:
        """The faces at ``indices``, in that order; a slice of step 1 gives views."""
        one_axis = isinstance(indices, slice | list) or getattr(indices, "ndim", 0) == 1
        try:
            if not one_axis:
                raise IndexError("of one axis")
            rows = {name: np.ascontiguousarray(a[indices]) for name, a in self._columns.items()}
        except (IndexError, TypeError, ValueError) as error:
            raise ArgumentError(
                f"indices: got {shown(indices)}; a slice, a list or an array of indices, or a mask "
                f"of {len(self)} is wanted ({error})"
            ) from error
        return self.of_checked(rows, self.scheme)

    @classmethod
    def concatenate(cls, tables: Sequence[Self]) -> Self:
        """All faces of tables of the same columns, one table after the other.

        Raises:
            ArgumentError: no table, or tables of different columns or schemes.
        """
        tables = [
            check_faces("tables", table) for table in check_several("tables", tables, "Faces")
        ]
        if not tables:
            raise ArgumentError("tables: got none; at least one is wanted")
        first = tables[0]
        for table in tables:
            if table._columns.keys() != first._columns.keys() or table.scheme != first.scheme:
                raise ArgumentError(
                    f"tables: got {table!r} beside {first!r}; tables of the same columns are wanted"
                )
        columns = {
            name: np.concatenate([table._columns[name] for table in tables])
            for name in first._columns
        }
        return first.of(columns, first.scheme)

    def mapped(self, transform: Transform | FloatArray) -> Self:
        """The faces as they lie in another image: what moves with the image is moved.

        Args:
            transform: a `rostro.LetterboxTransform`, or (2, 3) float32, from this image to that;
                its `scaling` for what a detector gives.
        """
        matrix = transform if isinstance(transform, np.ndarray) else _matrix(transform)
        moving = [column for column in self.for_core() if column[1] != "value"]
        return self.of_checked(self._columns | _core.map_columns(moving, matrix), self.scheme)

    def rows(self) -> list[dict[str, Any]]:
        """Plain numbers and lists, a dictionary a face, rounded to what is meant: for JSON."""
        rows: list[dict[str, Any]] = [{} for _ in range(len(self))]
        for name, array in self._columns.items():
            column = COLUMNS.get(name)
            if array.dtype.kind == "f":  # as float64: a rounded float32 is 0.10000000149011612
                array = array.astype(np.float64).round(column.decimals if column else 4)
            for row, value in zip(rows, array.tolist(), strict=True):
                if column is None:
                    row.setdefault("attributes", {})[name.removeprefix(_ATTRIBUTE)] = value
                else:
                    row[column.one] = value
        return rows

    def __repr__(self) -> str:
        return f"<Faces: {len(self)}; {', '.join(self._columns)}>"

    # To the core and back

    def for_core(self) -> list[tuple[str, str, NDArray[Any]]]:
        """The columns as the core takes them: name, kind, array."""
        return [
            (name, COLUMNS[name].kind if name in COLUMNS else "value", array)
            for name, array in self._columns.items()
        ]

    @classmethod
    def of(cls, columns: Mapping[str, NDArray[Any]], scheme: str | None = None) -> Self:
        """The table of these columns, named as `columns` names them."""
        return cls(
            scheme=scheme,
            attributes={
                name.removeprefix(_ATTRIBUTE): array
                for name, array in columns.items()
                if name.startswith(_ATTRIBUTE)
            },
            **{name: a for name, a in columns.items() if not name.startswith(_ATTRIBUTE)},
        )

    @classmethod
    def of_checked(cls, columns: dict[str, NDArray[Any]], scheme: str | None = None) -> Self:
        """The same of columns that the core made or that were checked: in 1 µs, not 15."""
        self = cls.__new__(cls)
        self._columns, self.scheme = columns, scheme
        return self


def _attribute(name: str) -> property:
    return property(lambda faces: faces._columns.get(name))


for _name in COLUMNS:  # __getattr__ takes ten times as long as a property
    setattr(Faces, _name, _attribute(_name))


def check_faces(what: str, faces: object) -> Any:
    """A table of faces."""
    if not isinstance(faces, Faces):
        raise ArgumentTypeError(f"{what}: got {shown(faces)}; Faces is wanted")
    return faces


def _matrix(transform: Transform) -> FloatArray:
    try:
        return transform.matrix
    except AttributeError:
        raise ArgumentTypeError(
            f"transform: got {shown(transform)}; a LetterboxTransform, or a float32 array of shape "
            "(2, 3), is wanted"
        ) from None


def _entry(array: NDArray[Any], index: int) -> Any:
    return array[index].item() if array.ndim == 1 else array[index]


def _check(name: str, array: object, count: int) -> None:
    column = COLUMNS.get(name)
    if column is None and not name.startswith(_ATTRIBUTE):
        raise ArgumentTypeError(
            f"Faces: got a column {name!r}; one of {', '.join(COLUMNS)} or an attribute is wanted"
        )
    if isinstance(array, np.ndarray):
        fits = array.ndim >= 1 and len(array) == count
        if column is None and fits:
            return
        if column is not None and array.dtype == column.dtype and fits:
            entry = array.shape[1:]
            if len(entry) == len(column.sides) and all(
                want in (-1, side) for want, side in zip(column.sides, entry, strict=True)
            ):
                return
        got = f"{array.dtype} array of shape {array.shape}"
    else:
        got = type(array).__name__
    sides = "" if column is None else "".join(f", {'any' if s < 0 else s}" for s in column.sides)
    wanted = f"a {column.dtype if column else 'NumPy'} array of shape ({count}{sides or ','})"
    kind = ArgumentError if isinstance(array, np.ndarray) else ArgumentTypeError
    if isinstance(array, np.ndarray) and column is not None and array.dtype != column.dtype:
        kind = ArgumentTypeError
    raise kind(f"{name}: got {got}; {wanted} is wanted")
