"""Streams of faces whose truth is known: 640x480 pixels, 30 frames a second, four faces.

A scene is the truth; `detected` makes of it what a detector and an embedder would say: with noise,
misses and false alarms, and without what is hidden. Embeddings are random unit vectors, as alike
as those of SFace on LFW: different persons around 0, frames of one person around 0.65.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tests.support.mot_metrics import Doubles, Ids, iou

WIDTH, HEIGHT, RATE, DIM = 640, 480, 30, 128
PEOPLE = 4
COVERED = 0.45  # of a face: it is not detected then


@dataclasses.dataclass
class Scene:
    """Centers and sizes a frame and person, (F, 4); who is there, who is nearer to the camera."""

    x: Doubles
    y: Doubles
    size: Doubles
    there: NDArray[np.bool_]
    motions: NDArray[np.float32] | None = None  # (F, 2, 3) of the camera

    def __len__(self) -> int:
        return len(self.x)

    def boxes(self, frame: int) -> Doubles:
        half = np.stack([0.42 * self.size[frame], 0.5 * self.size[frame]], axis=1)
        center = np.stack([self.x[frame], self.y[frame]], axis=1)
        return np.concatenate([center - half, center + half], axis=1)

    def visible(self, frame: int) -> NDArray[np.bool_]:
        """Who is not hidden by somebody nearer, that is larger, and inside the image."""
        boxes = self.boxes(frame)
        low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
        high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
        covered = np.prod(np.clip(high - low, 0, None), axis=2)
        covered = covered / np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)[:, None]
        size, there = self.size[frame], self.there[frame]
        nearer = (size[None] > size[:, None]) & there[None]
        inside = (self.x[frame] > 0) & (self.x[frame] < WIDTH)
        shown: NDArray[np.bool_] = there & inside & ~((covered > COVERED) & nearer).any(axis=1)
        return shown


def _scene(frames: int) -> tuple[Doubles, Scene]:
    """Four faces that sway in the quarters of the image."""
    t = np.arange(frames)[:, None] / RATE
    k = np.arange(PEOPLE)
    x = WIDTH * (k + 0.5) / PEOPLE + 30 * np.sin(t * (0.7 + 0.2 * k) + k)
    y = HEIGHT * (0.35 + 0.3 * (k % 2)) + 25 * np.sin(t * (0.9 + 0.1 * k) + 2 * k)
    size = 70 + 10 * k + 8 * np.sin(t * 0.8 + k)
    return t, Scene(x, y, size, np.ones_like(x, dtype=bool))


def walking(frames: int = 300) -> Scene:
    """They move and scale."""
    return _scene(frames)[1]


def crossing(frames: int = 300) -> Scene:
    """Two pairs walk past one another again and again, the smaller face behind the larger."""
    t, scene = _scene(frames)
    for a, b, pace in ((0, 1, 0.9), (2, 3, 1.3)):
        middle, wave = WIDTH * (0.25 if a == 0 else 0.75), np.cos(t[:, 0] * pace * np.pi / 2)
        scene.x[:, a], scene.x[:, b] = middle - 120 * wave, middle + 120 * wave
        scene.y[:, a] = scene.y[:, b] = HEIGHT / 2
        scene.size[:, a], scene.size[:, b] = 70, 84
    return scene


def hidden(frames: int = 180, length: int = 60, start: int = 60) -> Scene:
    """The first face is hidden for a while, and goes on moving meanwhile."""
    _, scene = _scene(frames)
    scene.there[start : start + length, 0] = False
    drift = np.clip(np.arange(frames) - start, 0, length) * 2.0
    scene.x[:, 0] += drift
    scene.y[:, 0] = 60
    return scene


def leaving(frames: int = 360) -> Scene:
    """One walks out of the image, and comes back after six seconds on the other side."""
    _, scene = _scene(frames)
    path = np.arange(frames)
    scene.y[:, 3] = 60
    scene.x[:, 3] = np.where(path < 180, 500 + 3.0 * path, -40 + 3.0 * (path - 240))
    scene.there[60:240, 3] = False
    return scene


def panning(frames: int = 300) -> Scene:
    """The camera turns fast, left and right; its motion is known."""
    t, scene = _scene(frames)
    shift = 150 * np.sin(t[:, 0] * 5)
    scene.x += shift[:, None]
    scene.motions = np.tile(np.eye(2, 3, dtype=np.float32), (frames, 1, 1))
    scene.motions[1:, 0, 2] = np.diff(shift)
    return scene


def cut(frames: int = 200) -> Scene:
    """In the middle all change places at once."""
    _, scene = _scene(frames)
    for numbers in (scene.x, scene.y, scene.size):
        numbers[frames // 2 :] = numbers[frames // 2 :, [2, 0, 3, 1]]
    return scene


SCENES: dict[str, Callable[[], Scene]] = {
    function.__name__: function for function in (walking, crossing, hidden, leaving, panning, cut)
}


class Detected(NamedTuple):
    """What is said of a frame, and the truth of it: who is visible, and where."""

    time: float
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    embeddings: NDArray[np.float32]  # zeros where there is none
    motion: NDArray[np.float32] | None
    people: Ids
    truth: Doubles


class Noise(NamedTuple):
    """Of the edges of boxes, in sizes of the face; shares of frames and faces."""

    box: float = 0.03
    missing: float = 0.2
    false_alarms: float = 0.1  # a frame
    embed_every: int = 5  # frames; 0 for never


CLEAN = Noise(0.01, 0.0, 0.0)
_FIVE = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]], np.float32)


def detected(scene: Scene, noise: Noise, seed: int = 0) -> list[Detected]:
    random = np.random.default_rng(seed)
    looks = unit(random.normal(size=(PEOPLE, DIM)))
    return [_frame(scene, frame, looks, noise, random) for frame in range(len(scene))]


def unit(vectors: Any) -> Any:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def _frame(
    scene: Scene, frame: int, looks: Any, noise: Noise, random: np.random.Generator
) -> Detected:
    boxes, people = scene.boxes(frame), np.flatnonzero(scene.visible(frame))
    found = people[random.random(len(people)) >= noise.missing]
    size = scene.size[frame, found, None]
    seen = boxes[found] + random.normal(size=(len(found), 4)) * noise.box * size
    scores = np.clip(random.normal(0.85, 0.08 if noise.missing else 0.03, len(found)), 0.3, 1)
    likeness = np.clip(random.normal(0.8, 0.08, (len(found), 1)), 0.2, 0.99)
    if noise.missing:  # one in ten is blurred
        likeness[random.random(len(found)) < 0.1] = 0.45
    other = unit(random.normal(size=(len(found), DIM)))
    other = unit(other - (other * looks[found]).sum(1, keepdims=True) * looks[found])
    embeddings = likeness * looks[found] + np.sqrt(1 - likeness**2) * other
    if noise.embed_every == 0 or frame % noise.embed_every:
        embeddings = np.zeros_like(embeddings)
    for _ in range(random.poisson(noise.false_alarms)):
        x, y, side = random.uniform(0, WIDTH), random.uniform(0, HEIGHT), random.uniform(30, 90)
        alarm = np.array([[x - side / 2, y - side / 2, x + side / 2, y + side / 2]])
        if iou(alarm, boxes).max() > 0.3:
            continue
        seen = np.concatenate([seen, alarm])
        scores = np.append(scores, random.uniform(0.3, 0.8))
        embeddings = np.concatenate([embeddings, np.zeros((1, DIM))])
    order = random.permutation(len(seen))
    exact: NDArray[np.float32] = seen[order].astype(np.float32)
    corner, sides = exact[:, None, :2], (exact[:, 2:] - exact[:, :2])[:, None]
    return Detected(
        frame / RATE,
        exact,
        scores[order].astype(np.float32),
        (corner + sides * _FIVE).astype(np.float32),
        unit_or_zero(embeddings[order]).astype(np.float32),
        None if scene.motions is None else scene.motions[frame],
        people.astype(np.int64),
        boxes[people],
    )


def unit_or_zero(vectors: Any) -> Any:
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
