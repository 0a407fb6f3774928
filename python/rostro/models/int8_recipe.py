"""What it takes to make a model's int8 forms without photos: ``NAME.int8.toml`` beside its card.

`rostro quantize --ranges` writes the ranges, ``benchmarks/int8_cards.py --time`` the times.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from rostro.errors import ModelError
from rostro.models.card import Figure
from rostro.models.toml_schema import Key, read, write
from rostro.support.backports import tomllib

__all__ = ["CpuTimes", "Int8Ranges", "Int8Recipe", "parse_recipe", "recipe_text"]


@dataclass(frozen=True, slots=True)
class Int8Ranges:
    """Of one engine, whose tensors and layers have names of its own.

    Attributes:
        how: calibration, date and versions.
        ranges: the least and the largest value of each tensor that int8 is to tell apart.
        in_float: layers that stay in float.
        misses: limits of the gate that the form misses; `precision="auto"` never takes such a one.
        figures: what was measured beside the float network.
    """

    how: str
    ranges: Mapping[str, tuple[float, float]]
    in_float: tuple[str, ...] = ()
    misses: tuple[str, ...] = ()
    figures: Annotated[tuple[Figure, ...], Key("figure")] = ()


@dataclass(frozen=True, slots=True)
class CpuTimes:
    """What a run takes of each engine and form on one kind of CPU, in any one unit.

    Attributes:
        how: the unit, the CPU, date and versions.
        onnxruntime, ncnn, onnxruntime_int8, ncnn_int8: ``None`` where nobody measured it.
        ncnn_half: of the float network in ncnn that computes in float16.
    """

    how: str
    onnxruntime: float | None = None
    ncnn: float | None = None
    ncnn_half: float | None = None
    onnxruntime_int8: float | None = None
    ncnn_int8: float | None = None

    def of(self, engine: str, precision: str, *, half: bool = False) -> float | None:
        """Of one engine, in ``"float32"`` or ``"int8"``; with ``half``, ncnn computes the float
        network in float16."""
        name = f"{engine}_int8" if precision == "int8" else engine
        if half and name == "ncnn" and self.ncnn_half is not None:
            name = "ncnn_half"
        time: float | None = getattr(self, name)
        return time


@dataclass(frozen=True, slots=True)
class Int8Recipe:
    """By engine the ranges; and by what CPUs have, as `rostro.simd.features` says, the times."""

    onnxruntime: Int8Ranges | None = None
    ncnn: Int8Ranges | None = None
    times: Mapping[str, CpuTimes] = field(default_factory=dict)

    def of(self, engine: str) -> Int8Ranges | None:
        """The ranges of one engine."""
        ranges: Int8Ranges | None = getattr(self, engine)
        return ranges


def parse_recipe(text: str, where: str) -> Int8Recipe:
    """Read a recipe; ``where`` names it in errors.

    Raises:
        ModelError: it is none; names the key.
    """
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{where}: not valid TOML: {error}") from error
    return read(Int8Recipe, data, f"{where}: key ")


def recipe_text(recipe: Int8Recipe) -> str:
    """The TOML of a recipe: `parse_recipe` makes the same of it."""
    return write(recipe)
