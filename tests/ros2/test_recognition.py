"""Real networks, real photos: people are enrolled, known again, renamed and forgotten."""

from __future__ import annotations

import itertools
import json
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from rclpy.parameter import Parameter
from sensor_msgs.msg import Image as ImageMessage
from std_msgs.msg import String

from rostro.types import Image
from rostro_ros.engine import Engine
from tests.ros2.support import Running, header_at, longer, running, until
from tests.support.streams import walking
from tests.support.videos import frames, people

pytestmark = [pytest.mark.heavy, pytest.mark.usefixtures("default_models")]


@pytest.fixture(scope="module")
def walk() -> list[Image]:
    """One of LFW, who walks: 60 images of 640x480."""
    scene = walking(60)
    scene.there[:, 1:] = False
    return list(frames(scene, [photos[:1] for photos in people(1)]))


def walk_until(run: Running, walk: list[Image], begin: float, so: Any) -> float:
    """Shows the walk, to and fro, until something is so."""
    images = itertools.cycle([*walk, *reversed(walk)])
    for number in itertools.count():
        run.show_until(answered(run), image=next(images), begin=begin + number / 25)
        if so():
            return begin + number / 25 + 1
        assert number < 400, run.node._health.level()
    raise AssertionError


def answered(run: Running) -> Callable[[], bool]:
    """Whether one image more was looked at."""
    worker = run.node._worker
    assert worker is not None
    before = worker.done
    return lambda: worker.done > before


def names(faces: list[Any]) -> list[str | None]:
    return [face["name"] for face in json.loads(faces[-1].data)["faces"]] if faces else []


def test_enrolled_known_renamed_forgotten(tmp_path: Path, walk: list[Image]) -> None:
    path = tmp_path / "people.rostro"
    settings: dict[str, Any] = {"gallery": str(path), "gallery_create": True}
    with running(Engine, **settings) as run:
        faces = run.hear(String, "/face_node/faces")
        events = run.hear(String, "/face_node/events")

        def happened(kind: str) -> bool:
            return any(json.loads(one.data)["event"] == kind for one in events)

        now = walk_until(run, walk, 100, lambda: happened("unknown"))
        answer = run.command(do="enroll", name="Ada")
        assert answer["ok"], answer["why"]
        assert answer["looks"] >= 3
        now = walk_until(run, walk, now, lambda: names(faces) == ["Ada"])
        assert happened("identified") or happened("changed")
        again = run.command(do="enroll", name="Somebody else")
        assert not again["ok"] and "Ada" in again["why"][0]
        assert run.command(do="rename", name="Ada", to="Ada Lovelace")["ok"]
        walk_until(run, walk, now, lambda: names(faces) == ["Ada Lovelace"])
        assert "Ada" not in json.dumps(run.node._health.figures)
    with running(Engine, gallery=str(path)) as run:  # another run of the node
        faces = run.hear(String, "/face_node/faces")
        now = walk_until(run, walk, 100, lambda: names(faces) == ["Ada Lovelace"])
        pose = json.loads(faces[-1].data)["faces"][0]
        assert abs(pose["pose"][0]) < 60 and 0.2 < pose["translation"][2] < 5
        assert run.command(do="forget", name="Ada Lovelace")["ok"]
        walk_until(run, walk, now, lambda: names(faces) == [None])


def test_networks_are_changed_while_images_come(walk: list[Image]) -> None:
    with running(Engine) as run:
        faces = run.hear(String, "/face_node/faces")

        def ids() -> list[str]:
            return [face["id"] for face in json.loads(faces[-1].data)["faces"]] if faces else []

        now = walk_until(run, walk, 100, lambda: ids() and ids()[0] is not None)
        first = ids()[0]
        run.node.set_parameters([Parameter("detect_every", value=1)])
        engine = run.node._engine
        now = walk_until(run, walk, now, lambda: run.node._engine is not engine)
        walk_until(run, walk, now, lambda: ids() and ids()[0] not in (None, first))
        assert run.node._health.level()[0] == 0


def test_yuv_gives_the_same_faces(walk: list[Image]) -> None:
    """As a driver of a USB camera sends them."""
    with running(Engine) as run:
        faces = run.hear(String, "/face_node/faces")
        run.show(walk[0], 10)
        until(longer(faces, 0))
        yuv = cv2.cvtColor(walk[0], cv2.COLOR_BGR2YUV_I420).reshape(-1)
        luma, chroma = yuv[: 640 * 480].reshape(480, 640), yuv[640 * 480 :].reshape(2, -1)
        message = ImageMessage(header=header_at(20), width=640, height=480, encoding="nv12")
        message.step = 704
        rows = np.zeros((720, 704), np.uint8)
        rows[:480, :640], rows[480:, :640] = luma, chroma.T.reshape(240, 640)
        message.data = array("B", rows.tobytes())
        run.send(message)
        until(longer(faces, 1))
        boxes = [json.loads(one.data)["faces"][0]["box"] for one in faces[:2]]
        assert np.abs(np.subtract(*boxes)).max() < 3
