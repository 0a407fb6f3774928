"""Reads model cards: TOML, strictly."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Literal, cast

from rostro.engines import ENGINES
from rostro.errors import FileMissingError, ModelError
from rostro.models.card import (
    NMS_METHODS,
    Card,
    CardFile,
    DetectSettings,
    EmbedSettings,
    EngineChoice,
    Input,
    Quantization,
    Task,
    Threshold,
)
from rostro.models.sources import Source, UrlSource, WheelSource
from rostro.models.toml_table import Table

__all__ = ["load_card", "parse_card"]


def load_card(path: Path) -> Card:
    """Read a user's card, strictly: a key that is missing, unknown or of a wrong type is an error.

    Raises:
        FileMissingError: there is no such file.
        ModelError: the card is wrong; names the file and the key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ModelError(f"{path}: not a text file in UTF-8") from error
    except OSError as error:
        raise FileMissingError(f"{path}: {error.strerror}") from error
    return parse_card(text, str(path))


def parse_card(text: str, where: str) -> Card:
    """Read the text of a card; ``where`` names it in errors."""
    try:
        top = Table(tomllib.loads(text), where)
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"{where}: not valid TOML: {error}") from error
    task = top.choice("task", ("detect", "embed"))
    name = top.get("name", str)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise top.wrong("name", f"letters, digits, '.', '_' and '-' are wanted, got {name!r}")
    card = Card(
        name=name,
        task=cast(Task, task),
        description=top.get("description", str, ""),
        homepage=top.get("homepage", str, ""),
        licence=top.get("licence", str),
        files=_files(top),
        input=_input(top.table("input")),
        outputs=top.table("outputs").tuple_of("names", str),
        thresholds={key: _threshold(table) for key, table in top.subtables("thresholds")},
        engines={key: _engine(table) for key, table in top.subtables("engines")},
        ncnn_shapes=_shapes(top.table("ncnn")) if "ncnn" in top else (),
        detect=_detect(top.table("detect")) if task == "detect" else None,
        embed=_embed(top.table("embed")) if task == "embed" else None,
        quantization=_quantization(top.table("quantization")) if "quantization" in top else None,
    )
    top.end()
    return card


def _detect(table: Table) -> DetectSettings:
    return DetectSettings(
        head=table.get("head", str),
        score_threshold=table.get("score_threshold", float),
        nms_threshold=table.get("nms_threshold", float),
        top_k=table.get("top_k", int),
        nms_method=table.choice("nms_method", NMS_METHODS) if "nms_method" in table else "hard",
        outputs=table.tuple_of("outputs", str) if "outputs" in table else (),
        smallest_face=table.get("smallest_face", float, None),
    )


def _embed(table: Table) -> EmbedSettings:
    dim = table.get("dim", int)
    if not 1 <= dim <= 65536:
        raise table.wrong("dim", f"a number from 1 to 65536 is wanted, got {dim}")
    return EmbedSettings(
        dim=dim,
        template=table.get("template", str),
        flip=table.get("flip", bool, False),
        landmarks=table.get("landmarks", str, None),
    )


def _files(top: Table) -> tuple[CardFile, ...]:
    files = tuple(_file(table) for table in top.tables("file"))
    formats = sorted(file.format for file in files)
    if formats not in (["onnx"], ["bin", "param"], ["bin", "onnx", "param"]):
        names = ", ".join(file.name for file in files)
        raise top.wrong("file", f"one .onnx, or a .param with its .bin, is wanted, got {names}")
    return files


def _file(table: Table) -> CardFile:
    name = table.get("name", str)
    if name != Path(name).name:
        raise table.wrong("name", f"a name without folders is wanted, got {name!r}")
    digest = table.get("sha256", str, None)
    if digest is not None and not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise table.wrong("sha256", f"64 digits 0-9a-f are wanted, got {digest!r}")
    sources = tuple(_source(source) for source in table.tables("source", optional=True))
    return CardFile(name, digest, table.get("size", int, None), sources)


def _source(table: Table) -> Source:
    if table.choice("kind", ("url", "wheel")) == "url":
        return UrlSource(table.get("url", str))
    return WheelSource(*(table.get(key, str) for key in ("package", "version", "member")))


def _input(table: Table) -> Input:
    size = table.tuple_of("size", int) if "size" in table else None
    if size is not None and (len(size) != 2 or min(size) < 1):
        raise table.wrong("size", f"[width, height] is wanted, got {list(size)}")
    multiple = table.get("multiple", int, 1)
    if multiple < 1:
        raise table.wrong("multiple", f"at least 1 is wanted, got {multiple}")
    pad = table.get("pad", int, 0)
    if not 0 <= pad <= 255:
        raise table.wrong("pad", f"a pixel value from 0 to 255 is wanted, got {pad}")
    return Input(
        name=table.get("name", str),
        channels=cast(Literal["bgr", "rgb"], table.choice("channels", ("bgr", "rgb"))),
        mean=_one_or_three(table, "mean"),
        std=_one_or_three(table, "std"),
        size=size and (size[0], size[1]),
        multiple=multiple,
        pad=pad,
    )


def _one_or_three(table: Table, key: str) -> float | tuple[float, float, float]:
    if not table.holds_list(key):
        return table.get(key, float)
    numbers = table.tuple_of(key, float)
    if len(numbers) != 3:
        raise table.wrong(key, f"one number or three are wanted, got {len(numbers)}")
    return numbers[0], numbers[1], numbers[2]


def _threshold(table: Table) -> Threshold:
    return Threshold(
        value=table.get("value", float),
        how=table.get("how", str),
        fmr=table.get("fmr", float, None),
        pairs=table.get("pairs", int, None),
    )


def _engine(table: Table) -> EngineChoice:
    return EngineChoice(
        best=table.choice("best", ENGINES),
        onnxruntime_ms=table.get("onnxruntime_ms", float, None),
        ncnn_ms=table.get("ncnn_ms", float, None),
        how=table.get("how", str),
    )


def _quantization(table: Table) -> Quantization:
    return Quantization(
        of=table.get("of", str),
        engine=table.choice("engine", ENGINES),
        form=table.choice("form", ("int8", "float16")),
        how=table.get("how", str),
        in_float=table.tuple_of("in_float", str),
        misses=table.tuple_of("misses", str),
        figures=tuple(
            (row.get("what", str), row.get("float", float, None), row.get("quantized", float))
            for row in table.tables("figure", optional=True)
        ),
    )


def _shapes(table: Table) -> tuple[tuple[int, ...], ...]:
    rows = table.tuple_of("shapes", list)
    for row in rows:
        if len(row) != 4 or not all(type(side) is int and side > 0 for side in row):
            raise table.wrong("shapes", f"[N, C, H, W] is wanted, got {row}")
    if len(rows) not in (1, 2):
        raise table.wrong("shapes", f"one or two are wanted, got {len(rows)}")
    return tuple(tuple(row) for row in rows)
