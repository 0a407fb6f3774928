"""Arguments that are no arrays, checked; the core checks arrays and images.

What reaches the core has the type that it takes, and what does not is told by the argument's name.
"""

from __future__ import annotations

import os
import reprlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from rostro.errors import ArgumentError, ArgumentTypeError

__all__ = [
    "INTEGERS",
    "NUMBERS",
    "check_flag",
    "check_integer",
    "check_mapping",
    "check_number",
    "check_path",
    "check_several",
    "check_text",
    "shown",
]

_T = TypeVar("_T")

# Tuples made once: a union of types takes as long as a small kernel call.
INTEGERS = (int, np.integer)
NUMBERS = (int, float, np.integer, np.floating)


def shown(value: object) -> str:
    """What was given, short enough for a message."""
    if isinstance(value, np.ndarray):
        return f"{value.dtype} array of shape {value.shape}"
    if value is None or isinstance(value, str | bytes | int | float | list | tuple):
        return reprlib.repr(value)
    return type(value).__name__


def check_text(what: str, value: object, wanted: str = "a str") -> str:
    """A str that can be written in UTF-8."""
    if not isinstance(value, str):
        raise ArgumentTypeError(f"{what}: got {shown(value)}; {wanted} is wanted")
    if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ArgumentError(f"{what}: got {value!r}; {wanted} is wanted")
    return value


def check_integer(what: str, value: object, least: int, most: int | None = 2**31 - 1) -> int:
    """An integer, Python's or NumPy's, from ``least`` to ``most``, which None leaves open."""
    if isinstance(value, bool) or not isinstance(value, INTEGERS):
        raise ArgumentTypeError(f"{what}: got {shown(value)}; an integer is wanted")
    if value < least or (most is not None and value > most):
        wanted = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise ArgumentError(f"{what}: got {shown(int(value))}; an integer {wanted} is wanted")
    return int(value)


def check_number(what: str, value: object, wanted: str = "a number") -> float:
    """A number, Python's or NumPy's."""
    if isinstance(value, bool) or not isinstance(value, NUMBERS):
        raise ArgumentTypeError(f"{what}: got {shown(value)}; {wanted} is wanted")
    try:
        return float(value)
    except OverflowError:
        raise ArgumentError(f"{what}: got {shown(value)}; {wanted} is wanted") from None


def check_flag(what: str, value: object) -> bool:
    """True or False."""
    if not isinstance(value, bool | np.bool_):
        raise ArgumentTypeError(f"{what}: got {shown(value)}; True or False is wanted")
    return bool(value)


def check_several(what: str, values: Iterable[_T], wanted: str) -> list[_T]:
    """The entries of a list, a tuple or the like; a text, a dictionary or an array is none."""
    if not isinstance(values, str | bytes | Mapping | np.ndarray):
        try:
            return list(values)
        except TypeError:
            pass
    raise ArgumentTypeError(f"{what}: got {shown(values)}; {wanted} are wanted")


def check_mapping(what: str, value: Mapping[str, _T] | None) -> dict[str, _T]:
    """A dictionary whose keys are texts; empty for None."""
    if value is not None and not isinstance(value, Mapping):
        raise ArgumentTypeError(f"{what}: got {shown(value)}; a dictionary is wanted")
    return {check_text(f"{what}: name", name): entry for name, entry in (value or {}).items()}


def check_path(what: str, path: Any) -> Path:
    """A path of a file."""
    if not isinstance(path, str | Path):
        raise ArgumentTypeError(f"{what}: got {shown(path)}; a str or Path is wanted")
    try:
        impossible = b"\0" in os.fsencode(path)
    except UnicodeEncodeError:
        impossible = True
    if impossible or path == "":  # Path("") is the current folder
        raise ArgumentError(f"{what}: got {shown(str(path))}; the name of a file is wanted")
    return Path(path)
