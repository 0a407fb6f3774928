"""What is told of a watched stream, as documents for JSON. docs/guide/watch.md has the table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from rostro.video.tracker import Event
from rostro.video.watch.people import Person
from rostro.video.watch.statistics import Figures

__all__ = [
    "event_document",
    "figures_document",
    "json_text",
    "now",
    "people_documents",
    "plain_line",
]


def json_text(document: Mapping[str, Any]) -> str:
    """One line of ASCII."""
    return json.dumps(document, allow_nan=False)


def event_document(event: Event, frame: int, person: Person | None) -> dict[str, Any]:
    """Something that happened."""
    document: dict[str, Any] = {
        "event": event.kind,
        "at": now(),
        "time": round(event.time, 4),
        "frame": frame,
        "id": event.id,
        "name": event.name,
    }
    if person is not None:
        if event.kind in ("lost", "found", "left"):
            document["name"] = person.name
        if person.box is not None:
            document["box"] = [round(side, 1) for side in person.box.tolist()]
        if event.kind in ("identified", "changed", "unknown") and person.identity is not None:
            document["share"] = round(person.identity.share, 3)
            document["votes"] = person.identity.votes
        if person.live is not None:
            document["live"] = round(person.live, 4)
        if event.kind == "refused":
            document["why"] = person.refused
    return document


def people_documents(people: Iterable[Person], time: float) -> list[dict[str, Any]]:
    """Who is there."""
    return [
        {
            "id": person.id,
            "name": person.name,
            "here": person.here,
            "unknown": person.unknown,
            "seconds": round(time - person.since, 1),
            "votes": 0 if person.identity is None else person.identity.votes,
            "share": None if person.identity is None else round(person.identity.share, 3),
            "live": None if person.live is None else round(person.live, 3),
            "refused": person.refused,
        }
        for person in people
    ]


def figures_document(figures: Figures, dropped: int, work: Mapping[str, int]) -> dict[str, Any]:
    """The figures of the last seconds; frames and work that were dropped since the beginning."""
    return {
        "fps": round(figures.fps, 1),
        "dropped": dropped,
        "work_dropped": dict(work),
        "stages": {
            name: {"p50_ms": round(times.p50_ms, 2), "p99_ms": round(times.p99_ms, 2)}
            for name, times in figures.stages.items()
        },
    }


def plain_line(document: Mapping[str, Any]) -> str:
    """An event for people."""
    name = document.get("name")
    who = f"#{document['id']}" + ("" if name is None else f" {name}")
    why = document.get("why")
    return f"{document['time']:9.2f} s  {document['event']:<10}  {who}" + (
        "" if why is None else f": {why}"
    )


def now() -> str:
    """The time of the day, UTC, as ISO 8601 has it."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
