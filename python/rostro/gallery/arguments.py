"""What callers may give to a gallery."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.gallery.identity import MAX_DIM
from rostro.gallery.records import CONTROL, MAX_NAME
from rostro.gallery.templates import NORM_TOLERANCE
from rostro.support.arguments import check_integer, check_number
from rostro.types import FloatArray

__all__ = [
    "check_dim",
    "check_embeddings",
    "check_k",
    "check_name",
    "check_names",
    "check_open_threshold",
    "check_path",
    "check_threads",
    "check_threshold",
    "check_timeout",
]


def check_dim(dim: int) -> int:
    """The length of embeddings."""
    return check_integer("dim", dim, 1, MAX_DIM)


def check_embeddings(embeddings: FloatArray, dim: int) -> FloatArray:
    """Embeddings of unit norm as (N, dim), of which one may come as (dim,)."""
    wanted = f"a C-contiguous float32 array of shape ({dim},) or (N, {dim}) is wanted"
    if not isinstance(embeddings, np.ndarray) or embeddings.dtype != np.float32:
        got = getattr(embeddings, "dtype", type(embeddings).__name__)
        raise ArgumentTypeError(f"embeddings: got {got}; {wanted}")
    if embeddings.ndim not in (1, 2) or embeddings.shape[-1] != dim:
        raise ArgumentError(f"embeddings: got an array of shape {embeddings.shape}; {wanted}")
    if not embeddings.flags.c_contiguous:
        raise ArgumentError(f"embeddings: got an array that is not C-contiguous; {wanted}")
    rows = embeddings.reshape(-1, dim)
    norms = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    wrong = np.flatnonzero(~(np.abs(norms - 1) <= NORM_TOLERANCE))  # also of NaN
    if len(wrong):
        raise ArgumentError(
            f"embeddings: row {wrong[0]} has norm {norms[wrong[0]]:.4g}; 1 is wanted: divide it by "
            "its norm"
        )
    return rows


def check_name(name: object) -> str:
    """A name."""
    if not isinstance(name, str):
        raise ArgumentTypeError(f"name: got {type(name).__name__}; a str is wanted")
    if not name or CONTROL.search(name):
        raise ArgumentError(f"name: got {name!r}; a text without control characters is wanted")
    try:
        length = len(name.encode())
    except UnicodeEncodeError:
        raise ArgumentError(f"name: got {name!r}; what can be written in UTF-8 is wanted") from None
    if length > MAX_NAME:
        raise ArgumentError(f"name: got {length} bytes in UTF-8; at most {MAX_NAME} are wanted")
    return name


def check_names(names: str | Sequence[str], count: int | None = None) -> list[str]:
    """One name or many: as many as ``count`` where one is given, for which one may stand."""
    if isinstance(names, str):
        return [check_name(names)] * (1 if count is None else count)
    try:
        each = iter(names)
    except TypeError:  # also of an array of no dimension, which is an Iterable
        raise ArgumentTypeError(
            f"names: got {type(names).__name__}; a str, or several, are wanted"
        ) from None
    checked = [check_name(name) for name in each]
    if count is not None and len(checked) != count:
        raise ArgumentError(
            f"names: got {len(checked)} for {count} embeddings; one each, or one for all, is wanted"
        )
    return checked


def check_k(k: int) -> int:
    """How many people are wanted."""
    return check_integer("k", k, 1)


def check_threads(threads: int | None) -> int | None:
    """How many share the work; as many as there are CPUs for ``None``."""
    return None if threads is None else check_integer("threads", threads, 1)


def check_threshold(threshold: float) -> float:
    """A cosine similarity."""
    value = check_number("threshold", threshold, "a cosine similarity from -1 to 1")
    if not -1.0 <= value <= 1.0:
        raise ArgumentError(
            f"threshold: got {threshold}; a cosine similarity from -1 to 1 is wanted"
        )
    return value


def check_open_threshold(threshold: float) -> float:
    """A cosine similarity, without which nobody is unknown."""
    if threshold is None:
        raise ArgumentTypeError(
            "threshold: got None; a cosine similarity from -1 to 1 is wanted: embedder.threshold "
            "if its card has one for the way it is used, or what `rostro eval pairs` finds on "
            "photos of your own; whoever is nearest, however far, is Gallery.search"
        )
    return check_threshold(threshold)


def check_timeout(timeout: float) -> float:
    """Seconds."""
    value = check_number("timeout", timeout, "a number of seconds")
    if not 0 <= value <= threading.TIMEOUT_MAX:
        raise ArgumentError(f"timeout: got {timeout}; 0 seconds or more are wanted")
    return value


def check_path(path: str | os.PathLike[str]) -> Path:
    """A path of a file."""
    if not isinstance(path, str | os.PathLike):
        raise ArgumentTypeError(f"path: got {type(path).__name__}; a str or Path is wanted")
    text = os.fspath(path)
    try:
        valid = isinstance(text, str) and text and b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        valid = False
    if not valid:
        raise ArgumentError(f"path: got {text!r}; the name of a file is wanted")
    return Path(text)
