"""What rostro and what it needs at run time take on disk, in this environment.

Prints Markdown: every package that `pip install rostro` brings, by its own records, with the
compiled Python files that pip writes beside them, and what a new environment has besides.
"""

from __future__ import annotations

import importlib.metadata
import re
from importlib.metadata import Distribution
from pathlib import Path

import rostro
from report import Page, argument_parser, heading, table

FRESH = ("pip", "setuptools")


def needed(name: str) -> list[str]:
    """The package and all that it requires, none of its extras."""
    found: list[str] = []
    waiting = [name]
    while waiting:
        each = waiting.pop(0)
        if each in found:
            continue
        try:
            requires = importlib.metadata.requires(each) or []
        except importlib.metadata.PackageNotFoundError:
            continue  # of another Python, such as tomli
        found.append(each)
        for line in requires:
            if ";" not in line:
                waiting.append(re.split(r"[^A-Za-z0-9._-]", line)[0].lower().replace("_", "-"))
    return found


def files_of(package: Distribution) -> list[Path]:
    """What it has put on disk."""
    paths = [Path(str(package.locate_file(file))).resolve() for file in package.files or ()]
    return [path for path in paths if path.is_file()]


def own_files() -> list[Path]:
    """Those of rostro, which may be installed from its sources."""
    folder = Path(rostro.__file__).parent
    module = Path(rostro._core.__file__)
    return [module, *(p for p in folder.rglob("*") if p.is_file() and p.name != module.name)]


def megabytes(paths: list[Path]) -> float:
    """As `du` counts: whole blocks."""
    return sum(path.stat().st_blocks for path in paths) * 512 / 1e6


def main() -> None:
    options = argument_parser(__doc__).parse_args()
    page = Page("installed-size", "What an installation takes on disk")
    page.show(heading([]).rstrip(", "))
    rows: list[tuple[str, str, float, float]] = []
    for name in (*needed("rostro"), *FRESH):
        package = importlib.metadata.distribution(name)
        paths = own_files() if name == "rostro" else files_of(package)
        modules = [path for path in paths if path.suffix == ".pyc"]
        rows.append((name, package.version, megabytes(paths), megabytes(modules)))
    rows.sort(key=lambda row: -row[2])
    total, compiled = sum(row[2] for row in rows), sum(row[3] for row in rows)
    shown = [[name, version, f"{all_:.1f}", f"{c:.1f}"] for name, version, all_, c in rows]
    shown.append(["all", "", f"{total:.1f}", f"{compiled:.1f}"])
    page.show(table(["package", "version", "MB", "of it compiled Python"], shown))
    own, fresh = (sum(row[2] for row in rows if row[0] in some) for some in (("rostro",), FRESH))
    page.show(
        f"rostro itself takes {own:.1f} MB. {' and '.join(FRESH)}, {fresh:.0f} MB, come with "
        "`python3 -m venv`, which brings no setuptools from Python 3.12 on. `pip install "
        "--no-compile` leaves compiled Python out until a module is first imported."
    )
    if options.write:
        page.save()


if __name__ == "__main__":
    main()
