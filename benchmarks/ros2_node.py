"""What the ROS 2 node adds to its pipeline: time, CPU, memory, and how old an answer is.

    tools/ros2/setup && build/ros2/bin/python benchmarks/ros2_node.py [--seconds 10] [--write]

A camera, the node and each subscriber are processes of their own, over DDS on this machine.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from report import ROOT, Page, argument_parser, heading, table
from ros2_processes import RATE, Camera, bare_process, node_process, subscriber_process
from rostro.support.cpus import available_cpus

PROFILE = ROOT / "ros2" / "rostro_ros" / "config" / "fastdds.xml"
WARM_UP = 60  # images: networks are prepared, and threads chosen
TOPICS = ("faces", "faces", "poses")  # of the subscribers; the first one is measured


class Heard(NamedTuple):
    """Milliseconds of each image that was answered, and what the node's process took."""

    whole: NDArray[np.float64]  # from before it was published to when the faces were
    heard: NDArray[np.float64]  # to when a subscriber's callback had them
    pipeline: NDArray[np.float64]
    sent: int
    cpu_percent: float  # of one CPU, without what the pipeline's thread took in it
    grown_mib: float


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
    after = np.array([[(at - stamp) / 1e6 for at in came[stamp]] for stamp in answered])
    return Heard(
        *(after[:, 0], after[:, 1]),
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
    measured = (heard.whole - heard.pipeline, heard.heard - heard.pipeline, heard.pipeline)
    figures = [float(figure) for each in measured for figure in np.percentile(each, [50, 99])]
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
        "their own. From just before an image is given to DDS to when its faces are, and to when a "
        "subscriber's callback has them, less what the pipeline took for this image: the networks "
        "with four faces of photos of the test data, or one that only waits, so that a CPU is "
        "free. The last rows are no node of rostro's: rclpy hears the same images and says as much "
        "of each in one callback, without services, parameters or a second thread. Milliseconds."
    )
    header = ["pipeline", "subscribers", "answered", "published, p50", "p99", "heard, p50", "p99"]
    header += ["pipeline, p50", "p99"]
    page.show(table(header, rows))
    late = max(np.percentile(heard.pipeline, 99) for heard in waiting)
    page.show(
        f"The machine is shared: what does nothing but wait for 10 ms takes {late:.1f} ms at p99, "
        "and each image passes three processes and four threads that wait to be woken."
    )
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
    # Without the last one: none that is newer came while it waited for the one before it.
    ages = np.percentile(slow.whole[:-1], [50, 99, 100])
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
