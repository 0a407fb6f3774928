"""The metrics of the tests, beside those of motmetrics."""

from __future__ import annotations

from typing import Any

import motmetrics
import numpy as np
import pytest

from tests.support.followed import by_bytetrack
from tests.support.mot_metrics import Frame, hota, iou, score
from tests.support.streams import Noise, cut, detected


@pytest.fixture(scope="module")
def frames() -> list[Frame]:
    """Followed badly: with switches, misses and false alarms."""
    return by_bytetrack(detected(cut(80), Noise(box=0.06, false_alarms=0.5)), bridged=2)


def accumulated(frames: list[Frame], least_iou: float) -> Any:
    accumulator = motmetrics.MOTAccumulator(auto_id=True)
    for frame in frames:
        distances = 1 - iou(frame.truth, frame.boxes)
        distances[distances > 1 - least_iou] = np.nan
        accumulator.update(frame.people, frame.ids, distances)
    return accumulator


def test_mota_idf1_and_switches_are_those_of_motmetrics(frames: list[Frame]) -> None:
    names = ["mota", "idf1", "num_switches"]
    wanted = motmetrics.metrics.create().compute(accumulated(frames, 0.5), metrics=names)
    found = score(frames)
    assert found == pytest.approx(wanted[names].to_numpy()[0])
    assert found.switches > 3 and 0.2 < found.idf1 < 0.9


def test_hota_is_that_of_trackeval(frames: list[Frame]) -> None:
    """TrackEval brings an OpenCV of its own, so it is not among the packages of the tests; this is
    what its version 1.3.0 gives for the same frames."""
    assert hota(frames) == pytest.approx(0.49235473917464995)


def test_a_perfect_tracker_has_all() -> None:
    stream = detected(cut(20), Noise(missing=0))
    frames = [Frame(f.people, f.truth, f.people + 5, f.truth) for f in stream]
    assert score(frames) == (1, 1, 0)
    assert hota(frames) == pytest.approx(1)


def test_hota_of_an_id_that_changes_in_the_middle() -> None:
    """All found, each of two ids together with the person in half of its frames: the association is
    1/2 and so is its mean, the detection 1 (Luiten et al., equation 12)."""
    stream = detected(cut(20), Noise(missing=0))
    frames = [
        Frame(f.people[:1], f.truth[:1], f.people[:1] + 10 * (i >= 10), f.truth[:1])
        for i, f in enumerate(stream)
    ]
    assert hota(frames) == pytest.approx(np.sqrt(0.5))
