"""Dataclasses as TOML: a field is a key, described once, read strictly and written.

A field's type says what its key holds, and marks in ``Annotated`` which values, and what the key is
called where it is not called like the field. A key may be missing where its field has a default or
may be ``None``. Dataclasses are tables; in a union of them a field ``kind`` tells which one.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from rostro.errors import ModelError

__all__ = ["Key", "Matching", "Within", "read", "write"]

_T = TypeVar("_T")
_WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
_INT64 = 1 << 63
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Key:
    """The name of a field's key; ``"table.key"``: the only one of a table of its own."""

    name: str


@dataclass(frozen=True, slots=True)
class Within:
    """A number from ``low`` to ``high``."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high

    @property
    def wanted(self) -> str:
        return f"a number from {self.low:.12g} to {self.high:.12g}"


@dataclass(frozen=True, slots=True)
class Matching:
    """Text that a regular expression matches as a whole; ``wanted`` says it in words."""

    pattern: str
    wanted: str

    def holds(self, value: str) -> bool:
        return re.fullmatch(self.pattern, value) is not None


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    key: str
    hint: Any
    default: Any
    optional: bool


@functools.cache
def _fields(kind: Any) -> tuple[_Field, ...]:
    hints = get_type_hints(kind, include_extras=True)
    found = []
    for field in dataclasses.fields(kind):
        hint = hints[field.name]
        marks = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
        key = next((mark.name for mark in marks if isinstance(mark, Key)), field.name)
        default = field.default
        if field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        may_be_none = NoneType in get_args(get_args(hint)[0] if marks else hint)
        optional = default is not dataclasses.MISSING or may_be_none
        found.append(_Field(field.name, key, hint, default, optional))
    return tuple(found)


def read(kind: type[_T], data: object, at: str) -> _T:
    """An instance of a dataclass out of a TOML table.

    Args:
        data: as `tomllib` gives it.
        at: where the table is, with what keys follow: ``"a.toml: key "``.

    Raises:
        ModelError: a key is missing, unknown, or holds what it may not; names it.
    """
    if not isinstance(data, dict):
        raise _wrong(at.rstrip("."), data, "a table")
    left = dict(data)
    values = {}
    for field in _fields(cast(Any, kind)):
        key, _, inner = field.key.partition(".")
        if key in left:
            value = left.pop(key)
            if inner:
                value = _only(value, inner, f"{at}{key}")
            values[field.name] = _value(field.hint, value, at + field.key)
        elif not field.optional:
            raise ModelError(f"{at}{field.key}: missing")
        elif field.default is dataclasses.MISSING:
            values[field.name] = None
    if left:
        raise ModelError(f"{at}{_named(next(iter(left)))}: unknown")
    return kind(**values)


def _only(table: object, key: str, at: str) -> object:
    if not isinstance(table, dict):
        raise _wrong(at, table, "a table")
    for other in table:
        if other != key:
            raise ModelError(f"{at}.{_named(other)}: unknown")
    if key not in table:
        raise ModelError(f"{at}.{key}: missing")
    return table[key]


def _value(hint: Any, value: Any, at: str) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        value = _value(args[0], value, at)
        for mark in args[1:]:
            if not isinstance(mark, Key) and value is not None and not mark.holds(value):
                raise _wrong(at, value, mark.wanted)
        return value
    if origin in (Union, UnionType):
        return _value(_member([arg for arg in args if arg is not NoneType], value, at), value, at)
    if origin is Literal:
        if value not in args:
            raise _wrong(at, value, f"one of {', '.join(args)}")
        return value
    if origin is tuple:
        return tuple(_items(args, value, at))
    if origin is not None:  # Mapping
        if not isinstance(value, dict):
            raise _wrong(at, value, "a table")
        return {name: _value(args[1], item, f"{at}.{_named(name)}") for name, item in value.items()}
    if dataclasses.is_dataclass(hint):
        return read(cast(type, hint), value, f"{at}.")
    # TOML's whole numbers have 64 bits; Python's parser gives longer ones, which floats may not be.
    if type(value) is int and not -_INT64 <= value < _INT64:
        raise ModelError(f"{at}: got a number beyond 64 bits; a smaller one is wanted")
    if hint is float and type(value) is int:
        value = float(value)
    if type(value) is not hint or (hint is float and not math.isfinite(value)):
        raise _wrong(at, value, _WORDS[hint])
    return value


def _items(args: tuple[Any, ...], value: Any, at: str) -> Iterator[Any]:
    if not isinstance(value, list):
        raise _wrong(at, value, "a list")
    kinds = args[:1] * len(value) if args[-1] is Ellipsis else args
    if len(kinds) != len(value):
        raise _wrong(at, value, f"a list of {len(kinds)}")
    for i, (kind, item) in enumerate(zip(kinds, value, strict=True)):
        yield _value(kind, item, f"{at}[{i}]")


def _member(members: list[Any], value: object, at: str) -> Any:
    """Which type of a union a value is of."""
    if all(map(dataclasses.is_dataclass, members)) and len(members) > 1:
        if not isinstance(value, dict):
            raise _wrong(at, value, "a table")
        by_kind = {
            field.default: member
            for member in members
            for field in _fields(member)
            if field.name == "kind"
        }
        if value.get("kind") not in list(by_kind):
            raise _wrong(f"{at}.kind", value.get("kind"), f"one of {', '.join(by_kind)}")
        return by_kind[value["kind"]]
    lists = [member for member in members if get_origin(member) is tuple]
    scalars = [member for member in members if get_origin(member) is not tuple]
    return (lists if isinstance(value, list) and lists else scalars or lists)[0]


def _wrong(at: str, value: object, wanted: str) -> ModelError:
    return ModelError(f"{at}: got {_shown(value)}; {wanted} is wanted")


def _named(key: str) -> str:
    return _quoted(key)[:_SHOWN]


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a number of too many digits, lists nested too deep
        text = type(value).__name__
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _quoted(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _text(key)


def _text(value: object) -> str:
    """JSON's text, numbers and lists of them are TOML's, but that TOML escapes DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def write(value: Any) -> str:
    """The TOML of an instance of a dataclass; what is as by default is left out."""
    return "\n".join(_lines(_plain(value), "")) + "\n"


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        table: dict[str, Any] = {}
        for field in _fields(cast(Any, type(value))):
            held = getattr(value, field.name)
            if held is not None and (held != field.default or field.name == "kind"):
                key, _, inner = field.key.partition(".")
                table[key] = {inner: _plain(held)} if inner else _plain(held)
        return table
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _lines(table: Mapping[str, Any], path: str) -> Iterator[str]:
    tables = {key: value for key, value in table.items() if _is_table(value)}
    for key, value in table.items():
        if key not in tables:
            yield f"{_quoted(key)} = {_text(value)}"
    for key, value in tables.items():
        here = path + _quoted(key)
        for row in [value] if isinstance(value, dict) else value:
            if not isinstance(value, dict):
                yield f"\n[[{here}]]"
            elif not row or not all(map(_is_table, row.values())):
                yield f"\n[{here}]"
            yield from _lines(row, f"{here}.")


def _is_table(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], dict)
    return isinstance(value, dict)
