"""Makes the table of docs/measured/arm64-instructions.md, or checks that it still holds.

    counts.py CALLS INTERVALS DRIVER [--write]

CALLS is what the driver printed, INTERVALS what counts_plugin.c wrote of the same run.
"""

from __future__ import annotations

import datetime
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomllib

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parents[1] / "docs" / "measured" / "arm64-instructions.md"
TOLERANCE = 0.02
BEGIN, END = "<!-- counts -->\n", "<!-- end of counts -->\n"
CPUS = {"cortex-a53": "A53", "cortex-a72": "A72", "neoverse-n1": "N1"}


@dataclass(frozen=True)
class Call:
    """One call of a kernel, and the block of its instructions that took most of them."""

    work: str
    level: str
    instructions: int
    block: int
    block_size: int
    block_runs: int


def read_calls(calls: Path, intervals: Path) -> list[Call]:
    names = [line.split("|") for line in calls.read_text().splitlines()]
    numbers = [line.split() for line in intervals.read_text().splitlines()]
    if len(names) != len(numbers):
        raise SystemExit(f"{len(names)} calls, {len(numbers)} intervals: they do not fit together")
    nothing = int(numbers[0][0])
    return [
        Call(work, level, int(total) - nothing, int(block, 16), int(size), int(runs))
        for (work, level), (total, block, size, runs) in zip(names[1:], numbers[1:], strict=True)
    ]


def assembly(driver: Path, call: Call) -> str:
    """The block as llvm-mca reads it: without addresses, every jump to the same place."""
    stop = call.block + 4 * call.block_size
    command = ["llvm-objdump-19", "-d", "--no-show-raw-insn", "--no-leading-addr"]
    command += [f"--start-address={call.block:#x}", f"--stop-address={stop:#x}", str(driver)]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    code = [line.strip() for line in listing.splitlines() if line.startswith(("\t", " "))]
    return "\n".join(re.sub(r"0x[0-9a-f]+ <.*>$", "0", line) for line in code) + "\n"


def model_cycles(code: str, cpu: str, runs: int) -> str:
    """Cycles that llvm-mca gives for all runs of a block; a dash where the CPU cannot run it."""

    def cycles(iterations: int) -> int:
        command = ["llvm-mca-19", "-mtriple=aarch64-linux-gnu", f"-mcpu={cpu}"]
        command += [f"-iterations={iterations}", "-"]
        done = subprocess.run(command, input=code, capture_output=True, text=True, check=True)
        found = re.search(r"Total Cycles:\s+(\d+)", done.stdout)
        assert found is not None, done.stdout
        return int(found[1])

    try:
        return f"{(cycles(400) - cycles(200)) / 200 * runs:.0f}"
    except subprocess.CalledProcessError as error:
        if "instruction requires" in error.stderr:
            return "-"
        raise SystemExit(f"llvm-mca on\n{code}\n{error.stderr}") from error


def by_hand(call: Call, hand: dict[str, Any]) -> tuple[str, str]:
    """The number that an expert's loop would take, and how many times that many it took."""
    if call.level == "scalar":
        return "", ""
    try:
        entry = hand[call.work][call.level]
    except KeyError:
        raise SystemExit(f"counts_by_hand.toml has no [{call.work!r}.{call.level}]") from None
    number = entry["steps"] * entry["instructions"] + entry.get("once", 0)
    return str(number), f"{call.instructions / number:.2f}"


def row(call: Call, hand: dict[str, Any], driver: Path) -> str:
    cells = [call.work, call.level, str(call.instructions), *by_hand(call, hand)]
    if call.level == "scalar":
        cells += [""] * (1 + len(CPUS))
    else:
        code = assembly(driver, call)
        share = call.block_size * call.block_runs / call.instructions
        cells.append(f"{share:.0%}")
        cells += [model_cycles(code, cpu, call.block_runs) for cpu in CPUS]
    return f"| {' | '.join(cells)} |"


def heading() -> str:
    """The day, and what counted."""

    def first(pattern: str, *command: str) -> str:
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        found = re.search(pattern, output)
        assert found is not None, output
        return found[1]

    gcc = first(r"([\d.]+)", "aarch64-linux-gnu-g++", "-dumpfullversion")
    qemu = first(r"version ([\d.]+)", "qemu-aarch64", "--version")
    mca = first(r"version ([\d.]+)", "llvm-mca-19", "--version")
    return f"{datetime.date.today()}, GCC {gcc}, qemu {qemu}, llvm-mca {mca}\n\n"


def table(calls: list[Call], driver: Path) -> str:
    hand = tomllib.loads((HERE / "counts_by_hand.toml").read_text())
    titles = ["kernel", "level", "instructions", "by hand", "ratio", "largest block"]
    titles += [f"{name} cycles (model)" for name in CPUS.values()]
    lines = [f"| {' | '.join(titles)} |", "|" + " --- |" * len(titles)]
    lines += [row(call, hand, driver) for call in calls]
    lines += ["", "What the counts by hand are made of:", ""]
    for work, levels in hand.items():
        for level, entry in levels.items():
            once = f", and {entry['once']} once" if "once" in entry else ""
            lines.append(
                f"- {work}, {level}: {entry['steps']} steps of {entry['instructions']}{once}. "
                f"{entry['why']}"
            )
    return "\n".join(lines) + "\n"


def check(calls: list[Call], document: str) -> None:
    """No call takes more instructions than are written; where it takes fewer, that is said."""
    rows = [[cell.strip() for cell in line.split("|")] for line in document.splitlines()]
    written = {(cells[1], cells[2]): cells[3] for cells in rows if len(cells) > 4}
    more, fewer = [], []
    for call in calls:
        before = written.get((call.work, call.level), "")
        line = f"{call.work}, {call.level}: {call.instructions}, was {before or 'not there'}"
        if not before.isdigit() or call.instructions > int(before) * (1 + TOLERANCE):
            more.append(line)
        elif call.instructions < int(before) * (1 - TOLERANCE):
            fewer.append(line)
    if fewer:
        print("fewer instructions than written; tools/arm64/counts --write records it:")
        print(*fewer, sep="\n")
    if more:
        print("more instructions than written, by over 2 %:")
        print(*more, sep="\n")
        raise SystemExit("if that is right: tools/arm64/counts --write")
    print(f"{len(calls)} instruction counts are at most those of docs/measured/{DOCUMENT.name}")


def main(arguments: list[str]) -> None:
    calls_file, intervals, driver = map(Path, arguments[:3])
    calls = read_calls(calls_file, intervals)
    document = DOCUMENT.read_text()
    if arguments[3:] == ["--write"]:
        before, _, rest = document.partition(BEGIN)
        after = rest.partition(END)[2]
        DOCUMENT.write_text(before + BEGIN + heading() + table(calls, driver) + END + after)
    else:
        check(calls, document)


main(sys.argv[1:])
