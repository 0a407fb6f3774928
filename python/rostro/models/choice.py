"""Which engine runs a network, and in which precision."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, get_args

from rostro import simd
from rostro.errors import ArgumentError
from rostro.models.card import Card, EngineChoice
from rostro.models.int8_recipe import CpuTimes, Int8Recipe
from rostro.support.arguments import check_text

__all__ = [
    "PRECISIONS",
    "Choice",
    "Form",
    "Precision",
    "check_precision",
    "choose",
    "half_here",
    "times_here",
    "usual_precision",
]

Precision = Literal["auto", "float32", "int8"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)

Form = tuple[str, Literal["float32", "int8"]]
"""An engine, and what a network is there in for it."""


HALF: Form = ("ncnn", "float32")
"""The form that can be computed in float16."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What runs a network, and why that."""

    engine: str
    precision: Literal["float32", "int8"]
    why: str
    half: bool = False
    """Whether the float network is computed in float16."""

    @property
    def form(self) -> str:
        """What it is computed in."""
        return "float16" if self.half else self.precision


def check_precision(precision: Precision) -> Precision:
    """Raise ArgumentError unless it is one of `PRECISIONS`."""
    if check_text("precision", precision) not in PRECISIONS:
        raise ArgumentError(
            f"precision: got {precision!r}; one of {', '.join(PRECISIONS)} is wanted"
        )
    return precision


def usual_precision() -> Precision:
    """What ``"auto"`` means for built-in models: ``ROSTRO_PRECISION``, where it is set.

    Raises:
        ArgumentError: it is set to something else.
    """
    named = os.environ.get("ROSTRO_PRECISION") or "auto"
    for precision in PRECISIONS:
        if precision == named:
            return precision
    raise ArgumentError(
        f"ROSTRO_PRECISION: got {named!r}; one of {', '.join(PRECISIONS)} is wanted"
    )


def times_here(recipe: Int8Recipe) -> tuple[str, CpuTimes] | None:
    """The times on CPUs with the best feature that this one has, of those with times."""
    known = [(each, recipe.times[each]) for each in simd.features() if each in recipe.times]
    return known[-1] if known else None


def half_here(card: Card | None, precision: Precision) -> bool:
    """Whether ncnn computes the float network in float16 on this CPU."""
    return precision == "auto" and card is not None and card.ncnn.half and "fp16" in simd.features()


def choose(
    forms: Collection[Form],
    recipe: Int8Recipe | None,
    engines: EngineChoice | None,
    precision: Precision,
    *,
    half: bool = False,
) -> Choice:
    """The quickest of some forms on this CPU, by what its card says of it.

    Args:
        forms: one or more that can run.
        recipe: the times; and which int8 forms miss a limit, which ``"auto"`` does not take.
        engines: the better engine of float networks where the recipe says nothing of this CPU.
        precision: ``"auto"``: int8 only where the times say that it is quicker.
        half: whether ncnn computes the float network in float16 here.
    """
    order = sorted(
        forms, key=lambda form: (form[1] == "int8", engines is not None and form[0] != engines.best)
    )
    here = None if recipe is None else times_here(recipe)
    if recipe is not None and precision == "auto":
        order = [
            form for form in order if form[1] == "float32" or _passes(recipe, form[0])
        ] or order
    if here is None:
        engine, kind = order[0]
        why = "nothing was measured on such a CPU" if recipe is not None else "it has no other form"
        if engines is not None and len({name for name, _ in order}) > 1:
            why = f"the better engine by its card ({engines.how})"
        return Choice(engine, kind, why, half=half and (engine, kind) == HALF)
    feature, times = here
    known = {form: times.of(*form, half=half) for form in order}

    def time(form: Form) -> float:
        found = known[form]
        return float("inf") if found is None else found

    engine, kind = min(order, key=time)  # the first of equal ones
    told = ", ".join(
        f"{name} {'float16' if half and (name, of) == HALF else of} {known[name, of]:g}"
        for name, of in order
        if known[name, of]
    )
    why = f"least with {feature} by its card: {told}"
    return Choice(engine, kind, why, half=half and (engine, kind) == HALF)


def _passes(recipe: Int8Recipe, engine: str) -> bool:
    ranges = recipe.of(engine)
    return ranges is None or not ranges.misses
