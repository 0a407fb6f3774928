"""Image kernels measured against their peers: in turn, in one run, on the same inputs, one thread.

    python benchmarks/peers_image.py [--rounds 200] [--write]

Needs opencv-python-headless and scikit-image beside rostro. Every result is compared with its
peer's before anything is timed. Outputs are reused wherever both sides can.

In every round each work runs several times in a row, and then the next one. The first of these runs
finds what the work before it (and, on a shared machine, everybody else) left of the caches; its
median has a column of its own. The later half of the runs make the first column.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.transform import SimilarityTransform

import rostro
from report import Page, argument_parser, heading, table
from rostro.types import FloatArray, Image

Work = Callable[[], object]

RUNS = 10  # of a work in a row, of which the last half count

PACKAGES = ("rostro", "numpy", "opencv-python-headless", "scikit-image")

STRIDES = (8, 16, 32)
INPUT = 640

# ArcFace's crop template, of 112 pixels.
TEMPLATE = np.array(
    [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
    ],
    np.float32,
)
# A face some 200 pixels high, a little turned.
LANDMARKS = np.array([[838, 450], [908, 455], [872, 492], [842, 532], [900, 536]], np.float32)


def frame(width: int, height: int) -> Image:
    """A smooth BGR image with some noise, as cameras give them."""
    rng = np.random.default_rng(width)
    coarse = rng.integers(0, 256, (height // 40, width // 40, 3), dtype=np.uint8)
    smooth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    noise = rng.integers(-8, 9, smooth.shape, dtype=np.int16)
    return np.clip(smooth + noise, 0, 255).astype(np.uint8)


def agree(what: str, ours: NDArray[Any], theirs: NDArray[Any], at_most: float) -> None:
    """Stops where two results are not of the same thing: their mean difference is too large."""
    difference = float(np.abs(ours.astype(np.float32) - theirs).mean())
    if difference > at_most:
        raise SystemExit(f"{what}: results differ by {difference} on average")


def letterbox_works(width: int, height: int, size: tuple[int, int]) -> dict[str, Work]:
    image = frame(width, height)
    ratio = min(size[0] / width, size[1] / height)
    content = (round(width * ratio), round(height * ratio))
    out = np.empty((1, 3, size[1], size[0]), np.float32)
    canvas = np.zeros((size[1], size[0], 3), np.uint8)

    def with_rostro() -> NDArray[Any]:
        tensor, _ = rostro.letterbox(image, size, channels="rgb", mean=127.5, std=128.0, out=out)
        return tensor

    def with_opencv() -> NDArray[Any]:
        resized = cv2.resize(image, content, interpolation=cv2.INTER_LINEAR)
        canvas[: content[1], : content[0]] = resized
        return cv2.dnn.blobFromImage(canvas, 1 / 128, size, (127.5, 127.5, 127.5), swapRB=True)

    agree("letterbox", with_rostro(), with_opencv(), 0.1)
    return {"**rostro `letterbox`**": with_rostro, "OpenCV resize, pad, blobFromImage": with_opencv}


def fill_work(width: int, height: int) -> dict[str, Work]:
    """What a letterbox cannot fall below: its tensor is written once."""
    out = np.empty((1, 3, height, width), np.float32)
    return {"a plain fill of the tensor, `out.fill(0)`": lambda: out.fill(0)}


def align_works() -> dict[str, Work]:
    image = frame(1920, 1080)
    out = np.empty((1, 3, 112, 112), np.float32)

    def with_rostro() -> FloatArray:
        return rostro.align(image, LANDMARKS[None], channels="rgb", mean=127.5, std=127.5, out=out)

    def with_peers() -> NDArray[Any]:
        matrix = SimilarityTransform.from_estimate(LANDMARKS, TEMPLATE).params[:2]
        crop = cv2.warpAffine(image, matrix, (112, 112), borderValue=0.0)
        return cv2.dnn.blobFromImage(crop, 1 / 127.5, (112, 112), (127.5,) * 3, swapRB=True)

    agree("align", with_rostro(), with_peers(), 0.01)
    return {
        "**rostro `align`, float32**": with_rostro,
        "scikit-image similarity, warpAffine, blobFromImage": with_peers,
    }


def warp_works() -> dict[str, Work]:
    image = frame(1920, 1080)
    matrix = SimilarityTransform.from_estimate(LANDMARKS, TEMPLATE).params[:2]
    out = np.empty((1, 112, 112, 3), np.uint8)
    theirs = np.empty((112, 112, 3), np.uint8)

    def with_rostro() -> Image:
        return rostro.align(image, LANDMARKS[None], out=out)

    def with_opencv() -> NDArray[Any]:
        return cv2.warpAffine(image, matrix, (112, 112), dst=theirs, borderValue=0.0)

    agree("warp", with_rostro()[0], with_opencv(), 1.0)
    return {"**rostro `align`, uint8**": with_rostro, "OpenCV warpAffine": with_opencv}


def scrfd_outputs(candidates: int) -> list[FloatArray]:
    """Outputs of SCRFD's shapes at 640x640, with so many scores above 0.5."""
    rng = np.random.default_rng(candidates)
    counts = [(INPUT // stride) ** 2 * 2 for stride in STRIDES]
    scores = rng.uniform(0.0, 0.4, sum(counts)).astype(np.float32)
    chosen = rng.choice(len(scores), candidates, replace=False)
    scores[chosen] = rng.uniform(0.5, 1.0, candidates)
    maps = np.split(scores[:, None], np.cumsum(counts)[:-1])
    boxes = [rng.uniform(0, 4, (n, 4)).astype(np.float32) for n in counts]
    points = [rng.uniform(-4, 4, (n, 10)).astype(np.float32) for n in counts]
    return [np.ascontiguousarray(output) for output in (*maps, *boxes, *points)]


def anchor_centers() -> list[FloatArray]:
    centers = []
    for stride in STRIDES:
        side = INPUT // stride
        rows, columns = np.mgrid[:side, :side]
        grid = np.stack([columns, rows], axis=-1).astype(np.float32)
        centers.append(np.repeat((grid * stride).reshape(-1, 2), 2, axis=0))
    return centers


def insightface_nms(faces: FloatArray, threshold: float) -> list[int]:
    """The loop of insightface's SCRFD, its + 1 for areas included."""
    x1, y1, x2, y2, scores = faces.T
    areas = (x2 - x1 + 1) * (y2 - y1 + 1)
    order = scores.argsort()[::-1]
    keep = []
    while order.size > 0:
        i = order[0]
        keep.append(i)
        xx1 = np.maximum(x1[i], x1[order[1:]])
        yy1 = np.maximum(y1[i], y1[order[1:]])
        xx2 = np.minimum(x2[i], x2[order[1:]])
        yy2 = np.minimum(y2[i], y2[order[1:]])
        inter = np.maximum(0.0, xx2 - xx1 + 1) * np.maximum(0.0, yy2 - yy1 + 1)
        overlap = inter / (areas[i] + areas[order[1:]] - inter)
        order = order[np.where(overlap <= threshold)[0] + 1]
    return keep


def insightface_decode(outputs: list[FloatArray], centers: list[FloatArray]) -> FloatArray:
    """Boxes, scores and points as insightface's SCRFD makes them: decode all, then select."""
    kept_scores, kept_boxes, kept_points = [], [], []
    for level, stride in enumerate(STRIDES):
        scores = outputs[level]
        boxes = outputs[level + 3] * stride
        points = outputs[level + 6] * stride
        found = np.where(scores >= 0.5)[0]
        center = centers[level]
        corners = np.stack(
            [
                center[:, 0] - boxes[:, 0],
                center[:, 1] - boxes[:, 1],
                center[:, 0] + boxes[:, 2],
                center[:, 1] + boxes[:, 3],
            ],
            axis=-1,
        )
        columns = []
        for i in range(0, points.shape[1], 2):
            columns += [center[:, 0] + points[:, i], center[:, 1] + points[:, i + 1]]
        marks = np.stack(columns, axis=-1)
        kept_scores.append(scores[found])
        kept_boxes.append(corners[found])
        kept_points.append(marks.reshape(len(marks), -1, 2)[found])
    scores = np.vstack(kept_scores)
    order = scores.ravel().argsort()[::-1]
    faces = np.hstack([np.vstack(kept_boxes), scores])[order]
    keep = insightface_nms(faces, 0.4)
    _ = np.vstack(kept_points)[order][keep]
    best: FloatArray = faces[keep]
    return best


def decode_works(candidates: int) -> dict[str, Work]:
    outputs, centers = scrfd_outputs(candidates), anchor_centers()
    maps = np.concatenate(outputs[:3])

    def with_rostro() -> rostro.Faces:
        found = rostro.decode("scrfd", outputs, (INPUT, INPUT), 0.5)
        return found.select(rostro.nms(found.boxes, found.scores, 0.4))

    def with_numpy() -> FloatArray:
        return insightface_decode(outputs, centers)

    # The + 1 in their areas lets a few more or fewer boxes through.
    ours, theirs = with_rostro(), with_numpy()
    if abs(len(ours) - len(theirs)) > 0.05 * len(theirs) + 1:
        raise SystemExit(f"decode: {len(ours)} faces, {len(theirs)} with NumPy")
    agree("decode", ours.boxes[0], theirs[0, :4], 0.01)
    return {
        "**rostro `decode` + `nms`**": with_rostro,
        "insightface's NumPy": with_numpy,
        "a plain read of the scores, `maps.sum()`": lambda: maps.sum(),
    }


def sections() -> dict[str, dict[str, Work]]:
    return {
        "1920x1080 BGR to 640x640 float32": letterbox_works(1920, 1080, (640, 640))
        | fill_work(640, 640),
        "1280x720 BGR to 640x640 float32": letterbox_works(1280, 720, (640, 640))
        | fill_work(640, 640),
        "640x480 BGR to 640x480 float32": letterbox_works(640, 480, (640, 480))
        | fill_work(640, 480),
        "landmarks to a normalised 112x112 tensor": align_works(),
        "landmarks to a uint8 crop; the peer: warp alone": warp_works(),
        "SCRFD at 640, 979 candidates of 16,800": decode_works(979),
        "SCRFD at 640, 10 candidates of 16,800": decode_works(10),
    }


def measure(works: dict[str, Work], rounds: int) -> dict[str, tuple[float, float]]:
    """Median seconds of each work: of its runs in a row, and of the first of them."""
    seconds: dict[str, list[list[float]]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            runs = []
            for _ in range(RUNS):
                start = time.perf_counter()
                work()
                runs.append(time.perf_counter() - start)
            seconds[name].append(runs)
    times = {name: np.array(values) for name, values in seconds.items()}
    return {
        name: (float(np.median(runs[:, RUNS // 2 :])), float(np.median(runs[:, 0])))
        for name, runs in times.items()
    }


def report(rounds: int = 60, *, write: bool = False) -> None:
    """Prints, and writes, docs/measured/image-kernels.md."""
    cv2.setNumThreads(1)
    page = Page("image-kernels", "Images, decoding and NMS, beside their peers")
    levels = ", ".join(rostro.simd.levels())
    page.show(f"{heading(PACKAGES)}; levels here: {levels}; one thread")
    rows = []
    for title, works in sections().items():
        seconds = measure(works, rounds)
        ours, ours_first = next(iter(seconds.values()))
        for name, (value, first) in seconds.items():
            warm = [f"{1e6 * value:.1f}", f"{value / ours:.2f}"]
            cold = [f"{1e6 * first:.1f}", f"{first / ours_first:.2f}"]
            rows.append([title, name, *warm, *cold])
    header = ["work", "by", "median us", "times rostro's", "first run us", "times rostro's"]
    page.show(table(header, rows))
    page.show(
        f"First run: the first of {RUNS} in a row. Other work, here the peer's, has then thrown "
        "the data out of the caches, and reading memory is most of the time for both."
    )
    if write:
        page.save()


if __name__ == "__main__":
    parser = argument_parser(__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=60)
    arguments = parser.parse_args()
    report(arguments.rounds, write=arguments.write)
