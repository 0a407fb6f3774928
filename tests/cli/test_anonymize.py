"""`rostro anonymize` of real photos, and of videos made of them."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image as Pictures

import rostro as library
from rostro.types import Image
from rostro.video import open_source
from tests.support.command_line import assert_one_error, assert_refused, rostro
from tests.support.movies import sound_of, write_movie
from tests.support.videos import people

pytestmark = pytest.mark.usefixtures("default_models")

HOWS = ["blur", "pixelate", "fill"]


@pytest.fixture(scope="module")
def photo_with_tags(tmp_path_factory: pytest.TempPathFactory, astronaut: Path) -> Path:
    path = tmp_path_factory.mktemp("photos") / "photo.jpg"
    with Pictures.open(astronaut) as picture:
        exif = Pictures.Exif()
        exif[0x010F] = "CameraOfSomebody"
        exif.get_ifd(0x8825)[2] = (48.0, 8.0, 1.0)
        picture.convert("RGB").save(path, quality=95, exif=exif, comment=b"by somebody")
    return path


@pytest.mark.parametrize("how", HOWS)
def test_a_photo(tmp_path: Path, photo_with_tags: Path, how: str) -> None:
    before = photo_with_tags.read_bytes()
    assert b"CameraOfSomebody" in before
    out = tmp_path / "out.png"
    result = rostro("anonymize", photo_with_tags, "-o", out, "--how", how, "--turn", "never")
    assert result.exit_code == 0 and "1 face hidden" in result.stdout
    assert photo_with_tags.read_bytes() == before
    with Pictures.open(out) as picture:
        assert not picture.info and not picture.getexif()
    original, hidden = library.load_image(photo_with_tags), library.load_image(out)
    changed = np.argwhere((original != hidden).any(axis=2))
    pipeline = library.FacePipeline()
    (face,) = pipeline(original)
    (top, left), (bottom, right) = changed.min(axis=0), changed.max(axis=0)
    width, height = face.box[2:] - face.box[:2]
    assert left > face.box[0] - 0.25 * width and right < face.box[2] + 0.25 * width
    assert top > face.box[1] - 0.4 * height and bottom < face.box[3] + 0.2 * height
    # Aligned by the points of the true face, it is nobody any more.
    embedder = library.Embedder()
    found = pipeline(original)
    embeddings = [embedder(image, found).embeddings for image in (original, hidden)]
    assert embeddings[0] is not None and embeddings[1] is not None
    similarity = float(embeddings[0][0] @ embeddings[1][0])
    assert similarity < 0.2 < (embedder.threshold or 0)
    assert rostro("anonymize", photo_with_tags, "-o", tmp_path / "out.jpg").exit_code == 0
    content = (tmp_path / "out.jpg").read_bytes()
    assert b"Camera" not in content and b"Exif" not in content and b"somebody" not in content


def clip(path: Path, gap: range) -> Path:
    """Two people of LFW, who move; the first is not to be found in some frames, nor in the last."""
    (first, *_), (second, *_) = people(1)[:2]
    return write_movie(
        path, [_frame(first, second, number, number in gap) for number in range(24)], sound=True
    )


def _frame(first: Image, second: Image, number: int, smeared: bool) -> Image:
    canvas = np.full((260, 540, 3), 90, np.uint8)
    canvas[5:255, 2 * number : 2 * number + 250] = first
    if smeared:  # as motion does: no detector finds it, people still see somebody
        face = canvas[5:255, 2 * number : 2 * number + 250]
        face[:] = np.sort(face, axis=1)
    canvas[5:255, 290:540] = second
    return canvas


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip(tmp_path_factory.mktemp("clip") / "two.mp4", range(9, 13))


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gallery") / "people.rostro"
    embedder = library.Embedder()
    image = people(2)[0][1]
    faces = library.FacePipeline()(image)
    assert faces.embeddings is not None
    with library.Gallery.open(path, dim=embedder.dim, embedder=embedder) as opened:
        opened.add("ada", faces.embeddings[0])
    return path


def is_known(path: Path) -> list[list[bool]]:
    """Whether each of the two people is still recognized, in each frame that shows both."""
    pipeline = library.FacePipeline()
    own = [pipeline(photos[0]).embeddings for photos in people(1)[:2]]
    found = []
    for frame in list(open_source(path))[::4]:
        there = pipeline(frame.image).embeddings
        assert there is not None
        found.append([bool(len(there) and (there @ each[0]).max() > 0.363)
                      for each in own if each is not None])  # fmt: skip
    return found


@pytest.mark.heavy
def test_a_clip_with_a_gap(tmp_path: Path, two: Path) -> None:
    out, regions = tmp_path / "out.mp4", tmp_path / "regions.json"
    arguments = ("--regions", regions, "--json", "--turn", "never")
    result = rostro("anonymize", two, "-o", out, *arguments)
    assert result.exit_code == 0
    (document,) = json.loads(result.stdout)["sources"]
    assert document["frames_with_hidden"] == document["frames"] == 24
    assert document["of_these_not_covered"] == [] and document["cuts"] == []
    (source,) = json.loads(regions.read_text())["sources"]
    seen = [{place[0] for place in track["keyframes"]} for track in source["tracks"]]
    assert any(not frames & set(range(9, 13)) for frames in seen)  # it was missed there, and
    before, after = list(open_source(two)), list(open_source(out))
    for number in range(24):  # is hidden all the same
        face = np.s_[80:170, 2 * number + 90 : 2 * number + 160]
        difference = np.abs(before[number].image[face].astype(int) - after[number].image[face])
        assert difference.mean() > 5, number
    assert is_known(two) != is_known(out) == [[False, False]] * 6
    assert sound_of(out) == sound_of(two)
    with av.open(str(out)) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]
        assert "location" not in container.metadata and "creation_time" not in container.metadata

    # Edited, and applied without networks: the second person is shown.
    written = json.loads(regions.read_text())
    for track in written["sources"][0]["tracks"]:
        track["hide"] = track["keyframes"][0][1] < 200
    regions.write_text(json.dumps(written))
    shown = tmp_path / "shown.mp4"
    assert rostro("anonymize", two, "-o", shown, "--from", regions).exit_code == 0
    assert is_known(shown) == [[False, True]] * 6


@pytest.mark.heavy
def test_only_those_whom_a_gallery_knows_or_all_but_those(
    tmp_path: Path, two: Path, gallery: Path
) -> None:
    for option, expected in (("--only-known", [False, True]), ("--except-known", [True, False])):
        out = tmp_path / f"{option}.mp4"
        result = rostro("anonymize", two, "-o", out, option, gallery, "--turn", "never")
        assert result.exit_code == 0 and "1 face hidden, 1 shown" in result.stdout
        known = is_known(out)
        assert known[0] == known[-1] == expected


def test_from_needs_no_networks_and_many_go_into_a_folder(
    tmp_path: Path, empty_cache: Path
) -> None:
    grey = np.full((120, 160, 3), 200, np.uint8)
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    write_movie(folder / "deep" / "clip.mp4", [grey] * 6)
    write_movie(folder / "clip.ts", [grey] * 6)
    Pictures.new("RGB", (64, 48), "white").save(folder / "a.gif.jpg")
    (folder / "broken.mp4").write_bytes(b"no video")
    sources = [
        {"file": str(folder / name), "width": width, "height": height, "frames": frames,
         "tracks": [{"keyframes": [[0, 10, 10, 30, 30]]}]}
        for name, width, height, frames in (
            ("deep/clip.mp4", 160, 120, 6), ("clip.ts", 160, 120, 6), ("a.gif.jpg", 64, 48, 1),
            ("broken.mp4", 1, 1, 1),
        )
    ]  # fmt: skip
    regions = tmp_path / "r.json"
    regions.write_text(json.dumps({"format": "rostro-regions", "version": 1, "sources": sources}))
    out = tmp_path / "out"
    result = rostro("anonymize", folder, "-o", out, "--from", regions, "--how", "fill")
    assert result.exit_code == 1  # of the broken one
    assert_one_error(result, "broken.mp4", "cannot be opened")
    written = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    assert written == ["a.gif.jpg", "clip.ts.mkv", "deep/clip.mp4"]
    image = library.load_image(out / "a.gif.jpg")
    assert image[20, 20].max() < 80 and image[40, 50].min() > 240


def test_nothing_is_overwritten(tmp_path: Path, photo_with_tags: Path) -> None:
    copy = tmp_path / "photo.jpg"
    copy.write_bytes(photo_with_tags.read_bytes())
    link = tmp_path / "link.jpg"
    link.symlink_to(copy)
    for out in (copy, link, tmp_path):
        result = rostro("anonymize", copy, "-o", out, "--overwrite")
        assert result.exit_code == 2 and "would overwrite" in result.stderr
    there = tmp_path / "there.png"
    there.write_bytes(b"before")
    result = rostro("anonymize", copy, "-o", there)
    assert result.exit_code == 2 and "--overwrite" in result.stderr
    result = rostro("anonymize", copy, "-o", tmp_path / "o.png", "--regions", copy, "--overwrite")
    assert result.exit_code == 2 and "one of the sources" in result.stderr
    assert copy.read_bytes() == photo_with_tags.read_bytes() and there.read_bytes() == b"before"


def test_wrong_usage(tmp_path: Path, photo_with_tags: Path, gallery: Path) -> None:
    def wrong(*arguments: object) -> str:
        result = rostro("anonymize", *arguments)
        assert result.exit_code == 2
        return result.stderr

    out = tmp_path / "out.jpg"
    assert "Missing option" in wrong(photo_with_tags)
    assert "read once" in wrong("rtsp://camera/", "-o", tmp_path / "out.mp4")
    assert "one file for 2" in wrong(photo_with_tags, photo_with_tags.parent / "b.jpg", "-o", out)
    assert "differ" in wrong(photo_with_tags, "-o", tmp_path / "out.mp4")
    both = ("--only-known", gallery, "--except-known", gallery)
    assert "one of them is wanted" in wrong(photo_with_tags, "-o", out, *both)
    assert "--threshold is for" in wrong(photo_with_tags, "-o", out, "--threshold", "0.5")
    assert_refused(rostro("anonymize", tmp_path / "none.mp4", "-o", tmp_path / "o.mp4"), "none.mp4")
    bad = tmp_path / "bad.json"
    bad.write_text("{}")
    assert_refused(
        rostro("anonymize", photo_with_tags, "-o", out, "--from", bad), "bad.json: format"
    )
    empty = tmp_path / "empty.rostro"
    embedder = library.Embedder()
    library.Gallery.open(empty, dim=embedder.dim, embedder=embedder).close()
    assert_refused(rostro("anonymize", photo_with_tags, "-o", out, "--only-known", empty), "nobody")
    assert not out.exists()
