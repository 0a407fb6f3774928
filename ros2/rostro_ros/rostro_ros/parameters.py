"""The settings as ROS parameters: declared with ranges and descriptions, checked, changed live."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
)

from rostro.errors import ArgumentError
from rostro_ros.settings import FIELDS, Settings, check

__all__ = ["declare", "read", "with_changes"]

_NOTES = {
    "at once": "",
    "engine": " A change makes the networks anew, beside the running ones.",
    "configured": " Changed only while the node is unconfigured.",
}


def declare(node: Any) -> None:
    """Declares every setting as a parameter of the node."""
    for name, field in FIELDS.items():
        node.declare_parameter(name, field.default, _descriptor(field))


def read(node: Any) -> Settings:
    """The parameters as they are.

    Raises:
        ArgumentError: one that cannot be.
    """
    values = {name: node.get_parameter(name).value for name in FIELDS}
    for name, value in values.items():
        check(name, value)
    return Settings(**values)


def with_changes(settings: Settings, parameters: Iterable[Any], configured: bool) -> Settings:
    """The settings that these parameters, which somebody wants to set, lead to.

    Raises:
        ArgumentError: one that cannot be, or not now.
    """
    values = {one.name: one.value for one in parameters if one.name in FIELDS}
    for name, value in values.items():
        check(name, value)
        fixed = FIELDS[name].metadata["when"] == "configured"
        if configured and fixed and value != getattr(settings, name):
            raise ArgumentError(f"{name}: is changed while the node is unconfigured alone")
    return dataclasses.replace(settings, **values)


def _descriptor(field: dataclasses.Field[Any]) -> ParameterDescriptor:
    facts = field.metadata
    found = ParameterDescriptor(description=facts["says"] + _NOTES[facts["when"]])
    if facts["among"]:
        found.additional_constraints = "one of " + ", ".join(facts["among"])
    if facts["low"] is not None:
        low, high = facts["low"], facts["high"]
        if isinstance(field.default, int):
            found.integer_range = [IntegerRange(from_value=int(low), to_value=int(high), step=0)]
        else:
            found.floating_point_range = [
                FloatingPointRange(from_value=float(low), to_value=float(high), step=0.0)
            ]
    return found
