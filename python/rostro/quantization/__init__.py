"""Quantised networks: made of float ones, and measured against them.

This file is the interface; `rostro.quantization.run` is where the work begins.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rostro import models
from rostro.errors import ArgumentError
from rostro.support.arguments import (
    check_flag,
    check_integer,
    check_number,
    check_path,
    check_several,
    check_text,
)

if TYPE_CHECKING:
    from rostro.models.card import Figure

__all__ = ["FORMS", "METHODS", "Form", "Method", "Quantized", "quantize"]

Form = Literal["int8", "float16"]
FORMS: tuple[Form, ...] = ("int8", "float16")


Method = Literal["minmax", "percentile", "entropy"]
METHODS: tuple[Method, ...] = ("minmax", "percentile", "entropy")


@dataclass(frozen=True, slots=True)
class Quantized:
    """A quantised network on the disk.

    Attributes:
        card: the path of its model card, which `rostro.Detector` or `rostro.Embedder` opens.
        form: ``"int8"`` or ``"float16"``.
        figures: what was measured, beside the float network.
        in_float: layers that stayed in float.
        misses: the limits that it misses, where that was allowed.
        notes: what could not be measured, and why.
    """

    card: Path
    form: Form
    figures: tuple[Figure, ...]
    in_float: tuple[str, ...]
    misses: tuple[str, ...]
    notes: tuple[str, ...]

    def table(self) -> str:
        """The figures as a Markdown table."""
        from rostro.quantization.figures import table

        return table(self.figures, ("float32", self.form))


def quantize(
    model: str | Path,
    out: str | Path,
    calibrate: str | Path,
    *,
    engine: str = "auto",
    form: Form = "int8",
    method: Method = "minmax",
    keep: Collection[str] = (),
    keep_ends: bool = True,
    search_seconds: float = 120.0,
    detector: str | Path = models.DEFAULTS["detect"],
    calibration_photos: int = 100,
    held_back_photos: int = 2000,
    ranges: str | Path | None = None,
    force: bool = False,
    progress: bool = False,
) -> Quantized:
    """Make an int8 (or, for ncnn, float16) network of a float one, and measure it against that.

    A quarter of the photos calibrate; the others are held back and measured on. See
    docs/guide/quantize.md for what is measured and which limits there are.

    Args:
        model: a built-in model, a card or, for detectors that are recognised, a model file.
        out: the new card, ``NAME.toml``; the weights go beside it. Nothing is replaced.
        calibrate: a folder of photos with faces; for an embedder best a folder for each person.
        engine: ``"onnxruntime"``, ``"ncnn"``, or ``"auto"``: the one that would run the model.
        form: ``"int8"``, or ``"float16"``: weights stored in half the bytes, for ncnn alone.
        method: how ranges are found: ``"minmax"``, ``"percentile"`` or ``"entropy"``. The last two
            leave out rare values, which in a detector are the faces.
        keep: names of layers to leave in float, and patterns such as ``"conv_1*"``.
        keep_ends: leave the first layer and the last ones in float.
        search_seconds: how long to look for more layers to leave in float where a limit is missed.
        detector: finds the faces for an embedder.
        calibration_photos, held_back_photos: at most so many.
        ranges: a file, ``NAME.int8.toml``, that gets the ranges, and the layers that stay in float,
            so that the same int8 network can be made without photos; what it holds of the other
            engine, and of times, is kept.
        force: keep the network even where it misses a limit.
        progress: show bars on the standard error.

    Raises:
        QuantizationError: no photos that will do, or a limit is missed; nothing is written.
        FileMissingError: no such folder, or no picture in it.
        ArgumentError: an argument is not one of those above.
        ModelError: the network, or a layer of it, is not supported.
        WriteError: the result cannot be written, or is there already; nothing is left of it.
        Others as `rostro.models.Model.open`.
    """
    for name, value, known in (("form", form, FORMS), ("method", method, METHODS)):
        if check_text(name, value) not in known:
            raise ArgumentError(f"{name}: got {value!r}; one of {', '.join(known)} is wanted")
    keep = [check_text("keep", name) for name in check_several("keep", keep, "layers' names")]
    search_seconds = check_number("search_seconds", search_seconds)
    if not search_seconds >= 0:  # also of NaN
        raise ArgumentError(f"search_seconds: got {search_seconds}; 0 or more is wanted")
    counts = (
        check_integer("calibration_photos", calibration_photos, 1),
        check_integer("held_back_photos", held_back_photos, 1),
    )
    flags = (("keep_ends", keep_ends), ("force", force), ("progress", progress))
    keep_ends, force, progress = (check_flag(name, flag) for name, flag in flags)
    check_path("detector", detector)
    target = check_path("out", out).expanduser()
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*\.toml", target.name):
        raise ArgumentError(
            f"out: got {str(out)!r}; the name of a new card is wanted, as fast.toml"
        )
    if ranges is not None and form != "int8":
        raise ArgumentError(f"ranges: got a file for {form}; int8 alone has any")
    from rostro.quantization.run import Settings, run

    settings = Settings(
        form=form,
        method=method,
        engine=engine,
        keep=tuple(keep),
        keep_ends=keep_ends,
        search_seconds=search_seconds if form == "int8" else 0.0,
        detector=detector,
        counts=counts,
        ranges=None if ranges is None else check_path("ranges", ranges).expanduser(),
        force=force,
        progress=progress,
    )
    return run(model, target, check_path("calibrate", calibrate).expanduser(), settings)
