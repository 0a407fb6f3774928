"""Measures the metric mean faces of cpp/src/geometry/mean_faces.cpp, and writes that file.

    python tools/mean_faces.py PHOTOS --mesh MESH.onnx --ibug68 A.onnx --wflw98 B.onnx \\
        --pose CARD --write

Run by hand, with photos of many persons (frontal to half profile; the face meant is the one nearest
the centre) and networks of the user's own: MESH gives 478 points out of a turned square of 256
pixels, A and B the 68 and 98 points of 300-W and WFLW out of an upright square of 112, CARD is that
of a pose network which was trained on 300W-LP. Nothing of their files is written: what comes out is
where points were seen, in photos, on average.

How: the mesh's points of all photos, which have a depth, are laid over each other; their mean is
its face. Each photo then gets the weak perspective camera that sees this face the most alike, and
each point of the other schemes, the detector's five too, the place in space that its sightings by
all cameras agree on best. Every face is made symmetric.

The frame: the origin between the irises, which are 63 mm apart, x to the image's right, y down, z
into the head. Which way is straight ahead is a matter of agreement; here it is 300W-LP's, as the
pose network says it on average of those photos that show a face from the front.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

import rostro
from rostro.types import FloatArray, Image

Points = NDArray[np.float64]

EYE_DISTANCE = 0.063
FILE = Path(__file__).resolve().parents[1] / "cpp" / "src" / "geometry" / "mean_face_points.cpp"

# Of the mesh: the irises at the image's left and right, and the tip of the chin.
IRISES, CHIN = (468, 473), 152
FRONTAL = 20  # degrees of yaw

# Which point of WFLW each of JD's is; -1: none, but points of the mesh in this order.
JD_OF_WFLW = [
    *range(33),  # the contour
    *(33, 34, 35, 36, 37),  # the brows' upper lines
    *(42, 43, 44, 45, 46),
    *range(51, 60),  # the nose
    *(60, 61, 63, 64, 65, 67),  # the eyes
    *(68, 69, 71, 72, 73, 75),
    *(41, 40, 39, 38),  # the brows' lower lines
    *(50, 49, 48, 47),
    *(62, 66, 96),  # the eyes' middle, above and below, and pupils
    *(70, 74, 97),
    *[-1] * 6,  # the sides of the nose, left and right in turn: root, wing's top, wing
    *range(76, 96),  # the mouth
    *(96, 97),  # the pupils
]
JD_NOSE_OF_MESH = (193, 417, 198, 420, 129, 358)


class Network:
    """A landmark network on one thread: a crop of the face to points of the photo."""

    def __init__(
        self, path: Path, side: int, scale: float, divisor: float, *, turned: bool
    ) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(path), options)
        self.input = self.session.get_inputs()[0].name
        self.side, self.scale, self.divisor, self.turned = side, scale, divisor, turned

    def __call__(self, photo: Image, face: rostro.Faces) -> Points:
        x1, y1, x2, y2 = face.boxes[0]
        left, right = landmarks_of(face)[:2]
        turn = np.arctan2(right[1] - left[1], right[0] - left[0]) if self.turned else 0.0
        side = self.scale * max(x2 - x1, y2 - y1)
        step = side / self.side
        a, b = np.cos(turn) * step, np.sin(turn) * step
        middle = (self.side - 1) / 2
        to_photo = np.array([[a, -b, (x1 + x2) / 2], [b, a, (y1 + y2) / 2]])
        to_photo[:, 2] -= to_photo[:, :2] @ [middle, middle]
        crop = cv2.warpAffine(
            photo, to_photo, (self.side, self.side), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        )
        tensor = crop[..., ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 255
        found = self.session.run(None, {self.input: np.ascontiguousarray(tensor)})[0].ravel()
        sides = 3 if self.turned else 2
        points: Points = found.reshape(-1, sides).astype(np.float64) * (self.side / self.divisor)
        points[:, :2] = points[:, :2] @ to_photo[:, :2].T + to_photo[:, 2]
        points[:, 2:] *= step
        return points


def sightings(arguments: argparse.Namespace) -> dict[str, list[Points]]:
    """The points of every photo's face, by scheme."""
    detector = rostro.Detector(threads=1)
    networks = {
        "mesh478": Network(arguments.mesh, 256, 1.2, 256, turned=True),
        "ibug68": Network(arguments.ibug68, 112, 1.0, 1, turned=False),
        "wflw98": Network(arguments.wflw98, 112, 1.0, 1, turned=False),
    }
    pose = rostro.HeadPose(arguments.pose, threads=1)
    seen: dict[str, list[Points]] = {name: [] for name in ("five", "angles", *networks)}
    for path in sorted(arguments.photos.rglob("*.jpg")):
        photo = rostro.load_image(path)
        faces = detector(photo)
        if not len(faces):
            continue
        middle = (faces.boxes[:, :2] + faces.boxes[:, 2:] - photo.shape[1::-1]) / 2
        nearest = int(np.argmin(np.square(middle).sum(axis=1)))
        face = faces[nearest : nearest + 1]
        seen["five"].append(landmarks_of(face).astype(np.float64))
        poses = pose(photo, face).poses
        assert poses is not None
        ours = rostro.rotations.matrix_from_angles(poses[0].astype(np.float64))
        seen["angles"].append(as_300w_lp(ours))
        for name, network in networks.items():
            seen[name].append(network(photo, face))
    return seen


def landmarks_of(face: rostro.Faces) -> FloatArray:
    """Of a table of one face."""
    assert face.landmarks is not None
    landmarks: FloatArray = face.landmarks[0]
    return landmarks


def as_300w_lp(rotation: Points) -> Points:
    return rostro.rotations.angles_from_matrix(rotation, "300w-lp")


def overlaid(shape: Points, target: Points) -> Points:
    """The shape under the similarity that lays it over the target (Umeyama, 1991)."""
    a, b = shape - shape.mean(axis=0), target - target.mean(axis=0)
    u, s, vt = np.linalg.svd(b.T @ a)
    proper = np.array([1, 1, np.sign(np.linalg.det(u @ vt))])
    scale = (s * proper).sum() / np.square(a).sum()
    laid: Points = scale * a @ (u * proper @ vt).T + target.mean(axis=0)
    return laid


def mean_of(shapes: list[Points]) -> Points:
    """The mean of shapes that are laid over each other (generalised Procrustes analysis)."""
    mean = shapes[0]
    for _ in range(10):
        mean = np.mean([overlaid(shape, mean) for shape in shapes], axis=0)
    return mean


class Camera:
    """The weak perspective camera in which a shape is seen at points, with the least error."""

    def __init__(self, shape: Points, seen: Points) -> None:
        center = shape.mean(axis=0)
        x, y = np.linalg.lstsq(shape - center, seen - seen.mean(axis=0), rcond=None)[0].T
        along, across = x / np.linalg.norm(x), y / np.linalg.norm(y)
        both = np.stack([along + across, along - across])
        both /= np.linalg.norm(both, axis=1, keepdims=True)
        self.rows = np.stack([both[0] + both[1], both[0] - both[1]]) / np.sqrt(2)
        self.scale = (x @ self.rows[0] + y @ self.rows[1]) / 2
        self.shift = seen.mean(axis=0) - self.scale * self.rows @ center


def triangulated(seen: list[Points], cameras: list[Camera]) -> Points:
    """The points in space that are seen, by all cameras, with the least error in metres."""
    square = sum(camera.rows.T @ camera.rows for camera in cameras)
    right = sum(
        ((points - camera.shift) / camera.scale) @ camera.rows
        for points, camera in zip(seen, cameras, strict=True)
    )
    return np.linalg.solve(square, right.T).T


def mirrored(shape: Points) -> Points:
    """A shape that stands upright, made symmetric to x = 0: each point is paired with the one that
    lies the nearest to its mirror image."""
    mirror = shape * [-1, 1, 1]
    distance = np.linalg.norm(shape[:, None] - mirror[None], axis=-1)
    symmetric: Points = (shape + mirror[linear_sum_assignment(distance)[1]]) / 2
    return symmetric


def upright(mesh: Points) -> tuple[Points, Points, float]:
    """The frame of a mesh: the rows of a rotation, the origin, and the scale to metres."""
    x = mesh[IRISES[1]] - mesh[IRISES[0]]
    for _ in range(5):  # the normal of the plane of symmetry: of all pairs, not of the irises alone
        x /= np.linalg.norm(x)
        mirror = mesh - 2 * np.outer((mesh - mesh.mean(axis=0)) @ x, x)
        distance = np.linalg.norm(mesh[:, None] - mirror[None], axis=-1)
        between = mesh - mesh[linear_sum_assignment(distance)[1]]
        x = (between * np.sign(between @ x)[:, None]).sum(axis=0)
    x /= np.linalg.norm(x)
    origin = mesh[list(IRISES)].mean(axis=0)
    y = mesh[CHIN] - origin
    y -= (y @ x) * x
    y /= np.linalg.norm(y)
    scale = EYE_DISTANCE / np.linalg.norm(np.subtract(*mesh[list(IRISES)]))
    return np.stack([x, y, np.cross(x, y)]), origin, float(scale)


def ahead(mesh: Points, seen: dict[str, list[Points]]) -> Points:
    """The turn about x after which the mesh is pitched in photos as the pose network says."""
    pitches = []
    for points, angles in zip(seen["mesh478"], seen["angles"], strict=True):
        if abs(angles[0]) < FRONTAL:
            x, y = Camera(mesh, points[:, :2]).rows
            pitches.append(as_300w_lp(np.stack([x, y, np.cross(x, y)]))[1] - angles[1])
    pitch = float(np.median(pitches))
    print(f"chin below the eyes is {pitch:+.2f} degrees of pitch, by {len(pitches)} faces")
    return rostro.rotations.matrix_from_angles(np.array([0.0, -pitch, 0.0]))


def measured(seen: dict[str, list[Points]]) -> dict[str, Points]:
    """The mean face in every scheme, in metres."""
    mesh = mean_of(seen["mesh478"])
    rotation, origin, scale = upright(mesh)
    mesh = (mesh - origin) @ rotation.T * scale
    mesh = mesh @ ahead(mesh, seen)
    cameras = [Camera(mesh, points[:, :2]) for points in seen["mesh478"]]
    faces = {name: triangulated(seen[name], cameras) for name in ("five", "ibug68", "wflw98")} | {
        "mesh478": mesh
    }
    return {name: mirrored(face) for name, face in faces.items()}


def jd106(wflw98: Points, mesh478: Points) -> Points:
    """JD's 106 points, for which there is no free network: those of WFLW, which it has but for the
    sides of the nose; these are the mesh's nearest."""
    face = wflw98[JD_OF_WFLW]
    sides = np.flatnonzero(np.array(JD_OF_WFLW) < 0)
    face[sides] = mesh478[list(JD_NOSE_OF_MESH)]
    return face


HEAD = """\
// Written by tools/mean_faces.py, which says how it is measured; not by hand.
// clang-format off

#include "geometry/mean_face_points.hpp"

namespace rostro {

"""


def source(faces: dict[str, Points]) -> str:
    text = HEAD
    for name, face in faces.items():
        text += f"const float k{name.title()}Face[{len(face)}][3] = {{\n"
        for point in 1e3 * face + 0.0:
            text += "    {" + ", ".join(f"{coordinate:.2f}F" for coordinate in point) + "},\n"
        text += "};\n\n"
    return text + "}  // namespace rostro\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("photos", type=Path)
    for name in ("mesh", "ibug68", "wflw98"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--pose", type=Path, required=True)
    parser.add_argument("--seen", type=Path, help="keeps what was seen there (.npz)")
    parser.add_argument("--write", action="store_true", help="write the C++ file as well")
    arguments = parser.parse_args()
    if arguments.seen and arguments.seen.exists():
        seen = {name: list(points) for name, points in np.load(arguments.seen).items()}
    else:
        seen = sightings(arguments)
        if arguments.seen:
            arrays = {name: np.array(points) for name, points in seen.items()}
            np.savez(arguments.seen, allow_pickle=False, **arrays)
    faces = measured(seen)
    faces["jd106"] = jd106(faces["wflw98"], faces["mesh478"])
    print(f"{len(seen['five'])} faces")
    for name, face in faces.items():
        low, high = 1e3 * face.min(axis=0), 1e3 * face.max(axis=0)
        print(name, len(face), "points, mm from", low.round(1), "to", high.round(1))
    if arguments.write:
        FILE.write_text(source(faces))


if __name__ == "__main__":
    main()
