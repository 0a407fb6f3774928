"""Whether faces are live or pictures of faces: networks between the halves of the core's task."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np

from rostro import _core, models
from rostro.engines import Engine
from rostro.errors import ArgumentError, ModelError
from rostro.faces import Faces, check_faces
from rostro.kernels.arguments import Color
from rostro.models.card import Card
from rostro.models.card_liveness import LivenessSettings
from rostro.models.crop import crop_rule
from rostro.models.for_core import output_index
from rostro.support.arguments import check_number, check_text
from rostro.types import ImageLike

__all__ = ["THRESHOLD", "Liveness"]

THRESHOLD = "live"
"""The card's threshold by this name is that of a live face."""


class Liveness:
    """Says how likely faces are live, not prints, screens or masks. A stage of a pipeline.

    Any number of threads may call one at once; it is pickled as what it was made from.

    Args:
        name_or_path: a model of the task ``"liveness"``: a card (``.toml``); see `rostro.models`.
        engine: ``"auto"``, ``"onnxruntime"`` or ``"ncnn"``.
        threads: of the networks; by default all CPUs this process may use, while they gain time.
        threshold: from which on a face is taken for live, 0..1. ``None``: the card's.

    Attributes:
        model: the `rostro.models.Model`.
        engines: the loaded networks, whose probabilities are averaged.
        threshold: as above; ``None`` where neither caller nor card gives one.

    Raises:
        ModelError: the model's card is missing, says nothing of liveness, or nonsense.
        ArgumentError, ArgumentTypeError: a threshold that is none.
        Others as `rostro.models.Model.open`.
    """

    def __init__(
        self,
        name_or_path: str | Path,
        *,
        engine: str = "auto",
        threads: int | None = None,
        threshold: float | None = None,
    ) -> None:
        self._recipe: Callable[[], Liveness] = functools.partial(
            type(self), name_or_path, engine=engine, threads=threads, threshold=threshold
        )
        self.model = models.resolve(name_or_path, "liveness")
        card, settings = _settings(self.model)
        self.threshold: float | None
        if threshold is not None:
            self.threshold = _share("threshold", threshold)
        else:
            of_card = card.thresholds.get(THRESHOLD)
            self.threshold = None if of_card is None else of_card.value
        together = [self.model]
        for name in settings.networks:
            together.append(models.resolve(self.model.folder / name, "liveness"))
        # What is wrong with a card is said before a network is fetched and loaded for it.
        self._tasks = [_task(*_settings(model)) for model in together]
        self._outputs = [
            output_index(card, "liveness", settings.output)
            for card, settings in map(_settings, together)
        ]
        self.engines: tuple[Engine, ...] = tuple(model.open(engine, threads) for model in together)

    def __call__(self, image: ImageLike, faces: Faces, color: Color = "bgr") -> Faces:
        """The faces with ``live``: (N,) float32, 0..1, how likely each is a live one.

        Args:
            image: uint8, (H, W, 3) or as ``color`` says; see `rostro.kernels`. The whole picture,
                not a crop of a face: networks look at what is around it.
            faces: of the image.

        Raises:
            ArgumentError, ArgumentTypeError: not such an image, or nothing to crop.
            EngineError: a network failed, or its numbers cannot be used.
            ModelError: its outputs are not what the card says.
        """
        check_faces("faces", faces)
        check_text("color", color)
        columns = faces.for_core()
        live = [np.empty(len(faces), np.float32) for _ in self._tasks]
        batch = self._tasks[0].batch
        for begin in range(0, len(faces), batch):
            count = min(batch, len(faces) - begin)
            for task, engine, output, found in zip(
                self._tasks, self.engines, self._outputs, live, strict=True
            ):
                tensor = task.prepare(image, color, columns, begin, count)
                numbers = engine.run(tensor)[output].reshape(count, -1)
                found[begin : begin + count] = task.finish(numbers, count)
        return faces.with_columns(live=_core.mean_live(live))

    def refusals(self, faces: Faces) -> list[str | None]:
        """Why faces may not be matched: "not live (0.12; at least 0.50 is wanted)", or ``None``.

        Args:
            faces: with the column ``live``.

        Raises:
            ArgumentError: a table without it.
            ModelError: neither the card nor the caller gave a threshold.
        """
        live = check_faces("faces", faces).live
        if live is None:
            raise ArgumentError("faces: got a table without live; what this stage gave is wanted")
        if self.threshold is None:
            raise ModelError(
                f"{self.model.name}: its card gives no threshold {THRESHOLD!r}; "
                "rostro eval liveness measures one, Liveness(threshold=...) takes it"
            )
        least = self.threshold
        return [None if share >= least else _not_live(share, least) for share in live.tolist()]

    def __reduce__(self) -> tuple[Callable[[], Liveness], tuple[()]]:
        return self._recipe, ()


def _not_live(share: float, least: float) -> str:
    # With so many digits that the one number does not read like the other.
    digits = next((n for n in range(2, 9) if f"{share:.{n}f}" != f"{least:.{n}f}"), 9)
    return f"not live ({share:.{digits}f}; at least {least:.{digits}f} is wanted)"


def _share(what: str, value: object) -> float:
    wanted = "a probability, 0 to 1,"
    share = check_number(what, value, wanted)
    if not 0 <= share <= 1:
        raise ArgumentError(f"{what}: got {share}; {wanted} is wanted")
    return share


def _settings(model: models.Model) -> tuple[Card, LivenessSettings]:
    if model.card is None or model.card.liveness is None:
        raise ModelError(
            f"{model.name}: how to tell live faces with it is not known; write a model card beside "
            "it (task, input with size, outputs, crop, liveness) and name the .toml"
        )
    return model.card, model.card.liveness


def _task(card: Card, settings: LivenessSettings) -> _core.LivenessTask:
    missing = [name for name in settings.live if name not in settings.classes]
    if missing:
        raise ModelError(
            f"{card.name}: card: liveness.live: got {missing[0]!r}; one of the classes, "
            f"{', '.join(settings.classes)}, is wanted"
        )
    try:
        return _core.LivenessTask(
            name=card.name,
            crop=crop_rule(card),
            activation=settings.activation,
            classes=len(settings.classes),
            live=[settings.classes.index(name) for name in settings.live],
        )
    except ArgumentError as error:
        raise ModelError(f"{card.name}: card: liveness.{error}") from error
