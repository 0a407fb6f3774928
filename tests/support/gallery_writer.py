"""A process that is killed: changes a gallery at random and tells of each change before and after.

Reads lines ``SEED PATH``. For each it forks a child that works on the gallery until it is killed,
and prints ``pid N``, then of each change ``try [...]`` and ``done``, and ``end`` when it is dead.
"""

from __future__ import annotations

import json
import os
import random
import sys
from typing import Any

import rostro
from tests.support.galleries import unit

ROWS = unit(4000, 32)


def work(seed: int, path: str) -> None:
    rng = random.Random(seed)
    gallery = rostro.Gallery.open(path, 32)
    tell("open")
    while True:
        names = gallery.names()
        action = rng.choice(["add", "add", "batch", "remove", "forget", "rename", "reopen"])
        change: list[Any]
        if action == "add" or (action not in ("batch", "reopen") and len(names) < 5):
            name = rng.choice([*names, f"p{rng.getrandbits(40)}"])
            change = ["add", [name], [rng.randrange(len(ROWS))]]
        elif action == "batch":
            count = rng.choice([3, 300])
            new = [f"p{rng.getrandbits(40)}" for _ in range(count)]
            change = ["add", new, [rng.randrange(len(ROWS)) for _ in new]]
        elif action == "rename":
            change = ["rename", rng.choice(names), f"p{rng.getrandbits(40)}"]
        elif action == "reopen":
            gallery.close()
            gallery = rostro.Gallery.open(path)
            continue
        else:
            change = [action, rng.sample(names, rng.choice([1, 1, len(names) // 2]))]
        tell("try " + json.dumps(change))
        if change[0] == "add":
            gallery.add(change[1], ROWS[change[2]])
        else:
            getattr(gallery, str(change[0]))(*change[1:])
        tell("done")


def tell(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def main() -> None:
    for line in sys.stdin:
        seed, path = line.rstrip("\n").split(" ", 1)
        child = os.fork()
        if child == 0:
            try:
                work(int(seed), path)
            except BaseException as error:
                tell(f"failed {error!r}")
            os._exit(1)
        tell(f"pid {child}")
        os.waitpid(child, 0)
        tell("\nend")  # the last line of the child may have been cut


if __name__ == "__main__":
    main()
