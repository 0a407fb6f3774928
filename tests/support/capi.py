"""`rostro.h` by ctypes, as another language would use it."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import POINTER, byref, c_char, c_char_p, c_double, c_float, c_int32, c_size_t, c_void_p
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

Table = dict[str, np.ndarray[Any, Any]]
FORMATS = ("bgr", "rgb", "bgra", "rgba", "gray", "nv12", "nv21", "i420", "yuyv", "uyvy")
DTYPES = (np.float32, np.int64, np.uint32, np.uint8)
(OK, INVALID_ARGUMENT, NOT_FOUND, WRONG_FILE, WRONG_MODEL, WRONG_LIBRARY, NETWORK_FAILED) = range(7)
WRONG_EMBEDDER, DAMAGED = 10, 12
EVENTS = ("appeared", "lost", "found", "left")


class Error(ctypes.Structure):
    _fields_ = (("message", c_char * 512),)


class Plane(ctypes.Structure):
    _fields_ = (("data", c_void_p), ("stride", ctypes.c_ssize_t))


class CImage(ctypes.Structure):
    _fields_ = (
        ("size", c_size_t),
        ("format", c_int32),
        ("width", c_int32),
        ("height", c_int32),
        ("planes", Plane * 3),
    )


class Column(ctypes.Structure):
    _fields_ = (
        ("size", c_size_t),
        ("name", c_char_p),
        ("data", c_void_p),
        ("dtype", c_int32),
        ("rank", c_int32),
        ("shape", ctypes.c_int64 * 8),
    )


class StageOptions(ctypes.Structure):
    _fields_ = (
        ("size", c_size_t),
        ("card", c_char_p),
        ("engine", c_int32),
        ("threads", c_int32),
        ("landmarks", c_int32),
        ("reserved", c_int32),
    )


class PipelineOptions(ctypes.Structure):
    _fields_ = (
        ("size", c_size_t),
        ("detector", c_char_p),
        ("embedder", c_char_p),
        ("stages", POINTER(POINTER(StageOptions))),
        ("stage_count", c_size_t),
        ("engine", c_int32),
        ("threads", c_int32),
        ("quality", c_int32),
        ("head_pose", c_int32),
    )


class FollowOptions(ctypes.Structure):
    _fields_ = (
        ("size", c_size_t),
        ("recognize", c_double),
        ("embed_every_ms", c_int32),
        ("reserved", c_int32),
    )


class CEvent(ctypes.Structure):
    _fields_ = (
        ("id", ctypes.c_int64),
        ("time", c_double),
        ("kind", c_int32),
        ("reserved", c_int32),
    )


class GalleryOptions(ctypes.Structure):
    _fields_ = (
        ("size", c_size_t),
        ("dim", c_size_t),
        ("name", c_char_p),
        ("version", c_char_p),
        ("crop_template", c_char_p),
        ("refine", c_char_p),
        ("timeout_ms", c_int32),
        ("reserved", c_int32),
    )


_E = POINTER(Error)
_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "version": (c_char_p, []),
    "library_open": (c_int32, [c_char_p, c_void_p, _E]),
    "library_version": (c_char_p, [c_void_p]),
    "library_close": (None, [c_void_p]),
    "pipeline_open": (c_int32, [c_void_p, POINTER(PipelineOptions), c_void_p, _E]),
    "pipeline_find": (c_int32, [c_void_p, POINTER(CImage), c_void_p, _E]),
    "pipeline_close": (None, [c_void_p]),
    "follower_open": (
        c_int32,
        [c_void_p, POINTER(PipelineOptions), POINTER(FollowOptions), c_void_p, _E],
    ),
    "follower_find": (c_int32, [c_void_p, POINTER(CImage), c_double, c_void_p, _E]),
    "follower_events": (
        c_int32,
        [c_void_p, POINTER(CEvent), c_size_t, POINTER(c_size_t), _E],
    ),
    "follower_template": (
        c_int32,
        [c_void_p, ctypes.c_int64, c_void_p, c_size_t, POINTER(c_size_t), _E],
    ),
    "follower_close": (None, [c_void_p]),
    "card_threshold": (c_int32, [c_char_p, c_char_p, POINTER(c_double), _E]),
    "faces_create": (c_int32, [c_void_p, _E]),
    "faces_free": (None, [c_void_p]),
    "faces_count": (c_size_t, [c_void_p]),
    "faces_scheme": (c_char_p, [c_void_p]),
    "faces_column": (c_int32, [c_void_p, c_char_p, POINTER(Column), _E]),
    "faces_columns": (c_size_t, [c_void_p]),
    "faces_column_at": (c_int32, [c_void_p, c_size_t, POINTER(Column), _E]),
    "gallery_open": (c_int32, [c_char_p, POINTER(GalleryOptions), c_void_p, _E]),
    "gallery_refresh": (c_int32, [c_void_p, _E]),
    "gallery_dim": (c_size_t, [c_void_p]),
    "gallery_people": (c_size_t, [c_void_p]),
    "gallery_templates": (c_size_t, [c_void_p]),
    "gallery_close": (None, [c_void_p]),
    "gallery_search": (
        c_int32,
        [c_void_p, c_void_p, c_size_t, c_size_t, c_void_p, c_void_p, _E],
    ),
    "gallery_identify": (
        c_int32,
        [c_void_p, c_void_p, c_size_t, c_double, c_void_p, c_void_p, _E],
    ),
    "matches_create": (c_int32, [c_void_p, _E]),
    "matches_free": (None, [c_void_p]),
    "matches_count": (c_size_t, [c_void_p, c_size_t]),
    "matches_name": (c_char_p, [c_void_p, c_size_t, c_size_t]),
    "matches_similarity": (c_float, [c_void_p, c_size_t, c_size_t]),
}


class Event(NamedTuple):
    """Of a follower."""

    id: int
    time: float
    kind: str


class CError(Exception):
    """A status that is not ROSTRO_OK, with its sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class CApi:
    """The functions of ``librostro.so.0``; those that give a status raise :class:`CError`."""

    def __init__(self, library: Path) -> None:
        self._dll = ctypes.CDLL(str(library))
        for name, (result, arguments) in _SIGNATURES.items():
            function = self._dll[f"rostro_{name}"]
            function.restype, function.argtypes = result, arguments
            setattr(self._dll, f"rostro_{name}", function)

    def __call__(self, name: str, *arguments: Any) -> Any:
        function = getattr(self._dll, f"rostro_{name}")
        if _E not in _SIGNATURES[name][1]:
            return function(*arguments)
        error = Error()
        status = function(*arguments, byref(error))
        message = error.message.decode()
        assert (status == OK) == (message == ""), (status, message)
        if status != OK:
            raise CError(status, message)
        return None

    def open(self, name: str, *arguments: Any) -> c_void_p:
        """A handle, by a function whose last argument gives it."""
        handle = c_void_p()
        self(name, *arguments, byref(handle))
        return handle

    def find(self, pipeline: c_void_p, image: CImage) -> Table:
        """All columns of an image's faces, copied."""
        return self._table(lambda faces: self("pipeline_find", pipeline, byref(image), faces))

    def follow(self, follower: c_void_p, image: CImage, time: float) -> Table:
        """Likewise, of a frame."""
        return self._table(lambda faces: self("follower_find", follower, byref(image), time, faces))

    def events(self, follower: c_void_p) -> list[Event]:
        """What the last frame brought."""
        count = c_size_t()
        self("follower_events", follower, None, 0, byref(count))
        room = (CEvent * count.value)()
        self("follower_events", follower, room, len(room), byref(count))
        assert count.value == len(room)
        return [Event(event.id, event.time, EVENTS[event.kind]) for event in room]

    def _table(self, find: Callable[[c_void_p], object]) -> Table:
        faces = self.open("faces_create")
        try:
            find(faces)
            table = {}
            for index in range(self("faces_columns", faces)):
                column = Column(size=ctypes.sizeof(Column))
                self("faces_column_at", faces, index, byref(column))
                named = Column(size=ctypes.sizeof(Column))
                self("faces_column", faces, column.name, byref(named))
                assert named.data == column.data and column.shape[0] == self("faces_count", faces)
                table[column.name.decode()] = _array(column)
            return table
        finally:
            self("faces_free", faces)


def c_image(pixels: np.ndarray[Any, Any], color: str, size: tuple[int, int]) -> CImage:
    """An image of ``size`` (width, height) with the rows of ``pixels``, which must live on."""
    image = CImage(ctypes.sizeof(CImage), FORMATS.index(color), *size)
    image.planes[0] = Plane(pixels.ctypes.data, pixels.strides[0])
    return image


def _array(column: Column) -> np.ndarray[Any, Any]:
    shape = tuple(column.shape[: column.rank])
    dtype = np.dtype(DTYPES[column.dtype])
    if not column.data:
        return np.empty(shape, dtype)
    size = dtype.itemsize * int(np.prod(shape))
    return np.frombuffer(ctypes.string_at(column.data, size), dtype).reshape(shape)
