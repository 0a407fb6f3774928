"""The node over real DDS: what comes out of an image, and what is done about what goes wrong."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import sensor_msgs.msg
from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import PoseArray
from std_msgs.msg import String
from visualization_msgs.msg import Marker, MarkerArray

from tests.ros2.support import running, until
from tests.support.watched import PICTURE


def documents(messages: list[Any]) -> list[dict[str, Any]]:
    return [json.loads(message.data) for message in messages]


def test_faces_of_an_image_with_its_stamp_and_frame() -> None:
    with running() as run:
        faces = run.hear(String, "/face_node/faces")
        events = run.hear(String, "/face_node/events")
        poses = run.hear(PoseArray, "/face_node/poses")
        markers = run.hear(MarkerArray, "/face_node/markers")
        run.show_until(lambda: len(faces) > 5 and events and len(poses) > 5 and len(markers) > 5)
        last = documents(faces)[-1]
        assert last["frame_id"] == "camera" and last["stamp"][0] >= 100
        assert (last["width"], last["height"]) == (160, 120)
        (face,) = last["faces"]
        assert face["id"] == "abcd1" and face["box"] == [0.0, 20.0, 40.0, 70.0]
        assert face["name"] is None and face["predicted"] is False
        assert len(face["landmarks"]) == 5 and len(face["pose"]) == len(face["translation"]) == 3
        (event,) = documents(events)
        assert (event["event"], event["id"]) == ("appeared", "abcd1")
        assert poses[-1].header.frame_id == "camera" and len(poses[-1].poses) == 1
        assert poses[-1].poses[0].position.z > 0.1
        clear, arrow, text = markers[-1].markers
        assert clear.action == Marker.DELETEALL and arrow.type == Marker.ARROW
        assert text.text == "abcd1"


def test_annotated_image_only_while_somebody_looks() -> None:
    with running(annotated_rate=1000.0) as run:
        faces = run.hear(String, "/face_node/faces")
        run.show_until(lambda: len(faces) > 3)
        assert run.node._health.figures["annotated p99 ms"] < "1"
        drawn = run.hear(sensor_msgs.msg.Image, "/face_node/annotated", 1)
        run.show_until(lambda: drawn, begin=200)
        assert (drawn[0].encoding, drawn[0].width, drawn[0].height) == ("bgr8", 160, 120)
        pixels = np.frombuffer(drawn[0].data, np.uint8).reshape(PICTURE.shape)
        assert (pixels != PICTURE).any()  # a box


def test_diagnostics_in_every_state() -> None:
    with running(start=False, diagnostics_period=0.1) as run:
        heard = run.hear(DiagnosticArray, "/diagnostics")

        def told(word: str) -> bool:
            return bool(heard) and word in heard[-1].status[0].message

        until(lambda: told("unconfigured"))
        run.node.trigger_configure()
        until(lambda: told("inactive"))
        run.node.trigger_activate()
        until(lambda: told("no image"))
        run.show_until(lambda: told("active"))
        values = {pair.key: pair.value for pair in heard[-1].status[0].values}
        assert values["detector"] == "told" and float(values["pipeline p99 ms"]) >= 0
        assert int(values["received"]) > 0 and "dropped" in values
        assert heard[-1].status[0].level == b"\0" and heard[-1].status[0].hardware_id == "rostro"
