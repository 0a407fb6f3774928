"""A gallery of a million templates: opening, memory, one query, durable adds; synthetic embeddings.

    python benchmarks/gallery.py [--templates 1000000] [--dim 512] [--rounds 15] [--folder FOLDER]

Needs the packages of `peers_match.py`, beside which it runs one query. Plain SQLite, with full
synchronisation and one row a template, is measured in turn with the gallery, for fsync takes its
time of everybody. Prints Markdown.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

# BLAS reads this when it is loaded; its threads would go on spinning while the next one is timed.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np

import rostro
from peers_match import PACKAGES, search_candidates, unit_vectors
from report import Page, argument_parser, heading, measure_in_turn, table

BATCH = 10_000
MEMORY = Path("/dev/shm")


def build(path: Path, count: int, dim: int, people: int) -> float:
    """Makes the gallery; templates a second."""
    seconds = 0.0
    with rostro.Gallery.open(path, dim) as gallery:
        for start in range(0, count, BATCH):
            rows = unit_vectors(min(BATCH, count - start), dim, start)
            names = [f"person {i % people:07}" for i in range(start, start + len(rows))]
            begin = time.perf_counter()
            gallery.add(names, rows)
            seconds += time.perf_counter() - begin
    return count / seconds


def resident() -> int:
    """Bytes of memory in use by this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def open_and_search(path: Path, rounds: int) -> None:
    """Prints seconds to open (clock, CPU), memory / codes, p50 of a query of gallery and kernel."""
    before = resident()
    begin, begin_cpu = time.perf_counter(), time.process_time()
    gallery = rostro.Gallery.open(path)
    seconds, cpu = time.perf_counter() - begin, time.process_time() - begin_cpu
    memory = (resident() - before) / (gallery.count * gallery.dim)
    print(seconds, cpu, memory)
    # The kernel on its own takes all codes as one matrix; copied, for it owes nothing to chunks.
    chunks = [chunk.visible for chunk in gallery._session.content.snapshot.chunks]
    codes = np.concatenate([chunk.codes for chunk in chunks])
    scales = np.concatenate([chunk.scales for chunk in chunks])
    query = unit_vectors(1, gallery.dim, 1_000_003)
    query_codes, query_scales = rostro.quantize_embeddings(query)
    for threads in (1, None):
        works: dict[str, Callable[[], object]] = {
            "gallery": partial(gallery.search, query, 5, threads=threads),
            "kernel": partial(
                rostro.search_int8, codes, scales, query_codes, query_scales, 5, threads=threads
            ),
        }
        for values in measure_in_turn(works, rounds).values():
            print(np.median(values))


def plain_sqlite(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE template (id INTEGER PRIMARY KEY, name TEXT, codes BLOB)")
    return db


def adds_per_second(folder: Path, where: str, dim: int, rounds: int) -> list[list[str]]:
    """Durable adds one by one and in batches: rows of a table."""
    gallery = rostro.Gallery.open(folder / "adds.rostro", dim)
    db = plain_sqlite(folder / "plain.db")
    rows = unit_vectors(BATCH, dim, 7)
    codes = [row.tobytes() for row in rostro.quantize_embeddings(rows)[0]]
    number = iter(range(10**9))

    def plain_single() -> None:
        for i in range(200):
            db.execute("INSERT INTO template VALUES (NULL, ?, ?)", (f"p{next(number)}", codes[i]))

    def rostro_single() -> None:
        for i in range(200):
            gallery.add(f"p{next(number)}", rows[i])

    def plain_batch() -> None:
        db.execute("BEGIN")
        values = ((f"p{next(number)}", code) for code in codes)
        db.executemany("INSERT INTO template VALUES (NULL, ?, ?)", values)
        db.execute("COMMIT")

    def rostro_batch() -> None:
        gallery.add([f"p{next(number)}" for _ in range(BATCH)], rows)

    works = {"one by one": (200, plain_single, rostro_single)}
    works[f"batches of {BATCH}"] = (BATCH, plain_batch, rostro_batch)
    lines = []
    for name, (count, plain, own) in works.items():
        seconds = measure_in_turn({"plain": plain, "rostro": own}, rounds, warm_up=1)
        rate = {who: count / np.median(values) for who, values in seconds.items()}
        more = 1e6 / rate["rostro"] - 1e6 / rate["plain"]
        lines.append(
            [f"{name}, {where}", f"{rate['plain']:,.0f}", f"{rate['rostro']:,.0f}", f"{more:,.1f}"]
        )
    gallery.close()
    db.close()
    return lines


def beside_peers(count: int, dim: int, rounds: int) -> str:
    """Markdown: one query of a gallery in memory and of its peers, in turn."""
    rows, query = unit_vectors(count, dim, seed=1), unit_vectors(1, dim, seed=2)
    gallery = rostro.Gallery(dim)
    for start in range(0, count, 10 * BATCH):
        part = rows[start : start + 10 * BATCH]
        gallery.add([f"person {start + i:07}" for i in range(len(part))], part)
    del rows
    candidates = search_candidates(count, dim, 1, k=5)
    candidates["**rostro `Gallery.search`**"] = lambda: gallery.search(query, 5)
    # The least too: on a shared machine it is what comes closest to the work itself.
    seconds = measure_in_turn(candidates, rounds, warm_up=1)
    least = {name: values.min() for name, values in seconds.items()}
    read = next(value for name, value in least.items() if "read" in name)
    lines = []
    for name, values in seconds.items():
        median, ratio = np.median(values), least[name] / read
        lines.append([name, f"{1e3 * median:.1f}", f"{1e3 * least[name]:.1f}", f"{ratio:.2f}"])
    return table(["by", "median ms", "least ms", "times the read's least"], lines)


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("--templates", type=int, default=1_000_000)
    parser.add_argument("--dim", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument(
        "--folder", type=Path, help="a disk to measure; default: for temporary files"
    )
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        open_and_search(arguments.measure, arguments.rounds)
        return
    count, dim, rounds = arguments.templates, arguments.dim, arguments.rounds

    page = Page("gallery", f"A gallery of {count:,} templates of {dim} bytes")
    page.show(heading(PACKAGES) + f", SQLite {sqlite3.sqlite_version}")
    rows = []
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        for people in (count, count // 10):
            path = Path(folder) / f"{people}.rostro"
            built = build(path, count, dim, people)
            command = [sys.executable, __file__, "--measure", str(path), "--rounds", str(rounds)]
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            seconds, cpu, memory, one, kernel, all_, all_kernel = map(float, output.split())
            rows.append(
                [
                    f"{people:,}",
                    f"{built:,.0f}",
                    f"{path.stat().st_size / (count * dim):.3f}",
                    f"{seconds:.2f} ({cpu:.2f})",
                    f"{memory:.3f}",
                    f"{1e3 * one:.1f} / {1e3 * kernel:.1f} = {one / kernel:.2f}",
                    f"{1e3 * all_:.1f} / {1e3 * all_kernel:.1f} = {all_ / all_kernel:.2f}",
                ]
            )
            path.unlink()
        header = ["people", "adds/s, batches", "file / codes", "open s (CPU)", "memory / codes"]
        header += ["query ms: gallery / kernel, 1 thread", "all threads"]
        page.show(table(header, rows))
        page.show("Durable adds a second, in turn:")
        lines = adds_per_second(Path(folder), "on the disk", dim, rounds)
    if MEMORY.is_dir():  # what is left where synchronising takes no time
        with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
            lines += adds_per_second(Path(folder), f"in {MEMORY}", dim, rounds)
    page.show(table(["", "plain SQLite", "rostro", "us more a template"], lines))
    page.show("One query beside its peers, one thread:")
    page.show(beside_peers(count, dim, rounds))
    if arguments.write:
        page.save()


if __name__ == "__main__":
    main()
