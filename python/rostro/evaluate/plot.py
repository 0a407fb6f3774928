"""Curves as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rostro.errors import ArgumentError
from rostro.evaluate.extra import import_extra
from rostro.evaluate.wider import Curve
from rostro.support.files import replacing

__all__ = ["PLOT_SUFFIXES", "check_plot", "plot_curves", "plot_discard", "plot_errors", "plot_roc"]

PLOT_SUFFIXES = (".png", ".svg")


def check_plot(path: Path) -> None:
    """Whether `plot_curves` could write there, as far as that can be told before.

    Raises:
        ArgumentError: another suffix than `PLOT_SUFFIXES`.
        ExtraNotInstalledError: Matplotlib is not installed.
    """
    if path.suffix.lower() not in PLOT_SUFFIXES:
        raise ArgumentError(
            f"plot: got {str(path)!r}; a name that ends in {' or '.join(PLOT_SUFFIXES)} is wanted"
        )
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
    figure, axes = _figure(path)
    for name, curve in curves.items():
        area = curve.average_precision
        label = f"{name}: no face" if area is None else f"{name}: {area:.4f}"
        drawn = curve.precision > 0  # nothing counts above the best detection's score
        axes.plot(curve.recall[drawn], curve.precision[drawn], label=label)
    axes.set(xlabel="recall", ylabel="precision", title=title, xlim=(0, 1), ylim=(0, 1.02))
    axes.legend(title="average precision", loc="lower left")
    _save(figure, path)


def plot_roc(
    path: Path,
    curves: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]],
    title: str,
    share: str,
) -> None:
    """Draw the share accepted over the false accept rate, on a logarithmic scale.

    Args:
        path: of the new picture, ``.png`` or ``.svg``.
        curves: FAR and the share, (m,) each, by the name in the legend.
        title: above them.
        share: name of the share, such as ``"TAR"``.

    Raises:
        As `plot_curves`.
    """
    figure, axes = _figure(path)
    for name, (far, accepted) in curves.items():
        axes.step(far, accepted, where="post", label=name)
    axes.set(xlabel="FAR", ylabel=share, title=title, xscale="log", xlim=(None, 1), ylim=(None, 1))
    axes.legend(loc="lower right")
    _save(figure, path)


def plot_errors(
    path: Path, errors: Mapping[str, NDArray[np.float64]], title: str, what: str, most: float
) -> None:
    """Draw the share of faces over the error that they stay within: the cumulative distribution.

    Args:
        path: of the new picture, ``.png`` or ``.svg``.
        errors: (n,) each, infinite where a face was missed, by the name in the legend.
        title: above them.
        what: the error, with its unit.
        most: up to which error.

    Raises:
        As `plot_curves`.
    """
    figure, axes = _figure(path)
    for name, values in errors.items():
        reached = np.sort(values[values <= most])
        shares = np.arange(len(reached) + 1) / len(values)
        axes.step([0, *reached, most], [*shares, shares[-1]], where="post", label=name)
    axes.set(xlabel=what, ylabel="share of faces", title=title, xlim=(0, most), ylim=(0, 1.02))
    axes.legend(loc="lower right")
    _save(figure, path)


def plot_discard(
    path: Path, curves: Mapping[str, tuple[NDArray[np.float64], ...]], title: str
) -> None:
    """Draw error-versus-discard curves, each within the band of its interval.

    Args:
        path: of the new picture, ``.png`` or ``.svg``.
        curves: shares, FNMR and its interval's ends, (m,) each, by the name in the legend.
        title: above them.

    Raises:
        As `plot_curves`.
    """
    figure, axes = _figure(path)
    for name, (shares, fnmr, low, high) in curves.items():
        (line,) = axes.plot(shares, fnmr, label=name)
        axes.fill_between(shares, low, high, alpha=0.15, color=line.get_color(), linewidth=0)
    axes.set(
        xlabel="share of comparisons discarded", ylabel="FNMR", title=title, xlim=(0, 1),
        ylim=(0, None),
    )  # fmt: skip
    axes.legend(loc="best")
    _save(figure, path)


def _figure(path: Path) -> tuple[Any, Any]:
    check_plot(path)
    # A figure of its own, without pyplot, draws with Agg or as SVG and keeps no global state.
    figure = import_extra("matplotlib.figure").Figure(figsize=(6, 5), layout="constrained")
    axes = figure.subplots()
    axes.grid(alpha=0.3)
    return figure, axes


def _save(figure: Any, path: Path) -> None:
    with replacing(path) as file:
        figure.savefig(file, format=path.suffix.lower()[1:], dpi=150)
