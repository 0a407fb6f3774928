"""All that looks at images: networks, gallery, tracker, made from the settings at once."""

from __future__ import annotations

import random
import string
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import rostro
from rostro.errors import ArgumentError, ModelError
from rostro.faces import Faces
from rostro.gallery import Gallery
from rostro.gallery.key_file import read_key_file
from rostro.pipeline import Stage
from rostro.types import Image
from rostro.video import Event
from rostro.video.enrolling import Candidate
from rostro.video.shots import BestShots
from rostro.video.watch.liveness import LiveGate
from rostro.video.watch.naming import candidate_of
from rostro.video.watch.people import People
from rostro_ros.camera import PoseStage
from rostro_ros.images import Picture
from rostro_ros.settings import Settings

__all__ = ["Engine", "Seen"]

_NO_PICTURE: Image = np.empty((0, 0, 3), np.uint8)


class Seen(NamedTuple):
    """What is known of an image.

    Attributes:
        header: of the image's message.
        picture: the image.
        faces: with ids, those of the tracker.
        events: that this image brought.
        people: who have not left; of the worker's thread.
        prefix: of the ids that are published.
    """

    header: Any
    picture: Picture
    faces: Faces
    events: Sequence[Event]
    people: People
    prefix: str

    def face_id(self, track: int) -> str:
        """Begins with a letter, and is no other camera's or run's."""
        return f"{self.prefix}{track}"


class Engine:
    """Follows the faces of one camera. One thread at a time, but for the gallery.

    Args:
        settings: checked ones.

    Raises:
        RostroError: a model, the gallery or its key that cannot be used; it says why.
    """

    def __init__(self, settings: Settings) -> None:
        self.poses = PoseStage(settings.hfov) if settings.pose else None
        self.pipeline = _pipeline(settings, self.poses)
        self.gallery, self.threshold = _gallery(settings, self.pipeline)
        try:
            self.tracker = rostro.FaceTracker(
                *(self.pipeline, self.gallery),
                detect_every=settings.detect_every,
                budget_ms=settings.budget_ms or None,
                threshold=self.threshold,
            )
        except BaseException:
            self.close()
            raise
        self.people = People()
        self._gate = _live_gate(self.pipeline)
        self._shots = BestShots(lambda *_: _NO_PICTURE)
        self._prefix = "".join(random.choices(string.ascii_lowercase, k=4))
        self._time = float("-inf")

    def is_late(self, time: float) -> bool:
        """Whether an image is not after the last one: sent twice, or overtaken. One that is much
        earlier begins a new stream: a bag that is played again."""
        return 0 <= self._time - time <= self.tracker.tracker.settings.restart_after

    def look(self, header: Any, picture: Picture, time: float) -> Seen:
        """The next image of the camera, at a time in seconds.

        Raises:
            ArgumentError: a time that is not after the last one's; nothing is changed.
            EngineError: a network failed.
        """
        faces = self.tracker(picture.image, time, picture.color)
        self._time = time
        events = self.tracker.events()
        self.people.look(faces, events, self.tracker.identities())
        if self._gate is None:
            self.people.take_names()
        else:
            events = self._gate.look(faces, self.people, events, time)
        if self.gallery is not None:
            votes = self.people.votes()
            self._shots.look(picture.image, faces, votes, picture.color, time)  # type: ignore[arg-type]
        return Seen(header, picture, faces, events, self.people, self._prefix)

    def forget_left(self, seen: Seen) -> None:
        """Who left with this image is not among the people any more: after it was published."""
        self.people.forget(seen.events)

    def track(self, face: str) -> int | None:
        """The tracker's id of a face that was published."""
        number = face.removeprefix(self._prefix)
        return int(number) if face.startswith(self._prefix) and number.isdecimal() else None

    def face(self, track: int) -> str:
        return f"{self._prefix}{track}"

    def candidate(self, track: int) -> Candidate | None:
        """Somebody as they would be enrolled now; ``None`` who is not there any more."""
        return candidate_of(track, self.people, self.tracker, self._shots)

    def recount(self) -> None:
        """The gallery was changed: all who are there are looked up again."""
        for person in self.people:
            if person.identity is not None:
                self.tracker.recount(person.id)

    def close(self) -> None:
        if self.gallery is not None:
            self.gallery.close()

    @property
    def description(self) -> dict[str, str]:
        """What runs, for the diagnostics."""
        detector, embedder = self.pipeline.detector, self.pipeline.embedder
        found = {"detector": f"{detector.model.name}, {detector.engine.name}"}
        if embedder is not None:
            found["embedder"] = f"{embedder.model.name}, {embedder.engine.name}"
        if self.threshold is not None:
            found["threshold"] = f"{self.threshold:.4f}"
        if self.gallery is not None:
            found["people known"] = str(len(self.gallery))
        return found


def _pipeline(settings: Settings, poses: PoseStage | None) -> rostro.FacePipeline:
    threads = settings.threads or None
    stages: list[Stage] = []
    if settings.landmarker:
        stages.append(
            rostro.Landmarker(settings.landmarker, engine=settings.engine, threads=threads)
        )
    if poses is not None:
        stages.append(poses)
    if settings.liveness:
        live = rostro.Liveness(settings.liveness, engine=settings.engine, threads=threads)
        if live.threshold is None:
            raise ModelError(f"{live.model.name}: its card gives no threshold 'live'")
        stages.append(live)
    return rostro.FacePipeline(
        settings.detector,
        settings.embedder or None,
        stages,
        engine=settings.engine,
        threads=threads,
        precision=settings.precision,  # type: ignore[arg-type]
    )


def _live_gate(pipeline: rostro.FacePipeline) -> LiveGate | None:
    for stage in pipeline.stages:
        if isinstance(stage, rostro.Liveness) and stage.threshold is not None:
            return LiveGate(stage.threshold)
    return None


def _gallery(
    settings: Settings, pipeline: rostro.FacePipeline
) -> tuple[Gallery | None, float | None]:
    """The gallery, if any, and the threshold."""
    embedder = pipeline.embedder
    threshold = settings.threshold or (None if embedder is None else embedder.threshold)
    if not settings.gallery:
        return None, threshold
    if embedder is None or threshold is None:
        raise ArgumentError(
            "gallery: got one without an embedder, or without a threshold; both are wanted"
        )
    path = Path(settings.gallery).expanduser()
    of_key = settings.gallery_key_file
    key = read_key_file(Path(of_key).expanduser()) if of_key else None
    dim = embedder.dim if settings.gallery_create else None
    return Gallery.open(path, dim, key=key, embedder=embedder), threshold
