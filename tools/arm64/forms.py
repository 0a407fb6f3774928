"""Networks in all their forms, run in the emulator on tensors that the host has made."""

from __future__ import annotations

import json
import logging
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

import marks
import numpy as np

import rostro
from rostro import RostroError, models
from rostro.engines import Engine
from rostro.engines.recording import Recorder
from rostro.models.store import FORMATS_OF
from rostro.samples import ASTRONAUT
from rostro.types import FloatArray, Image

CPUS = {"cortex-a72": "neon", "cortex-a76": "dotprod", "max": "i8mm"}
"""The emulated CPUs, with the best feature of each."""
DETECTOR, EMBEDDERS = models.DEFAULTS["detect"], (models.DEFAULTS["embed"], "omz-reid-0095")
SIZE = (320, 320)  # of the detector's input

HALF = {"use_fp16_packed": True, "use_fp16_storage": True, "use_fp16_arithmetic": True}


@dataclass(frozen=True)
class Form:
    """What a network is run as: ``options`` are ncnn's, besides those that rostro sets."""

    name: str
    engine: str
    files: list[str]
    options: dict[str, bool] = field(default_factory=dict)


def there(name: str) -> bool:
    """Whether a network is installed, with its int8 forms, now if not before: emulated, that would
    take minutes."""
    try:
        models.install(name, int8=True)
    except RostroError as error:
        logging.warning("%s", error)
    return models.resolve(name).installed


def form(
    network: str, name: str, engine: str, precision: Literal["float32", "int8"], **options: bool
) -> Form | None:
    """A form of an installed network; ``None`` where it has none such."""
    model = models.resolve(network)
    if not model.supports(engine, precision):
        return None
    infix = (".int8" if precision == "int8" else "") + (".ncnn" if engine == "ncnn" else "")
    suffixes = sorted(FORMATS_OF[engine], reverse=True)  # .param before .bin
    files = [str(model.folder / f"{network}{infix}.{suffix}") for suffix in suffixes]
    return Form(name, engine, files, options)


def run(
    cpu: str, forms: list[Form], tensors: FloatArray, *, count: bool = False
) -> tuple[dict[str, int], list[list[FloatArray]]]:
    """What ``forms`` give for all tensors; before it, with ``count``, instructions of a run."""
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        np.save(folder / "tensors.npy", tensors)
        task = {
            "tensors": str(folder / "tensors.npy"),
            "folder": work,
            "count": count,
            "forms": [asdict(each) for each in forms],
        }
        (folder / "task.json").write_text(json.dumps(task))
        counts = marks.instructions(cpu, "run_forms.py", str(folder / "task.json"))
        outputs = []
        for number in range(len(forms)):
            with np.load(folder / f"{number}.npz") as arrays:
                outputs.append([arrays[name] for name in arrays.files])
    return counts, outputs


class Answer:
    """An engine that gives what was run elsewhere."""

    def __init__(self, engine: Engine, outputs: list[FloatArray]) -> None:
        self.name, self.threads = engine.name, engine.threads
        self.input_shape, self.output_names = engine.input_shape, engine.output_names
        self._outputs = outputs

    def run(self, *tensors: FloatArray) -> list[FloatArray]:
        del tensors
        return self._outputs


def portrait() -> Image:
    """A photo with one face, 640x480."""
    photo = rostro.load_image(ASTRONAUT.fetch())
    return np.ascontiguousarray(photo[:384, :512])


def detector(engine: str = "onnxruntime") -> rostro.Detector:
    """On the host, in float32."""
    return rostro.Detector(DETECTOR, engine=engine, threads=1, precision="float32", det_size=SIZE)


def tensor_of_photo(image: Image) -> FloatArray:
    """What the detector's network is given."""
    plain = detector()
    recorder = Recorder(plain.engine)
    plain.with_engine(recorder)(image)
    assert recorder.last is not None
    return recorder.last


def tensor_of_face(network: str, image: Image) -> FloatArray:
    """What an embedder's network is given of a photo's first face."""
    plain = rostro.Embedder(network, engine="onnxruntime", threads=1, precision="float32")
    recorder = Recorder(plain.engine)
    plain.with_engine(recorder)(image, detector()(image)[:1])
    assert recorder.last is not None
    return recorder.last
