"""From a float network to a quantised one that has been measured."""

from __future__ import annotations

import dataclasses
import datetime
import itertools
import platform
import tempfile
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.metadata import version
from pathlib import Path

from rostro.engines import Engine, NetworkFiles
from rostro.errors import ArgumentError, QuantizationError, RostroError, WriteError
from rostro.models.card import Card, Figure, NcnnSettings, Quantization
from rostro.models.int8_recipe import Int8Recipe
from rostro.quantization import Form, Method, Quantized
from rostro.quantization.figures import Measured, sizes, table, time_in_turn
from rostro.quantization.layer_search import choices, keep_more_in_float, quicker
from rostro.quantization.ncnn_forms import NcnnFloat16, NcnnInt8
from rostro.quantization.network import Quantizer
from rostro.quantization.onnx_int8 import OnnxInt8
from rostro.quantization.subject import Subject, open_form, open_subject
from rostro.quantization.written import (
    open_recipe,
    refuse_existing,
    write_model,
    write_recipe,
)
from rostro.support.temporary import temporary_folder
from rostro.types import FloatArray

__all__ = ["Settings", "run"]

_ROUNDS = 40
_SPEED = "speed"
_WORTHWHILE = 1.1
_TRIED_ON = 4  # tensors that the error of each layer is taken on


@dataclass(frozen=True, slots=True)
class Settings:
    """The arguments of `rostro.quantize` that say how; ``counts``: photos to calibrate with, and
    to hold back, at most."""

    form: Form
    method: Method
    engine: str
    keep: tuple[str, ...]
    keep_ends: bool
    search_seconds: float
    detector: str | Path
    counts: tuple[int, int]
    ranges: Path | None
    force: bool
    progress: bool


def run(model: str | Path, target: Path, photos: Path, settings: Settings) -> Quantized:
    """See `rostro.quantize`."""
    refuse_existing(target, (".onnx", ".param", ".bin"))
    recipe = None if settings.ranges is None else open_recipe(settings.ranges)
    subject = open_subject(
        model, photos, settings.engine, settings.detector, settings.counts, settings.progress
    )
    try:
        return _run(subject, target, settings, recipe)
    except OSError as error:
        if isinstance(error, RostroError):
            raise
        where = error.filename or tempfile.gettempdir()
        raise WriteError(f"{where}: {error.strerror or error}; nothing is written") from error


def _run(
    subject: Subject, target: Path, settings: Settings, recipe: Int8Recipe | None
) -> Quantized:
    form = settings.form
    quantizer = _quantizer(subject, form, settings.method)
    few = list(itertools.islice(subject.tensors(), _TRIED_ON))
    quantizer.calibrate(subject.tensors())
    names = _choose(subject, quantizer, settings, few)
    in_float = tuple(layer.name for layer in quantizer.layers if layer.name not in names)
    with temporary_folder() as temporary:
        made = quantizer.build(names, temporary)
        measured = subject.measure(open_form(subject, made))
        figures = [*_costs(subject, made, few[0]), *measured.figures]
        if measured.misses and not settings.force:
            raise QuantizationError(
                f"{subject.card.name} in {form}: {'; '.join(measured.misses)}; nothing is written "
                "(leave more layers in float, give the search more time, or force it)",
                table(figures, ("float32", form)),
            )
        facts = Quantization(
            of=subject.card.name,
            engine=subject.engine.name,
            form=form,
            how=_how(settings),
            in_float=in_float,
            misses=tuple(measured.misses),
            figures=tuple(
                Figure(each.what, each.before and _rounded(each.before), _rounded(each.after))
                for each in figures
            ),
        )
        if recipe is not None and settings.ranges is not None:
            write_recipe(recipe, settings.ranges, facts, quantizer.spans())
        write_model(_card(subject.card, target.stem, measured, facts), target, _paths(made))
    notes = [*measured.notes]
    speed = next(figure.after for figure in figures if figure.what == _SPEED)
    if form == "int8" and speed < _WORTHWHILE:
        notes.append(f"int8 is not worthwhile here: {speed:.2f} times as fast as float32")
    return Quantized(target, form, tuple(figures), in_float, tuple(measured.misses), tuple(notes))


def _quantizer(subject: Subject, form: Form, method: Method) -> Quantizer:
    files = subject.files()
    if files.onnx is not None:
        if form == "float16":
            raise ArgumentError(
                "form: got float16; int8 is wanted in ONNX Runtime, float16 is ncnn's alone"
            )
        return OnnxInt8(files.onnx, method)
    param, weights = _paths(files)
    return NcnnFloat16(param, weights) if form == "float16" else NcnnInt8(param, weights, method)


def _choose(
    subject: Subject, quantizer: Quantizer, settings: Settings, few: list[FloatArray]
) -> list[str]:
    """The layers that become int8."""
    if not quantizer.layers:
        return []
    known = [layer.name for layer in quantizer.layers]
    for pattern in settings.keep:
        if not any(fnmatchcase(name, pattern) for name in known):
            raise ArgumentError(f"keep: got {pattern!r}; layers are wanted, {', '.join(known)}")
    kept = {name for name in known for pattern in settings.keep if fnmatchcase(name, pattern)}
    if settings.keep_ends:
        kept |= {layer.name for layer in quantizer.layers if layer.at_end}
    tried = choices(quantizer.layers, kept)
    if not tried:
        raise ArgumentError(
            f"keep: got all of {len(known)} layers; one or more for int8 are wanted"
        )

    def open_(files: NetworkFiles) -> Engine:
        return open_form(subject, files)

    names = quicker(quantizer, tried, open_, few[0])
    if settings.search_seconds <= 0:
        return names
    return keep_more_in_float(
        quantizer,
        names,
        open_,
        subject.engine,
        few,
        subject.try_out,
        settings.search_seconds,
        settings.progress,
    )


def _costs(subject: Subject, made: NetworkFiles, tensor: FloatArray) -> list[Figure]:
    both = [subject.files(), made]
    networks = [open_form(subject, files) for files in both]
    before, after = time_in_turn(networks, tensor, _ROUNDS)
    size = "x".join(str(side) for side in tensor.shape[:1:-1])
    return [
        sizes(*(_paths(files) for files in both)),
        Figure(f"CPU time of a run at {size}, one thread, ms", before, after),
        Figure(_SPEED, 1, before / after),
    ]


def _rounded(value: float) -> float:
    return float(f"{value:.5g}")


def _paths(files: NetworkFiles) -> list[Path]:
    return [path for path in (files.onnx, files.param, files.bin) if path is not None]


def _how(settings: Settings) -> str:
    ranges = f"ranges: {settings.method} on at most {settings.counts[0]} photos; "
    versions = ", ".join(f"{name} {version(name)}" for name in ("onnxruntime", "ncnn"))
    return (
        f"{ranges if settings.form == 'int8' else ''}{datetime.date.today()}, "
        f"{platform.machine()}, {versions}"
    )


def _card(card: Card, name: str, measured: Measured, facts: Quantization) -> Card:
    if measured.threshold is not None:
        thresholds = {"cosine": measured.threshold}
    else:
        thresholds = {
            key: dataclasses.replace(value, how=f"of the float network: {value.how}")
            for key, value in card.thresholds.items()
        }
    about = f"{card.description or card.name}; {facts.form}, made by rostro quantize"
    return dataclasses.replace(
        card,
        name=name,
        description=about,
        thresholds=thresholds,
        engines={},
        ncnn=NcnnSettings(()),
        quantization=facts,
    )
