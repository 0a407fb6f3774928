"""REP-155: the faces as `/humans` has them, for nodes that are written against `hri_msgs`."""

from __future__ import annotations

import hashlib
from typing import Any

import hri_msgs.msg as hri
import numpy as np
import sensor_msgs.msg

import rostro
from rostro.types import FloatArray
from rostro_ros import qos
from rostro_ros.engine import Seen
from rostro_ros.images import to_message

__all__ = ["Humans", "landmarks_message", "person_id", "roi_message"]

_SIZE = 128
"""Pixels of a side of ``cropped`` and ``aligned``."""
_FIVE = (68, 69, 30, 48, 54)
"""The five landmarks among REP-155's 70: a person's right pupil is at the image's left."""
_DLIB = 68


def person_id(name: str) -> str:
    """An id of a person that lasts, and does not say the name: the same in every run and node."""
    return "p" + hashlib.sha256(name.encode()).hexdigest()[:12]


class _FaceTopics:
    """The publishers of one face."""

    def __init__(self, node: Any, face: str) -> None:
        def make(kind: Any, topic: str) -> Any:
            return _publisher(node, kind, f"/humans/faces/{face}/{topic}")

        self.roi = make(hri.NormalizedRegionOfInterest2D, "roi")
        self.cropped = make(sensor_msgs.msg.Image, "cropped")
        self.aligned = make(sensor_msgs.msg.Image, "aligned")
        self.landmarks = make(hri.FacialLandmarks, "landmarks")
        self.all = (self.roi, self.cropped, self.aligned, self.landmarks)
        self.person: str | None = None
        self.share = 0.0


class Humans:
    """Publishes what was seen as REP-155 says. One thread at a time.

    Args:
        node: that the publishers are made of.
    """

    def __init__(self, node: Any) -> None:
        self._node = node
        self._tracked = _publisher(node, hri.IdsList, "/humans/faces/tracked")
        self._matches = _publisher(node, hri.IdsMatch, "/humans/candidate_matches")
        self._faces: dict[str, _FaceTopics] = {}

    def publish(self, seen: Seen) -> None:
        """An image: those who are there, and what is new of who they are."""
        here = {seen.face_id(person.id): person for person in seen.people if person.here}
        for gone in self._faces.keys() - here.keys():
            self._leave(gone)
        for face in here.keys() - self._faces.keys():
            self._faces[face] = _FaceTopics(self._node, face)
        self._tracked.publish(hri.IdsList(header=seen.header, ids=list(here)))
        for row, track in enumerate([] if seen.faces.ids is None else seen.faces.ids.tolist()):
            topics = self._faces.get(seen.face_id(track))
            if topics is not None:
                _publish_face(topics, seen, row)
        for face, person in here.items():
            share = 0.0 if person.identity is None else person.identity.share
            named = None if person.name is None else person_id(person.name)
            self._match(face, self._faces[face], named, share)

    def close(self) -> None:
        for face in list(self._faces):
            self._leave(face)
        self._node.destroy_publisher(self._tracked)
        self._node.destroy_publisher(self._matches)

    def _match(self, face: str, topics: _FaceTopics, person: str | None, share: float) -> None:
        """Tells a match when it is new or surer; 0 says that it does not hold any more."""
        if topics.person is not None and person != topics.person:
            self._tell(face, topics.person, 0.0)
        if person is not None and (person != topics.person or abs(share - topics.share) > 0.05):
            self._tell(face, person, share)
            topics.share = share
        topics.person = person

    def _tell(self, face: str, person: str, confidence: float) -> None:
        message = hri.IdsMatch(id1=face, id1_type=hri.IdsMatch.FACE)
        message.id2, message.id2_type = person, hri.IdsMatch.PERSON
        message.confidence = confidence
        self._matches.publish(message)

    def _leave(self, face: str) -> None:
        topics = self._faces.pop(face)
        self._match(face, topics, None, 0.0)
        for publisher in topics.all:
            self._node.destroy_publisher(publisher)


def _publisher(node: Any, kind: Any, topic: str) -> Any:
    return node.create_publisher(kind, topic, qos.ANSWERS, event_callbacks=qos.unwatched())


def roi_message(seen: Seen, row: int) -> Any:
    """The box, in 0..1 of the image's sides."""
    x1, y1, x2, y2 = _in_image(seen, seen.faces.boxes[row])
    width, height = seen.picture.width, seen.picture.height
    message = hri.NormalizedRegionOfInterest2D(header=seen.header)
    message.xmin, message.ymin = x1 / width, y1 / height
    message.xmax, message.ymax = x2 / width, y2 / height
    message.c = float(seen.faces.scores[row])
    return message


def landmarks_message(seen: Seen, row: int) -> Any:
    """Dense points where a landmarker gives those of dlib's scheme, else the five; the others have
    a confidence of 0."""
    faces = seen.faces
    width, height = seen.picture.width, seen.picture.height
    message = hri.FacialLandmarks(header=seen.header, width=width, height=height)
    found: list[tuple[int, Any]] = []
    if faces.points is not None and faces.scheme == "ibug68":
        found += list(enumerate(faces.points[row, :_DLIB, :2].tolist()))
    if faces.landmarks is not None:
        dense = bool(found)
        five = zip(_FIVE, faces.landmarks[row].tolist(), strict=True)
        found += [(index, point) for index, point in five if not dense or index >= _DLIB]
    for index, (x, y) in found:
        place = message.landmarks[index]
        place.x, place.y = min(max(x / width, 0.0), 1.0), min(max(y / height, 0.0), 1.0)
        place.c = float(faces.scores[row])
    return message


def _publish_face(topics: _FaceTopics, seen: Seen, row: int) -> None:
    topics.roi.publish(roi_message(seen, row))
    if topics.landmarks.get_subscription_count():
        topics.landmarks.publish(landmarks_message(seen, row))
    picture, faces = seen.picture, seen.faces
    if topics.cropped.get_subscription_count():
        box = _square(seen, row)
        crop = rostro.crop_boxes(picture.image, box, _SIZE, color=picture.color, channels="bgr")[0]
        message = sensor_msgs.msg.Image(header=seen.header)
        topics.cropped.publish(to_message(crop, message))
    if faces.landmarks is not None and topics.aligned.get_subscription_count():
        crop = rostro.align(
            picture.image,
            np.ascontiguousarray(faces.landmarks[row : row + 1]),
            _SIZE,
            color=picture.color,
            channels="bgr",
        )[0]
        message = sensor_msgs.msg.Image(header=seen.header)
        topics.aligned.publish(to_message(crop, message))


def _in_image(seen: Seen, box: FloatArray) -> list[float]:
    """What of a box lies in the image."""
    width, height = seen.picture.width, seen.picture.height
    limits = np.array([width, height, width, height], np.float32)
    found: list[float] = np.clip(box, 0, limits).tolist()
    return found


def _square(seen: Seen, row: int) -> FloatArray:
    """(1, 4) the square around a box, moved into the image where it fits."""
    x1, y1, x2, y2 = _in_image(seen, seen.faces.boxes[row])
    side = min(max(x2 - x1, y2 - y1, 2.0), seen.picture.width, seen.picture.height)
    x = min(max((x1 + x2 - side) / 2, 0), seen.picture.width - side)
    y = min(max((y1 + y2 - side) / 2, 0), seen.picture.height - side)
    return np.array([[x, y, x + side, y + side]], np.float32)
