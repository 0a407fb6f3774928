"""Average precision over the images of WIDER FACE, worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from rostro.errors import EvaluationError, RostroError
from rostro.evaluate.wider import Curve, average_precision, evaluate
from tests.support.wider import SETTINGS, labelled


def areas(curves: Mapping[str, Curve]) -> list[float | None]:
    return [curves[setting].average_precision for setting in SETTINGS]


def test_average_precision_is_the_area_below_the_monotone_curve() -> None:
    recall, precision = np.array([0.0, 0.5, 0.5, 1.0]), np.array([0.0, 0.4, 0.3, 0.6])
    assert average_precision(recall, precision) == pytest.approx(0.6)
    recall, precision = np.array([0.25, 0.5]), np.array([1.0, 0.5])
    assert average_precision(recall, precision) == pytest.approx(0.25 * 1 + 0.25 * 0.5)


def test_found_missed_false_and_found_twice() -> None:
    truth = {"e/a": labelled([[0, 0, 9, 9], [40, 40, 9, 9]], [True, True])}
    found = {
        "e/a": np.array(
            [
                [80, 80, 9, 9, 0.2],  # false, and the last: the order of the lines is none
                [0, 0, 9, 9, 0.9],  # the first face: 1 of 1
                [1, 0, 9, 9, 0.7],  # the same again: 1 of 2
                [40, 41, 9, 9, 0.5],  # the second one: 2 of 3
            ]
        )
    }
    curves = evaluate(truth, found)
    assert areas(curves) == [pytest.approx(0.5 * 1 + 0.5 * 2 / 3)] * 3
    assert curves["easy"].recall[-1] == 1
    assert curves["easy"].precision[-1] == pytest.approx(2 / 4)


def test_ignored_faces_and_images_without_faces_change_nothing() -> None:
    truth = {
        "e/a": labelled([[0, 0, 9, 9], [40, 40, 9, 9]], [True, False]),
        "e/b": labelled([], []),
        "e/c": labelled([[0, 0, 9, 9]], [True]),
    }
    found = {
        "e/a": np.array([[40, 40, 9, 9, 0.9], [0, 0, 9, 9, 0.5]]),
        "e/b": np.array([[5, 5, 9, 9, 0.8]]),
        "e/c": np.empty((0, 5)),
    }
    curves = evaluate(truth, found)
    assert areas(curves) == [pytest.approx(1 / 2)] * 3
    assert curves["hard"].faces == 2
    assert curves["hard"].precision[-1] == 1


def test_no_face_and_no_detection() -> None:
    assert areas(evaluate({"e/a": labelled([[0, 0, 9, 9]], [False])}, {})) == [None] * 3
    assert areas(evaluate({"e/a": labelled([[0, 0, 9, 9]], [True])}, {})) == [0.0] * 3


def test_scores_are_stretched_over_all_images() -> None:
    truth = {name: labelled([[0, 0, 9, 9]], [True]) for name in ("e/a", "e/b")}
    right, false = [0, 0, 9, 9], [50, 50, 9, 9]
    # Of 1e-5 apart, all would share one threshold of 1,000, were they not stretched.
    found = {
        "e/a": np.array([[*right, 0.50002], [*false, 0.50000]]),
        "e/b": np.array([[*right, 0.50001]]),
    }
    assert areas(evaluate(truth, found)) == [1.0] * 3
    alike = {"e/a": np.array([[*right, 0.5]]), "e/b": np.array([[*right, 0.5]])}
    assert areas(evaluate(truth, alike)) == [1.0] * 3


def test_errors_from_python_are_rostros() -> None:
    with pytest.raises(EvaluationError, match="1--Handshaking/c and of 1 more"):
        evaluate(
            {"0--Parade/a": labelled([], [])},
            {name: np.empty((0, 5)) for name in ("0--Parade/a", "x/y", "1--Handshaking/c")},
        )
    with pytest.raises(RostroError, match="iou_threshold"):
        evaluate({"e/a": labelled([], [])}, {"e/a": np.empty((0, 5))}, iou_threshold=0)
    assert issubclass(EvaluationError, ValueError)
