"""The parameters: each with a range, and what a change of it asks."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from rostro.errors import ArgumentError
from rostro_ros.settings import FIELDS, Settings, changed, check


def test_the_defaults_are_allowed() -> None:
    for name, field in FIELDS.items():
        check(name, field.default)
        assert field.metadata["says"].endswith(".")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("detect_every", 0, "1 to 1000"),
        ("detect_every", 2.0, "int is wanted"),
        ("detect_every", True, "int is wanted"),
        ("threshold", 1.5, "-1 to 1"),
        ("threshold", float("nan"), "-1 to 1"),
        ("precision", "int4", "auto, float32, int8"),
        ("engine", "", "onnxruntime"),
        ("gallery", 3, "str is wanted"),
        ("rate", -1.0, "0 to 1000"),
    ],
)
def test_others_are_refused(name: str, value: Any, says: str) -> None:
    with pytest.raises(ArgumentError, match=f"{name}: .*{says}"):
        check(name, value)


def test_what_a_change_asks() -> None:
    before = Settings()
    assert changed(before, before) == set()
    assert changed(before, dataclasses.replace(before, anonymize=True)) == {"at once"}
    after = dataclasses.replace(before, gallery="people.rostro", tf=False)
    assert changed(before, after) == {"at once", "engine"}
