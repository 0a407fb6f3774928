"""What goes wrong: the node lives, and the diagnostics say why."""

from __future__ import annotations

import io
import json
import threading
import time
from array import array
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray
from PIL import Image as Pictures
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile, ReliabilityPolicy, qos_profile_sensor_data
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import String

from rostro.errors import EngineError
from rostro.gallery import Gallery
from rostro_ros.engine import Engine, Seen
from rostro_ros.images import Picture, to_message
from rostro_ros.settings import Settings
from tests.ros2.support import Running, ToldEngine, header_at, running, until
from tests.support.watched import PICTURE


def test_a_bad_model(tmp_path: Path) -> None:
    """The node stays unconfigured, says why, and is configured once the parameter is right."""
    (tmp_path / "bad.onnx").write_bytes(b"no network")
    models: list[str] = []

    def make(settings: Settings) -> Engine:
        models.append(settings.detector)
        return Engine(settings) if settings.detector.endswith(".onnx") else ToldEngine(settings)

    with running(make, start=False, detector=str(tmp_path / "bad.onnx")) as run:
        assert run.node.trigger_configure().name == "FAILURE"
        level, says = run.node._health.level()
        assert level == 2 and "bad.onnx" in says
        run.node.set_parameters([Parameter("detector", value="good")])
        run.start()
        assert run.node._health.level()[0] == 0


def test_a_missing_gallery(tmp_path: Path) -> None:
    def make(settings: Settings) -> Engine:
        engine = ToldEngine(settings)
        engine.gallery = Gallery.open(settings.gallery) if settings.gallery else None
        return engine

    with running(make, start=False, gallery=str(tmp_path / "none.rostro")) as run:
        assert run.node.trigger_configure().name == "FAILURE"
        level, says = run.node._health.level()
        assert level == 2 and "none.rostro" in says


def broken(message: Image, **change: Any) -> Image:
    for name, value in change.items():
        setattr(message, name, value)
    return message


def test_broken_images_and_changed_ones() -> None:
    with running() as run:
        faces = run.hear(String, "/face_node/faces")
        run.show_until(lambda: faces)
        image = to_message(PICTURE, Image(header=header_at(200)))
        run.send(broken(image, data=array("B", bytes(100))))
        until(lambda: "100 bytes" in run.node._health.level()[1])
        assert run.node._health.level()[0] == 1
        image = to_message(PICTURE, Image(header=header_at(201)))
        run.send(broken(image, encoding="bayer_rggb8"))
        until(lambda: "debayer" in run.node._health.level()[1])
        assert run.node._health.figures["broken images"] == "2"
        # Another size and encoding: the same node goes on.
        count = len(faces)
        small = np.zeros((60, 80), np.uint8)
        gray = Image(header=header_at(202), encoding="mono8", width=80, height=60, step=80)
        gray.data = array("B", small.tobytes())
        run.send(gray)
        until(lambda: len(faces) > count)
        assert json.loads(faces[-1].data)["width"] == 80


def test_a_network_that_fails_once() -> None:
    class Failing(ToldEngine):
        failures = 1

        def look(self, header: Any, picture: Picture, time: float) -> Seen:
            if self.failures:
                self.failures -= 1
                raise EngineError("out of memory")
            return super().look(header, picture, time)

    with running(Failing) as run:
        faces = run.hear(String, "/face_node/faces")
        run.show_until(lambda: faces)
        assert "image: out of memory" in run.node._health.figures["last error"]


def test_a_publisher_that_dies_and_returns() -> None:
    with running() as run:
        faces = run.hear(String, "/face_node/faces")
        last = run.show_until(lambda: faces)
        run.peer.destroy_publisher(run.camera)
        until(lambda: run.node.count_publishers("/image") == 0)
        run.camera = run.peer.create_publisher(Image, "/image", qos_profile_sensor_data)
        count = len(faces)
        run.show_until(lambda: len(faces) > count + 2, begin=last + 1)


def late(run: Running) -> int:
    return int(run.node._health.figures.get("late images", 0))


def test_times_that_repeat_or_turn_back() -> None:
    with running() as run:
        faces = run.hear(String, "/face_node/faces")
        events = run.hear(String, "/face_node/events")
        last = run.show_until(lambda: events)
        for seconds in (last, last - 0.5):
            before = late(run)
            run.show(PICTURE, seconds)
            until(partial(lambda count: late(run) > count, before))
        # A bag that is played again: a new stream.
        count, begun = len(faces), len(events)
        run.show_until(lambda: len(faces) > count and len(events) > begun, begin=50)
        assert json.loads(faces[-1].data)["stamp"][0] < 100
        run.show_until(lambda: len(faces) > count + 10, begin=1e6)  # and a jump ahead


def test_simulated_time_that_stands_still() -> None:
    """The diagnostics go on, and images that nobody stamps get the clock's time."""
    with running(use_sim_time=True, diagnostics_period=0.1) as run:
        told = run.hear(DiagnosticArray, "/diagnostics")
        faces = run.hear(String, "/face_node/faces")
        clock = run.peer.create_publisher(Clock, "/clock", 10)
        until(lambda: len(told) > 2)
        begin = time.monotonic()
        seconds = 10.0
        while not faces and time.monotonic() < begin + 20:
            seconds += 0.1
            clock.publish(Clock(clock=header_at(seconds).stamp))
            run.show(PICTURE, 0)
            time.sleep(0.05)
        assert json.loads(faces[0].data)["stamp"] == [0, 0]  # as the image has it


def test_publishers_that_cannot_be_heard_are_told() -> None:
    with running(start=False, reliability="reliable") as run:
        assert run.node.trigger_configure().name == "SUCCESS"
        assert run.node.trigger_activate().name == "SUCCESS"
        until(lambda: "reliability" in run.node._health.level()[1])
        assert run.node._health.figures["incompatible publishers"] == "1"


def test_a_reliable_camera_is_heard_too() -> None:
    with running() as run:
        run.peer.destroy_publisher(run.camera)
        reliable = QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE)
        run.camera = run.peer.create_publisher(Image, "/image", reliable)
        faces = run.hear(String, "/face_node/faces")
        run.show_until(lambda: faces)


def test_compressed_images_and_a_broken_one() -> None:
    stream = io.BytesIO()
    Pictures.fromarray(PICTURE).save(stream, "JPEG")
    with running(start=False, transport="compressed") as run:
        faces = run.hear(String, "/face_node/faces")
        sender = run.peer.create_publisher(
            CompressedImage, "/image/compressed", qos_profile_sensor_data
        )
        run.node.trigger_configure()
        run.node.trigger_activate()
        until(lambda: sender.get_subscription_count() == 1)
        message = CompressedImage(header=header_at(1), format="jpeg")
        message.data = array("B", stream.getvalue()[:50])
        sender.publish(message)
        until(lambda: "broken images" in run.node._health.figures)
        message = CompressedImage(header=header_at(2), format="jpeg")
        message.data = array("B", stream.getvalue())
        sender.publish(message)
        until(lambda: faces)


def test_a_camera_info_is_used_and_a_broken_one_is_told() -> None:
    with running() as run:
        faces = run.hear(String, "/face_node/faces")
        run.show_until(lambda: faces)
        assumed = json.loads(faces[-1].data)["faces"][0]["translation"][2]
        infos = run.peer.create_publisher(CameraInfo, "/camera_info", qos_profile_sensor_data)
        until(lambda: infos.get_subscription_count() == 1)
        focal = 320.0
        matrix = [focal, 0.0, 80.0, 0.0, focal, 60.0, 0.0, 0.0, 1.0]
        infos.publish(CameraInfo(width=160, height=120, k=matrix))
        engine = run.node._engine
        assert engine is not None and engine.poses is not None
        poses = engine.poses
        until(lambda: poses.calibrated)
        count = len(faces)
        run.show_until(lambda: len(faces) > count + 3, begin=200)
        known = json.loads(faces[-1].data)["faces"][0]["translation"][2]
        assert known == pytest.approx(assumed * focal / 138.6, rel=0.03)  # 60 degrees: 138.6
        infos.publish(CameraInfo(width=160, height=120, k=[-1.0] * 9))
        until(lambda: "broken camera infos" in run.node._health.figures)
        infos.publish(CameraInfo(width=160, height=120))  # zeros: it is not calibrated
        until(lambda: not poses.calibrated)


def test_lifecycle_back_and_forth_leaves_no_thread() -> None:
    with running() as run:
        faces = run.hear(String, "/face_node/faces")
        run.show_until(lambda: faces)
        threads = threading.active_count()
        for _ in range(3):
            assert run.node.trigger_deactivate().name == "SUCCESS"
            until(lambda: run.camera.get_subscription_count() == 0)
            assert run.node.trigger_cleanup().name == "SUCCESS"
            assert run.node._engine is None
            run.start()
        assert threading.active_count() == threads
        count = len(faces)
        run.show_until(lambda: len(faces) > count, begin=300)
        assert run.node.trigger_shutdown().name == "SUCCESS"
        assert run.node._engine is None and run.node._health.state == "finalized"


def test_a_transition_that_nobody_foresaw() -> None:
    def make(settings: Settings) -> Engine:
        raise RuntimeError("a bug")

    with running(make, start=False) as run:
        run.node.trigger_configure()
        assert run.node._health.state == "unconfigured"
        assert "transition" in run.node._health.figures["last error"]


def test_a_slow_pipeline_answers_the_newest_image() -> None:
    """Ten images while it is busy: one answer, of the last."""
    with running() as run:
        faces = run.hear(String, "/face_node/faces")
        last = run.show_until(lambda: faces)
        engine = run.node._engine
        assert isinstance(engine, ToldEngine)
        engine.told.takes = 0.5
        count = len(faces)
        for number in range(10):
            run.show(PICTURE, last + 1 + number)
            time.sleep(0.02)
        until(lambda: len(faces) >= count + 2)
        assert json.loads(faces[count + 1].data)["stamp"][0] == int(last + 10)
        assert len(faces) == count + 2
