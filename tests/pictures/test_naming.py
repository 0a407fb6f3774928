"""Errors name the picture they are about, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostro.errors import ArgumentError, EngineError, ImageError
from rostro.pictures.naming import naming


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (ArgumentError("image: got a strip"), ArgumentError, "photos/a.jpg: image: got a strip"),
        (EngineError("failed"), EngineError, "photos/a.jpg: failed"),
        (ImageError("photos/a.jpg: no face"), ImageError, "photos/a.jpg: no face"),
        (MemoryError(), ImageError, "photos/a.jpg: not enough memory"),
        (MemoryError("1 GiB"), ImageError, "photos/a.jpg: not enough memory: 1 GiB"),
        (ZeroDivisionError("a bug"), ZeroDivisionError, "a bug"),
    ],
)
def test_errors_name_the_picture(error: Exception, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as raised, naming(Path("photos/a.jpg")):
        raise error
    assert str(raised.value) == message
