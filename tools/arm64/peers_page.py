"""Makes docs/measured/arm64-peers.md, or checks that rostro's numbers in it still hold: see peers.

peers_page.py [--write | --write-ours | --check]
"""

from __future__ import annotations

import datetime
import re
import subprocess
import sys

import marks
import tomllib

REPO = marks.HERE.parents[1]
DOCUMENT = REPO / "docs" / "measured" / "arm64-peers.md"
CPUS = {"cortex-a72": "A72", "cortex-a76": "A76"}
CHECKED = "cortex-a76"
TOLERANCE = 0.02
OURS = "rostro"  # in the names of its works
ROWS, DIM = 20_000, 512  # of the searched gallery

INTRODUCTION = """\
# Instructions of rostro and of its peers on ARM64

Written by `tools/arm64/peers --write`. Counts, not times: **nothing on this page was measured on
ARM hardware.** An emulator's plugin counts every instruction of a call from Python, what Python and
the bindings take included, of rostro as GCC 12 builds it and of the peers' own wheels for aarch64.
Each side sees the CPU's features and takes its kernels for them; one thread. The works, and the
check that their results agree, are those of [image-kernels.md](image-kernels.md) and
[matching.md](matching.md), but with {rows} rows. CI counts rostro's again on the {checked} and
fails where one is more than 2 % above.

"""

BOUNDS = """\
Cycles of the kernels that these calls spend their instructions in are modelled in
[arm64-instructions.md](arm64-instructions.md).

What bounds the search: one `sdot` multiplies 16 codes, and the Cortex-A76 has nothing that
multiplies more. 1 query of {rows} x {dim} needs {one:.2f} M of them, and {loads:.2f} M `ldp` to
load as many registers; 64 queries need {many:.1f} M. Where a peer's number is below
{four_one:.2f} M and {four_many:.0f} M, no search can take a quarter of it. `dots_packed` is, for it
gives all products and leaves the best k to be found, and takes a gallery (or queries) that was
copied into its own layout before; for one query that is a second copy of the gallery in memory, to
be renewed with every change.
"""


def versions() -> str:
    """What counted, and the peers as pyproject.toml pins them."""
    emulator = ["qemu-aarch64", "--version"]
    told = subprocess.run(emulator, capture_output=True, text=True, check=True).stdout
    qemu = re.search(r"version ([\d.]+)", told)
    assert qemu is not None, told
    project = tomllib.loads((REPO / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    pins = [*extras["bench"], *(pin for pin in extras["test"] if pin.startswith("opencv"))]
    peers = ", ".join(pin.replace("==", " ") for pin in pins)
    return f"{datetime.date.today()}, qemu {qemu[1]}, {peers}; millions of instructions a call\n\n"


def count(cpu: str, word: str = "") -> dict[str, int]:
    return marks.instructions(cpu, "run_peers.py", str(ROWS), str(DIM), word)


def written() -> dict[str, dict[str, int]]:
    """The counts of the document, by CPU and name."""
    lines = DOCUMENT.read_text().splitlines()
    rows = [[cell.strip() for cell in line.split("|")] for line in lines if line.startswith("| ")]
    columns = {cpu: rows[0].index(title) for cpu, title in CPUS.items()}
    return {
        cpu: {f"{row[1]}|{row[2]}": round(float(row[column]) * 1e6) for row in rows[2:]}
        for cpu, column in columns.items()
    }


def table(counts: dict[str, dict[str, int]]) -> str:
    """A row a work, with how many times rostro's number each is, on every CPU."""
    titles = ["work", "by"]
    for cpu in CPUS.values():
        titles += [cpu, "times rostro's"]
    lines = [f"| {' | '.join(titles)} |", "|" + " --- |" * len(titles)]
    names = list(counts[CHECKED])
    ours = {name.partition("|")[0]: name for name in names if OURS in name}
    for name in names:
        work, _, by = name.partition("|")
        cells = [work, by]
        for count_of in counts.values():
            number, our_number = count_of[name], count_of[ours[work]]
            cells += [f"{number / 1e6:.3f}", f"{number / our_number:.2f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n\n"


def page(counts: dict[str, dict[str, int]]) -> str:
    """The whole page."""
    one = ROWS * DIM / 16 / 1e6  # sdot of one query
    bounds = BOUNDS.format(
        rows=f"{ROWS:,}", dim=DIM, one=one, loads=one / 2, many=64 * one,
        four_one=4 * 1.5 * one, four_many=4 * 64 * one,
    )  # fmt: skip
    introduction = INTRODUCTION.format(rows=f"{ROWS:,}", checked=CPUS[CHECKED])
    return introduction + versions() + table(counts) + bounds


def check() -> None:
    """None of rostro's calls takes more instructions than are written."""
    before = written()[CHECKED]
    counts = count(CHECKED, OURS)
    more = [
        f"{name}: {number}, {before.get(name, 'nothing')} is written"
        for name, number in counts.items()
        if number > before.get(name, 0) * (1 + TOLERANCE)
    ]
    if more:
        print("more instructions than written, by over 2 %:", *more, sep="\n")
        raise SystemExit("if that is right: tools/arm64/peers --write-ours")
    print(f"{len(counts)} calls take at most the instructions that {DOCUMENT.name} has")


def main(arguments: list[str]) -> None:
    match arguments:
        case ["--check"]:
            check()
        case ["--write-ours"]:
            before = written()
            DOCUMENT.write_text(page({cpu: before[cpu] | count(cpu, OURS) for cpu in CPUS}))
        case [] | ["--write"]:
            text = page({cpu: count(cpu) for cpu in CPUS})
            print(text)
            if arguments:
                DOCUMENT.write_text(text)
        case _:
            raise SystemExit("peers [--write | --write-ours | --check]")


main(sys.argv[1:])
