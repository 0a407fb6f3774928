"""Every head decoded as its authors' own code does it: all anchors, plainly, in float64.

A function takes the outputs of a network, each without its first side of 1, in the order of the
head, and the (width, height) of its input; it returns boxes, scores, landmarks and poses, the last
two None where the head has none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from math import ceil

import numpy as np
from numpy.typing import NDArray

from rostro.faces import Faces

Array = NDArray[np.float64]
Size = tuple[int, int]
Result = tuple[Array, Array, Array | None, Array | None]


def softmax(values: Array, axis: int = -1) -> Array:
    e = np.exp(values - values.max(axis=axis, keepdims=True))
    return np.asarray(e / e.sum(axis=axis, keepdims=True))


def sigmoid(values: Array) -> Array:
    return 1 / (1 + np.exp(-np.clip(values, -100, 100)))


def scrfd(outputs: Sequence[Array], size: Size) -> Result:
    """deepinsight/insightface, detection/scrfd/tools/scrfd.py: SCRFD.forward."""
    levels = 5 if len(outputs) in (10, 15) else 3
    anchors = 1 if levels == 5 else 2
    boxes, scores, points = [], [], []
    for i in range(levels):
        stride = 8 << i
        height, width = ceil(size[1] / stride), ceil(size[0] / stride)
        rows, columns = np.mgrid[:height, :width]
        centers = np.stack([columns, rows], axis=-1).reshape(-1, 2) * stride
        centers = np.stack([centers] * anchors, axis=1).reshape(-1, 2)
        distances = outputs[levels + i] * stride
        boxes.append(np.hstack([centers - distances[:, :2], centers + distances[:, 2:]]))
        scores.append(outputs[i][:, 0])
        if len(outputs) == 3 * levels:
            points.append(centers[:, None] + outputs[2 * levels + i].reshape(-1, 5, 2) * stride)
    landmarks = np.vstack(points) if points else None
    return np.vstack(boxes), np.concatenate(scores), landmarks, None


def yunet(outputs: Sequence[Array], size: Size) -> Result:
    """OpenCV, modules/objdetect/src/face_detect.cpp: FaceDetectorYNImpl::postProcess."""
    boxes, scores, points = [], [], []
    for i, stride in enumerate((8, 16, 32)):
        cls, obj, box, kps = outputs[i::3]
        rows, columns = size[1] // stride, size[0] // stride
        cell = np.array([(c, r) for r, c in product(range(rows), range(columns))], float)
        center, side = (cell + box[:, :2]) * stride, np.exp(box[:, 2:]) * stride
        boxes.append(np.hstack([center - side / 2, center + side / 2]))
        scores.append(np.sqrt(np.clip(cls, 0, 1) * np.clip(obj, 0, 1))[:, 0])
        points.append((cell[:, None] + kps.reshape(-1, 5, 2)) * stride)
    return np.vstack(boxes), np.concatenate(scores), np.vstack(points), None


def retina_priors(size: Size, min_sizes: Sequence[Sequence[int]], steps: Iterable[int]) -> Array:
    """biubug6/Pytorch_Retinaface, layers/functions/prior_box.py."""
    width, height = size
    anchors = []
    for step, sizes in zip(steps, min_sizes, strict=True):
        for i, j in product(range(ceil(height / step)), range(ceil(width / step))):
            for s in sizes:
                anchors.append(
                    [(j + 0.5) * step / width, (i + 0.5) * step / height, s / width, s / height]
                )
    return np.array(anchors)


def retina(outputs: Sequence[Array], size: Size, priors: Array) -> Result:
    """biubug6/Pytorch_Retinaface, utils/box_utils.py: decode, decode_landm."""
    loc, conf, landms = outputs[:3]
    boxes = np.hstack(
        [priors[:, :2] + loc[:, :2] * 0.1 * priors[:, 2:], priors[:, 2:] * np.exp(loc[:, 2:] * 0.2)]
    )
    boxes[:, :2] -= boxes[:, 2:] / 2
    boxes[:, 2:] += boxes[:, :2]
    points = priors[:, None, :2] + landms.reshape(-1, 5, 2) * 0.1 * priors[:, None, 2:]
    return boxes * np.tile(size, 2), conf[:, 1], points * np.array(size), None


def retinaface(outputs: Sequence[Array], size: Size) -> Result:
    """biubug6/Pytorch_Retinaface, data/config.py: cfg_mnet and cfg_re50."""
    sizes = [[16, 32], [64, 128], [256, 512]]
    return retina(outputs, size, retina_priors(size, sizes, (8, 16, 32)))


def retinaface_1mb(outputs: Sequence[Array], size: Size) -> Result:
    """biubug6/Face-Detector-1MB-with-landmark, data/config.py: cfg_mnet."""
    sizes = [[10, 20], [32, 64], [128, 256]]
    return retina(outputs, size, retina_priors(size, sizes, (8, 16, 32)))


def retinaface_slim(outputs: Sequence[Array], size: Size) -> Result:
    """biubug6/Face-Detector-1MB-with-landmark, data/config.py: cfg_slim and cfg_rfb."""
    sizes = [[10, 16, 24], [32, 48], [64, 96], [128, 192, 256]]
    return retina(outputs, size, retina_priors(size, sizes, (8, 16, 32, 64)))


def mos(outputs: Sequence[Array], size: Size) -> Result:
    """lyp-deeplearning/MOS-Multi-Task-Face-Detect, detect_picture.py; yaw with rostro's sign."""
    boxes, scores, points, _ = retinaface(outputs[:3], size)
    yaw, pitch, roll = ((o * np.arange(66)).sum(axis=1) * 3 - 99 for o in outputs[3:])
    return boxes, scores, points, np.stack([-yaw, pitch, roll], axis=1)


def retinaface_mxnet(outputs: Sequence[Array], size: Size) -> Result:
    """deepinsight/insightface, detection/retinaface: retinaface.py, rcnn/processing."""
    boxes, scores, points = [], [], []
    for i, (stride, scales) in enumerate(((8, (2, 1)), (16, (8, 4)), (32, (32, 16)))):
        prob, bbox, landmark = (o.transpose(1, 2, 0) for o in outputs[i::3])  # (h, w, c)
        height, width = prob.shape[:2]
        base = np.array([[7.5 - (16 * s - 1) / 2, 7.5 + (16 * s - 1) / 2] for s in scales])
        corner = base[:, [0, 0, 1, 1]]
        x, y = np.meshgrid(np.arange(width) * stride, np.arange(height) * stride)
        anchors = corner[None, None] + np.stack([x, y, x, y], axis=-1)[:, :, None]
        anchors = anchors.reshape(-1, 4)
        deltas = bbox.reshape(-1, 4)
        side = anchors[:, 2:] - anchors[:, :2] + 1.0
        center = anchors[:, :2] + 0.5 * (side - 1.0)
        new_center, new_side = deltas[:, :2] * side + center, np.exp(deltas[:, 2:]) * side
        half = 0.5 * (new_side - 1.0)
        boxes.append(np.hstack([new_center - half, new_center + half]))
        scores.append(prob[:, :, 2:].reshape(-1))
        points.append(landmark.reshape(-1, 5, 2) * side[:, None] + center[:, None])
    return np.vstack(boxes), np.concatenate(scores), np.vstack(points), None


def ultralight(outputs: Sequence[Array], size: Size) -> Result:
    """Linzaer/Ultra-Light-Fast-Generic-Face-Detector-1MB, vision: fd_config.py, box_utils.py."""
    width, height = size
    priors = []
    for stride, sizes in zip(
        (8, 16, 32, 64), ((10, 16, 24), (32, 48), (64, 96), (128, 192, 256)), strict=True
    ):
        columns, rows = ceil(width / stride), ceil(height / stride)
        for j, i in product(range(rows), range(columns)):
            for s in sizes:
                priors.append([(i + 0.5) / columns, (j + 0.5) / rows, s / width, s / height])
    prior = np.clip(np.array(priors), 0, 1)
    confidences, locations = outputs
    center = locations[:, :2] * 0.1 * prior[:, 2:] + prior[:, :2]
    side = np.exp(locations[:, 2:] * 0.2) * prior[:, 2:]
    boxes = np.hstack([center - side / 2, center + side / 2]) * np.tile(size, 2)
    return boxes, confidences[:, 1], None, None


def ultralight_decoded(outputs: Sequence[Array], size: Size) -> Result:
    """The same repository, vision/ssd/predictor.py, where the network has done the above."""
    return outputs[1] * np.tile(size, 2), outputs[0][:, 1], None, None


def centerface(outputs: Sequence[Array], size: Size) -> Result:
    """Star-Clouds/CenterFace, prj-python/centerface.py: decode, boxes not yet cut to the image."""
    heat, scale, offset, landmark = outputs
    rows, columns = np.mgrid[: heat.shape[1], : heat.shape[2]].reshape(2, -1)
    s0, s1 = (np.exp(scale[i]).reshape(-1) * 4 for i in range(2))
    o0, o1 = (offset[i].reshape(-1) for i in range(2))
    x1 = (columns + o1 + 0.5) * 4 - s1 / 2
    y1 = (rows + o0 + 0.5) * 4 - s0 / 2
    points = [
        (landmark[2 * j + 1].reshape(-1) * s1 + x1, landmark[2 * j].reshape(-1) * s0 + y1)
        for j in range(5)
    ]
    boxes = np.stack([x1, y1, x1 + s1, y1 + s0], axis=1)
    return boxes, heat.reshape(-1), np.array(points).transpose(2, 0, 1), None


def blazeface(outputs: Sequence[Array], size: Size) -> Result:
    """hollance/BlazeFace-PyTorch, blazeface.py and Anchors.ipynb, after MediaPipe's graph."""
    assert size == (128, 128)
    anchors = []
    for cells, count in ((16, 2), (8, 6)):
        for y, x in product(range(cells), range(cells)):
            anchors += [((x + 0.5) / cells, (y + 0.5) / cells)] * count
    raw, logits = outputs
    center = raw[:, :2] / 128 + np.array(anchors)
    side = raw[:, 2:4] / 128
    boxes = np.hstack([center - side / 2, center + side / 2]) * 128
    return boxes, sigmoid(logits[:, 0]), None, None


def yolov5_face(outputs: Sequence[Array], size: Size) -> Result:
    """deepcam-cn/yolov5-face, utils/general.py: non_max_suppression_face, before it suppresses."""
    (rows,) = outputs
    boxes = np.hstack([rows[:, :2] - rows[:, 2:4] / 2, rows[:, :2] + rows[:, 2:4] / 2])
    return boxes, rows[:, 15] * rows[:, 4], rows[:, 5:15].reshape(-1, 5, 2), None


def about(axis: int, degrees: Array) -> Array:
    """(N, 3, 3) right-handed turns about x, y or z; x right, y down, z forward."""
    turns = np.tile(np.eye(3), (len(degrees), 1, 1))
    a, b = (axis + 1) % 3, (axis + 2) % 3
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turns[:, a, a], turns[:, a, b], turns[:, b, a], turns[:, b, b] = cos, -sin, sin, cos
    return turns


def angles_of(turns: Array) -> Array:
    """(N, 3) rostro's yaw, pitch and roll of rotations: where the face looks, and what is left."""
    x, y, z = -turns[:, :, 2].T
    yaw, pitch = np.arctan2(x, -z), np.arcsin(np.clip(-y, -1, 1))
    roll = np.arctan2(turns[:, 1, 0], turns[:, 1, 1])
    return np.asarray(np.degrees(np.stack([yaw, pitch, roll], axis=1)))


def directmhp(outputs: Sequence[Array], size: Size) -> Result:
    """hnuzhy/DirectMHP, utils/general.py: non_max_suppression, before it suppresses, and
    demos/image.py; angles as the axes that its plot_3axis_Zaxis draws, in rostro's convention."""
    (rows,) = outputs
    boxes = np.hstack([rows[:, :2] - rows[:, 2:4] / 2, rows[:, :2] + rows[:, 2:4] / 2])
    pitch, yaw, roll = ((rows[:, 6:] - 0.5) * [180, 360, 180]).T
    turns = about(0, -pitch) @ about(1, yaw) @ about(2, roll)
    return boxes, rows[:, 5] * rows[:, 4], None, angles_of(turns)


def yolov8_face(outputs: Sequence[Array], size: Size) -> Result:
    """derronqi/yolov8-face, ultralytics/nn/modules.py: Detect and Pose."""
    boxes, scores, points = [], [], []
    for planes, stride in zip(outputs, (8, 16, 32), strict=True):
        values = planes.reshape(80, -1).T
        y, x = np.mgrid[: planes.shape[1], : planes.shape[2]].reshape(2, -1)
        anchor = np.stack([x, y], axis=1) + 0.5
        distances = softmax(values[:, :64].reshape(-1, 4, 16)) @ np.arange(16)
        corners = np.hstack([anchor - distances[:, :2], anchor + distances[:, 2:]])
        boxes.append(corners * stride)
        scores.append(sigmoid(values[:, 64]))
        kps = values[:, 65:].reshape(-1, 5, 3)[:, :, :2]
        points.append((kps * 2.0 + (anchor - 0.5)[:, None]) * stride)
    return np.vstack(boxes), np.concatenate(scores), np.vstack(points), None


def ultralytics(outputs: Sequence[Array], size: Size) -> Result:
    """ultralytics/ultralytics, utils/ops.py: non_max_suppression, before it suppresses; of the one
    class "face" and with five points, or without."""
    (rows,) = outputs
    rows = rows if len(rows) > rows.shape[1] else rows.T
    xy, wh, scores, points = np.split(rows, [2, 4, 5], axis=1)
    boxes = np.hstack([xy - wh / 2, xy + wh / 2])
    landmarks = points.reshape(-1, 5, 3)[:, :, :2] if points.size else None
    return boxes, scores[:, 0], landmarks, None


REFERENCES: dict[str, Callable[[Sequence[Array], Size], Result]] = {
    "scrfd": scrfd,
    "yunet": yunet,
    "retinaface": retinaface,
    "retinaface-1mb": retinaface_1mb,
    "retinaface-slim": retinaface_slim,
    "mos": mos,
    "retinaface-mxnet": retinaface_mxnet,
    "ultralight": ultralight,
    "ultralight-decoded": ultralight_decoded,
    "centerface": centerface,
    "blazeface": blazeface,
    "yolov5-face": yolov5_face,
    "directmhp": directmhp,
    "yolov8-face": yolov8_face,
    "ultralytics-face": ultralytics,
    "ultralytics-boxes": ultralytics,
}


def assert_equal(found: Faces, plain: Result, threshold: float) -> None:
    """Both the same, best first; a score that rounds to the threshold may be on either side."""
    boxes, scores, landmarks, poses = plain
    order = np.argsort(-scores.astype(np.float32), kind="stable")
    order = order[scores.astype(np.float32)[order] >= np.float32(threshold)]
    assert abs(len(found) - len(order)) <= 1
    n = min(len(found), len(order))
    assert n > 0
    np.testing.assert_allclose(found.scores[:n], scores[order[:n]], atol=1e-6)
    # Scores that differ by rounding alone may have changed places.
    near = np.abs(scores[order[:n], None] - scores[None, order[:n]]) < 1e-6
    alone = near.sum(axis=1) == 1
    picked = order[:n][alone]
    np.testing.assert_allclose(found.boxes[:n][alone], boxes[picked], atol=1e-3)
    for mine, theirs in ((found.landmarks, landmarks), (found.poses, poses)):
        assert (mine is None) == (theirs is None)
        if mine is not None and theirs is not None:
            np.testing.assert_allclose(mine[:n][alone], theirs[picked], atol=1e-3)
