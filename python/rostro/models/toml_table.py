"""Strict reading of TOML: every error names the file and the key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, overload

from rostro.errors import ModelError

__all__ = ["Table"]

_T = TypeVar("_T")
_D = TypeVar("_D")


class _Required:
    pass


class Table:
    """A TOML table of which every key must be asked for, once it is all read."""

    def __init__(self, data: dict[str, Any], where: str, path: str = "") -> None:
        self._data = data
        self._where = where
        self._path = path
        self._children: list[Table] = []
        self._asked: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def wrong(self, key: str, problem: str) -> ModelError:
        return ModelError(f"{self._where}: key {self._path}{key}: {problem}")

    @overload
    def get(self, key: str, kind: type[_T]) -> _T: ...
    @overload
    def get(self, key: str, kind: type[_T], default: _D) -> _T | _D: ...
    def get(self, key: str, kind: type, default: Any = _Required) -> Any:
        self._asked.add(key)
        if key in self._data:
            return self._typed(key, self._data[key], kind)
        if default is _Required:
            raise self.wrong(key, "missing")
        return default

    def choice(self, key: str, among: Sequence[str]) -> str:
        value = self.get(key, str)
        if value not in among:
            raise self.wrong(key, f"one of {', '.join(among)} is wanted, got {value!r}")
        return value

    def holds_list(self, key: str) -> bool:
        return isinstance(self._data.get(key), list)

    def tuple_of(self, key: str, kind: type[_T]) -> tuple[_T, ...]:
        return tuple(self._typed(key, value, kind) for value in self.get(key, list))

    def table(self, key: str) -> Table:
        return self._child(f"{key}.", self.get(key, dict))

    def tables(self, key: str, optional: bool = False) -> list[Table]:
        rows = self.get(key, list, []) if optional else self.get(key, list)
        return [
            self._child(f"{key}[{i}].", self._typed(key, row, dict)) for i, row in enumerate(rows)
        ]

    def subtables(self, key: str) -> list[tuple[str, Table]]:
        """The tables in the optional table ``key``, by name."""
        if key not in self:
            return []
        parent = self.table(key)
        return [(name, parent.table(name)) for name in parent._data]

    def end(self) -> None:
        """Raise for the first key that nobody asked for, here or in a table below."""
        for key in self._data:
            if key not in self._asked:
                raise self.wrong(key, "unknown")
        for child in self._children:
            child.end()

    def _child(self, path: str, data: dict[str, Any]) -> Table:
        child = Table(data, self._where, self._path + path)
        self._children.append(child)
        return child

    def _typed(self, key: str, value: Any, kind: type[_T]) -> _T:
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            raise self.wrong(key, f"{kind.__name__} is wanted, got {type(value).__name__}")
        return value
