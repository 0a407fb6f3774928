"""Hiding faces, without networks: pixels, scene cuts, tracks and their gaps, whole videos."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from rostro.errors import ArgumentError, RegionsError, VideoError
from rostro.faces import Faces
from rostro.types import FloatArray, Image
from rostro.video import open_source
from rostro.video.anonymize.apply import hide_in_video
from rostro.video.anonymize.cuts import Cuts
from rostro.video.anonymize.find import Finder
from rostro.video.anonymize.hiding import HOWS, SHAPES, Hiding, enlarged
from rostro.video.anonymize.regions import Regions
from rostro.video.anonymize.tracks import Track
from rostro.video.anonymize.who import Everybody
from tests.support.movies import moving, photo, sound_of, write_movie


def random_image(seed: int, height: int = 100, width: int = 120) -> Image:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("shape", SHAPES)
def test_what_lies_outside_stays_to_the_bit(how: str, shape: str) -> None:
    image = random_image(0)
    hidden = image.copy()
    Hiding(how, shape)(hidden, np.array([[20, 10, 80, 90]], np.float32))  # type: ignore[arg-type]
    changed = (hidden != image).any(axis=2)
    assert not changed[:10].any() and not changed[91:].any()
    assert not changed[:, :20].any() and not changed[:, 81:].any()
    assert changed[30:70, 35:65].mean() > 0.99
    assert changed[11, 21] == (shape == "rectangle")


@pytest.mark.parametrize("how", HOWS)
def test_little_is_left_of_what_was_there(how: str) -> None:
    """Whatever fine pixels were there, what comes out is the same."""
    y, x = np.mgrid[:96, :96] // 16
    means = ((x * 37 + y * 61) % 8 * 32 + 16).astype(np.uint8)[..., None].repeat(3, axis=2)
    outs = []
    for seed in range(2):
        fine = np.random.default_rng(seed).choice([-15, 15], (96, 48, 1)).repeat(2, axis=1)
        fine[:, 1::2] *= -1  # cells keep their means
        image = (means.astype(int) + fine).astype(np.uint8)
        Hiding(how, "rectangle")(image, np.array([[0, 0, 96, 96]], np.float32))  # type: ignore[arg-type]
        outs.append(image)
    assert np.array_equal(*outs)
    colors = len(np.unique(outs[0].reshape(-1, 3), axis=0))
    assert colors == 1 if how == "fill" else colors <= 256


def test_regions_at_the_edge_and_outside() -> None:
    for region in ([-50, -50, 10, 10], [110, 90, 300, 300], [-5, -5, 500, 500], [40, 40, 40, 40]):
        for how in HOWS:
            image = random_image(1)
            Hiding(how, "rectangle")(image, np.array([region], np.float32))
            assert (image != random_image(1)).any()
    image = random_image(1)
    Hiding()(image, np.array([[200, 200, 300, 300], [-90, 0, -20, 50]], np.float32))
    Hiding()(image, np.empty((0, 4), np.float32))
    assert np.array_equal(image, random_image(1))
    with pytest.raises(ArgumentError, match="how"):
        Hiding("mosaic")  # type: ignore[arg-type]


def test_the_ellipse_holds_the_detected_box() -> None:
    box = np.array([[30, 30, 70, 80]], np.float32)
    image = np.full((120, 120, 3), 255, np.uint8)
    Hiding("fill")(image, enlarged(box))
    covered = (image == 64).all(axis=2)
    assert covered[30:72, 30:71].all() and covered[30:81, 38:63].all()
    assert covered[20, 50] and covered[85, 50] and covered[55, 24]  # hair, chin, ears


def cuts_in(frames: Sequence[Image]) -> list[int]:
    cuts = Cuts()
    for frame in frames:
        cuts.look(frame)
    return cuts.end()


def test_cuts_are_found_and_nothing_else_is() -> None:
    first, second = photo(), np.ascontiguousarray(photo()[::-1])
    assert cuts_in([first] * 10 + [second] * 10 + [first] * 5) == [10, 20]
    assert cuts_in([first] * 10 + [second]) == [10]
    assert cuts_in(moving(30)) == []
    swinging = [np.roll(first, 25 * n, axis=1) for n in range(12)]
    assert cuts_in([first] * 8 + swinging + [swinging[-1]] * 8) == []
    flash = np.full_like(first, 255)
    assert cuts_in([first] * 10 + [flash] + [first] * 10) == []
    darker = [(first * (1 - n / 20)).astype(np.uint8) for n in range(20)]
    assert cuts_in(darker) == []
    noisy = [np.clip(first + np.random.default_rng(n).normal(0, 20, first.shape), 0, 255)
             .astype(np.uint8) for n in range(10)]  # fmt: skip
    assert cuts_in(noisy) == []
    assert cuts_in([]) == cuts_in([first]) == []


Found = dict[int, list[tuple[float, float, float, float]]]


def finder(found: Found, score: float = 0.9, margin: int = 2, gap: float = 1.0) -> Finder:
    """Finds these boxes in these frames."""
    numbers = iter(range(10**6))

    def detect(_image: Image) -> Faces:
        boxes = np.array(found.get(next(numbers), []), np.float32).reshape(-1, 4)
        return Faces(boxes, np.full(len(boxes), score, np.float32))

    return Finder(detect, Everybody(), margin=margin, gap=gap)


def boxes(frames: Sequence[int], step: float = 2.0) -> Found:
    return {n: [(20 + step * n, 30, 50 + step * n, 70)] for n in frames}


@pytest.fixture(scope="module")
def movie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("movies") / "movie.mp4"
    return write_movie(path, moving(30), sound=True, tags={"location": "+48.1+11.5/"})


@pytest.fixture(scope="module")
def cut_movie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    other = np.ascontiguousarray(photo()[::-1])
    path = tmp_path_factory.mktemp("movies") / "cut.mp4"
    return write_movie(path, [photo()] * 12 + [other] * 12)


def test_gaps_and_margins_are_covered(movie: Path) -> None:
    regions = finder(boxes([10, 14])).in_video(movie)
    (track,) = regions.tracks
    assert (track.frames[0], track.frames[-1], track.seen) == (8, 16, 2)
    by_frame = list(regions.by_frame())
    assert [n for n, there in enumerate(by_frame) if len(there)] == list(range(8, 17))
    for number in range(10, 15):  # it moves evenly
        expected = enlarged(np.array(boxes([number])[number], np.float32))
        assert by_frame[number] == pytest.approx(expected, abs=0.01)
    # Before and after, also where it comes from and goes to.
    assert by_frame[8][0][0] == pytest.approx(by_frame[10][0][0] - 4)
    assert by_frame[8][0][2] == pytest.approx(by_frame[10][0][2])
    assert by_frame[16][0][2] == pytest.approx(by_frame[14][0][2] + 4)
    assert regions.empty == [n for n in range(30) if n not in (10, 14)]


def test_a_longer_gap_is_none(movie: Path) -> None:
    regions = finder(boxes([2, 28], 0), margin=1, gap=0.5).in_video(movie)
    spans = sorted((track.frames[0], track.frames[-1]) for track in regions.tracks)
    assert spans == [(1, 3), (27, 29)]


def test_low_scores_and_two_faces(movie: Path) -> None:
    two = {n: [(10.0, 10.0, 40.0, 50.0), (90.0, 30.0, 130.0, 80.0)] for n in range(0, 30, 3)}
    regions = finder(two, score=0.3).in_video(movie)
    assert [len(there) for there in regions.by_frame()] == [2] * 30
    assert len(regions.tracks) == 2


def test_nothing_goes_on_over_a_cut(cut_movie: Path) -> None:
    regions = finder(boxes([10, 14], 0), margin=5).in_video(cut_movie)
    assert regions.cuts == [12]
    spans = sorted((track.frames[0], track.frames[-1]) for track in regions.tracks)
    assert spans == [(5, 11), (12, 19)]


def test_sound_times_and_what_is_not_hidden_stay(movie: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    regions = finder(boxes(range(30), 0)).in_video(movie)
    assert hide_in_video(movie, out, regions, Hiding("fill")) == []
    assert sound_of(out) == sound_of(movie)
    before, after = list(open_source(movie)), list(open_source(out))
    times = [frame.time for frame in before]
    assert [frame.time for frame in after] == pytest.approx(times, abs=1e-4)
    x1, y1, x2, y2 = (int(side) for side in next(regions.by_frame())[0])
    for one, other in zip(before, after, strict=True):
        difference = np.abs(one.image.astype(int) - other.image).mean(axis=2)
        assert difference[y1 + 10 : y2 - 10, x1 + 10 : x2 - 10].mean() > 10
        difference[max(y1 - 4, 0) : y2 + 4, max(x1 - 4, 0) : x2 + 4] = 0
        assert difference.mean() < 4
    assert b"+48.1" in movie.read_bytes() and b"+48.1" not in out.read_bytes()
    with av.open(str(movie)) as whole, av.open(str(out)) as written:
        assert len(written.streams) == 2 and not written.chapters()
        apart = [begin(each, 0) - begin(each, 1) for each in (whole, written)]
        assert apart[0] == pytest.approx(apart[1], abs=0.001)
    silent = tmp_path / "silent.mkv"
    hide_in_video(movie, silent, regions, Hiding(), sound=False)
    with av.open(str(silent)) as written:
        assert [stream.type for stream in written.streams] == ["video"]


def begin(container: Any, index: int) -> float:
    stream = container.streams[index]
    return float(stream.start_time * stream.time_base)


@pytest.mark.parametrize(
    ("width", "frames", "says"),
    [(161, 30, "it is 160x120, its regions are of 161x120"), (160, 29, "it has 30 frames"),
     (160, 31, "it has 30 frames")],
)  # fmt: skip
def test_regions_of_another_video(
    movie: Path, tmp_path: Path, width: int, frames: int, says: str
) -> None:
    with pytest.raises(RegionsError, match=says):
        hide_in_video(movie, tmp_path / "out.mp4", Regions("a", width, 120, frames), Hiding())
    assert list(tmp_path.iterdir()) == []


def test_a_video_whose_size_changes_is_told(
    movie: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = iter([(6, 8, 3)] * 5 + [(8, 8, 3)])
    monkeypatch.setattr(
        "rostro.video.sources.decoded.picture_of", lambda _: np.zeros(next(sizes), np.uint8)
    )
    with pytest.raises(VideoError, match="change their size from 8x6 to 8x8"):
        finder({}).in_video(movie)


def test_what_was_interrupted_leaves_nothing(movie: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    out.write_bytes(b"before")

    def interrupt(count: list[int] = [0]) -> None:  # noqa: B006 (counts)
        count[0] += 1
        if count[0] == 10:
            raise KeyboardInterrupt

    regions = finder({}).in_video(movie)
    with pytest.raises(KeyboardInterrupt):
        hide_in_video(movie, out, regions, Hiding(), progress=interrupt)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"before"]


def test_tracks_that_are_shown_are_not_hidden() -> None:
    places: FloatArray = np.array([[0, 0, 9, 9], [9, 9, 18, 18]], np.float32)
    tracks = [Track([2, 4], places), Track([0, 9], places, hide=False), Track([4], places[:1])]
    there = [len(each) for each in Regions("a", 20, 20, 6, tracks).by_frame()]
    assert there == [0, 0, 1, 1, 2, 0]
