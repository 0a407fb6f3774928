"""A gallery read by C++ and by Python: opening it, following it, one query; synthetic embeddings.

    cmake --preset release -DROSTRO_BENCHMARKS=ON && cmake --build --preset release
    python benchmarks/gallery_reader.py [--templates 20000] [--dim 512] [--rounds 200]

Python asks for changes with each search, so that its query is C++'s refresh and search.
"""

from __future__ import annotations

import subprocess
import tempfile
from functools import partial
from pathlib import Path

import numpy as np

import rostro
from peers_match import unit_vectors
from report import ROOT, Page, argument_parser, heading, measure_in_turn, table
from rostro.types import FloatArray

PROGRAM = ROOT / "build" / "release" / "benchmarks" / "rostro_gallery_reader"
TURNS = 5


def in_python(path: Path, query: FloatArray, rounds: int) -> list[float]:
    """Median seconds to open, and of a query."""

    def open_once() -> None:
        rostro.Gallery.open(path).close()

    opening = measure_in_turn({"open": open_once}, max(rounds // 20, 1))["open"]
    with rostro.Gallery.open(path) as gallery:
        search = partial(gallery.search, query, 5)
        searching = measure_in_turn({"search": search}, rounds)["search"]
    return [float(np.median(opening)), float(np.median(searching))]


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("--templates", type=int, default=20_000)
    parser.add_argument("--dim", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=200)
    arguments = parser.parse_args()
    count, dim, rounds = arguments.templates, arguments.dim, arguments.rounds
    page = Page(
        "gallery-reader", f"A gallery of {count:,} templates of {dim} bytes, C++ and Python"
    )
    page.show(heading(["rostro", "numpy"]))
    python, cpp = [], []
    with tempfile.TemporaryDirectory() as folder:
        path, query = Path(folder) / "people.rostro", unit_vectors(1, dim, 3)
        query.tofile(Path(folder) / "query")
        with rostro.Gallery.open(path, dim) as gallery:
            gallery.add([f"person {i}" for i in range(count)], unit_vectors(count, dim, 1))
        command = [str(PROGRAM), str(path), f"{folder}/query", str(rounds)]
        for _ in range(TURNS):
            python.append(in_python(path, query, rounds))
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            cpp.append(list(map(float, done.stdout.split())))
    opening, searching = np.min(python, axis=0)
    cpp_opening, refreshing, cpp_searching = np.min(cpp, axis=0)
    rows = [
        ["open, ms", f"{1e3 * opening:.1f}", f"{1e3 * cpp_opening:.1f}"],
        ["refresh, nothing changed, us", "", f"{1e6 * refreshing:.1f}"],
        ["search for one face, k 5, us", "", f"{1e6 * cpp_searching:.0f}"],
        [
            "both, us",
            f"{1e6 * searching:.0f}",
            f"{1e6 * (refreshing + cpp_searching):.0f}",
        ],
    ]
    page.show(table(["", "Python", "C++"], rows))
    page.show(
        f"The least of {TURNS} medians, in turn, one thread, on a machine that others used too."
    )
    if arguments.write:
        page.save()


if __name__ == "__main__":
    main()
