"""Names, templates and searches, in memory and in a file."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

import rostro
from rostro.errors import (
    ArgumentError,
    ArgumentTypeError,
    GalleryError,
    RostroError,
    UnknownNameError,
)
from rostro.gallery import EmbedderIdentity
from tests.support.galleries import files_of, unit

SFACE = EmbedderIdentity("sface", "1", "arcface")
OTHER = EmbedderIdentity("sface", "2", "arcface")


@pytest.fixture(params=["memory", "file", "encrypted"])
def gallery(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[rostro.Gallery]:
    if request.param == "memory":
        yield rostro.Gallery(64)
        return
    key = os.urandom(32) if request.param == "encrypted" else None
    with rostro.Gallery.open(tmp_path / "people.rostro", 64, key=key) as opened:
        yield opened


def test_names_templates_and_metadata(gallery: rostro.Gallery) -> None:
    rows = unit(6)
    gallery.add("ada", rows[0])
    gallery.add(["bob", "ada"], rows[1:3], {"badge": 7, "note": "é"})
    gallery.add("Zoë", rows[3:5])
    assert gallery.names() == ["ada", "bob", "Zoë"]
    assert gallery.counts() == {"ada": 2, "bob": 1, "Zoë": 2}
    assert (len(gallery), gallery.count) == (3, 5)
    assert "bob" in gallery and "eve" not in gallery and 3 not in gallery
    assert gallery.metadata("ada") == {"badge": 7, "note": "é"}
    assert gallery.metadata("Zoë") == {}

    gallery.rename("bob", "robert")
    assert gallery.names() == ["ada", "robert", "Zoë"]
    assert gallery.metadata("robert") == {"badge": 7, "note": "é"}
    gallery.add("ada", rows[5], {})
    assert gallery.metadata("ada") == {}
    gallery.remove(["ada", "Zoë"])
    assert gallery.counts() == {"robert": 1}
    gallery.add("ada", rows[0])
    assert gallery.metadata("ada") == {}, "a new ada"
    gallery.forget("robert")
    assert gallery.names() == ["ada"]


def test_search_finds_the_nearest_people(gallery: rostro.Gallery) -> None:
    rows = unit(300)
    gallery.add([f"p{i}" for i in range(300)], rows)
    queries = rows[:40] + 0.1 * unit(40, seed=1)
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    found = gallery.search(queries, k=3)
    exact = queries @ rows.T
    for i, matches in enumerate(found):
        assert matches[0].name == f"p{i}"
        assert len(matches) == 3
        for match in matches:
            assert match.similarity == pytest.approx(exact[i, int(match.name[1:])], abs=0.01)
        assert matches == sorted(matches, key=lambda match: -match.similarity)
    assert gallery.search(queries[0]) == gallery.search(queries[:1])
    least = found[0][1].similarity
    assert gallery.search(queries[0], k=3, threshold=least) == [found[0][:2]]


def test_a_person_is_found_by_any_template(gallery: rostro.Gallery) -> None:
    centers = unit(30)
    gallery.add("ada", centers[:20])
    gallery.add([f"p{i}" for i in range(20, 30)], centers[20:])
    for center in centers[:20]:
        (matches,) = gallery.search(center, k=11)
        assert [match.name for match in matches].count("ada") == 1
        assert matches[0].name == "ada" and len(matches) == 11, "people, not templates"
        assert matches[0].similarity == pytest.approx(1, abs=0.01)


def test_mean_is_that_over_all_templates(gallery: rostro.Gallery) -> None:
    rng = np.random.default_rng(3)
    rows, owners = unit(500), rng.integers(0, 60, 500)
    gallery.add([f"p{owner}" for owner in owners], rows)
    queries = unit(20, seed=4)
    similarities = queries @ rows.T
    means = np.stack([similarities[:, owners == p].mean(axis=1) for p in range(60)], axis=1)
    for ranking, expected in zip(gallery.search(queries, k=4, score="mean"), means, strict=True):
        best = np.sort(expected)[::-1][:4]
        np.testing.assert_allclose([match.similarity for match in ranking], best, atol=0.01)
        for match in ranking:
            assert match.similarity == pytest.approx(expected[int(match.name[1:])], abs=0.01)


def test_rescoring_is_closer_to_float() -> None:
    rows, queries = unit(2000, 128), unit(50, 128, seed=1)
    gallery = rostro.Gallery(128)
    gallery.add([f"p{i}" for i in range(2000)], rows)

    def error(rescore: bool) -> float:
        found = gallery.search(queries, k=5, rescore=rescore)
        return float(
            np.mean(
                [
                    abs(match.similarity - queries[q] @ rows[int(match.name[1:])])
                    for q, matches in enumerate(found)
                    for match in matches
                ]
            )
        )

    assert error(rescore=True) < 0.85 * error(rescore=False)


def test_identify_knows_whom_it_does_not_know(gallery: rostro.Gallery) -> None:
    rows = unit(3)
    assert gallery.identify(rows, 0.5) == [None] * 3, "nobody is there"
    gallery.add(["ada", "bob"], rows[:2])
    found = gallery.identify(rows, 0.5)
    assert [match and match.name for match in found] == ["ada", "bob", None]


def test_spellings_of_a_name_are_one_person(gallery: rostro.Gallery) -> None:
    """NFC as keyboards write it, NFD as macOS names files; shown as it was first written."""
    rows = unit(8)
    nfc, nfd = "Jos\u00e9", "Jose\u0301"
    gallery.add(nfd, rows[0])
    gallery.add(nfc, rows[1], {"a": 1})
    assert gallery.counts() == {nfd: 2}
    assert nfc in gallery and nfd in gallery and "Jose" not in gallery
    assert gallery.metadata(nfc) == {"a": 1}
    gallery.add([nfc, "Åsa", "A\u030asa", nfd], rows[2:6], {"b": 2})
    assert gallery.counts() == {nfd: 4, "Åsa": 2}
    assert gallery.metadata(nfd) == gallery.metadata("A\u030asa") == {"b": 2}
    gallery.rename(nfc, nfc)
    assert gallery.names() == [nfc, "Åsa"], "another spelling"
    with pytest.raises(ArgumentError, match=r"new: got .* nobody has"):
        gallery.rename("Åsa", nfd)
    gallery.remove([nfc, nfd])
    assert gallery.counts() == {"Åsa": 2}
    gallery.forget("A\u030asa")
    assert len(gallery) == 0


def test_a_template_is_not_added_twice(gallery: rostro.Gallery, tmp_path: Path) -> None:
    rows = unit(300)
    names = [f"p{i % 40}" for i in range(300)]
    assert gallery.add(names, rows, {"a": 1}) == 300
    gallery.export(tmp_path / "export.npz")
    before = gallery.names(), gallery.counts(), gallery.search(rows, 3)
    assert gallery.add(names, rows, {"a": 1}) == 0
    assert gallery.add("p7", rows[7]) == 0
    assert gallery.import_(tmp_path / "export.npz") == 0
    assert (gallery.names(), gallery.counts(), gallery.search(rows, 3)) == before
    assert gallery.add("p7", rows[8]) == 1, "of somebody else"
    new = unit(2, seed=1)
    assert gallery.add(["p7", "new", "p7", "new"], new[[0, 0, 0, 1]]) == 3
    assert gallery.count == 304
    gallery.remove("p7")
    assert gallery.add("p7", rows[7]) == 1, "a new p7"
    assert gallery.add("p7", -rows[7]) == 1, "of the same scale"


def test_adding_a_template_twice_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "people.rostro"
    with rostro.Gallery.open(path, 64) as gallery:
        gallery.add("ada", unit(1), {"a": 1})
        log = Path(f"{path}-wal").stat().st_size
        gallery.add("ada", unit(1), {"a": 1})
        assert Path(f"{path}-wal").stat().st_size == log


def test_an_empty_gallery(gallery: rostro.Gallery) -> None:
    assert (len(gallery), gallery.count, gallery.names()) == (0, 0, [])
    assert gallery.search(unit(2)) == [[], []]
    assert gallery.search(unit(0)) == []
    gallery.add([], unit(0))
    assert len(gallery) == 0


def test_wrong_arguments(gallery: rostro.Gallery) -> None:
    row = unit(1)[0]
    for name in ("", "a\nb", "\udc80", "x" * 1001):
        with pytest.raises(ArgumentError, match="name"):
            gallery.add(name, row)
    with pytest.raises(ArgumentTypeError, match="name"):
        gallery.add(3, row)  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="name"):
        gallery.add([3], row[np.newaxis])  # type: ignore[list-item]
    for wrong in (row * 1.1, row[:-1], row[np.newaxis, np.newaxis], row * np.nan):
        with pytest.raises(ArgumentError, match="embeddings"):
            gallery.add("ada", wrong)
    with pytest.raises(ArgumentError, match="C-contiguous"):
        gallery.add("ada", np.asfortranarray(unit(3)))
    with pytest.raises(ArgumentTypeError, match="float64"):
        gallery.add("ada", row.astype(np.float64))
    with pytest.raises(ArgumentError, match="2 for 3 embeddings"):
        gallery.add(["ada", "bob"], unit(3))
    for metadata in ({"a": row}, {"a": float("nan")}, [1]):
        with pytest.raises(ArgumentTypeError, match="metadata"):
            gallery.add("ada", row, metadata)  # type: ignore[arg-type]
    assert len(gallery) == 0, "nothing of all this was added"
    gallery.add(["ada", "bob"], unit(2))
    with pytest.raises(UnknownNameError, match="eve"):
        gallery.remove(["ada", "eve"])
    with pytest.raises(UnknownNameError, match="eve"):
        gallery.rename("eve", "ann")
    with pytest.raises(ArgumentError, match="'bob'"):
        gallery.rename("ada", "bob")
    for k, threshold, score in ((0, None, "best"), (1, 2.0, "best"), (1, None, "worst")):
        with pytest.raises(ArgumentError):
            gallery.search(row, k, threshold, score=score)  # type: ignore[arg-type]
    assert gallery.names() == ["ada", "bob"], "or removed"


def test_an_open_set_search_needs_a_threshold(gallery: rostro.Gallery) -> None:
    """None means one thing: an embedder without a calibrated threshold does not name strangers."""
    rows = unit(3)
    gallery.add(["ada", "bob"], rows[:2])
    with pytest.raises(
        ArgumentTypeError, match=r"got None.*embedder\.threshold.*rostro eval pairs"
    ):
        gallery.identify(rows[2], None)  # type: ignore[arg-type]
    for wrong in (float("nan"), 2, "0.3", True):
        with pytest.raises((ArgumentError, ArgumentTypeError), match="threshold: got"):
            gallery.identify(rows[2], wrong)  # type: ignore[arg-type]
    assert gallery.identify(rows, np.float32(0.5))[2] is None  # type: ignore[arg-type]
    assert len(gallery.search(rows[2], k=1, threshold=None)[0]) == 1, "whoever is nearest"


def test_arguments_of_any_type(gallery: rostro.Gallery, tmp_path: Path) -> None:
    """NumPy's integers are integers; all else ends in rostro's own errors."""
    row = unit(1)[0]
    numbers: dict[str, Any] = {"k": np.int64(2), "threads": np.int32(1)}
    dim: Any = np.int64(64)
    gallery.add("ada", row)
    assert gallery.search(row, **numbers)[0][0].name == "ada"
    assert "\ud800" not in gallery and "a\nb" not in gallery and b"ada" not in gallery
    assert rostro.Gallery(dim).dim == 64
    odd = [None, True, 0, -1, 1.5, "x", "\ud800", "\0", b"x", [], [1], {}, object(), row, unit(2)]
    odd += [
        2**70,
        float("nan"),
        np.array(1),
        np.array("x"),
        np.empty((0, 64), np.float32),
        iter("x"),
    ]
    path = tmp_path / "other.rostro"
    uses: list[Callable[[Any], object]] = [
        rostro.Gallery,
        rostro.gallery.check,
        gallery.require,
        gallery.declare_compatible,
        gallery.import_,
        gallery.metadata,
        gallery.remove,
        lambda value: gallery.rename("x", value),
        lambda value: gallery.rename(value, "x"),
        lambda value: gallery.add(value, row),
        lambda value: gallery.add("x", value),
        lambda value: gallery.add("x", row, value),
        lambda value: rostro.Gallery(64, embedder=value),
        lambda value: rostro.Gallery.open(value),
        lambda value: rostro.Gallery.open(path, value).close(),
        lambda value: rostro.Gallery.open(path, 64, timeout=value).close(),
        lambda value: rostro.Gallery.open(path, 64, key=value).close(),
        lambda value: rostro.Gallery.open(path, 64, salvage=value).close(),
        lambda value: rostro.Gallery.open(path, 64, embedder=value).close(),
        gallery.search,
        lambda value: gallery.identify(row, value),
        lambda value: gallery.search(row, k=value),
        lambda value: gallery.search(row, threads=value),
        lambda value: gallery.search(row, rescore=value),
        lambda value: gallery.search(row, score=value),
        lambda value: gallery.search(row, threshold=value),
    ]
    for use in uses:
        for value in odd:
            with suppress(RostroError):
                use(value)


def test_closed(tmp_path: Path) -> None:
    gallery = rostro.Gallery.open(tmp_path / "people.rostro", 64)
    gallery.close()
    gallery.close()
    for use in (
        lambda: gallery.add("ada", unit(1)),
        lambda: gallery.search(unit(1)),
        lambda: len(gallery),
    ):
        with pytest.raises(GalleryError, match="closed"):
            use()


def test_a_file_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "people.rostro"
    rows = unit(700, 100)
    with rostro.Gallery.open(path, 100) as gallery:
        gallery.add([f"p{i}" for i in range(600)], rows[:600], {"x": 1})
        for i in range(600, 700):
            gallery.add(f"p{i % 50}", rows[i])
        gallery.remove([f"p{i}" for i in range(100, 200)])
        gallery.rename("p7", "seven")
        names, counts = gallery.names(), gallery.counts()
        found = gallery.search(rows[:50], k=10)
    for _ in range(2):
        with rostro.Gallery.open(path) as gallery:
            assert gallery.dim == 100
            assert gallery.names() == names and gallery.counts() == counts
            assert gallery.metadata("seven") == {"x": 1}
            assert gallery.search(rows[:50], k=10) == found
    assert rostro.gallery.check(path) == []


def test_places_of_the_removed_are_used_again(tmp_path: Path) -> None:
    path = tmp_path / "people.rostro"
    rows = unit(5000)
    names = [f"p{i % 50}" for i in range(5000)]
    with rostro.Gallery.open(path, 64) as gallery:
        for _ in range(6):
            gallery.add(names, rows)
            (matches,) = gallery.search(rows[4321], k=2)
            assert matches[0].name == "p21"
            gallery.remove(gallery.names())
    size = path.stat().st_size
    assert size < 2 * 5000 * 80, "the first round fills the file, the others reuse it"
    with rostro.Gallery.open(path) as gallery:
        assert gallery.count == 0
        gallery.add("ada", rows[0])
    assert path.stat().st_size == size


def test_every_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        path = tmp_path / "people.rostro"
        with rostro.Gallery.open(path, 64) as gallery:
            gallery.add("ada", unit(1))
            gallery.export(tmp_path / "export.npz")
            assert len(files_of(path)) == 4, "the file, its log, the index of it, the export"
            for file in files_of(path):
                assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
        path.chmod(0o644)
        with rostro.Gallery.open(path):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    finally:
        os.umask(before)


def test_another_embedder_is_refused(gallery: rostro.Gallery) -> None:
    gallery.require(SFACE)
    gallery.add("ada", unit(1))
    gallery.require(SFACE)
    with pytest.raises(GalleryError, match=r"version 1.*version 2"):
        gallery.require(OTHER)
    gallery.declare_compatible(OTHER)
    gallery.require(OTHER)
    assert gallery.embedders == (SFACE, OTHER)


def test_another_embedder_is_refused_when_a_file_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "people.rostro"
    with rostro.Gallery.open(path, 64) as gallery:
        gallery.add("ada", unit(1))
    with pytest.raises(GalleryError, match="does not say who made"):
        rostro.Gallery.open(path, embedder=SFACE)
    with rostro.Gallery.open(path) as gallery:
        gallery.declare_compatible(SFACE)
    rostro.Gallery.open(path, embedder=SFACE).close()
    with pytest.raises(GalleryError, match="not by sface"):
        rostro.Gallery.open(path, embedder=OTHER)
    with pytest.raises(GalleryError, match="of 64 numbers, not of 128"):
        rostro.Gallery.open(path, 128)


@pytest.mark.usefixtures("default_models")
def test_the_embedder_of_a_pipeline() -> None:
    embedder = rostro.Embedder()
    gallery = rostro.Gallery(embedder.dim, embedder=embedder)
    (identity,) = gallery.embedders
    assert (identity.name, identity.template) == ("sface-2021dec", "arcface")
    assert identity == EmbedderIdentity.of(rostro.Embedder(engine="onnxruntime"))
    with pytest.raises(GalleryError, match="128 numbers"):
        rostro.Gallery(512, embedder=embedder)


def test_export_and_import(gallery: rostro.Gallery, tmp_path: Path) -> None:
    rows = unit(200)
    gallery.require(SFACE)
    gallery.add([f"p{i % 90}" for i in range(200)], rows)
    gallery.add("Zoë", unit(1, seed=9), {"a": [1, None, "é"]})
    gallery.remove("p5")
    gallery.export(tmp_path / "out.npz")
    with np.load(tmp_path / "out.npz") as arrays:
        assert arrays["codes"].shape == (gallery.count, 64)

    other = rostro.Gallery(64)
    other.add("p0", unit(1, seed=10))
    with pytest.raises(GalleryError, match="does not say who made"):
        other.import_(tmp_path / "out.npz")
    fresh = rostro.Gallery(64)
    assert fresh.import_(tmp_path / "out.npz") == gallery.count
    assert fresh.names() == gallery.names() and fresh.counts() == gallery.counts()
    assert fresh.embedders == (SFACE,)
    assert fresh.metadata("Zoë") == {"a": [1, None, "é"]}
    assert fresh.search(rows, k=3) == gallery.search(rows, k=3), "bit for bit"
    with pytest.raises(GalleryError, match="64 numbers, not of 32"):
        rostro.Gallery(32).import_(tmp_path / "out.npz")
    for damaged in (b"", b"no", (tmp_path / "out.npz").read_bytes()[:-100]):
        (tmp_path / "bad.npz").write_bytes(damaged)
        with pytest.raises(GalleryError, match=r"bad\.npz"):
            fresh.import_(tmp_path / "bad.npz")


def test_nothing_secret_is_shown(gallery: rostro.Gallery, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    gallery.add("ada", unit(1))
    gallery.search(unit(1))
    session = gallery._session
    assert "ada" not in repr(gallery)
    for thing in (session.content.snapshot, session.content.snapshot.chunks[0].memory):
        assert "array" not in repr(thing)
    assert caplog.text == ""


def test_what_another_process_named_is_seen(tmp_path: Path) -> None:
    """Two that open an empty gallery cannot both make it theirs."""
    path = tmp_path / "people.rostro"
    with rostro.Gallery.open(path, 64) as first, rostro.Gallery.open(path) as second:
        second.require(SFACE)
        assert first.embedders == (SFACE,)
        with pytest.raises(GalleryError, match="not by sface"):
            first.require(OTHER)
        second.declare_compatible(OTHER)
        first.require(OTHER)


def test_templates_of_nobody_knows_whom_are_not_imported(tmp_path: Path) -> None:
    unnamed, named = rostro.Gallery(64), rostro.Gallery(64, embedder=SFACE)
    unnamed.add("ada", unit(1))
    unnamed.export(tmp_path / "out.npz")
    with pytest.raises(GalleryError, match=r"by nobody knows whom; .*declare_compatible"):
        named.import_(tmp_path / "out.npz")
    assert len(named) == 0
    unnamed.declare_compatible(SFACE)
    unnamed.export(tmp_path / "out.npz")
    assert named.import_(tmp_path / "out.npz") == 1


@pytest.mark.parametrize("score", ["best", "mean"])
@pytest.mark.parametrize("rescore", [False, True])
def test_searches_across_chunks_and_gaps(
    monkeypatch: pytest.MonkeyPatch, score: Literal["best", "mean"], rescore: bool
) -> None:
    monkeypatch.setattr("rostro.gallery.matrix._CHUNK_ROWS", 100)
    rows, owners = unit(950), np.random.default_rng(5).integers(0, 200, 950)
    gallery = rostro.Gallery(64)
    gallery.add([f"p{owner}" for owner in owners], rows)
    gallery.remove([f"p{i}" for i in range(150, 200)])
    queries = unit(33, seed=6)
    similarities = queries @ rows.T
    over = np.max if score == "best" else np.mean
    expected = np.stack([over(similarities[:, owners == p], axis=1) for p in range(150)], axis=1)
    for matches, truth in zip(
        gallery.search(queries, 7, score=score, rescore=rescore), expected, strict=True
    ):
        np.testing.assert_allclose([m.similarity for m in matches], -np.sort(-truth)[:7], atol=0.01)
        assert [m.similarity for m in matches] == pytest.approx(
            [truth[int(m.name[1:])] for m in matches], abs=0.01
        )
