"""How far points of faces are off: mean distance over a length of the face (NME).

Failure rate and area under the curve are those of the 300-W challenge (Sagonas et al., "300 Faces
In-The-Wild Challenge", 2016): a face whose error exceeds 8 % has failed, and the area is that below
the cumulative distribution of errors up to there, over its largest value. A face that is not found
has failed, and has no error to average.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rostro.errors import EvaluationError
from rostro.evaluate.bootstrap import SAMPLES, Estimate, mean
from rostro.evaluate.labelled_faces import LabelledFace
from rostro.faces import Faces
from rostro.landmarks.schemes import convert_points

__all__ = ["FAILURE", "Length", "Score", "compared", "face_errors", "score"]

Length = Literal["corners", "pupils", "box"]
"""What an error is divided by: the distance of the outer corners of the eyes, that of the middles
of the eyes, or the root of the area of the box of the labelled points."""

FAILURE = 0.08

_Values: TypeAlias = NDArray[np.float64]
_Pairs: TypeAlias = Sequence[tuple[Iterable[int], Iterable[int]]]
_LEFT_EYE, _RIGHT_EYE = range(36, 42), range(42, 48)
# Points of ours and of ibug68 that are the same place; of several, their mean.
_FIVE: _Pairs = [([0], _LEFT_EYE), ([1], _RIGHT_EYE), ([2], [30]), ([3], [48]), ([4], [54])]
# The corners of the eyes, the tip of the nose and the corners of the mouth: the mesh has no other
# points where ibug68 has one.
_MESH: _Pairs = [
    ([ours], [theirs])
    for ours, theirs in ((33, 36), (133, 39), (362, 42), (263, 45), (4, 30), (61, 48), (291, 54))
]
_WITHOUT_LIP_CORNERS = [i for i in range(68) if i not in (60, 64)]
_PAIRS: Mapping[str, _Pairs] = {
    "five": _FIVE,
    "ibug68": [([i], [i]) for i in range(68)],
    "ibug66": [([ours], [theirs]) for ours, theirs in enumerate(_WITHOUT_LIP_CORNERS)],
    "mesh468": _MESH,
    "mesh478": _MESH,
}
# What points of other schemes are converted to: all of ibug68, or where that is not exact, five.
_CONVERTED = {"wflw98": "ibug68"}


@dataclass(frozen=True, slots=True)
class Score:
    """What was measured of some faces.

    Attributes:
        faces: how many are labelled.
        missed: of these, not found.
        error: mean NME of those found; ``None`` where there are none.
        failures: share of all faces whose error exceeds `FAILURE`, or that are missed.
        area: 0..1, under the curve up to `FAILURE`, over all faces.
    """

    faces: int
    missed: int
    error: Estimate | None
    failures: Estimate
    area: Estimate


def face_errors(
    labels: Sequence[LabelledFace], found: Iterable[Faces | None], length: Length = "corners"
) -> _Values:
    """The NME of each face, (N,) float64; infinite where it was not found.

    Args:
        found: a table of one face for each label: its ``points``, or where it has none its five
            ``landmarks``, are compared with the label's.
        length: what distances are divided by.

    Raises:
        EvaluationError: a face has no points at all.
        ArgumentError: its points are of a scheme that is not known.
    """
    pairs = zip(labels, found, strict=True)
    return np.array(
        [np.inf if face is None else _error(label.points, face, length) for label, face in pairs]
    )


def compared(faces: Faces) -> tuple[_Values, _Pairs]:
    """The points of a face that are compared, and with which ones of ibug68."""
    if faces.points is not None and faces.scheme is not None:
        points, scheme = np.ascontiguousarray(faces.points[..., :2]), faces.scheme
    elif faces.landmarks is not None:
        points, scheme = faces.landmarks, "five"
    else:
        raise EvaluationError("the detector gives no landmarks; name a landmarker, --landmarks")
    if scheme not in _PAIRS:
        source, scheme = scheme, _CONVERTED.get(scheme, "five")
        points = convert_points(points, source, scheme)
    return points[0].astype(np.float64), _PAIRS[scheme]


def score(errors: _Values, samples: int = SAMPLES) -> Score:
    """The figures of at least one face, by its errors as `face_errors` gives them."""
    found = errors[np.isfinite(errors)]
    return Score(
        len(errors),
        len(errors) - len(found),
        mean(found, samples) if len(found) else None,
        mean((errors > FAILURE).astype(np.float64), samples),
        # The mean over faces of the area below each one's step is the area below the curve.
        mean((1 - errors / FAILURE).clip(0), samples),
    )


def _error(truth: _Values, faces: Faces, length: Length) -> float:
    points, pairs = compared(faces)
    ours = np.array([points[list(rows)].mean(0) for rows, _ in pairs])
    wanted = np.array([truth[list(rows)].mean(0) for _, rows in pairs])
    return float(np.linalg.norm(ours - wanted, axis=1).mean() / _length(truth, length))


def _length(truth: _Values, length: Length) -> float:
    if length == "box":
        return float(np.sqrt(np.ptp(truth, axis=0).prod()))
    ends = (36, 45) if length == "corners" else (list(_LEFT_EYE), list(_RIGHT_EYE))
    first, last = (truth[end].reshape(-1, 2).mean(0) for end in ends)
    distance = float(np.linalg.norm(first - last))
    if distance == 0:
        raise EvaluationError(f"labelled points whose {length} coincide; name another --length")
    return distance
