"""The JSON of what is hidden, written, edited and read; and who is hidden."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from rostro import Gallery
from rostro.errors import FileMissingError, RegionsError
from rostro.types import FloatArray
from rostro.video.anonymize.regions import Regions, read_regions, regions_for, write_regions
from rostro.video.anonymize.tracks import Sightings, Track
from rostro.video.anonymize.who import ByGallery, Decision


def some() -> list[Regions]:
    boxes: FloatArray = np.array([[1, 2, 30.5, 40], [2, 3, 31, 41]], np.float32)
    tracks = [Track([3, 7], boxes, seen=2), Track([0], boxes[:1], False, "ada", 0.7, 1)]
    return [
        Regions("a/clip.mp4", 64, 48, 10, tracks, [0, 1, 2, 8], [5]),
        Regions("a/photo.jpg", 100, 80, 1),
    ]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_regions(tmp_path / "r.json", some())
    assert len((tmp_path / "r.json").read_text().splitlines()) == 7  # one line a track
    document = json.loads((tmp_path / "r.json").read_text())
    assert document["sources"][0]["empty"] == [[0, 2], [8, 8]]
    for before, after in zip(some(), read_regions(tmp_path / "r.json"), strict=True):
        assert (after.file, after.width, after.height) == (before.file, before.width, before.height)
        assert [track.hide for track in after.tracks] == [track.hide for track in before.tracks]
        for one, other in zip(before.by_frame(), after.by_frame(), strict=True):
            assert np.array_equal(one, other)


def test_which_entry_is_of_a_file() -> None:
    known = some()
    path = Path("r.json")
    assert regions_for(known, "a/photo.jpg", path) is known[1]
    assert regions_for(known, "elsewhere/clip.mp4", path) is known[0]
    with pytest.raises(RegionsError, match="nothing in it is of"):
        regions_for(known, "b.mp4", path)
    with pytest.raises(RegionsError, match="more than one"):
        regions_for([known[0], known[0]], "clip.mp4", path)


def edited(path: Path, *keys: Any, value: Any) -> Path:
    write_regions(path, some())
    document = json.loads(path.read_text())
    place = document
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    path.write_text(json.dumps(document))
    return path


TRACK = ("sources", 0, "tracks", 0)
BAD: list[tuple[tuple[Any, ...], Any, str]] = [
    (("format",), "other", r'format: got .other.; "rostro-regions" is wanted'),
    (("version",), 2, "version: got 2; 1 is wanted"),
    (("sources",), [], "sources: got .*not empty"),
    (("sources",), {}, "sources: got dict"),
    (("sources", 0), 5, r"sources\[0\]: got 5; an object"),
    (("sources", 0, "file"), None, r"sources\[0\].file"),
    (("sources", 0, "width"), 0, r"sources\[0\].width: got 0"),
    (("sources", 0, "frames"), True, r"sources\[0\].frames: got True"),
    (("sources", 0, "frames"), 5, r"tracks\[0\].keyframes: got 7; a frame below 5"),
    (("sources", 0, "tracks"), None, r"sources\[0\].tracks"),
    ((*TRACK, "hide"), "yes", r"tracks\[0\].hide: got 'yes'; true or false"),
    ((*TRACK, "keyframes"), [], r"tracks\[0\].keyframes: got \[\]"),
    ((*TRACK, "keyframes", 1), [1, 2], r"keyframes\[1\]: got \[1, 2\]; \[frame, x1"),
    ((*TRACK, "keyframes", 1, 0), 3, r"keyframes\[1\]\[0\]: got 3; a frame after 3"),
    ((*TRACK, "keyframes", 1, 0), 1.5, r"keyframes\[1\]\[0\]: got 1.5"),
    ((*TRACK, "keyframes", 1, 1), float("nan"), r"keyframes\[1\]\[1\]: got nan"),
    ((*TRACK, "keyframes", 1, 1), "x", r"keyframes\[1\]\[1\]: got 'x'; a number"),
    ((*TRACK, "keyframes", 1, 1), 10**400, r"keyframes\[1\]\[1\]: got"),
    ((*TRACK, "keyframes", 1, 1), 99, "x1 below x2"),
]


@pytest.mark.parametrize(("keys", "value", "says"), BAD)
def test_what_is_wrong_is_named(
    tmp_path: Path, keys: tuple[Any, ...], value: Any, says: str
) -> None:
    with pytest.raises(RegionsError, match=f"r.json: .*{says}"):
        read_regions(edited(tmp_path / "r.json", *keys, value=value))


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"[]", b'"a"'])
def test_what_is_no_such_json(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "r.json").write_bytes(content)
    with pytest.raises(RegionsError, match=r"r\.json: "):
        read_regions(tmp_path / "r.json")
    for missing in (tmp_path / "none.json", tmp_path):
        with pytest.raises(FileMissingError):
            read_regions(missing)


def toward(cosine: float, seed: int = 0) -> FloatArray:
    """A unit vector of 32 numbers that is so similar to the first axis."""
    other = np.random.default_rng(seed).normal(size=32)
    other[0] = 0
    other *= np.sqrt(1 - cosine**2) / np.linalg.norm(other)
    other[0] = cosine
    found: FloatArray = other.astype(np.float32)
    return found


def decide(hide: Literal["known", "unknown"], *cosines: float) -> Decision:
    gallery = Gallery(32)
    gallery.add("ada", toward(1.0))
    track = Sightings(embeddings=[toward(cosine, seed) for seed, cosine in enumerate(cosines)])
    return ByGallery(gallery, hide, 0.4)(track)


def test_all_but_the_known_are_hidden_and_those_who_are_in_doubt() -> None:
    assert decide("unknown", 0.8, 0.7, 0.6)[:2] == (False, "ada")
    assert decide("unknown", 0.8, 0.7, 0.1)[0] is False  # one bad picture of three
    assert decide("unknown", 0.8, 0.1, 0.1)[0] is True  # most of them are not
    assert decide("unknown", 0.1, 0.2)[:2] == (True, None)
    assert decide("unknown")[0] is True
    seldom = Sightings(frames=list(range(5)), embeddings=[toward(1.0)] * 2)
    alone = Gallery(32)
    alone.add("ada", toward(1.0))
    assert ByGallery(alone, "unknown", 0.4)(seldom)[0] is True  # in most frames it was not sure
    gallery = Gallery(32)
    gallery.add(["ada", "bob"], np.stack([toward(1.0), toward(0.0)]))
    mixed = Sightings(embeddings=[toward(1.0), toward(1.0), toward(0.95), toward(0.0)])
    assert ByGallery(gallery, "unknown", 0.4)(mixed)[0] is True  # one of them is bob's


def test_the_known_are_hidden_and_those_who_may_be() -> None:
    assert decide("known", 0.8, 0.7)[:2] == (True, "ada")
    assert decide("known", 0.1, 0.0, 0.45)[0] is True  # in one frame it looks like her
    assert decide("known", 0.35)[:2] == (True, None)  # nearly
    assert decide("known", 0.1, 0.2, 0.1)[:2] == (False, None)
    assert decide("known")[0] is True  # never seen well enough
