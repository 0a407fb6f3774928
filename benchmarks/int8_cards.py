"""The int8 forms that built-in cards have ranges for: time of every form, and what int8 costs.

python benchmarks/int8_cards.py --time            (times of this CPU, into the cards)
python benchmarks/int8_cards.py --count Haswell   (instructions of an emulated one)
python benchmarks/int8_cards.py --write           (the page, of what stands in the cards)
"""

from __future__ import annotations

import dataclasses
import datetime
import importlib.metadata
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np

from networks import installed
from report import ROOT, Page, argument_parser, cpu_name, table
from rostro import RostroError, models, simd
from rostro.engines import ENGINES, Engine
from rostro.models import Model
from rostro.models.choice import Form
from rostro.models.int8_recipe import CpuTimes, Int8Recipe, recipe_text
from rostro.quantization.figures import time_in_turn
from rostro.types import FloatArray

ROUNDS = 40
CARDS = ROOT / "python" / "rostro" / "models" / "cards"
# What the emulated CPUs of qemu have, of what the choice goes by.
EMULATED = {"Haswell": "avx2"}


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("models", nargs="*", default=models.cards(), metavar="NAME")
    parser.add_argument("--time", action="store_true", help="measure this CPU, into the cards")
    parser.add_argument("--count", choices=EMULATED, help="instructions of a CPU of qemu-x86_64")
    parser.add_argument("--run", nargs=3, metavar=("ENGINE", "PRECISION", "RUNS"))
    arguments = parser.parse_args()
    chosen = [model for model in map(models.resolve, arguments.models) if model.recipe is not None]
    if arguments.run:
        engine, precision, runs = arguments.run
        network = chosen[0].open(engine, 1, precision)
        for _ in range(int(runs)):
            network.run(given(chosen[0]))
        return
    for model in chosen if arguments.time or arguments.count else []:
        installed(model.name, int8=True)
        found = counted(model, arguments.count) if arguments.count else timed(model)
        feature = EMULATED[arguments.count] if arguments.count else simd.features()[-1]
        assert model.recipe is not None
        times = {**model.recipe.times, feature: found}
        path = CARDS / f"{model.name}.int8.toml"
        path.write_text(recipe_text(dataclasses.replace(model.recipe, times=times)))
        print(f"{model.name} with {feature}: {found}", flush=True)
    if not (arguments.time or arguments.count):
        show(chosen, arguments.write)


def given(model: Model) -> FloatArray:
    """Noise as the network's input, 640x480 where it takes any size."""
    assert model.card is not None
    width, height = model.card.input.size or (640, 480)
    noise = np.random.default_rng(0).random((1, 3, height, width))
    low, high = model.card.input.values
    return (low + noise * (high - low)).astype(np.float32)


def forms(model: Model) -> Iterator[Form]:
    """Engines and precisions that it is there in."""
    kinds: tuple[Literal["float32", "int8"], ...] = ("float32", "int8")
    for precision in kinds:
        for engine in ENGINES:
            if model.supports(engine, precision):
                yield engine, precision


def key(engine: str, precision: str) -> str:
    """The field of `CpuTimes`."""
    return f"{engine}_int8" if precision == "int8" else engine


def versions() -> str:
    """Of both engines."""
    names = (f"{name} {importlib.metadata.version(name)}" for name in ENGINES)
    return ", ".join(names)


def timed(model: Model) -> CpuTimes:
    """Of all forms in turn, on this CPU."""
    there = list(forms(model))
    networks: list[Engine] = [model.open(engine, 1, precision) for engine, precision in there]
    found = time_in_turn(networks, given(model), ROUNDS)
    how = (
        f"ms of CPU time of a run, one thread, median of {ROUNDS} in turn on a shared machine, "
        f"{cpu_name()}, {datetime.date.today()}, {versions()}"
    )
    values = {key(*form): round(time, 2) for form, time in zip(there, found, strict=True)}
    return CpuTimes(how, **values)


def counted(model: Model, cpu: str) -> CpuTimes:
    """Millions of instructions of a run on an emulated CPU, which is no time."""
    plugin = Path(tempfile.mkdtemp()) / "plugin.so"
    source = ROOT / "tools" / "arm64" / "network_plugin.c"
    subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", plugin, source], check=True)
    values = {}
    for engine, precision in forms(model):
        few, many = (instructions(model.name, engine, precision, n, cpu, plugin) for n in (1, 3))
        values[key(engine, precision)] = round((many - few) / 2e6, 1)
    how = (
        f"millions of instructions of a run, one thread, counted, not timed, on qemu's {cpu}, "
        f"{datetime.date.today()}, {versions()}"
    )
    return CpuTimes(how, **values)


def instructions(name: str, engine: str, precision: str, runs: int, cpu: str, plugin: Path) -> int:
    """All that one process runs for so many runs of a network."""
    count = plugin.with_suffix(".txt")
    emulator = [
        "qemu-x86_64",
        "-cpu",
        cpu,
        "-plugin",
        str(plugin),
        "-d",
        "plugin",
        "-D",
        str(count),
    ]
    command = [sys.executable, __file__, name]
    command += ["--run", engine, precision, str(runs)]
    environment = os.environ | {
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    subprocess.run([*emulator, *command], env=environment, check=True, stderr=subprocess.DEVNULL)
    return int(count.read_text().split()[-1])


def show(chosen: list[Model], write: bool) -> None:
    """The page: of each card the times by CPU, and what was measured of the int8 forms."""
    page = Page("int8-forms", "The int8 forms of built-in cards")
    page.show(
        "Of what stands in `python/rostro/models/cards/*.int8.toml`, by which "
        '`precision="auto"` chooses. Compare the columns of a row.'
    )
    rows = []
    for model in chosen:
        assert model.recipe is not None
        for feature, times in model.recipe.times.items():
            cells = [
                "" if time is None else f"{time:g}"
                for time in (
                    *(
                        times.of(engine, precision)
                        for precision in ("float32", "int8")
                        for engine in ENGINES
                    ),
                    times.ncnn_half,
                )
            ]
            rows.append([model.name, feature, *cells, times.how])
    header = [f"{engine}, {kind}" for kind in ("float32", "int8") for engine in ENGINES]
    header.append("ncnn, float16")
    page.show(table(["model", "CPU with", *header, "what was measured"], rows))
    for model in chosen:
        assert model.recipe is not None
        for engine in ENGINES:
            show_accuracy(page, model.name, engine, model.recipe)
    if write:
        page.save()


def show_accuracy(page: Page, name: str, engine: str, recipe: Int8Recipe) -> None:
    """What int8 costs in one engine."""
    ranges = recipe.of(engine)
    if ranges is None:
        return
    misses = "; ".join(ranges.misses) or "none"
    page.show(
        f"{name} in {engine}: {len(ranges.in_float)} layers in float; limits missed: {misses}. "
        f"{ranges.how}"
    )
    rows = [
        [
            figure.what,
            "" if figure.before is None else f"{figure.before:.4g}",
            f"{figure.after:.4g}",
        ]
        for figure in ranges.figures
        if not figure.what.startswith(("CPU time", "speed"))
    ]
    page.show(table(["", "float32", "int8"], rows))


if __name__ == "__main__":
    try:
        main()
    except RostroError as error:
        raise SystemExit(str(error)) from error
