"""A bag of rosbag2 is recorded from a camera's topic, and played to the node, twice over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rosbags.rosbag2 import Reader, StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore
from sensor_msgs.msg import Image
from std_msgs.msg import String

from tests.ros2.support import CAMERA, longer, running, until
from tests.support.watched import PICTURE

IMAGES = 12


@pytest.mark.parametrize("storage", [StoragePlugin.SQLITE3, StoragePlugin.MCAP])
def test_recorded_and_played_again(tmp_path: Path, storage: StoragePlugin) -> None:
    bag, types = tmp_path / "bag", get_typestore(Stores.ROS2_JAZZY)
    with running() as run:
        faces = run.hear(String, "/face_node/faces")
        events = run.hear(String, "/face_node/events")
        recorded: list[bytes] = []
        run.peer.create_subscription(Image, "/image", recorded.append, CAMERA, raw=True)
        for number in range(IMAGES):
            image = np.full_like(PICTURE, number)
            run.show(image, 100 + number)
            until(longer(faces, number))
            until(longer(recorded, number))
        with Writer(bag, version=9, storage_plugin=storage) as writer:
            topic = writer.add_connection(
                "/image", "sensor_msgs/msg/Image", typestore=types, serialization_format="cdr"
            )
            for number, data in enumerate(recorded):
                writer.write(topic, number * 1_000_000_000, data)
        live = boxes(faces)

        # A loop: times turn back by more than a second, and so a new stream begins each time.
        for _ in range(2):
            count, begun = len(faces), len(events)
            with Reader(bag) as reader:
                for _, _, data in reader.messages():
                    before = len(faces)
                    run.camera.publish(bytes(data))
                    until(longer(faces, before))
            assert boxes(faces[count:]) == live
            until(longer(events, begun))
            kinds = [json.loads(one.data)["event"] for one in events[begun:]]
            assert kinds.count("left") == kinds.count("appeared") == 1


def boxes(faces: list[Any]) -> list[Any]:
    documents = [json.loads(one.data) for one in faces]
    return [[one["stamp"], [face["box"] for face in one["faces"]]] for one in documents]
