"""Whether points that turn are on a head or on a flat picture of one.

What a camera sees of a plane in two positions differs by a homography (Hartley and Zisserman,
"Multiple View Geometry in Computer Vision", 2004, section 13.1). A head's points do not lie in a
plane, and move as a rigid body of the mean face's depth. Both are fitted to the same points; the
smaller error tells.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rostro import _core
from rostro.kernels.pose import Camera, mean_face
from rostro.types import FloatArray

__all__ = ["body_of", "head_error", "plane_error"]

_Values = NDArray[np.float64]


def body_of(points: FloatArray, scheme: str, camera: Camera) -> _Values:
    """A person's own face as a rigid body: what is seen, at the depths of the mean face.

    Args:
        points: (K, 2) float32 pixels, of a scheme with a mean face, seen from the front.

    Returns:
        (K, 3) float64 metres.
    """
    fitted = _core.fit_poses(points[None], scheme, camera.numbers, None)
    rotation, translation = fitted[0][0], fitted[1][0]
    depths = (mean_face(scheme) @ rotation.T + translation)[:, 2]
    rays = np.column_stack(
        [
            (points[:, 0] - camera.cx) / camera.fx,
            (points[:, 1] - camera.cy) / camera.fy,
            np.ones(len(points)),
        ]
    )
    body: _Values = np.ascontiguousarray(rays * depths[:, None] - translation)
    return body


def head_error(body: _Values, points: FloatArray, camera: Camera) -> float:
    """Root mean square distance in pixels of the points to where the body is seen at best."""
    return float(_core.fit_poses(points[None], body, camera.numbers, None)[3][0])


def plane_error(before: FloatArray, points: FloatArray) -> float:
    """The same to where a homography takes the points that were seen before.

    By the normalised direct linear transform (section 4.4.4 of the above).
    """
    source, target = before.astype(np.float64), points.astype(np.float64)
    to_source, to_target = _normalizing(source), _normalizing(target)
    x, y = _mapped(source, to_source).T
    u, v = _mapped(target, to_target).T
    one, none = np.ones_like(x), np.zeros_like(x)
    rows = np.concatenate(
        [
            np.column_stack([x, y, one, none, none, none, -u * x, -u * y, -u]),
            np.column_stack([none, none, none, x, y, one, -v * x, -v * y, -v]),
        ]
    )
    # The null vector of the small square matrix is that of the long one.
    flat = np.linalg.eigh(rows.T @ rows)[1][:, 0].reshape(3, 3)
    homography = np.linalg.inv(to_target) @ flat @ to_source
    with np.errstate(divide="ignore", invalid="ignore"):
        off = _mapped(source, homography) - target
    squares = (off**2).sum(1)
    return float(np.sqrt(squares.mean())) if np.isfinite(squares).all() else float("inf")


def _normalizing(points: _Values) -> _Values:
    """Moves points to the origin, and scales them to a mean distance of the square root of 2."""
    middle = points.mean(0)
    spread = np.linalg.norm(points - middle, axis=1).mean()
    scale = np.sqrt(2) / max(float(spread), 1e-9)
    return np.array([[scale, 0, -scale * middle[0]], [0, scale, -scale * middle[1]], [0, 0, 1]])


def _mapped(points: _Values, homography: _Values) -> _Values:
    homogeneous = np.column_stack([points, np.ones(len(points))]) @ homography.T
    mapped: _Values = homogeneous[:, :2] / homogeneous[:, 2:]
    return mapped
