"""Topics of messages that are there on robots, and are built for these tests: tools/ros2/setup."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from geometry_msgs.msg import PoseArray
from hri_msgs.msg import FacialLandmarks, IdsList, IdsMatch, NormalizedRegionOfInterest2D
from sensor_msgs.msg import Image
from tf2_msgs.msg import TFMessage
from vision_msgs.msg import Detection2DArray

from rostro.video import Identity
from rostro_ros.humans import person_id
from tests.ros2.support import Running, ToldEngine, running, until


def name_them(run: Running, names: dict[int, Identity]) -> None:
    engine = run.node._engine
    assert isinstance(engine, ToldEngine)
    engine.told.names = names


def test_frames_of_tf_and_none_where_they_are_not_wanted() -> None:
    with running() as run:
        frames = run.hear(TFMessage, "/tf", 100)
        run.show_until(lambda: frames)
        (frame,) = frames[0].transforms
        assert frame.child_frame_id == "face_abcd1" and frame.header.frame_id == "camera"
    with running(tf=False) as run:
        frames, poses = run.hear(TFMessage, "/tf", 100), run.hear(PoseArray, "/face_node/poses")
        run.show_until(lambda: len(poses) > 5)
        assert not frames


def test_detections_with_names() -> None:
    with running() as run:
        found = run.hear(Detection2DArray, "/face_node/detections")
        run.show_until(lambda: found and found[-1].detections and found[-1].detections[0].id)
        name_them(run, {1: Identity("Ada", 0.75, 3)})
        run.show_until(lambda: len(found[-1].detections[0].results) == 2, begin=200)
        (one,) = found[-1].detections
        assert (one.id, one.bbox.size_x, one.bbox.size_y) == ("abcd1", 40.0, 50.0)
        assert (one.bbox.center.position.x, one.bbox.center.position.y) == (20.0, 45.0)
        told = [(result.hypothesis.class_id, result.hypothesis.score) for result in one.results]
        assert told == [("face", 1.0), ("Ada", 0.75)]


def test_rep_155() -> None:
    def make(settings: Any) -> ToldEngine:
        return ToldEngine(settings, [(0, 1e9), (0, 2.0)])

    with running(make, humans=True) as run:
        tracked = run.hear(IdsList, "/humans/faces/tracked")
        matches = run.hear(IdsMatch, "/humans/candidate_matches")
        last = run.show_until(lambda: tracked and len(tracked[-1].ids) == 2)
        assert tracked[-1].ids == ["abcd1", "abcd2"] and tracked[-1].header.frame_id == "camera"
        at = "/humans/faces/abcd1"
        rois = run.hear(NormalizedRegionOfInterest2D, f"{at}/roi")
        landmarks = run.hear(FacialLandmarks, f"{at}/landmarks")
        pictures = [run.hear(Image, f"{at}/{topic}") for topic in ("cropped", "aligned")]
        everything = [rois, landmarks, *pictures]
        last = run.show_until(lambda: all(everything), begin=last + 0.04)
        assert (rois[-1].xmin, rois[-1].xmax) == (0.0, 0.25)
        assert rois[-1].ymax == pytest.approx(70 / 120)
        points = landmarks[-1].landmarks
        assert len(points) == 70 and sum(point.c > 0 for point in points) == 5
        right, left = points[FacialLandmarks.RIGHT_PUPIL], points[FacialLandmarks.LEFT_PUPIL]
        assert right.x < left.x < 0.25  # of a person before the camera
        for heard in pictures:
            assert (heard[-1].width, heard[-1].height, heard[-1].encoding) == (128, 128, "bgr8")

        # A name is matched once, taken back by a confidence of 0, and who leaves is not tracked.
        name_them(run, {1: Identity("Ada", 0.75, 3), 2: Identity("Bob", 0.9, 3)})
        last = run.show_until(lambda: len(matches) == 2, begin=last + 0.04)
        by_face = {match.id1: match for match in matches}
        ada = by_face["abcd1"]
        assert (ada.id1_type, ada.id2_type) == (IdsMatch.FACE, IdsMatch.PERSON)
        assert ada.id2[0].isalpha() and "Ada" not in ada.id2 and ada.confidence == 0.75
        last = run.show_until(lambda: tracked[-1].ids == ["abcd1"], begin=last + 2)
        until(lambda: len(matches) == 3)
        assert (matches[-1].id2, matches[-1].confidence) == (by_face["abcd2"].id2, 0.0)
        until(lambda: run.peer.count_publishers("/humans/faces/abcd2/roi") == 0)
        assert run.node.trigger_deactivate().name == "SUCCESS"
        assert run.node.trigger_cleanup().name == "SUCCESS"
        until(lambda: run.peer.count_publishers(f"{at}/roi") == 0)


def test_a_person_has_one_id_everywhere() -> None:
    ids = {person_id(name) for name in ("Ada", "ada", "Ada L", "")}
    assert len(ids) == 4 and all(np.char.isalnum(list(ids)))
    assert person_id("Ada") == person_id("Ada") and all(one[0].isalpha() for one in ids)
