"""Schemes of points, and what one becomes of another."""

from __future__ import annotations

import numpy as np
import pytest

import rostro
from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.landmarks.schemes import eye_corners, scheme_size
from rostro.types import FloatArray

SIZES = {
    "five": 5, "ibug68": 68, "ibug66": 66, "wflw98": 98, "jd106": 106, "mesh468": 468,
    "mesh478": 478,
}  # fmt: skip


def numbered(scheme: str, sides: int = 2) -> FloatArray:
    """Two faces, the coordinates of whose points are their indices."""
    rows = np.arange(SIZES[scheme], dtype=np.float32)
    return np.ascontiguousarray(np.broadcast_to(rows[None, :, None], (2, len(rows), sides)))


def taken(source: str, target: str) -> list[float]:
    indices: list[float] = rostro.convert_points(numbered(source), source, target)[1, :, 1].tolist()
    return indices


@pytest.mark.parametrize("scheme", SIZES)
def test_each_has_its_size_and_becomes_itself_and_five(scheme: str) -> None:
    assert scheme_size(scheme) == SIZES[scheme]
    points = numbered(scheme, 3)
    np.testing.assert_array_equal(rostro.convert_points(points, scheme, scheme), points)
    assert rostro.convert_points(points, scheme, "five").shape == (2, 5, 3)


def test_five_of_a_scheme_are_pupils_or_the_middles_of_eyes_nose_and_mouth() -> None:
    assert taken("ibug68", "five") == [38.5, 44.5, 30, 48, 54]
    assert taken("wflw98", "five") == [96, 97, 54, 76, 82]
    assert taken("jd106", "five") == [104, 105, 46, 84, 90]
    assert taken("mesh478", "five") == [468, 473, 4, 61, 291]
    assert taken("mesh468", "five")[2:] == [4, 61, 291]


def test_68_of_98_keep_what_is_where() -> None:
    indices = taken("wflw98", "ibug68")
    assert indices[:3] == [0, 2, 4] and indices[16] == 32
    assert indices[17:22] == [33, 34, 35, 36, 37] and indices[22:27] == [42, 43, 44, 45, 46]
    assert indices[27:36] == list(range(51, 60))
    assert indices[36:42] == [60, 61, 63, 64, 65, 67]
    assert indices[42:48] == [68, 69, 71, 72, 73, 75]
    assert indices[48:] == list(range(76, 96))
    assert eye_corners("wflw98") == (indices[36], indices[45])


def test_66_of_68_lack_the_inner_corners_of_the_lips() -> None:
    assert taken("ibug68", "ibug66") == [i for i in range(68) if i not in (60, 64)]
    once = rostro.convert_points(numbered("wflw98"), "wflw98", "ibug68")
    np.testing.assert_array_equal(
        rostro.convert_points(once, "ibug68", "ibug66"),
        rostro.convert_points(numbered("wflw98"), "wflw98", "ibug66"),
    )
    assert taken("mesh478", "mesh468") == list(range(468))


def test_what_is_not_exact_is_refused() -> None:
    for source, target in [("ibug68", "wflw98"), ("mesh478", "ibug68"), ("five", "ibug68")]:
        with pytest.raises(ArgumentError, match=f'"{source}" to be converted to "{target}"'):
            rostro.convert_points(numbered(source), source, target)
    with pytest.raises(ArgumentError, match='scheme: got "68"; one of "five"'):
        rostro.convert_points(numbered("ibug68"), "ibug68", "68")
    with pytest.raises(ArgumentError, match="points"):
        rostro.convert_points(numbered("ibug68"), "wflw98", "five")
    with pytest.raises(ArgumentTypeError, match="points"):
        rostro.convert_points(numbered("ibug68").astype(np.float64), "ibug68", "five")
    assert eye_corners("five") is None
