"""What the node can be told: each parameter once, with its range, and what a change of it asks."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

from rostro import models
from rostro.errors import ArgumentError

__all__ = ["Settings", "When", "changed", "check", "spec"]

When = Literal["at once", "engine", "configured"]
"""What a change of a parameter asks: nothing; networks, gallery and tracker made anew beside the
running ones; or a node that is not configured."""


def spec(
    default: Any,
    when: When,
    says: str,
    *,
    low: float | None = None,
    high: float | None = None,
    among: tuple[str, ...] = (),
) -> Any:
    """A parameter: its default, when it takes effect, what it says, and what it may be."""
    facts = {"when": when, "says": says, "low": low, "high": high, "among": among}
    return dataclasses.field(default=default, metadata=facts)


@dataclasses.dataclass(frozen=True)
class Settings:
    """The parameters of the node, by name. docs/guide/ros2.md has the table."""

    autostart: bool = spec(False, "configured", "Configure and activate when the node starts.")
    transport: str = spec(
        "raw", "configured", "Of the images: raw or compressed.", among=("raw", "compressed")
    )
    reliability: str = spec(
        "best_effort",
        "configured",
        "Of the image subscription; best_effort takes any publisher's.",
        among=("best_effort", "reliable"),
    )
    humans: bool = spec(False, "configured", "Also speak REP-155, on /humans; needs hri_msgs.")

    detector: str = spec(models.DEFAULTS["detect"], "engine", "A model's name or card.")
    embedder: str = spec(
        models.DEFAULTS["embed"], "engine", "A model's name or card; empty: nobody is recognized."
    )
    landmarker: str = spec("", "engine", "A model of dense points; empty: five landmarks.")
    liveness: str = spec("", "engine", "A model; names are told of live faces alone then.")
    engine: str = spec(
        "auto", "engine", "What runs the networks.", among=("auto", "onnxruntime", "ncnn")
    )
    precision: str = spec("auto", "engine", "Of the networks.", among=("auto", "float32", "int8"))
    threads: int = spec(0, "engine", "Of the networks; 0: all CPUs, while they gain time.",
                        low=0, high=256)  # fmt: skip
    detect_every: int = spec(
        5, "engine", "Frames from one look of the detector to the next.", low=1, high=1000
    )
    budget_ms: float = spec(
        0.0, "engine", "Milliseconds a frame may take; 0: as long as it takes.", low=0, high=1e5
    )
    threshold: float = spec(
        0.0, "engine", "Least similarity of one person; 0: that of the embedder's card.",
        low=-1, high=1,
    )  # fmt: skip
    gallery: str = spec("", "engine", "The file of the people who are known; empty: none.")
    gallery_key_file: str = spec("", "engine", "32 random bytes, of an encrypted gallery.")
    gallery_create: bool = spec(False, "engine", "Make the gallery's file where there is none.")
    pose: bool = spec(True, "engine", "How heads are turned, and where they are.")
    hfov: float = spec(
        60.0, "engine", "Degrees of the image's width, until a CameraInfo came.", low=1, high=179
    )

    rate: float = spec(
        0.0, "at once", "Frames a second that are looked at; 0: as many as can be.",
        low=0, high=1000,
    )  # fmt: skip
    annotated_rate: float = spec(
        10.0, "at once", "Annotated images a second, at most.", low=0.1, high=1000
    )
    anonymize: bool = spec(False, "at once", "Blur the faces of the annotated image.")
    tf: bool = spec(True, "at once", "Publish the frames face_ID.")
    diagnostics_period: float = spec(
        1.0, "at once", "Seconds from one diagnostic to the next.", low=0.1, high=60
    )


FIELDS = {field.name: field for field in dataclasses.fields(Settings)}


def check(name: str, value: object) -> None:
    """Refuses what a parameter of this name cannot be.

    Raises:
        ArgumentError: it says why.
    """
    field = FIELDS.get(name)
    if field is None:
        return
    facts, kind = field.metadata, type(field.default)
    if type(value) is not kind:
        raise ArgumentError(f"{name}: got {value!r}; {kind.__name__} is wanted")
    low, high = facts["low"], facts["high"]
    if low is not None and isinstance(value, (int, float)) and not low <= value <= high:
        raise ArgumentError(f"{name}: got {value}; {low:g} to {high:g} is wanted")
    if facts["among"] and value not in facts["among"]:
        raise ArgumentError(f"{name}: got {value!r}; one of {', '.join(facts['among'])} is wanted")


def changed(before: Settings, after: Settings) -> set[When]:
    """What a change from one to the other asks."""
    return {
        field.metadata["when"]
        for name, field in FIELDS.items()
        if getattr(before, name) != getattr(after, name)
    }
