"""Many readers and a writer in a process; several processes on a file."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import rostro
from rostro.gallery.changes import Change, removing
from rostro.gallery.content import Content
from rostro.gallery.matrix import Matrix
from rostro.gallery.names import Names
from rostro.gallery.records import Person, PersonList
from rostro.gallery.snapshot import Rows
from tests.support.galleries import unit

ROWS = unit(20_000, 32)
FIXED = 500  # people who are always there


@pytest.mark.heavy
def test_readers_never_see_half_a_change(tmp_path: Path) -> None:
    """Whoever is found is found with the right similarity, and those who stay are always there,
    while others come and leave by the thousand and their slots are used again."""
    gallery = rostro.Gallery.open(tmp_path / "people.rostro", 32)
    gallery.add([f"fixed-{i}" for i in range(FIXED)], ROWS[:FIXED])
    stop = threading.Event()
    failures: list[str] = []

    def read(seed: int) -> int:
        rng = random.Random(seed)
        searches = 0
        while not stop.is_set():
            row = rng.randrange(FIXED)
            (matches,) = gallery.search(ROWS[row], k=3)
            if matches[0].name != f"fixed-{row}" or matches[0].similarity < 0.97:
                failures.append(f"{row} is taken for {matches[0]}")
            row = rng.randrange(FIXED, len(ROWS))
            (matches,) = gallery.search(ROWS[row], k=3)
            for match in matches:
                number = int(match.name.rpartition("-")[2])
                if abs(ROWS[row] @ ROWS[number] - match.similarity) > 0.03:
                    failures.append(f"{match} is not {ROWS[row] @ ROWS[number]}")
            searches += 1
        return searches

    def write() -> int:
        rng = random.Random(0)
        there: list[int] = []
        changes = 0
        end = time.monotonic() + 4
        while time.monotonic() < end:
            if len(there) < 6000:
                new = rng.sample(sorted(set(range(FIXED, len(ROWS))) - set(there)), 1000)
                gallery.add([f"new-{i}" for i in new], ROWS[new])
                there += new
            else:
                gone, there = there[:5000], there[5000:]
                gallery.remove([f"new-{i}" for i in gone])
            changes += 1
        return changes

    with ThreadPoolExecutor(5) as pool:
        readers = [pool.submit(read, seed) for seed in range(4)]
        changes = pool.submit(write).result()
        stop.set()
        searches = sum(reader.result() for reader in readers)
    gallery.close()
    print(f"{searches} searches during {changes} changes")
    assert failures == []
    assert searches > 100 and changes > 10
    assert rostro.gallery.check(tmp_path / "people.rostro") == []


def test_a_snapshot_never_changes() -> None:
    rng = np.random.default_rng(0)
    matrix = Matrix(8)
    kept = []
    alive = np.empty(0, np.int64)
    for round_ in range(60):
        count = int(rng.integers(1, 900))
        codes = rng.integers(-127, 128, (count, 8), np.int8)
        rows = Rows(np.full(count, round_ + 1, np.uint32), np.ones(count, np.float32), codes)
        positions = matrix.allocate(count)
        gone = rng.permutation(alive)[: int(len(alive) * rng.random())]
        gone.sort()
        assert not np.isin(positions, alive).any()
        matrix.change(gone, positions, rows)
        alive = np.concatenate([np.setdiff1d(alive, gone), positions])
        snapshot = matrix.snapshot
        there = snapshot.positions_of()
        np.testing.assert_array_equal(there, np.sort(alive))
        np.testing.assert_array_equal(snapshot.rows(positions).codes, codes)
        kept.append((snapshot, there, snapshot.rows(there)))
    for snapshot, there, rows in kept:
        np.testing.assert_array_equal(snapshot.positions_of(), there)
        now = snapshot.rows(there)
        np.testing.assert_array_equal(now.codes, rows.codes)
        np.testing.assert_array_equal(now.people, rows.people)


def test_a_search_waits_for_no_writer(tmp_path: Path) -> None:
    with rostro.Gallery.open(tmp_path / "people.rostro", 32) as gallery:
        gallery.add("ada", ROWS[0])

        def search_meanwhile(now: Content) -> Change:
            with ThreadPoolExecutor() as pool:
                found.extend(pool.submit(gallery.search, ROWS[0]).result(timeout=5))
            return removing(now, [])

        found: list[list[rostro.Match]] = []
        gallery._session.change(search_meanwhile)
        assert found[0][0].name == "ada"


@pytest.mark.heavy
def test_names_by_the_hundred_thousand() -> None:
    names = Names()
    people = [Person(i, f"p{i}".encode(), b"") for i in range(1, 100_001)]
    names.put(PersonList.of(people[:99_990]))
    for person in people[99_990:]:
        names.put(PersonList.of([person]))
    assert len(names) == 100_000
    assert names.find(["p1", "p100000", "p0", "p99991", "q"]) == [1, 100_000, 0, 99_991, 0]
    names.put(PersonList.of([Person(7, b"", b""), Person(8, "Zoë".encode(), b"")]))
    assert names.find(["p7", "p8", "Zoë", "p9"]) == [0, 0, 8, 9]
    assert (names.name(7), names.name(8), len(names)) == (None, "Zoë", 99_999)


def in_a_process(script: str, *arguments: object) -> str:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, rostro\nfrom tests.support.galleries import unit\n" + script,
        ]
        + [str(argument) for argument in arguments],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.processes
@pytest.mark.parametrize("key", [None, bytes(32)], ids=["plain", "encrypted"])
def test_another_process_sees_what_was_committed(tmp_path: Path, key: bytes | None) -> None:
    path = tmp_path / "people.rostro"
    rows = unit(1000)
    with rostro.Gallery.open(path, 64, key=key) as gallery:
        gallery.add([f"p{i}" for i in range(300)], rows[:300], {"a": 1})
        in_a_process(
            f"""
with rostro.Gallery.open(sys.argv[1], key={key!r}) as gallery:
    rows = unit(1000)
    gallery.add("p5", rows[300])
    gallery.add([f"q{{i}}" for i in range(400)], rows[400:800])
    gallery.rename("p6", "six")
    gallery.forget(["p7", "p8"])
    gallery.add(["late", "p7"], rows[800:802], {{"b": 2}})
    gallery.remove("q3")
""",
            path,
        )
        names = [f"p{i}" if i != 6 else "six" for i in range(300) if i not in (7, 8)]
        names += [f"q{i}" for i in range(400) if i != 3] + ["late", "p7"]
        assert gallery.names() == names
        assert gallery.counts()["p5"] == 2 and gallery.metadata("p7") == {"b": 2}
        assert gallery.metadata("six") == {"a": 1}
        found = gallery.search(rows[[5, 6, 300, 450, 800, 801]], k=1)
        assert [m.name for (m,) in found] == ["p5", "six", "p5", "q50", "late", "p7"]
        assert gallery.search(rows[7], k=1)[0][0].similarity < 0.7, "p7 is another one now"
        gallery.add("mine", rows[900])
        gallery.remove("q4")
        assert gallery.count == 300 + 1 + 400 - 2 + 2 - 1 + 1 - 1
        after = gallery.names(), gallery.counts()
    with rostro.Gallery.open(path, key=key) as gallery:
        assert (gallery.names(), gallery.counts()) == after
    assert rostro.gallery.check(path, key=key) == []


@pytest.mark.heavy
@pytest.mark.processes
def test_processes_that_write_at_once(tmp_path: Path) -> None:
    """Nothing is lost, nobody is there twice, and all see the same in the end."""
    path = tmp_path / "people.rostro"
    rostro.Gallery.open(path, 32).close()
    script = """
import random
name, path = sys.argv[1:]
rng, rows = random.Random(name), unit(20000, 32)
start = int(name) * 5000
with rostro.Gallery.open(path, timeout=60) as gallery:
    for i in range(start, start + 60):
        gallery.add(f"p{i}", rows[i])
        gallery.add("everybody's", rows[i])
        if rng.random() < 0.3:
            gallery.remove(f"p{i}")
            print(i)
        assert gallery.search(rows[i], k=1)[0][0].name in ("everybody's", f"p{i}")
"""
    with ThreadPoolExecutor(3) as pool:
        outputs = list(pool.map(lambda name: in_a_process(script, name, path), range(3)))
    removed = {int(line) for output in outputs for line in output.split()}
    wanted = {i for n in range(3) for i in range(5000 * n, 5000 * n + 60)} - removed
    with rostro.Gallery.open(path) as gallery:
        assert gallery.counts() == {"everybody's": 180} | {f"p{i}": 1 for i in wanted}
        for i in wanted:
            assert {m.name for m in gallery.search(ROWS[i], k=2)[0]} == {"everybody's", f"p{i}"}
    assert rostro.gallery.check(path) == []


def test_an_interrupt_between_disk_and_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is on the disk is in memory at the next change at the latest, and nothing is
    overwritten."""
    path = tmp_path / "people.rostro"
    with rostro.Gallery.open(path, 64) as gallery:
        gallery.add("ada", unit(1))
        content = gallery._session.content
        apply: Callable[..., None] = content.apply

        def interrupt(*_arguments: object) -> None:
            monkeypatch.setattr(content, "apply", apply)
            raise KeyboardInterrupt

        monkeypatch.setattr(content, "apply", interrupt)
        with pytest.raises(KeyboardInterrupt):
            gallery.add("bob", unit(1, seed=1))
        gallery.add("eve", unit(1, seed=2))
        assert gallery.names() == ["ada", "bob", "eve"]
        assert gallery.search(unit(1, seed=1), k=1)[0][0].name == "bob"
    assert rostro.gallery.check(path) == []
