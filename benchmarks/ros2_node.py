"""What the ROS 2 node adds to its pipeline: time, CPU, memory, and how old an answer is.

    tools/ros2/setup && build/ros2/bin/python benchmarks/ros2_node.py [--seconds 10] [--write]

A camera, the node and each subscriber are processes of their own, over DDS on this machine.
"""

from __future__ import annotations

import itertools
import json
import multiprocessing
import os
import random
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from report import ROOT, Page, argument_parser, heading, table
from rostro.support.cpus import available_cpus

sys.path[:0] = [str(ROOT), str(ROOT / "ros2" / "rostro_ros")]

PROFILE = ROOT / "ros2" / "rostro_ros" / "config" / "fastdds.xml"
RATE = 30
KEPT = 5000  # times of images, so that what grows in a long run is the node
WARM_UP = 60  # images: networks are prepared, and threads chosen
FILL = "x" * 1000  # about as many characters as the node says of four faces
TOPICS = ("faces", "faces", "poses")  # of the subscribers; the first one is measured


class Heard(NamedTuple):
    """Milliseconds of each image that was answered, and what the node's process took."""

    whole: NDArray[np.float64]  # from before it was published to after the faces were heard
    pipeline: NDArray[np.float64]
    sent: int
    cpu_percent: float  # of one CPU, without what the pipeline's thread took in it
    grown_mib: float


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
    at none."""
    import rclpy
    from rclpy.qos import qos_profile_sensor_data
    from sensor_msgs.msg import Image
    from std_msgs.msg import String

    took: dict[int, float] = {}
    rclpy.init()
    node = rclpy.create_node("face_node")
    publisher = node.create_publisher(String, "/face_node/faces", 5)

    def hear(message: Image) -> None:
        stamp = message.header.stamp
        publisher.publish(String(data=json.dumps({"stamp": [stamp.sec, stamp.nanosec], "": FILL})))
        took[stamp.sec * 10**9 + stamp.nanosec] = 0.0

    node.create_subscription(Image, "/image", hear, qos_profile_sensor_data)
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
    """Hears a topic; tells when each message came, by the stamp of its image."""
    import rclpy
    from geometry_msgs.msg import PoseArray
    from std_msgs.msg import String

    came: list[tuple[Any, int]] = []
    rclpy.init()
    node = rclpy.create_node(f"subscriber_{os.getpid()}")
    kind = PoseArray if topic == "poses" else String
    node.create_subscription(
        kind, f"/face_node/{topic}", lambda message: came.append((message, time.time_ns())), 10
    )
    pipe.send("ready")
    while not pipe.poll():
        rclpy.spin_once(node, timeout_sec=0.2)
    stamps = {}
    for message, at in came:
        if topic == "faces":
            seconds, rest = json.loads(message.data)["stamp"]
            stamps[seconds * 10**9 + rest] = at
    pipe.send(stamps)
    node.destroy_node()
    rclpy.try_shutdown()


class Camera:
    """Publishes images, each stamped just before it is given to DDS."""

    def __init__(self, video: Sequence[Any]) -> None:
        import rclpy
        from rclpy.qos import qos_profile_sensor_data
        from sensor_msgs.msg import Image
        from std_msgs.msg import String

        from rostro_ros.images import to_message

        self._spin = rclpy.spin_once
        self._node = rclpy.create_node(f"camera_{random.randrange(10**6)}")
        self._publisher = self._node.create_publisher(Image, "/image", qos_profile_sensor_data)
        self._kind, self._answers = String, 0
        self._messages = [to_message(image, Image()) for image in video]
        for message in self._messages:
            message.header.frame_id = "camera"

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
        message = self._messages[number % len(self._messages)]
        now = time.time_ns()
        message.header.stamp.sec, message.header.stamp.nanosec = divmod(now, 10**9)
        self._publisher.publish(message)
        return now

    def _count(self, _: object) -> None:
        self._answers += 1


class Processes:
    """The node, so many subscribers, and a camera in this process."""

    def __init__(
        self, video: Sequence[Any], takes: float | None, subscribers: int, node: Any = node_process
    ) -> None:
        context = multiprocessing.get_context("spawn")
        works: list[tuple[Any, Any]] = [(node, takes)]
        works += [(subscriber_process, topic) for topic in TOPICS[:subscribers]]
        self._processes, self.pipes = [], []
        for work, given in works:
            mine, theirs = context.Pipe()
            process = context.Process(target=work, args=(theirs, given))
            process.start()
            self.pipes.append(mine)
            self._processes.append(process)
        for pipe in self.pipes:
            pipe.recv()
        self.camera = Camera(video)
        self.camera.wait()
        time.sleep(1)  # everybody has found everybody

    def end(self) -> list[Any]:
        """What each process tells."""
        time.sleep(0.5)
        for pipe in self.pipes:
            pipe.send("end")
        told = [pipe.recv() for pipe in self.pipes]
        for process in self._processes:
            process.join()
        self.camera.close()
        return told


def measure(
    video: Sequence[Any],
    images: int,
    takes: float | None,
    subscribers: int,
    node: Any = node_process,
) -> Heard:
    processes = Processes(video, takes, subscribers, node)
    processes.camera.show(WARM_UP)
    processes.pipes[0].send("begin")
    stamps = processes.camera.show(images)
    (took, cpu, grown), came, *_ = processes.end()
    answered = [stamp for stamp in stamps if stamp in came and stamp in took]
    return Heard(
        np.array([(came[stamp] - stamp) / 1e6 for stamp in answered]),
        np.array([1000 * took[stamp] for stamp in answered]),
        *(len(stamps), cpu, grown),
    )


def measure_apart(video: Sequence[Any], images: int) -> Heard:
    """In a process of its own, whose environment is what it was."""
    import rclpy

    rclpy.init()
    heard = measure(video, images, 0.01, 1)
    rclpy.shutdown()
    return heard


def long_run(video: Sequence[Any], images: int) -> tuple[int, float]:
    """How many of so many images were answered, and the MiB that the node grew by meanwhile."""
    processes = Processes(video, 0.0, 0)
    processes.pipes[0].send("begin")
    answers = processes.camera.show_in_turn(images)
    ((_, _, grown),) = processes.end()
    return answers, grown


def row(name: str, subscribers: int, heard: Heard) -> list[str]:
    beyond = heard.whole - heard.pipeline
    figures = [*np.percentile(beyond, [50, 99]), *np.percentile(heard.pipeline, [50, 99])]
    answered = f"{len(heard.whole)} of {heard.sent}"
    return [name, str(subscribers), answered, *(f"{figure:.2f}" for figure in figures)]


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("--seconds", type=float, default=5, help="of each row")
    parser.add_argument("--images", type=int, default=54_000, help="of the long run")
    options = parser.parse_args()
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    os.environ["ROS_DOMAIN_ID"] = str(random.randrange(1, 100))
    import rclpy

    from tests.support.streams import walking
    from tests.support.videos import frames, people

    images = round(options.seconds * RATE)
    video = list(frames(walking(90), [mine[1:] for mine in people(4)]))
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as apart:
        as_it_comes = apart.submit(measure_apart, video[:30], images).result()
    os.environ["FASTDDS_DEFAULT_PROFILES_FILE"] = str(PROFILE)  # is read once in a process
    rclpy.init()
    networks = [measure(video, images, None, 1 + more) for more in range(3)]
    waiting = [measure(video, images, 0.01, 1 + more) for more in range(3)]
    bare = [measure(video, images, None, 1 + more, bare_process) for more in range(3)]
    slow = measure(video, images, 0.1, 1)
    small = [np.ascontiguousarray(image[::4, ::4]) for image in video]
    answers, grown = long_run(small, options.images)
    rows = [row("networks", 1 + more, heard) for more, heard in enumerate(networks)]
    rows += [row("waits 10 ms", 1 + more, heard) for more, heard in enumerate(waiting)]
    rows += [row("none: rclpy alone", 1 + more, heard) for more, heard in enumerate(bare)]

    page = Page("ros2", "What the ROS 2 node adds to its pipeline")
    page.show(heading(["numpy", "onnxruntime", "ncnn", "ros-rclpy", "ros-rmw-fastrtps-cpp"]))
    page.show(
        f"640x480 pixels of bgr8, {RATE} images a second, {options.seconds:g} seconds a row, "
        f"{available_cpus()} CPUs. Camera, node and subscribers, all in Python, are processes of "
        "their own. From just before an image is given to DDS to when a subscriber's callback has "
        "the faces of it, less what the pipeline took for this image: the networks with four faces "
        "of photos of the test data, or one that only waits, so that a CPU is free. The last rows "
        "are no node of rostro's: rclpy hears the same images and says as much of each, which is "
        "the least that a node in Python takes here. Milliseconds. On a shared machine nothing is "
        "idle."
    )
    header = ["pipeline", "subscribers", "answered", "beyond it, p50", "p99", "pipeline p50", "p99"]
    page.show(table(header, rows))
    page.show(
        f"The node's own CPU beyond the pipeline, which waits: {waiting[0].cpu_percent:.1f} % of "
        f"one CPU at {RATE} images a second with four faces and one subscriber; rclpy alone takes "
        f"{bare[0].cpu_percent:.1f} %."
    )
    page.show(
        "Camera and node have the profile config/fastdds.xml. Without it Fast DDS, whose shared "
        f"memory is smaller than such an image, lost more: {len(as_it_comes.whole)} of "
        f"{as_it_comes.sent} were answered."
    )
    ages = np.percentile(slow.whole, [50, 99, 100])
    page.show(
        f"Age of what is answered by a pipeline that takes 100 ms, at {RATE} images a second (one "
        f"pipeline and one image are {100 + 1000 / RATE:.0f} ms): p50 {ages[0]:.0f}, p99 "
        f"{ages[1]:.0f}, most {ages[2]:.0f} ms; {len(slow.whole)} of {slow.sent} images answered."
    )
    page.show(
        f"{options.images} images of 160x120, {options.images / RATE / 60:.0f} minutes at {RATE} a "
        f"second, each when the one before was answered: {answers} were, and the node's memory "
        f"grew by {grown:.1f} MiB after the first tenth."
    )
    if options.write:
        page.save()
    rclpy.shutdown()


if __name__ == "__main__":
    main()
