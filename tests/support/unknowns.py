"""Unknowns for review queues, made up: no network runs."""

from __future__ import annotations

from typing import Any

import numpy as np

from rostro.gallery.identity import EmbedderIdentity
from rostro.types import FloatArray, Image
from rostro.video.review import Entry
from rostro.video.shots import Shot

EMBEDDER = EmbedderIdentity("tiny", "1", "arcface")


def template(at: int, toward: int | None = None, similarity: float = 0.0) -> FloatArray:
    """A unit vector; or one between two, as similar to the first as is said."""
    unit: FloatArray = np.zeros(16, np.float32)
    unit[at] = similarity if toward is not None else 1
    if toward is not None:
        unit[toward] = np.sqrt(1 - similarity**2)
    return unit


def entry(id_: str, at: int = 0, **other: Any) -> Entry:
    facts: dict[str, Any] = {
        "track": 7,
        "embedder": EMBEDDER,
        "threshold": 0.4,
        "template": template(at),
        "votes": 3,
        "first_seen": "2026-01-01T00:00:00Z",
        "last_seen": "2026-01-01T00:00:09Z",
        "times": (1.0, 10.0),
    }
    return Entry(id=id_, **(facts | other))


def shot(seed: int, quality: float = 0.9, why: tuple[str, ...] = ()) -> Shot:
    crop: Image = np.random.default_rng(seed).integers(0, 256, (112, 112, 3), np.uint8)
    return Shot(quality, list(why), crop, float(seed))
