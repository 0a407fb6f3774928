"""``rostro doctor``: what a bug report needs, and what can be done better here."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import click

from rostro.cli.common import echo_json, verbose_option
from rostro.errors import RostroError
from rostro.models.card import FORMATS

_PACKAGES = ("rostro", "numpy", "onnxruntime", "ncnn", "onnx", "pillow")


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@verbose_option
def doctor(as_json: bool) -> None:
    """Describe this installation.

    Versions, CPU, engines, models and cache, with what could be better: put it into a bug report.
    Nothing is changed and no network is needed. The exit status is 0 even with warnings.
    """
    warnings: list[str] = []
    facts = {
        "versions": _versions(),
        "cpu": _cpu(warnings),
        "engines": _engines(warnings),
        "models": _models(warnings),
        "runs": _runs(warnings),
        "cache": _cache(warnings),
        "environment": {k: v for k, v in sorted(os.environ.items()) if k.startswith("ROSTRO_")},
    }
    if as_json:
        echo_json({**facts, "warnings": warnings}, indent=1)
        return
    for line in _lines(facts, ""):
        click.echo(line)
    click.echo("warnings" if warnings else "no warnings")
    for warning in warnings:
        click.echo(f"  {warning}")


def _lines(facts: Mapping[str, Any], indent: str) -> Iterator[str]:
    for name, value in facts.items():
        if isinstance(value, dict):
            yield f"{indent}{name}"
            yield from _lines(value, indent + "  ")
        else:
            shown = " ".join(map(str, value)) if isinstance(value, list) else value
            yield f"{indent}{name:15} {'not installed' if shown is None else shown}"


def _versions() -> dict[str, Any]:
    versions = {name: _version(name) for name in _PACKAGES}
    python = f"{platform.python_version()} ({platform.python_implementation()})"
    return {**versions, "python": python, "system": platform.platform()}


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _cpu(warnings: list[str]) -> dict[str, Any]:
    from rostro import simd
    from rostro.support.cpus import available_cpus

    info = _cpu_info()
    parts = [info[key] for key in ("CPU implementer", "CPU part") if key in info]
    model = info.get("model name") or " ".join(parts) or platform.processor() or "unknown"
    facts: dict[str, Any] = {"model": model, "machine": platform.machine()}
    board = _read(Path("/proc/device-tree/model")).rstrip("\0\n")
    if board:
        facts["board"] = board
    facts["features"] = list(simd.features())
    try:
        facts["simd levels"] = list(simd.levels())
        facts["simd used"] = simd.level()
    except RostroError as error:  # an unknown ROSTRO_SIMD
        warnings.append(str(error))
    facts["cpus"] = os.cpu_count()
    facts["threads"] = available_cpus()
    return facts


def _cpu_info() -> dict[str, str]:
    """The first CPU of /proc/cpuinfo; empty where there is none."""
    first = _read(Path("/proc/cpuinfo")).strip().split("\n\n")[0]
    pairs = (line.partition(":") for line in first.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _engines(warnings: list[str]) -> dict[str, str | None]:
    from rostro import engines

    found = engines.installed()
    for name, version in found.items():
        if version is None:
            warnings.append(f"engine {name} is not installed: pip install {name}")
    return dict(found)


def _models(warnings: list[str]) -> dict[str, Any]:
    from rostro import engines, models
    from rostro.models import store
    from rostro.models.integrity import check

    there = engines.installed()
    facts: dict[str, Any] = {}
    for name in models.cards():
        card = models.builtin_card(name)
        entries = store.installed(card)
        facts[name] = {"folder": str(store.folder_of(card))}
        for file_format in FORMATS:
            entry = entries.get(file_format)
            status = None
            if entry is not None:
                try:
                    path = store.folder_of(card) / entry.name
                    check(path, size=entry.size, sha256=entry.sha256)
                    status = "ok"
                except (RostroError, OSError) as error:
                    status = "damaged"
                    warnings.append(f"{error}; mend it: rostro models install {name}")
            facts[name][file_format] = status
        if not entries and name not in models.DEFAULTS.values():
            continue  # one that nobody asked for
        if facts[name]["onnx"] is None:
            warnings.append(f"{name} is not installed: rostro models install {name}")
        elif there["ncnn"] and card.ncnn.shapes and facts[name]["param"] is None:
            warnings.append(
                f"{name} is not converted for ncnn, ONNX Runtime serves it: "
                f"rostro models install {name}"
            )
    return facts


def _runs(warnings: list[str]) -> dict[str, str]:
    """What runs each network that is installed, by default, and why."""
    from rostro import models
    from rostro.models import store

    facts = {}
    for name in models.cards():
        model = models.resolve(name)
        if model.card is None or not model.installed:
            continue
        try:
            choice = model.choose()
            wanted = store.int8_wanted(model.card, model.recipe)
        except RostroError as error:
            warnings.append(str(error))
            continue
        facts[name] = f"{choice.engine}, {choice.form}: {choice.why}"
        if wanted:
            warnings.append(
                f"{name} takes less time in int8 on this CPU: rostro models install {name}"
            )
    return facts


def _cache(warnings: list[str]) -> dict[str, Any]:
    from rostro.support.files import cache_folder

    folder = cache_folder()
    # What would be made is made below the part of the path that is there.
    existing = next((path for path in (folder, *folder.parents) if path.exists()), folder)
    try:
        with tempfile.TemporaryFile(dir=existing):
            writable = True
    except OSError as error:
        writable = False
        warnings.append(
            f"the cache folder {folder} cannot be written ({error.strerror}); "
            "name another one in ROSTRO_CACHE"
        )
    return {"folder": str(folder), "writable": writable}
