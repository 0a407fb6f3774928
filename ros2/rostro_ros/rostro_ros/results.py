"""What is known of the faces of an image: JSON that every language reads, and typed detections."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from rostro.errors import ArgumentError
from rostro.video import Event
from rostro.video.watch.documents import event_document
from rostro.video.watch.people import Person, predicted_of
from rostro_ros.engine import Seen

__all__ = ["detections", "event_documents", "faces_document", "line"]


def line(document: dict[str, Any]) -> str:
    """One line of ASCII."""
    return json.dumps(document, allow_nan=False, separators=(",", ":"))


def faces_document(seen: Seen) -> dict[str, Any]:
    """All faces of an image. docs/guide/ros2.md has the keys."""
    stamp = seen.header.stamp
    return {
        "stamp": [stamp.sec, stamp.nanosec],
        "frame_id": seen.header.frame_id,
        "width": seen.picture.width,
        "height": seen.picture.height,
        "faces": _faces(seen),
    }


def event_documents(seen: Seen) -> list[dict[str, Any]]:
    """What happened with an image, an object each."""
    return [_event(seen, event) for event in seen.events]


def detections(seen: Seen, kinds: Any) -> Any:
    """A `vision_msgs/Detection2DArray`. A face has the hypothesis ``face``, and one of its name.

    Args:
        kinds: the module ``vision_msgs.msg``.
    """
    message = kinds.Detection2DArray(header=seen.header)
    for face in _faces(seen):
        one = kinds.Detection2D(header=seen.header, id=face["id"] or "")
        x1, y1, x2, y2 = face["box"]
        one.bbox.center.position.x, one.bbox.center.position.y = (x1 + x2) / 2, (y1 + y2) / 2
        one.bbox.size_x, one.bbox.size_y = x2 - x1, y2 - y1
        named = [] if face["name"] is None else [(face["name"], face["share"])]
        for what, score in [("face", face["score"]), *named]:
            told = kinds.ObjectHypothesisWithPose()
            told.hypothesis.class_id, told.hypothesis.score = what, float(score)
            one.results.append(told)
        message.detections.append(one)
    return message


def _faces(seen: Seen) -> list[dict[str, Any]]:
    faces = seen.faces
    ids = [-1] * len(faces) if faces.ids is None else faces.ids.tolist()
    columns = {
        "box": _rounded(faces.boxes, 1),
        "score": _rounded(faces.scores, 4),
        "landmarks": _rounded(faces.landmarks, 1),
        "pose": _rounded(faces.poses, 1),
        "translation": _rounded(faces.translations, 3),
        "quality": _rounded(faces.quality, 3),
        "live": _rounded(faces.live, 3),
    }
    given = {name: values for name, values in columns.items() if values is not None}
    predicted, made = predicted_of(faces), []
    for row, track in enumerate(ids):
        person = seen.people.get(track)
        document = {"id": None if track < 0 else seen.face_id(track), **_who(person)}
        document |= {name: values[row] for name, values in given.items()}
        made.append(document | {"predicted": predicted[row]})
    return made


def _who(person: Person | None) -> dict[str, Any]:
    """The name that is told, and its share of the votes."""
    if person is None:
        return {"name": None, "share": None, "unknown": False}
    named = person.name is not None and person.identity is not None
    share = round(person.identity.share, 3) if named and person.identity else None
    return {"name": person.name, "share": share, "unknown": person.unknown}


def _event(seen: Seen, event: Event) -> dict[str, Any]:
    document = event_document(event, 0, seen.people.get(event.id))
    del document["frame"]
    stamp = seen.header.stamp
    return document | {"id": seen.face_id(event.id), "stamp": [stamp.sec, stamp.nanosec]}


def _rounded(values: Any, digits: int) -> list[Any] | None:
    if values is None:
        return None
    if not np.isfinite(values).all():
        raise ArgumentError("faces: got NaN or infinity; numbers are wanted")
    # Through float64, so that 0.1 is not written as 0.10000000149.
    found: list[Any] = np.round(values.astype(np.float64), digits).tolist()
    return found
