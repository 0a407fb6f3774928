"""The model that is to be quantised: what it is given, and how forms of it are measured."""

from __future__ import annotations

import dataclasses
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from rostro import engines
from rostro.detect.detector import Detector
from rostro.embed.embedder import Embedder
from rostro.engines import Engine, NetworkFiles
from rostro.engines.recording import Recorder
from rostro.errors import QuantizationError
from rostro.models import resolve
from rostro.models.card import Card, CardFile
from rostro.quantization.calibration_photos import crops_of, find_photos, load_photos, split
from rostro.quantization.detector_gate import LANDMARK_LIMIT, DetectorGate
from rostro.quantization.embedder_gate import EmbedderGate
from rostro.quantization.figures import Measured
from rostro.types import FloatArray

__all__ = ["Subject", "open_form", "open_subject"]

# Figures are of one thread: how long several wait for each other depends on what else runs.
_THREADS = 1
# Choices are tried out on so many calibration photos, and on them have to keep this much of the
# limit, for on other photos they do a little worse.
_TRIAL = 40
_AIM = 0.75


class Subject(ABC):
    """A float model with photos.

    Args:
        host: the detector or embedder that runs the float network.
        card: of the model; made up where it has none and its head was inferred.

    Attributes:
        model, engine: the float network, in the engine that it is quantised for.
        card: as above.
    """

    _trial: DetectorGate | EmbedderGate
    _gate: DetectorGate | EmbedderGate

    def __init__(self, host: Detector | Embedder, card: Card) -> None:
        self.model, self.engine, self.card = host.model, host.engine, card

    @abstractmethod
    def _runs(self, engine: Engine) -> Iterator[None]:
        """Has ``engine`` run for each calibration photo, one a step."""

    def tensors(self) -> Iterator[FloatArray]:
        """What rostro's own pre-processing gives the network for the calibration photos."""
        recorder = Recorder(self.engine)
        for _ in self._runs(recorder):
            if recorder.last is not None:
                yield recorder.last

    def try_out(self, engine: Engine) -> Measured:
        """Measure a quantised form on the calibration photos, for choices."""
        return self._trial.measure(engine)

    def measure(self, engine: Engine) -> Measured:
        """Measure a quantised form on the photos that were held back."""
        return self._gate.measure(engine)

    def files(self) -> NetworkFiles:
        """The float network's files, for its engine alone."""
        files = self.model.files
        if self.engine.name == "onnxruntime":
            return NetworkFiles(onnx=files["onnx"])
        return NetworkFiles(param=files["param"], bin=files["bin"])


class DetectorSubject(Subject):
    """A detector."""

    def __init__(
        self, detector: Detector, folder: Path, counts: tuple[int, int], progress: bool
    ) -> None:
        super().__init__(detector, detector.model.card or _card_of(detector))
        self._detector = detector
        self._photos = split(find_photos(folder), False, *counts)
        self._progress = progress
        # Both before anything slow, for photos without faces.
        tried = self._photos.calibration[:_TRIAL]
        self._trial = DetectorGate(detector, tried, progress, _AIM * LANDMARK_LIMIT)
        self._gate = DetectorGate(detector, self._photos.held_back, progress)

    def _runs(self, engine: Engine) -> Iterator[None]:
        detector = self._detector.with_engine(engine)
        for _, image in load_photos(self._photos.calibration, "calibration", self._progress):
            detector(image)
            yield


class EmbedderSubject(Subject):
    """An embedder, with the faces that ``detector`` finds."""

    def __init__(
        self,
        embedder: Embedder,
        detector: Detector,
        folder: Path,
        counts: tuple[int, int],
        progress: bool,
    ) -> None:
        card = embedder.model.card
        if card is None:
            raise QuantizationError(f"{embedder.model.name}: an embedder needs a card")
        if card.embed is not None and card.embed.landmarks is not None:
            raise QuantizationError(f"{card.name}: networks of two inputs cannot be quantised")
        super().__init__(embedder, card)
        self._embedder = embedder
        found = find_photos(folder)
        by_folder = len({photo.parent for photo in found}) > 1
        photos = split(found, by_folder, *counts)
        self._calibration, held_back = (
            crops_of(part, detector, embedder, progress)
            for part in (photos.calibration, photos.held_back)
        )
        self._trial = EmbedderGate(embedder, self._calibration)
        self._gate = EmbedderGate(embedder, held_back)

    def _runs(self, engine: Engine) -> Iterator[None]:
        embedder = self._embedder.with_engine(engine)
        for crop in self._calibration.crops:
            embedder.embed_crops(crop[np.newaxis])
            yield


def open_subject(
    name_or_path: str | Path,
    folder: Path,
    engine: str,
    detector: str | Path,
    counts: tuple[int, int],
    progress: bool,
) -> Subject:
    """The model of this name or path with the photos of ``folder``.

    Args:
        detector: finds the faces for an embedder.
        counts: at most so many photos to calibrate with, and to hold back.

    Raises:
        FileMissingError, QuantizationError: no photos that will do.
        Others as `rostro.Detector` and `rostro.Embedder`.
    """
    card = resolve(name_or_path).card
    if card is not None and card.task == "embed":
        embedder = Embedder(name_or_path, engine=engine, threads=_THREADS, precision="float32")
        finder = Detector(detector, threads=_THREADS, precision="float32")
        return EmbedderSubject(embedder, finder, folder, counts, progress)
    found = Detector(name_or_path, engine=engine, threads=_THREADS, precision="float32")
    return DetectorSubject(found, folder, counts, progress)


def _card_of(detector: Detector) -> Card:
    """A card for a detector whose head was inferred."""
    name = re.sub(r"[^A-Za-z0-9._-]", "-", Path(detector.model.name).stem)
    return Card(
        name=name,
        task="detect",
        description="",
        homepage="",
        licence="not known",
        files=tuple(CardFile(path.name, None, None, ()) for path in detector.model.files.values()),
        input=dataclasses.replace(detector.input, name="input"),
        outputs=detector.engine.output_names,
        detect=detector.detect,
    )


def open_form(subject: Subject, files: NetworkFiles) -> Engine:
    """Load a form of the subject's network in the subject's engine."""
    return engines.open_network(
        dataclasses.replace(
            files,
            shape=subject.engine.input_shape,
            multiple=subject.card.input.multiple,
            # Made here, of one that was tried if it had to be; and gone while it is still run.
            vouched=True,
        ),
        subject.engine.name,
        _THREADS,
        subject.card.outputs,
    )
