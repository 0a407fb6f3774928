"""What a type allows to be missing, and a test knows to be there."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def there(thing: T | None) -> T:
    assert thing is not None
    return thing
