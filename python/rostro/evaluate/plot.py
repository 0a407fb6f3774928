"""Precision-recall curves as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rostro.errors import ArgumentError
from rostro.evaluate.extra import import_extra
from rostro.evaluate.wider import Curve
from rostro.models.files import replacing

__all__ = ["PLOT_SUFFIXES", "check_plot", "plot_curves"]

PLOT_SUFFIXES = (".png", ".svg")


def check_plot(path: Path) -> None:
    """Whether `plot_curves` could write there, as far as that can be told before.

    Raises:
        ArgumentError: another suffix than `PLOT_SUFFIXES`.
        ExtraNotInstalledError: Matplotlib is not installed.
    """
    if path.suffix.lower() not in PLOT_SUFFIXES:
        raise ArgumentError(f"{path}: a plot is written as {' or '.join(PLOT_SUFFIXES)}")
    import_extra("matplotlib.figure")


def plot_curves(path: Path, curves: Mapping[str, Curve], title: str) -> None:
    """Draw precision over recall, a line a setting, and write it, with no display at all.

    Args:
        path: of the new picture, ``.png`` or ``.svg``.
        curves: by the name in the legend.
        title: above them.

    Raises:
        ArgumentError, ExtraNotInstalledError: as `check_plot`.
        WriteError: the file cannot be written.
    """
    check_plot(path)
    # A figure of its own, without pyplot, draws with Agg or as SVG and keeps no global state.
    figure = import_extra("matplotlib.figure").Figure(figsize=(6, 5), layout="constrained")
    axes = figure.subplots()
    for name, curve in curves.items():
        area = curve.average_precision
        label = f"{name}: no face" if area is None else f"{name}: {area:.4f}"
        drawn = curve.precision > 0  # nothing counts above the best detection's score
        axes.plot(curve.recall[drawn], curve.precision[drawn], label=label)
    axes.set(xlabel="recall", ylabel="precision", title=title, xlim=(0, 1), ylim=(0, 1.02))
    axes.grid(alpha=0.3)
    axes.legend(title="average precision", loc="lower left")
    with replacing(path) as file:
        figure.savefig(file, format=path.suffix.lower()[1:], dpi=150)
