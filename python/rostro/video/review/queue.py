"""A folder of unknowns who wait for a name: pictures and a record of each."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import hashlib
import io
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from rostro.errors import FileMissingError, ReviewError, WriteError
from rostro.pictures.pixels import to_pillow
from rostro.support.arguments import check_integer, check_path
from rostro.support.files import open_regular, replacing
from rostro.support.temporary import remove_abandoned
from rostro.video.review.records import Entry, Picture, check_id
from rostro.video.shots import Shot
from rostro.video.sources.problems import Problems

__all__ = ["ReviewQueue"]

_MARK = "review.lock"
"""Says that a folder is a queue; locked while one is changed."""
_LARGEST = 8 << 20  # bytes of a record
_RECORD = re.compile(r"([0-9a-f]{8})\.json")
_PICTURE = re.compile(r"([0-9a-f]{8})-[0-9a-f]{16}\.png")


class ReviewQueue:
    """Unknowns of videos, with pictures of their faces, until somebody names or discards them.

    Of each there is a record, ``ID.json``, and PNGs of the crops that the embedder saw,
    ``ID-DIGITS.png``. A record is replaced at once: after a crash it is the old or the new one, and
    its pictures are there. The folder is for its owner alone (mode 0700, files 0600). Any number of
    threads and processes may have one at once: a tracker that fills it and `rostro gallery review`
    that empties it.

    This keeps pictures of people. Those of an entry are deleted when it is named or discarded, and
    when the queue is full; the whole queue by deleting the folder.

    Args:
        folder: made where there is none. One that holds other files is refused.
        people: in the queue at most; who was not seen for longest leaves for somebody new.
        crops: pictures of one person; the best are kept.

    Attributes:
        folder, people, crops: as above.
        problems: `rostro.video.Problems`: who left the full queue, ``"evicted"``, and what could
            not be written, ``"unwritten"``.

    Raises:
        ArgumentError, ArgumentTypeError: not such arguments.
        ReviewError: the folder holds other files.
        WriteError: it cannot be made, or is another user's.
    """

    def __init__(self, folder: str | Path, *, people: int = 200, crops: int = 5) -> None:
        self.folder = check_path("folder", folder)
        self.people = check_integer("people", people, 1, 100_000)
        self.crops = check_integer("crops", crops, 1, 100)
        self.problems = Problems()
        try:
            self._make()
            with self._locked():
                self._tidy()
        except OSError as error:
            raise WriteError(f"cannot write {self.folder}: {error.strerror}") from error

    def entries(self) -> list[Entry]:
        """All who wait, by when they were first seen; see `broken` for records that cannot be read.

        Raises:
            FileMissingError: the folder is gone.
        """
        found = [one for one in self._all().values() if isinstance(one, Entry)]
        return sorted(found, key=lambda entry: (entry.first_seen, entry.id))

    def broken(self) -> dict[str, str]:
        """Records that cannot be read, by id, and why. They wait to be discarded."""
        found = self._all().items()
        return {id_: str(one) for id_, one in found if isinstance(one, ReviewError)}

    def get(self, id_: str) -> Entry:
        """An entry by its id.

        Raises:
            ArgumentError, ArgumentTypeError: no id of an entry.
            FileMissingError: nobody has it, or not any more.
            ReviewError: its record cannot be read.
        """
        path = self._record(check_id(id_))
        try:
            with open_regular(path) as file:
                data = file.read(_LARGEST + 1)
            if len(data) > _LARGEST:
                raise ValueError("too large")
            return Entry.decode(data, id_)
        except FileNotFoundError as error:
            raise FileMissingError(f"{self.folder}: nobody of the id {id_} waits there") from error
        except (OSError, ValueError) as error:
            raise ReviewError(f"{path}: cannot be read: {error}; discard it") from error

    def put(self, entry: Entry, shots: Sequence[Shot], *, new: bool) -> bool:
        """Writes an entry, its best pictures among those that are there and these.

        Args:
            entry: whose own ``pictures`` are not looked at.
            shots: some are enough; those that are kept already may be among them.
            new: whether it was never written before. One that was and is gone stays so.

        Returns:
            Whether it is there now.

        Raises:
            ArgumentError: not such an id.
            OSError, WriteError: it cannot be written; what was there is as it was.
        """
        check_id(entry.id)
        with self._locked():
            record = self._record(entry.id)
            if not new and not record.exists():
                return False
            before: tuple[Picture, ...] = ()
            if not new:
                with contextlib.suppress(ReviewError):  # is replaced
                    before = self.get(entry.id).pictures
            kept = {one.file: one for one in before if (self.folder / one.file).exists()}
            crops = {self._file_of(entry.id, shot): shot for shot in shots}
            for file, shot in crops.items():
                kept[file] = Picture(file, shot.quality, tuple(shot.why), shot.time)
            best = sorted(kept.values(), key=lambda one: one.rank, reverse=True)[: self.crops]
            try:
                for one in best:
                    if not (self.folder / one.file).exists():
                        self._write(self.folder / one.file, _png(crops[one.file]))
                entry = dataclasses.replace(entry, pictures=tuple(best))
                self._write(record, entry.encode())
            finally:
                self._tidy(entry.id)
            if new:
                self._evict(entry)
        return True

    def discard(self, id_: str) -> None:
        """Deletes an entry, also one that cannot be read, with its pictures.

        Raises:
            ArgumentError, ArgumentTypeError: no id of an entry.
            FileMissingError: nobody has it, or not any more.
            WriteError: it cannot be deleted.
        """
        check_id(id_)
        try:
            with self._locked():
                self._remove(id_)
        except FileNotFoundError as error:
            raise FileMissingError(f"{self.folder}: nobody of the id {id_} waits there") from error
        except OSError as error:
            raise WriteError(f"cannot delete {self._record(id_)}: {error.strerror}") from error

    # The folder

    def _make(self) -> None:
        with contextlib.suppress(FileExistsError):
            self.folder.mkdir(mode=0o700, parents=True)
        mark = self.folder / _MARK
        if not mark.exists():
            if any(self.folder.iterdir()):
                raise ReviewError(
                    f"{self.folder}: holds other files; a new or empty folder, or a review queue "
                    "is wanted"
                )
            os.close(os.open(mark, os.O_WRONLY | os.O_CREAT, 0o600))
        self.folder.chmod(0o700)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time; gone where the folder is, so that nobody makes it anew."""
        descriptor = os.open(self.folder / _MARK, os.O_RDWR)
        try:
            with contextlib.suppress(OSError):  # a file system without locks
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _all(self) -> dict[str, Entry | ReviewError]:
        found: dict[str, Entry | ReviewError] = {}
        for id_ in self._ids():
            try:
                found[id_] = self.get(id_)
            except FileMissingError:
                pass  # somebody took it meanwhile
            except ReviewError as error:
                found[id_] = error
        return found

    def _ids(self) -> list[str]:
        try:
            names = [path.name for path in self.folder.iterdir()]
        except FileNotFoundError as error:
            raise FileMissingError(f"{self.folder}: there is no such folder") from error
        return [found[1] for found in map(_RECORD.fullmatch, names) if found]

    def _record(self, id_: str) -> Path:
        return self.folder / f"{id_}.json"

    def _file_of(self, id_: str, shot: Shot) -> str:
        return f"{id_}-{hashlib.sha256(shot.crop.tobytes()).hexdigest()[:16]}.png"

    def _write(self, path: Path, data: bytes) -> None:
        with replacing(path, 0o600) as file:
            file.write(data)

    def _remove(self, id_: str) -> None:
        self._record(id_).unlink()
        self._tidy(id_)

    def _evict(self, newest: Entry) -> None:
        """Who was written longest ago leaves a full queue."""
        ids = set(self._ids()) - {newest.id}
        written = {id_: self._record(id_).stat().st_mtime_ns for id_ in ids}
        for id_ in sorted(ids, key=lambda one: written[one])[: len(ids) + 1 - self.people]:
            self._remove(id_)
            self.problems.add("evicted", newest.times[1], id_)

    def _tidy(self, only: str | None = None) -> None:
        """Deletes pictures that belong to no record, as a crash leaves them: of all, or of one."""
        if only is None:
            remove_abandoned(self.folder, ".*.part")
        pictures: dict[str, list[str]] = {}
        for path in self.folder.iterdir():
            found = _PICTURE.fullmatch(path.name)
            if found and only in (None, found[1]):
                pictures.setdefault(found[1], []).append(found[0])
        for id_, files in pictures.items():
            try:
                named = {one.file for one in self.get(id_).pictures}
            except FileMissingError:
                named = set()
            except ReviewError:  # somebody may want to look at them
                continue
            for file in set(files) - named:
                with contextlib.suppress(OSError):
                    (self.folder / file).unlink()


def _png(shot: Shot) -> bytes:
    encoded = io.BytesIO()
    to_pillow(shot.crop).save(encoded, "PNG", compress_level=1)
    return encoded.getvalue()
