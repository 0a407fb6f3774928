"""Writes model cards, as `rostro.models.card_reader` reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from rostro.models.card import Card, CardFile, Quantization

__all__ = ["card_text"]

_Value: TypeAlias = "str | int | float | list[_Value]"


def card_text(card: Card) -> str:
    """The TOML of a user's card; sources of files and shapes for conversion are left out."""
    tables: list[tuple[str, dict[str, _Value | None]]] = [
        (
            "",
            {
                "name": card.name,
                "task": card.task,
                "description": card.description or None,
                "homepage": card.homepage or None,
                "licence": card.licence,
            },
        )
    ]
    tables += [("[[file]]", _file(file)) for file in card.files]
    tables += [("[input]", _input(card)), ("[outputs]", {"names": list(card.outputs)})]
    if card.detect is not None:
        detect = card.detect
        settings: dict[str, _Value | None] = {
            "head": detect.head,
            "outputs": list(detect.outputs) or None,
            "score_threshold": detect.score_threshold,
            "nms_threshold": detect.nms_threshold,
            "nms_method": detect.nms_method,
            "top_k": detect.top_k,
            "smallest_face": detect.smallest_face,
        }
        tables.append(("[detect]", settings))
    if card.embed is not None:
        embed: dict[str, _Value | None] = {
            "dim": card.embed.dim,
            "template": card.embed.template,
            "flip": card.embed.flip or None,
            "landmarks": card.embed.landmarks,
        }
        tables.append(("[embed]", embed))
    for name, threshold in card.thresholds.items():
        entry: dict[str, _Value | None] = {
            "value": threshold.value,
            "fmr": threshold.fmr,
            "pairs": threshold.pairs,
            "how": threshold.how,
        }
        tables.append((f"[thresholds.{name}]", entry))
    if card.quantization is not None:
        tables += _quantization(card.quantization)
    return "\n".join("\n".join(_lines(head, entries)) for head, entries in tables)


def _file(file: CardFile) -> dict[str, _Value | None]:
    return {"name": file.name, "sha256": file.sha256, "size": file.size}


def _input(card: Card) -> dict[str, _Value | None]:
    def numbers(value: float | tuple[float, float, float]) -> _Value:
        return list(value) if isinstance(value, tuple) else value

    taken = card.input
    return {
        "name": taken.name,
        "channels": taken.channels,
        "mean": numbers(taken.mean),
        "std": numbers(taken.std),
        "size": None if taken.size is None else list(taken.size),
        "multiple": taken.multiple,
        "pad": taken.pad,
    }


def _quantization(made: Quantization) -> list[tuple[str, dict[str, _Value | None]]]:
    facts: dict[str, _Value | None] = {
        "of": made.of,
        "engine": made.engine,
        "form": made.form,
        "how": made.how,
        "in_float": list(made.in_float),
        "misses": list(made.misses),
    }
    rows: list[tuple[str, dict[str, _Value | None]]] = [("[quantization]", facts)]
    for what, before, after in made.figures:
        figure: dict[str, _Value | None] = {
            "what": what,
            "float": None if before is None else _rounded(before),
            "quantized": _rounded(after),
        }
        rows.append(("[[quantization.figure]]", figure))
    return rows


def _rounded(value: float) -> float:
    return float(f"{value:.5g}")


def _lines(head: str, entries: Mapping[str, _Value | None]) -> Iterator[str]:
    if head:
        yield head
    for key, value in entries.items():
        if value is not None:
            # A JSON string, number or list of such is the same in TOML.
            yield f"{key} = {json.dumps(value, ensure_ascii=False)}"
    yield ""
