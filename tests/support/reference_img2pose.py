"""img2pose's last step as its paper and its authors' code have it: plainly, in float64.

Their 68 points are not to be had here; the mean face of rostro is put in their place, by the
similarity that lays it over theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rostro import _core
from tests.support.reference_heads import Array, Size, angles_of, sigmoid

UNIT = 0.0998451  # metres
ORIGIN = np.array([-0.0102843, -0.4389800, -0.3090070])
TURN = np.array(
    [
        [0.9999484, 0.0056354, 0.0084536],
        [-0.0059758, 0.9991498, 0.0407921],
        [-0.0082165, -0.0408405, 0.9991319],
    ]
)


class Proposals(NamedTuple):
    boxes: Array
    scores: Array
    poses: Array
    translations: Array


def rotation_of_vector(v: Array) -> Array:
    """Rodrigues' formula."""
    angle = np.linalg.norm(v)
    if angle == 0:
        return np.eye(3)
    x, y, z = v / angle
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)


def roll_of_vector(turn: Array) -> float:
    """The third component of a rotation's vector."""
    angle = np.arccos(np.clip((np.trace(turn) - 1) / 2, -1, 1))
    return float(angle * (turn[1, 0] - turn[0, 1]) / (2 * np.sin(angle)))


def face_box(points: Array, roll: float) -> Array:
    """utils/image_operations.py: expand_bbox_rectangle, neither rounded nor cut to the image."""
    low, high = points.min(axis=0), points.max(axis=0)
    middle, side = (low + high) / 2, high - low
    low, high = middle - 1.1 * side / 2, middle + 1.1 * side / 2
    if abs(roll) > 2.5:
        high[1] += 0.3 * side[1]
    elif roll > 1:
        high[0] += 0.3 * side[0]
    elif roll < -1:
        low[0] -= 0.3 * side[0]
    else:
        low[1] -= 0.3 * side[1]
    return np.concatenate([low, high])


def img2pose(outputs: Sequence[Array], size: Size, mean: Array, std: Array) -> Proposals:
    """vitoralbiero/img2pose, models.py: postprocess_detections, before it suppresses, and
    utils/pose_operations.py: transform_pose_global_project_bbox; in metres and rostro's angles."""
    proposals, logits, dofs = outputs
    width, height = size
    focal = width + height
    camera = np.array([[focal, 0, width // 2], [0, focal, height // 2], [0, 0, 1.0]])
    face = np.array(_core.mean_face("ibug68"), float) @ TURN.T / UNIT + ORIGIN
    boxes, scores, turns, places = [], [], [], []
    scored = zip(proposals, sigmoid(logits[:, 1] - logits[:, 0]), dofs[:, 6:], strict=True)
    for proposal, score, six in scored:
        left, top, right, bottom = np.clip(proposal, 0, [width, height] * 2)
        if right - left < 0.01 or bottom - top < 0.01:
            continue
        six = six * std + mean
        crop = camera.copy()
        crop[:2, 2] = left + (right - left) // 2, top + (bottom - top) // 2
        to_image = np.linalg.inv(camera) @ crop
        place = six[3:].copy()
        place[2] *= focal / (right - left + bottom - top)
        place = to_image @ place
        u, _, vt = np.linalg.svd(to_image @ rotation_of_vector(six[:3]))
        turn = u @ np.diag([1, 1, np.linalg.det(u @ vt)]) @ vt
        seen = (face @ turn.T + place) @ camera.T
        if (seen[:, 2] <= 0).any():
            continue
        boxes.append(face_box(seen[:, :2] / seen[:, 2:], roll_of_vector(turn)))
        scores.append(score)
        turns.append(turn @ TURN)
        places.append(UNIT * (place + turn @ ORIGIN))
    return Proposals(
        np.array(boxes), np.array(scores), angles_of(np.array(turns)), np.array(places)
    )
