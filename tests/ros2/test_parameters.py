"""Parameters of a node that runs."""

from __future__ import annotations

import json
import time

import numpy as np
from rcl_interfaces.msg import ParameterType
from rclpy.parameter import Parameter
from sensor_msgs.msg import Image
from std_msgs.msg import String

from rostro.errors import ModelError
from rostro_ros.engine import Engine
from rostro_ros.settings import FIELDS, Settings
from tests.ros2.support import Running, ToldEngine, running, until
from tests.support.watched import PICTURE


def put(run: Running, **values: object) -> list[str]:
    """The reasons against; empty ones of what was taken."""
    wanted = [Parameter(name, value=value) for name, value in values.items()]
    return ["" if one.successful else one.reason for one in run.node.set_parameters(wanted)]


def test_declared_with_ranges_and_words() -> None:
    with running(start=False) as run:
        for name, field in FIELDS.items():
            told = run.node.describe_parameter(name)
            assert told.description.startswith(field.metadata["says"]) and not told.read_only
        assert run.node.describe_parameter("detect_every").integer_range[0].to_value == 1000
        assert run.node.describe_parameter("threshold").floating_point_range[0].from_value == -1
        assert run.node.describe_parameter("gallery").type == ParameterType.PARAMETER_STRING
        assert "ncnn" in run.node.describe_parameter("engine").additional_constraints


def test_out_of_range_is_refused_and_nothing_changes() -> None:
    with running() as run:
        before = run.node._settings
        assert "threshold" in put(run, threshold=2.0)[0]
        assert "one of" in put(run, precision="int4")[0]
        assert "unconfigured alone" in put(run, transport="compressed")[0]
        assert run.node._settings is before
        run.node.trigger_deactivate()
        run.node.trigger_cleanup()
        assert put(run, transport="compressed") == [""]


def test_changed_at_once() -> None:
    """Faces of the annotated image are blurred from the next one on."""
    with running(annotated_rate=1000.0) as run:
        drawn = run.hear(Image, "/face_node/annotated", 1)
        noise = np.random.default_rng(1).integers(0, 255, PICTURE.shape, np.uint8)
        run.show_until(lambda: drawn, image=noise)
        assert put(run, anonymize=True) == [""]
        count = len(drawn)
        run.show_until(lambda: len(drawn) > count + 3, image=noise, begin=200)
        inside = [
            np.frombuffer(one.data, np.uint8).reshape(PICTURE.shape)[25:60, 8:32]
            for one in (drawn[0], drawn[-1])
        ]
        same = [(one == noise[25:60, 8:32]).mean() for one in inside]
        assert same[0] > 0.6 and same[1] < 0.1


def test_rate_thins_the_images() -> None:
    with running() as run:
        faces = run.hear(String, "/face_node/faces")
        run.show_until(lambda: faces)
        assert put(run, rate=0.1) == [""]
        worker = run.node._worker
        assert worker is not None
        before = worker.received
        for number in range(10):
            run.show(PICTURE, 500 + number)
        time.sleep(0.5)
        assert worker.received <= before + 1


def test_an_engine_is_made_anew_while_the_other_runs() -> None:
    made: list[Settings] = []

    def make(settings: Settings) -> Engine:
        made.append(settings)
        if settings.detector == "bad":
            raise ModelError("bad: no such model")
        engine = ToldEngine(settings)
        engine._prefix = "new" if len(made) > 1 else "old"
        return engine

    with running(make) as run:
        faces = run.hear(String, "/face_node/faces")

        def ids() -> list[str]:
            return [face["id"] for face in json.loads(faces[-1].data)["faces"]] if faces else []

        run.show_until(lambda: ids() == ["old1"])
        assert put(run, detector="bad") == [""]  # networks are not tried in a callback
        until(lambda: run.node._health.level()[0] == 2)
        assert "goes on as it was" in run.node._health.level()[1]
        count = len(faces)
        run.show_until(lambda: len(faces) > count + 2 and ids() == ["old1"], begin=200)
        assert put(run, detector="good") == [""]
        run.show_until(lambda: ids() == ["new1"], begin=300)
        assert run.node._health.level()[0] == 0
