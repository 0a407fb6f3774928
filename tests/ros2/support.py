"""A node that runs, cameras and listeners over real DDS on the loopback, and an engine that is told
what it sees."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import rclpy
import sensor_msgs.msg
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter
from rclpy.qos import qos_profile_sensor_data
from std_msgs.msg import Header, String

import rostro
from rostro.gallery import Gallery
from rostro.types import Image as Pixels
from rostro.video.enrolling import Candidate
from rostro.video.shots import BestShots
from rostro.video.watch.people import People
from rostro_ros.camera import PoseStage
from rostro_ros.engine import Engine, Seen
from rostro_ros.face_node import FaceNode
from rostro_ros.images import Picture, to_message
from rostro_ros.settings import Settings
from tests.support.watched import PICTURE, SaidTracker

PATIENCE = 20.0
CAMERA = qos_profile_sensor_data
_FIVE = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]], np.float32)


class ToldTracker(SaidTracker):
    """Faces where they are said to be, with landmarks."""

    def __init__(self, stays: Sequence[tuple[float, float]]) -> None:
        super().__init__(stays)
        self.tracker = self._tracker
        self.begin: float | None = None
        self.recounted: list[int] = []
        self.candidates: dict[int, Candidate] = {}
        self.takes = 0.0

    def __call__(self, image: Any, at: float, color: str = "bgr") -> rostro.Faces:
        time.sleep(self.takes)
        self.begin = at if self.begin is None or at < self.begin else self.begin
        here = [
            n for n, (first, last) in enumerate(self._stays) if first <= at - self.begin <= last
        ]
        boxes = np.array([[50 * n, 20, 50 * n + 40, 70] for n in here], np.float32).reshape(-1, 4)
        sides = (boxes[:, 2:] - boxes[:, :2])[:, None]
        points = np.ascontiguousarray(boxes[:, None, :2] + _FIVE * sides)
        followed = self._tracker(
            rostro.Faces(boxes, np.ones(len(here), np.float32), landmarks=points), at
        )
        self._events = self._tracker.events()
        return followed

    def candidate(self, id_: int) -> Candidate | None:
        return self.candidates.get(id_)

    def recount(self, id_: int) -> None:
        self.recounted.append(id_)

    named = recount


class ToldEngine(Engine):
    """An engine without networks: one face each for some seconds."""

    def __init__(
        self, settings: Settings, stays: Sequence[tuple[float, float]] = ((0, 1e9),)
    ) -> None:
        self.poses = PoseStage(settings.hfov)
        self.told = ToldTracker(stays)
        self.tracker = self.told  # type: ignore[assignment]
        self.people, self._gate, self._shots = People(), None, BestShots()
        self.gallery: Gallery | None = None
        self.threshold = 0.4
        self._prefix, self._time = "abcd", float("-inf")

    def look(self, header: Any, picture: Picture, time: float) -> Seen:
        seen = super().look(header, picture, time)
        assert self.poses is not None
        faces = self.poses(picture.image, seen.faces, picture.color)  # type: ignore[arg-type]
        return seen._replace(faces=faces)

    @property
    def description(self) -> dict[str, str]:
        return {"detector": "told"}


class Running:
    """A node in a thread of its own, and another node that talks with it."""

    def __init__(self, node: FaceNode, peer: Any) -> None:
        self.node, self.peer = node, peer
        self.camera = peer.create_publisher(
            sensor_msgs.msg.Image, "/image", qos_profile_sensor_data
        )
        self._said = peer.create_publisher(String, "/face_node/command", 10)
        self.answers = self.hear(String, "/face_node/answer")

    def hear(self, kind: Any, topic: str, profile: Any = 10) -> list[Any]:
        """A list that grows with what comes."""
        heard: list[Any] = []
        self.peer.create_subscription(kind, topic, heard.append, profile)
        return heard

    def start(self) -> None:
        """Configured, active, and heard by the camera."""
        assert self.node.trigger_configure().name == "SUCCESS", self.node._health.level()
        assert self.node.trigger_activate().name == "SUCCESS"
        until(lambda: self.camera.get_subscription_count() == 1)

    def show(self, image: Pixels, seconds: float, **header: Any) -> Any:
        """Publishes an image, at a time."""
        message = to_message(image, sensor_msgs.msg.Image(header=header_at(seconds, **header)))
        self.camera.publish(message)
        return message

    def send(self, message: Any) -> None:
        self.camera.publish(message)

    def show_until(
        self, heard: Callable[[], Any], image: Pixels = PICTURE, begin: float = 100.0
    ) -> float:
        """Images at 25 a second until something is so; the time of the last."""
        end, seconds = time.monotonic() + PATIENCE, begin
        while not heard():
            assert time.monotonic() < end, self.node._health.level()
            self.show(image, seconds)
            seconds += 0.04
            time.sleep(0.02)
        return seconds - 0.04

    def command(self, **document: Any) -> dict[str, Any]:
        """What the node answers."""
        until(lambda: self._said.get_subscription_count() == 1)
        until(lambda: self.peer.count_publishers("/face_node/answer") == 1)
        ref = f"ref {len(self.answers)} {time.monotonic()}"
        self._said.publish(String(data=json.dumps(document | {"ref": ref})))
        until(lambda: any(ref in answer.data for answer in self.answers))
        found: dict[str, Any] = json.loads(self.answers[-1].data)
        return found


def until(so: Callable[[], Any], patience: float = PATIENCE) -> None:
    """Waits for something to be so."""
    end = time.monotonic() + patience
    while not so():
        assert time.monotonic() < end, "it never was so"
        time.sleep(0.005)


def longer(items: Sequence[Any], than: int) -> Callable[[], bool]:
    """Whether there are more than so many."""
    return lambda: len(items) > than


def header_at(seconds: float, frame_id: str = "camera") -> Header:
    header = Header(frame_id=frame_id)
    header.stamp.sec = int(seconds)
    header.stamp.nanosec = round((seconds - int(seconds)) * 1e9)
    return header


@contextlib.contextmanager
def running(
    make: Callable[[Settings], Engine] = ToldEngine, start: bool = True, **settings: Any
) -> Iterator[Running]:
    """A node of these settings, and who talks with it."""
    context = Context()
    context.init()
    overrides = [Parameter(name, value=value) for name, value in settings.items()]
    node = FaceNode(make, context=context, parameter_overrides=overrides)
    peer = rclpy.create_node("peer", context=context)
    spinning = [_Spinning(one, context) for one in (node, peer)]
    try:
        told = Running(node, peer)
        if start:
            told.start()
        yield told
    finally:
        for one in spinning:
            one.end()
        node.destroy_node()
        peer.destroy_node()
        context.try_shutdown()


class _Spinning:
    """An executor in a thread."""

    def __init__(self, node: Any, context: Context) -> None:
        self._executor = SingleThreadedExecutor(context=context)
        self._executor.add_node(node)
        self._thread = threading.Thread(target=self._executor.spin)
        self._thread.start()

    def end(self) -> None:
        self._executor.shutdown()
        self._thread.join(PATIENCE)
