"""The processes of ros2_node.py: the node and a bare one, subscribers, and the camera."""

from __future__ import annotations

import itertools
import json
import os
import random
import struct
import sys
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from report import ROOT

sys.path[:0] = [str(ROOT), str(ROOT / "ros2" / "rostro_ros")]

RATE = 30
KEPT = 5000  # times of images, so that what grows in a long run is the node
STAMP = 4  # of a serialised image: where its time begins, after CDR's four bytes
FILL = "x" * 1000  # about as many characters as the node says of four faces


def resident() -> float:
    """MiB of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def node_process(pipe: Connection, takes: float | None) -> None:
    """The node, with a pipeline that only waits for ``takes`` seconds, or with the real one."""
    import rclpy

    from rostro_ros.engine import Engine, Seen
    from rostro_ros.face_node import FaceNode
    from rostro_ros.settings import Settings
    from tests.ros2.support import ToldEngine

    took: dict[int, float] = {}
    sizes: list[float] = []
    spent = [0.0]  # seconds of CPU in the pipeline
    images = itertools.count()

    def timed(engine: Engine) -> Engine:
        look = engine.look

        def measured(header: Any, picture: Any, at: float) -> Seen:
            begin, cpu = time.perf_counter(), time.thread_time()
            seen = look(header, picture, at)
            spent[0] += time.thread_time() - cpu
            if len(took) < KEPT:
                took[header.stamp.sec * 10**9 + header.stamp.nanosec] = time.perf_counter() - begin
            if next(images) % 100 == 0:
                sizes.append(resident())
            return seen

        engine.look = measured  # type: ignore[assignment, method-assign]
        return engine

    def make(settings: Settings) -> Engine:
        if takes is None:
            return timed(Engine(settings))
        engine = ToldEngine(settings, [(0, 1e12)] * 4)
        engine.told.takes = takes
        return timed(engine)

    rclpy.init()
    node = FaceNode(make)
    node.trigger_configure()
    node.trigger_activate()
    serve(pipe, node, took, sizes, lambda: spent[0])


def bare_process(pipe: Connection, _: float | None) -> None:
    """What rclpy takes alone: a node that hears the same images and says as much of each, but looks
    at none, has no services and waits for nothing else."""
    import rclpy
    from rclpy.event_handler import SubscriptionEventCallbacks
    from sensor_msgs.msg import Image
    from std_msgs.msg import String

    from rostro_ros import qos

    took: dict[int, float] = {}
    rclpy.init()
    node = rclpy.create_node("face_node", start_parameter_services=False, enable_rosout=False)
    publisher = node.create_publisher(
        String, "/face_node/faces", qos.RESULTS, event_callbacks=qos.unwatched()
    )

    def hear(message: Image) -> None:
        stamp = message.header.stamp
        publisher.publish(String(data=json.dumps({"stamp": [stamp.sec, stamp.nanosec], "": FILL})))
        took[stamp.sec * 10**9 + stamp.nanosec] = 0.0

    node.create_subscription(
        Image,
        "/image",
        hear,
        qos.images("best_effort"),
        event_callbacks=SubscriptionEventCallbacks(use_default_callbacks=False),
    )
    serve(pipe, node, took, [], lambda: 0.0)


def serve(
    pipe: Connection,
    node: Any,
    took: dict[int, float],
    sizes: Sequence[float],
    spent: Callable[[], float],
) -> None:
    """Lets a node run until it is told to end; then tells what it took."""
    import rclpy
    from rclpy.executors import SingleThreadedExecutor

    executor = SingleThreadedExecutor()
    executor.add_node(node)
    spinning = threading.Thread(target=executor.spin)
    spinning.start()
    pipe.send("ready")
    pipe.recv()  # the images begin to count
    cpu, begin = time.process_time() - spent(), time.perf_counter()
    pipe.recv()  # the end
    used = 100 * (time.process_time() - spent() - cpu) / (time.perf_counter() - begin)
    executor.shutdown()
    spinning.join()
    settled = sizes[len(sizes) // 10 :] or [0.0]
    pipe.send((took, used, settled[-1] - settled[0]))
    node.destroy_node()
    rclpy.try_shutdown()


def subscriber_process(pipe: Connection, topic: str) -> None:
    """Hears a topic; tells when each message was published and heard, by the stamp of its image."""
    import rclpy
    from geometry_msgs.msg import PoseArray
    from rclpy.executors import SingleThreadedExecutor
    from std_msgs.msg import String

    came: list[tuple[Any, int, int]] = []

    def hear(message: Any, info: dict[str, int]) -> None:
        came.append((message, info["source_timestamp"], time.time_ns()))

    rclpy.init()
    node = rclpy.create_node(f"subscriber_{os.getpid()}")
    kind = PoseArray if topic == "poses" else String
    node.create_subscription(kind, f"/face_node/{topic}", hear, 10)
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    pipe.send("ready")
    while not pipe.poll():
        executor.spin_once(timeout_sec=0.2)
    stamps = {}
    for message, published, heard in came:
        if topic == "faces":
            seconds, rest = json.loads(message.data)["stamp"]
            stamps[seconds * 10**9 + rest] = published, heard
    pipe.send(stamps)
    node.destroy_node()
    rclpy.try_shutdown()


class Camera:
    """Publishes images, each stamped just before it is given to DDS. They are serialised before,
    for a driver in C++ takes far less time for that than rclpy."""

    def __init__(self, video: Sequence[Any]) -> None:
        import rclpy
        from rclpy.qos import qos_profile_sensor_data
        from rclpy.serialization import serialize_message
        from sensor_msgs.msg import Image
        from std_msgs.msg import String

        from rostro_ros.images import to_message

        self._spin = rclpy.spin_once
        self._node = rclpy.create_node(f"camera_{random.randrange(10**6)}")
        self._publisher = self._node.create_publisher(Image, "/image", qos_profile_sensor_data)
        self._kind, self._answers = String, 0
        messages = [to_message(image, Image()) for image in video]
        for message in messages:
            message.header.frame_id = "camera"
        self._serialized = [bytearray(serialize_message(message)) for message in messages]

    def wait(self) -> None:
        while not self._publisher.get_subscription_count():
            time.sleep(0.05)

    def show(self, count: int) -> list[int]:
        """Publishes at `RATE`; the stamps."""
        stamps, begin = [], time.perf_counter()
        for number in range(count):
            time.sleep(max(0.0, begin + number / RATE - time.perf_counter()))
            stamps.append(self._publish(number))
        return stamps

    def show_in_turn(self, count: int) -> int:
        """Publishes each image when the one before was answered; how many were."""
        self._node.create_subscription(self._kind, "/face_node/faces", self._count, 10)
        time.sleep(1)
        for number in range(count):
            before, until = self._answers, time.monotonic() + 0.5
            self._publish(number)
            while self._answers == before and time.monotonic() < until:
                self._spin(self._node, timeout_sec=0.1)
        return self._answers

    def close(self) -> None:
        self._node.destroy_node()

    def _publish(self, number: int) -> int:
        message = self._serialized[number % len(self._serialized)]
        now = time.time_ns()
        struct.pack_into("<iI", message, STAMP, *divmod(now, 10**9))
        self._publisher.publish(bytes(message))
        return now

    def _count(self, _: object) -> None:
        self._answers += 1
