"""Face detection: letterbox, network, decoding, non-maximum suppression, back to the image."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np

from rostro import _core, models
from rostro.errors import ArgumentError, ModelError
from rostro.kernels import Color, decode, letterbox, nms
from rostro.types import Detections, FloatArray, Image

__all__ = ["Detector"]


class Detector:
    """Finds faces and their five landmarks.

    Any number of threads may call one detector at once.

    Args:
        name_or_path: a built-in model, a card (``.toml``) or a model file; see `rostro.models`.
        engine: ``"auto"``, ``"onnxruntime"`` or ``"ncnn"``.
        threads: of the network; by default all CPUs this process may use, never more.
        det_size: (width, height) of the network's input, rounded up to what the head needs; images
            are scaled to fit it. By default the image's own size, shrunk so that its longer side is
            at most 640 pixels.
        score_threshold, nms_threshold: 0..1, by default those of the model's card.

    Attributes:
        model: the `rostro.models.Model`.
        engine: the loaded `rostro.engines.Engine`.

    Raises:
        ModelError: the model's card is missing or says nothing of a detector head.
        Others as `rostro.models.Model.open`.
    """

    longest_side = 640

    def __init__(
        self,
        name_or_path: str | Path = models.DEFAULTS["detect"],
        *,
        engine: str = "auto",
        threads: int | None = None,
        det_size: tuple[int, int] | None = None,
        score_threshold: float | None = None,
        nms_threshold: float | None = None,
    ) -> None:
        self.model = models.resolve(name_or_path, "detect")
        card = self.model.card
        if card is None or card.detect is None:
            raise ModelError(
                f"{name_or_path}: how its outputs become faces is not known; write a model card "
                "beside it (task, input, outputs, detect.head) and name the .toml"
            )
        self._input = card.input
        self._head = card.detect.head
        self._top_k = card.detect.top_k
        self._score_threshold = _fraction(
            card.detect.score_threshold if score_threshold is None else score_threshold,
            "score_threshold",
        )
        self._nms_threshold = _fraction(
            card.detect.nms_threshold if nms_threshold is None else nms_threshold, "nms_threshold"
        )
        if det_size is not None and (len(det_size) != 2 or min(det_size) < 1):
            raise ArgumentError(f"det_size: {det_size!r}; (width, height) in pixels is wanted")
        self._det_size = card.input.size or det_size
        self.engine = self.model.open(engine, threads)
        self._tensors = threading.local()

    def __call__(self, image: Image, color: Color = "bgr") -> Detections:
        """The faces of an image, best first, in its own pixels.

        Args:
            image: uint8, (H, W, 3) or as ``color`` says; see `rostro.kernels`.
            color: ``"bgr"``, ``"rgb"``, ``"gray"``, ``"nv12"`` or ``"yuyv"``.

        Raises:
            ArgumentError, ArgumentTypeError: not such an image.
            EngineError: the network failed.
        """
        size = self._input_size(image, color)
        tensor, transform = letterbox(
            image,
            size,
            color=color,
            channels=self._input.channels,
            mean=self._input.mean,
            std=self._input.std,
            upscale=self._det_size is not None,
            out=self._tensor(size),
        )
        outputs = self.engine.run(tensor)
        found = decode(self._head, outputs, size, self._score_threshold, self._top_k)
        kept = nms(found.boxes, found.scores, self._nms_threshold)
        return transform.detections(found.select(kept))

    def _input_size(self, image: Image, color: Color) -> tuple[int, int]:
        width, height = _core.image_size(image, color)
        if self._det_size is not None:
            width, height = self._det_size
        elif max(width, height) > self.longest_side:
            shrink = self.longest_side / max(width, height)
            width, height = max(1, round(width * shrink)), max(1, round(height * shrink))
        step = self._input.multiple
        return -(-width // step) * step, -(-height // step) * step

    def _tensor(self, size: tuple[int, int]) -> FloatArray:
        """This thread's input tensor, kept from frame to frame."""
        shape = (1, 3, size[1], size[0])
        tensor: FloatArray | None = getattr(self._tensors, "tensor", None)
        if tensor is None or tensor.shape != shape:
            tensor = self._tensors.tensor = np.empty(shape, np.float32)
        return tensor


def _fraction(value: float, name: str) -> float:
    if not 0.0 <= value <= 1.0:
        raise ArgumentError(f"{name}: {value}; a number from 0 to 1 is wanted")
    return value
