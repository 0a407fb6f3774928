"""Nobody who was forgotten is in any file: the raw bytes are searched."""

from __future__ import annotations

import base64
import os
import random
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import rostro
from rostro.types import FloatArray
from tests.support.galleries import raw_bytes, unit

DIM = 128


class RawBytes:
    """All bytes of all files of a gallery, made searchable."""

    def __init__(self, path: Path) -> None:
        data = np.frombuffer(raw_bytes(path), np.uint8)
        windows = np.lib.stride_tricks.sliding_window_view(data, 8)
        self._windows = np.unique(np.ascontiguousarray(windows).view(np.uint64))

    def traces(self, embeddings: FloatArray) -> int:
        """How many pieces of 8 bytes of codes and floats are there: any run of 11 bytes has one."""
        codes, _ = rostro.quantize_embeddings(embeddings)
        return self._pieces(codes.view(np.uint8)) + self._pieces(embeddings.view(np.uint8))

    def __contains__(self, text: str) -> bool:
        """Whether any such piece of the text is there."""
        return self._pieces(np.frombuffer(text.encode(), np.uint8)[np.newaxis]) > 0

    def _pieces(self, rows: NDArray[np.uint8]) -> int:
        windows = np.lib.stride_tricks.sliding_window_view(rows, 8, axis=1)[:, ::4]
        wanted = np.ascontiguousarray(windows).view(np.uint64).ravel()
        places = np.searchsorted(self._windows, wanted).clip(0, len(self._windows) - 1)
        return int((self._windows[places] == wanted).sum())


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_left_after_a_long_life(tmp_path: Path, seed: int) -> None:
    """People come one by one and in batches, are renamed, get more templates, leave; SQLite's pages
    fill up, split and are checkpointed meanwhile."""
    print(f"seed {seed}")
    rng = random.Random(seed)
    path = tmp_path / "people.rostro"
    rows = unit(6000, DIM, seed)
    used = 0
    alive: dict[str, list[int]] = {}
    past_names: dict[str, list[str]] = {}

    def take(count: int) -> list[int]:
        nonlocal used
        used += count
        return list(range(used - count, used))

    def random_text() -> str:
        return base64.b64encode(rng.randbytes(24)).decode()

    def new_name() -> str:
        return "é" + random_text() * rng.choice([1, 1, 5])

    def new_note() -> str:
        return random_text() * rng.choice([1, 1, 30])

    gallery = rostro.Gallery.open(path, DIM)
    notes: dict[str, str] = {}
    for _ in range(250):
        action = rng.random()
        if action < 0.4 or len(alive) < 20:
            names = [new_name() for _ in range(rng.choice([1, 1, 1, 40, 200]))]
            for name in names[:3]:
                notes[name] = new_note()
                alive[name] = take(1)
                gallery.add(name, rows[alive[name]], {"note": notes[name]})
            taken = take(len(names[3:]))
            gallery.add(names[3:], rows[taken])
            alive |= {name: [row] for name, row in zip(names[3:], taken, strict=True)}
        elif action < 0.6:
            name = rng.choice(sorted(alive))
            more = take(rng.choice([1, 3]))
            gallery.add(name, rows[more])
            alive[name] += more
        elif action < 0.8:
            old, new = rng.choice(sorted(alive)), new_name()
            gallery.rename(old, new)
            alive[new] = alive.pop(old)
            if old in notes:
                notes[new] = notes.pop(old)
            past_names[new] = [*past_names.pop(old, []), old]
        elif action < 0.9:
            name = rng.choice(sorted(alive))
            gallery.remove(name)
            del alive[name]
        else:
            gallery.close()
            gallery = rostro.Gallery.open(path)
        if used > 5500:
            break
    assert gallery.counts() == {name: len(alive[name]) for name in gallery.names()}

    gone = rng.sample(sorted(alive), len(alive) // 2)
    gone_rows = {name: rows[alive.pop(name)] for name in gone}
    before = RawBytes(path)
    for name in gone:
        assert name in before and before.traces(gone_rows[name]) > DIM // 8
    first, *others = gone
    gallery.forget(first)
    assert first not in (after := RawBytes(path)) and after.traces(gone_rows[first]) == 0
    gallery.forget(others)
    after = RawBytes(path)
    assert after.traces(np.concatenate(list(gone_rows.values()))) == 0
    assert any(name in notes for name in gone) and any(name in past_names for name in gone)
    for name in gone:
        assert notes.get(name, name) in before
        assert not any(text in after for text in [name, notes.get(name, name)])
        assert not any(text in after for text in past_names.get(name, []))
    assert all(name in after and after.traces(rows[alive[name]]) for name in alive)
    gallery.close()
    assert rostro.gallery.check(path) == []


def test_who_was_removed_or_replaced_is_gone_when_the_gallery_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "people.rostro"
    rows = unit(50, DIM)
    with rostro.Gallery.open(path, DIM) as gallery:
        gallery.add([f"person-{i}" for i in range(50)], rows, {"note": "a remark"})
        gallery.add(["Ada Lovelace", "Mary Somerville"], unit(2, DIM, 9))
        gallery.remove("Ada Lovelace")
        gallery.rename("Mary Somerville", "Sophie Germain")
    after = RawBytes(path)
    assert "Ada Lovelace" not in after and after.traces(unit(2, DIM, 9)[:1]) == 0
    assert "Mary Somerville" not in after and "Sophie Germain" in after


def test_a_killed_process_leaves_a_log_that_the_next_one_wipes(tmp_path: Path) -> None:
    path = tmp_path / "people.rostro"
    rows = unit(2, DIM)
    child = os.fork()
    if child == 0:
        gallery = rostro.Gallery.open(path, DIM)
        gallery.add(["Ada Lovelace", "bob"], rows)
        gallery.remove("Ada Lovelace")
        os._exit(0)
    os.waitpid(child, 0)
    assert b"Ada Lovelace" in raw_bytes(path), "in the log"
    with rostro.Gallery.open(path) as gallery:
        assert gallery.names() == ["bob"]
        after = RawBytes(path)
        assert "Ada Lovelace" not in after and after.traces(rows[:1]) == 0


def test_an_encrypted_file_shows_nothing_of_anybody(tmp_path: Path) -> None:
    path = tmp_path / "people.rostro"
    rows = unit(300, DIM)
    with rostro.Gallery.open(path, DIM, key=os.urandom(32)) as gallery:
        names = [f"person-{i}" for i in range(300)]
        gallery.add(names, rows, {"note": "a remark"})
        data = RawBytes(path)
        assert "person-1" not in data and "a remark" not in data
        assert data.traces(rows) == 0
