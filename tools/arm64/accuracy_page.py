"""Makes the page of emulated accuracy: see accuracy."""

from __future__ import annotations

import argparse
import datetime
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import marks
import numpy as np
from forms import (
    DETECTOR,
    EMBEDDERS,
    HALF,
    SIZE,
    Answer,
    Form,
    detector,
    form,
    run,
    tensor_of_face,
    tensor_of_photo,
    there,
)
from numpy.typing import NDArray

import rostro
from rostro import models
from rostro.engines import NetworkFiles, open_network
from rostro.evaluate.labelled_photos import read_pairs
from rostro.types import FloatArray, Image

DOCUMENT = marks.HERE.parents[1] / "docs" / "measured" / "arm64-accuracy.md"
CPU = "cortex-a76"
ENGINES = ("ncnn", "onnxruntime")

INTRODUCTION = """\
# Accuracy on ARM64

Written by `tools/arm64/accuracy --write FOLDER`. What the engines' wheels for aarch64 give on an
emulated Cortex-A76, against ONNX Runtime's float32 on x86-64, in int8, and in float16 where
[arm64-engines.md](arm64-engines.md) speaks for it: of embedders on pairs of LFW's development
split, half of them of one person, by the card's threshold; of the detector on the photos of as
many pairs, at {size}. Few photos, for emulation takes seconds for each: enough to see that a form
is sound, not to rank forms.

"""


def forms_of(network: str) -> list[Form]:
    """What is not computed in float32: int8, and float16 where that is the form for the CPU."""
    forms = [form(network, f"{engine}, int8", engine, "int8") for engine in ENGINES]
    if network != models.DEFAULTS["embed"]:
        forms.append(form(network, "ncnn, float16 arithmetic", "ncnn", "float32", **HALF))
    return [each for each in forms if each is not None]


def detected(images: list[Image], outputs: list[FloatArray]) -> list[str]:
    """Cells of a row: the faces that a form's outputs for all images give, beside float32's."""
    plain = detector()
    boxes, points, both = [0.0], [0.0], 0
    faces = [plain(image) for image in images]
    for i, (image, want) in enumerate(zip(images, faces, strict=True)):
        answer = Answer(plain.engine, [each[i : i + 1] for each in outputs])
        found = plain.with_engine(answer)(image)
        if len(found) == len(want) and found.landmarks is not None and want.landmarks is not None:
            both += len(want)
            boxes.append(float(np.abs(found.boxes - want.boxes).max(initial=0)))
            points.append(float(np.abs(found.landmarks - want.landmarks).max(initial=0)))
    total = sum(map(len, faces))
    told = f"{both} of {total} faces in photos with as many"
    return [f"{len(images)} photos", told, f"{max(boxes):.2f} and {max(points):.2f} px"]


def embedded(
    network: str, tensors: FloatArray, same: NDArray[np.bool_], given: FloatArray
) -> list[str]:
    """Cells of a row: decisions by a form's embeddings of pairs of crops, beside float32's."""
    onnx = models.resolve(network).files["onnx"]
    engine = open_network(NetworkFiles(onnx=onnx, vouched=True), "onnxruntime", 1)
    right = np.concatenate([engine.run(each[None])[0] for each in tensors])
    card = models.builtin_card(network)
    before, after = (unit(each.reshape(len(tensors), -1)) for each in (right, given))
    correct = [
        int(np.sum(((each[::2] * each[1::2]).sum(1) >= card.thresholds["cosine"].value) == same))
        for each in (before, after)
    ]
    cosines = (before * after).sum(1)
    told = f"{correct[1]} right, float32 {correct[0]}"
    return [f"{len(same)} pairs", told, f"cosine {cosines.mean():.5f}, least {cosines.min():.5f}"]


def unit(rows: FloatArray) -> FloatArray:
    unit_rows: FloatArray = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit_rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--pairs", action="append", default=[], metavar="[NETWORK=]N")
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args()
    wanted = dict.fromkeys((DETECTOR, *EMBEDDERS), 100)
    for given in chosen.pairs:
        network, _, number = given.rpartition("=")
        wanted.update(dict.fromkeys([network] if network else wanted, int(number)))
    listed = read_pairs(chosen.folder / "pairsDevTest.txt", chosen.folder / "images")
    of, persons = listed.photos, listed.photos.persons

    def work(network: str) -> list[str]:
        forms = forms_of(network)
        step = max(len(listed.first) // wanted[network], 1)
        rows = [
            (int(a), int(b))
            for a, b in zip(listed.first[::step], listed.second[::step], strict=True)
        ]
        pairs = [
            (
                rostro.load_image(of.paths[a]),
                rostro.load_image(of.paths[b]),
                bool(persons[a] == persons[b]),
            )
            for a, b in rows
        ]
        images = [image for one, other, _ in pairs for image in (one, other)]
        same = np.array([each for _, _, each in pairs])
        tensor_of = tensor_of_photo if network == DETECTOR else partial(tensor_of_face, network)
        tensors = np.concatenate([tensor_of(image) for image in images])
        lines = []
        for each, outputs in zip(forms, run(CPU, forms, tensors)[1], strict=True):
            cells = (
                detected(images, outputs)
                if network == DETECTOR
                else embedded(network, tensors, same, outputs[0])
            )
            lines.append(f"| {' | '.join([network, each.name, *cells])} |")
        return lines

    networks = [name for name, number in wanted.items() if number and there(name)]
    with ThreadPoolExecutor(2) as pool:
        lines = [line for lines in pool.map(work, networks) for line in lines]
    text = INTRODUCTION.format(size=f"{SIZE[0]}x{SIZE[1]}") + f"{datetime.date.today()}\n\n"
    text += "| network | form | of | agreement | difference |\n" + "|" + " --- |" * 5 + "\n"
    text += "\n".join(lines) + "\n"
    print(text)
    if chosen.write:
        DOCUMENT.write_text(text)


main()
