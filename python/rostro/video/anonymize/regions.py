"""What is hidden in photos and videos, as JSON that people can edit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from rostro.errors import FileMissingError, RegionsError
from rostro.support.arguments import shown
from rostro.support.files import open_regular, replacing
from rostro.types import FloatArray
from rostro.video.anonymize.tracks import Track

__all__ = ["Regions", "read_regions", "regions_for", "runs", "write_regions"]

_FORMAT, _VERSION = "rostro-regions", 1
_FARTHEST = 1e6  # pixels
_MOST_FRAMES = 10**9


@dataclass(slots=True)
class Regions:
    """What is hidden in one photo or video.

    Attributes:
        file: as it was given.
        width, height: pixels, upright.
        frames: of a photo 1.
        tracks: a face each.
        empty: numbers of the frames in which the detector found nothing.
        cuts: numbers of the frames that begin a scene.
    """

    file: str
    width: int
    height: int
    frames: int
    tracks: list[Track] = field(default_factory=list)
    empty: list[int] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)

    def by_frame(self) -> Iterator[FloatArray]:
        """The regions to hide in each frame, (N, 4) float32."""
        coming = sorted((track for track in self.tracks if track.hide), key=lambda t: -t.frames[0])
        there: list[Track] = []
        for frame in range(self.frames):
            while coming and coming[-1].frames[0] <= frame:
                there.append(coming.pop())
            there = [track for track in there if track.frames[-1] >= frame]
            regions = [track.at(frame) for track in there]
            yield np.stack(regions) if regions else np.empty((0, 4), np.float32)


def write_regions(path: Path, regions: Sequence[Regions]) -> None:
    """Writes a JSON file; one line a track, so that it can be edited and compared.

    Raises:
        WriteError: it cannot be written.
    """
    sources = []
    for one in regions:
        tracks = ",\n".join(f"      {json.dumps(_track_document(track))}" for track in one.tracks)
        head = {
            "file": one.file, "width": one.width, "height": one.height, "frames": one.frames,
            "cuts": one.cuts, "empty": runs(one.empty),
        }  # fmt: skip
        body = f"[\n{tracks}\n    ]" if tracks else "[]"
        sources.append(f'    {json.dumps(head)[:-1]}, "tracks": {body}}}')
    whole = ",\n".join(sources)
    with replacing(path) as file:
        text = f'{{"format": "{_FORMAT}", "version": {_VERSION}, "sources": [\n{whole}\n]}}\n'
        file.write(text.encode())


def _track_document(track: Track) -> dict[str, Any]:
    boxes = track.boxes.astype(np.float64).round(1).tolist()
    document: dict[str, Any] = {"hide": track.hide}
    if track.name is not None:
        document["name"] = track.name
    if track.similarity is not None:
        document["similarity"] = round(track.similarity, 3)
    document["seen"] = track.seen
    places = zip(track.frames, boxes, strict=True)
    return document | {"keyframes": [[frame, *box] for frame, box in places]}


def read_regions(path: Path) -> list[Regions]:
    """What `write_regions` wrote, and what people made of it.

    Raises:
        FileMissingError: there is no such file.
        RegionsError: it is no such JSON; names the entry that is wrong.
    """
    try:
        with open_regular(path) as file:
            document = json.loads(file.read())
    except OSError as error:
        raise FileMissingError(f"{path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise RegionsError(f"{path}: no JSON: {error}") from error
    reader = _Reader(str(path))
    whole = reader.table("", document)
    if whole.get("format") != _FORMAT:
        raise reader.wrong("format", whole.get("format"), f'"{_FORMAT}"')
    if whole.get("version") != _VERSION:
        raise reader.wrong("version", whole.get("version"), str(_VERSION))
    sources = reader.entries("sources", whole.get("sources"), 1)
    return [_source(reader, f"sources[{i}]", each) for i, each in enumerate(sources)]


def regions_for(known: Sequence[Regions], file: str, path: Path) -> Regions:
    """What is to be hidden in a file: by its name as it was given then, else by the last part of
    it, where only one has that.

    Raises:
        RegionsError: none fits, or several do.
    """
    fitting = [one for one in known if one.file == file]
    fitting = fitting or [one for one in known if Path(one.file).name == Path(file).name]
    if len(fitting) != 1:
        how = "nothing" if not fitting else "more than one entry"
        raise RegionsError(f"{path}: {how} in it is of {file}; one source of this name is wanted")
    return fitting[0]


class _Reader:
    """Checks the entries of a document, and names those that are wrong."""

    def __init__(self, path: str) -> None:
        self._path = path

    def wrong(self, where: str, got: object, wanted: str) -> RegionsError:
        place = f"{where}: " if where else ""
        return RegionsError(f"{self._path}: {place}got {shown(got)}; {wanted} is wanted")

    def table(self, where: str, value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.wrong(where, value, "an object")
        return value

    def entries(self, where: str, value: object, least: int = 0) -> list[Any]:
        if not isinstance(value, list) or len(value) < least:
            raise self.wrong(where, value, "a list" if not least else "a list that is not empty")
        return value

    def whole(self, where: str, value: object, least: int, most: int = _MOST_FRAMES) -> int:
        if type(value) is not int or not least <= value <= most:
            raise self.wrong(where, value, f"a whole number from {least} to {most}")
        return value

    def number(self, where: str, value: object) -> float:
        if type(value) not in (int, float) or not abs(value) <= _FARTHEST:  # type: ignore[arg-type]
            raise self.wrong(where, value, "a number of pixels")
        return float(value)  # type: ignore[arg-type]


def _source(reader: _Reader, where: str, value: object) -> Regions:
    table = reader.table(where, value)
    if not isinstance(table.get("file"), str):
        raise reader.wrong(f"{where}.file", table.get("file"), "the name of a file")
    width, height, frames = (
        reader.whole(f"{where}.{name}", table.get(name), 1)
        for name in ("width", "height", "frames")
    )
    tracks = reader.entries(f"{where}.tracks", table.get("tracks"))
    read = [_track(reader, f"{where}.tracks[{i}]", each) for i, each in enumerate(tracks)]
    for index, track in enumerate(read):
        if track.frames[-1] >= frames:
            place = f"{where}.tracks[{index}].keyframes"
            raise reader.wrong(place, track.frames[-1], f"a frame below {frames}")
    return Regions(table["file"], width, height, frames, read)


def _track(reader: _Reader, where: str, value: object) -> Track:
    table = reader.table(where, value)
    hide = table.get("hide", True)
    if type(hide) is not bool:
        raise reader.wrong(f"{where}.hide", hide, "true or false")
    frames: list[int] = []
    boxes: list[list[float]] = []
    for index, entry in enumerate(
        reader.entries(f"{where}.keyframes", table.get("keyframes"), least=1)
    ):
        place = f"{where}.keyframes[{index}]"
        if not isinstance(entry, list) or len(entry) != 5:
            raise reader.wrong(place, entry, "[frame, x1, y1, x2, y2]")
        frame = reader.whole(f"{place}[0]", entry[0], 0)
        if frames and frame <= frames[-1]:
            raise reader.wrong(f"{place}[0]", frame, f"a frame after {frames[-1]}")
        box = [reader.number(f"{place}[{i}]", entry[i]) for i in range(1, 5)]
        if not (box[0] < box[2] and box[1] < box[3]):
            raise reader.wrong(place, entry, "x1 below x2 and y1 below y2")
        frames.append(frame)
        boxes.append(box)
    return Track(frames, np.array(boxes, np.float32), hide)


def runs(frames: Sequence[int]) -> list[list[int]]:
    """Runs of numbers, as first and last."""
    found: list[list[int]] = []
    for frame in frames:
        if found and found[-1][1] == frame - 1:
            found[-1][1] = frame
        else:
            found.append([frame, frame])
    return found
