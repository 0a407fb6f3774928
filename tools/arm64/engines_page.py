"""Makes the page of counted networks: see engines."""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import importlib.metadata
import itertools
from concurrent.futures import ThreadPoolExecutor

import marks
import numpy as np
from forms import (
    CPUS,
    DETECTOR,
    EMBEDDERS,
    HALF,
    SIZE,
    Answer,
    Form,
    detector,
    form,
    portrait,
    run,
    tensor_of_face,
    tensor_of_photo,
    there,
)

from rostro import models
from rostro.engines import ENGINES, NetworkFiles, open_network
from rostro.models.int8_recipe import CpuTimes, recipe_text
from rostro.types import FloatArray

REPO = marks.HERE.parents[1]
DOCUMENT = REPO / "docs" / "measured" / "arm64-engines.md"
CARDS = REPO / "python" / "rostro" / "models" / "cards"
WITHOUT = {
    "Winograd": "use_winograd_convolution",
    "packing": "use_packing_layout",
    "matrix products": "use_sgemm_convolution",
}
CHECKED = "cortex-a76"  # where all options are counted
# Rows of the table that the cards are told.
FIELDS = {
    "onnxruntime, float32": "onnxruntime",
    "ncnn, float32": "ncnn",
    "ncnn, float16 arithmetic": "ncnn_half",
    "onnxruntime, int8": "onnxruntime_int8",
    "ncnn, int8": "ncnn_int8",
}

INTRODUCTION = """\
# Engines and their options on ARM64

Written by `tools/arm64/engines --write`. Counts, not times: **nothing on this page was measured on
ARM hardware.** Millions of instructions of a run on one thread, the first left out, as an
emulator's plugin counts them; the engines' own wheels for aarch64, which see the CPU's features.
*difference*: of one face, what the network gives on the CPUs of the row against ONNX Runtime's
float32 on x86-64, the worst: of embeddings the cosine, of the detector how far a side of the box
and a landmark are. The A72 has neither float16 arithmetic nor int8 dot products, the A76 has, "max"
has all that the emulator knows.

"""

Found = tuple[dict[str, int], list[list[FloatArray]]]


def forms_of(network: str, cpu: str) -> list[Form]:
    """What is counted of a network on a CPU."""
    wanted = [form(network, f"{engine}, float32", engine, "float32") for engine in ENGINES]
    wanted += [form(network, f"{engine}, int8", engine, "int8") for engine in ENGINES]
    wanted.append(form(network, "ncnn, bfloat16", "ncnn", "float32", use_bf16_storage=True))
    if CPUS[cpu] != "neon":
        wanted.append(form(network, "ncnn, float16 arithmetic", "ncnn", "float32", **HALF))
        wanted.append(form(network, "ncnn, int8, float16 arithmetic", "ncnn", "int8", **HALF))
    if cpu == CHECKED:
        storage = HALF | {"use_fp16_arithmetic": False}
        wanted.append(form(network, "ncnn, float16 storage", "ncnn", "float32", **storage))
        for what, option in WITHOUT.items():
            name = f"ncnn, float32, without {what}"
            wanted.append(form(network, name, "ncnn", "float32", **{option: False}))
    return [each for each in wanted if each is not None]


def difference(network: str, outputs: list[list[FloatArray]]) -> str:
    """The worst of what one form gives on several CPUs."""
    if network == DETECTOR:
        plain, image = detector(), portrait()
        want = plain(image)
        assert want.landmarks is not None
        boxes, points = [], []
        for each in outputs:
            found = plain.with_engine(Answer(plain.engine, each))(image)
            if len(found) != len(want) or found.landmarks is None:
                return f"{len(found)} faces"
            boxes.append(np.abs(found.boxes - want.boxes).max())
            points.append(np.abs(found.landmarks - want.landmarks).max())
        return f"{max(boxes):.2f} and {max(points):.2f} px"
    onnx = models.resolve(network).files["onnx"]
    engine = open_network(NetworkFiles(onnx=onnx, vouched=True), "onnxruntime", 1)
    (right,) = engine.run(tensor_of_face(network, portrait()))
    cosines = [
        float(np.vdot(right, each) / np.linalg.norm(right) / np.linalg.norm(each))
        for (each,) in outputs
    ]
    return f"{min(cosines):.5f}"


def table(network: str, found: dict[str, Found]) -> list[str]:
    """The rows of a network."""
    lines = []
    for name in dict.fromkeys(itertools.chain(*(counts for counts, _ in found.values()))):
        on = [cpu for cpu in found if name in found[cpu][0]]
        counts = [f"{found[cpu][0][name] / 1e6:.1f}" if cpu in on else "" for cpu in CPUS]
        outputs = [found[cpu][1][list(found[cpu][0]).index(name)] for cpu in on]
        lines.append(
            f"| {network} | {name} | {' | '.join(counts)} | {difference(network, outputs)} |"
        )
    return lines


def into_card(network: str, found: dict[str, Found], versions: str) -> None:
    """Writes what `precision="auto"` chooses by beside the card."""
    model = models.resolve(network)
    if model.recipe is None:
        return
    times = dict(model.recipe.times)
    for cpu, (counts, _) in found.items():
        values = {key: round(counts[n] / 1e6, 1) for n, key in FIELDS.items() if n in counts}
        how = f"millions of instructions of a run, one thread, counted, not timed, emulated {cpu}"
        times[CPUS[cpu]] = CpuTimes(f"{how}; {versions}", **values)
    recipe = dataclasses.replace(model.recipe, times=times)
    (CARDS / f"{network}.int8.toml").write_text(recipe_text(recipe))


def written(network: str) -> list[str]:
    """The rows of a network in the page as it is."""
    lines = DOCUMENT.read_text().splitlines() if DOCUMENT.exists() else []
    return [line for line in lines if line.startswith(f"| {network} |")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    told = "by default all of them; the page keeps its rows of the others"
    parser.add_argument("--network", action="append", help=told)
    parser.add_argument("--cpu", action="append", choices=CPUS, help="by default all of them")
    chosen = parser.parse_args()
    cpus = chosen.cpu or list(CPUS)
    networks = [name for name in chosen.network or (DETECTOR, *EMBEDDERS) if there(name)]
    image = portrait()
    tensors = {
        name: tensor_of_photo(image) if name == DETECTOR else tensor_of_face(name, image)
        for name in networks
    }
    with ThreadPoolExecutor(2) as pool:
        runs = {
            (name, cpu): pool.submit(run, cpu, forms_of(name, cpu), tensors[name], count=True)
            for name in networks
            for cpu in cpus
        }
        found = {name: {cpu: runs[name, cpu].result() for cpu in cpus} for name in networks}
    engines = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ENGINES)
    versions = f"{datetime.date.today()}, {engines}"
    lines = [f"{versions}; {DETECTOR} at {SIZE[0]}x{SIZE[1]}", ""]
    lines += [f"| network | form | {' | '.join(CPUS)} | difference |", "|" + " --- |" * 6]
    for name in (DETECTOR, *EMBEDDERS):
        lines += table(name, found[name]) if name in found else written(name)
    text = INTRODUCTION + "\n".join(lines) + "\n"
    print(text)
    if chosen.write:
        DOCUMENT.write_text(text)
        for name in networks:
            into_card(name, found[name], versions)


main()
