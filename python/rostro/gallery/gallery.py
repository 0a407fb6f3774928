"""Identities: names with templates, kept durably and searched exactly."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from rostro.errors import ArgumentError, ArgumentTypeError, GalleryError, RostroError
from rostro.gallery.arguments import (
    check_dim,
    check_embeddings,
    check_k,
    check_name,
    check_names,
    check_open_threshold,
    check_path,
    check_threads,
    check_threshold,
    check_timeout,
)
from rostro.gallery.changes import adding, naming, removing, renaming
from rostro.gallery.content import Content
from rostro.gallery.identity import EmbedderIdentity, Header
from rostro.gallery.memory_backend import MemoryBackend
from rostro.gallery.patience import patiently
from rostro.gallery.rank_people import Match, Score
from rostro.gallery.records import Metadata, decode_metadata, encode_metadata
from rostro.gallery.session import Session
from rostro.gallery.snapshot import Rows
from rostro.kernels.match import quantize_embeddings
from rostro.support.arguments import check_flag
from rostro.types import FloatArray

if TYPE_CHECKING:
    from typing_extensions import Self

    from rostro.embed.embedder import Embedder

__all__ = ["Gallery"]


class Gallery:
    """Names, each with any number of templates and with metadata; exact search over the templates.

    Any number of threads may use a gallery at once; searches wait for nobody. Other processes may
    have the same file open: what one commits, the others see in their next call.

    The templates of a person are centres of their own: a face is as similar to a person as to the
    nearest of them, unless a search asks for the mean.

    ``Gallery(dim)`` is in memory only; `Gallery.open` is durable. Iterating it is for `names`, its
    length is the number of names.

    Args:
        dim: length of the embeddings.
        embedder: who makes them; see `require`.
    """

    def __init__(self, dim: int, *, embedder: Embedder | EmbedderIdentity | None = None) -> None:
        self._session = Session(MemoryBackend(Header(check_dim(dim))), timeout=0)
        self._path: Path | None = None
        if embedder is not None:
            self.require(embedder)

    @classmethod
    def open(
        cls,
        path: str | Path,
        dim: int | None = None,
        *,
        key: bytes | None = None,
        embedder: Embedder | EmbedderIdentity | None = None,
        timeout: float = 10.0,
        salvage: bool = False,
    ) -> Self:
        """Open a gallery's file, or make one.

        What `add`, `remove`, `rename` and `forget` did is on the disk when they return, and
        survives the end of the process and of the power; what they did not finish leaves no trace.
        The file can be read by its owner alone (mode 0600).

        Args:
            path: of the file; beside it are PATH-wal and PATH-shm while it is open.
            dim: length of the embeddings; makes the file where there is none.
            key: 32 bytes, for a gallery that is encrypted; needs ``rostro[encrypt]``.
            embedder: who makes the embeddings that will be added and searched; see `require`.
            timeout: seconds to wait for another process that writes.
            salvage: open what is whole of a damaged gallery, to read only; see `check`.

        Raises:
            FileMissingError: there is no such file, and ``dim`` is not given.
            GalleryError: not a gallery, of a newer format, of another dim or embedder.
            GalleryKeyError: the key is wrong, missing or not needed.
            GalleryCorruptError: the file is damaged or was altered.
            GalleryBusyError: another process is writing and did not end in time.
            WriteError: the file cannot be made or opened.
        """
        from rostro.gallery.sqlite_backend import SQLiteBackend

        path = check_path(path)
        timeout = check_timeout(timeout)
        check_flag("salvage", salvage)
        if dim is not None:
            dim = check_dim(dim)
            if not path.exists():
                SQLiteBackend.create(path, Header(dim), key)
        backend = patiently(partial(SQLiteBackend, path, key, timeout, salvage), timeout)
        try:
            if dim is not None and dim != backend.dim:
                raise GalleryError(
                    f"{path}: holds embeddings of {backend.dim} numbers, not of {dim}"
                )
            self = cls.__new__(cls)
            self._session = Session(backend, timeout)
            self._path = path
            if embedder is not None:
                self.require(embedder)
        except BaseException:
            backend.close()
            raise
        return self

    def close(self) -> None:
        """Close the file. Searches that are running finish; later calls raise GalleryError."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # What it is

    @property
    def dim(self) -> int:
        """Length of the embeddings."""
        return self._session.dim

    @property
    def embedders(self) -> tuple[EmbedderIdentity, ...]:
        """Who made the templates, and who was declared compatible; empty if nobody was named."""
        return self._session.content.embedders

    def __repr__(self) -> str:
        return f"<Gallery {self._path or 'in memory'}, dim {self.dim}>"

    def require(self, embedder: Embedder | EmbedderIdentity) -> None:
        """Make sure that this embedder's embeddings may be added and searched here.

        An empty gallery that names no embedder takes this one for its own.

        Raises:
            GalleryError: the templates are another embedder's, of another version of it or aligned
                otherwise, and the two were not declared compatible.
        """
        identity = _identity(embedder, self.dim)
        unnamed = self._session.read(lambda now: now.unnamed([identity]))
        if unnamed:  # ask again: somebody else may be the first
            self._session.change(lambda now: naming(now, now.unnamed([identity])))

    def declare_compatible(self, *embedders: Embedder | EmbedderIdentity) -> None:
        """From now on, embeddings of these embedders may be added and searched here too."""
        identities = [_identity(embedder, self.dim) for embedder in embedders]
        self._session.change(lambda now: naming(now, identities))

    # Who is in it

    def __len__(self) -> int:
        return len(self._session.content)

    def __contains__(self, name: object) -> bool:
        try:
            check_name(name)
        except RostroError:
            return False  # nobody can be called that
        return self._session.read(lambda now: now.find([str(name)]) != [0])

    def names(self) -> list[str]:
        """All names, in the order in which they came."""
        return [*self._session.read(Content.people).values()]

    def counts(self) -> dict[str, int]:
        """Number of templates by name, in the order in which they came."""
        people, counts = self._session.read(lambda now: (now.people(), now.counts().tolist()))
        return {name: counts[person] for person, name in people.items()}

    def metadata(self, name: str) -> dict[str, Any]:
        """The metadata of a person, empty where none was given.

        Raises:
            UnknownNameError: nobody has this name.
        """
        check_name(name)
        return decode_metadata(self._session.read(lambda now: now.metadata_of(now.person(name))))

    @property
    def count(self) -> int:
        """Number of templates."""
        return self._session.content.count

    # Changing it

    def add(
        self,
        names: str | Sequence[str],
        embeddings: FloatArray,
        metadata: Metadata | None = None,
    ) -> int:
        """Add templates: all of them, durably, or none.

        A template that its person has already, number for number, is not added again: adding the
        same photo twice changes nothing.

        Args:
            names: of each embedding, or one for all; who is new is added. Spellings that Unicode
                holds to be the same (NFC) are one person, shown as it was first written.
            embeddings: (D,) or (N, D) float32 of unit norm. int8 codes of them are kept.
            metadata: of the people named here, what JSON can hold; ``None`` leaves theirs as it is.

        Returns:
            The number of templates that were new.

        Raises:
            ArgumentError, ArgumentTypeError: not such names, embeddings or metadata.
            GalleryBusyError: another process is writing and did not end in time.
            WriteError: the disk is full or the file read-only; nothing was changed.
        """
        rows = check_embeddings(embeddings, self.dim)
        wanted = check_names(names, len(rows))
        data = None if metadata is None else encode_metadata(metadata)
        codes, scales = quantize_embeddings(rows)
        metadata_of = [data] * len(wanted)
        if not wanted:
            return 0
        plan = partial(adding, names=wanted, codes=codes, scales=scales, metadata=metadata_of)
        return len(self._session.change(plan).rows)

    def remove(self, names: str | Sequence[str]) -> None:
        """Remove people, with all that is known of them: all of them, durably, or none.

        Their places in the file are overwritten. An older copy may be left in PATH-wal until it is
        emptied, when the gallery is closed at the latest; `forget` sees to that at once.

        Raises:
            UnknownNameError: nobody has one of the names.
            GalleryBusyError, WriteError: see `add`.
        """
        wanted = check_names(names)
        self._session.change(lambda now: removing(now, wanted))

    def forget(self, names: str | Sequence[str]) -> None:
        """Remove people so that no file of the gallery holds anything of them when this returns.

        Raises:
            GalleryBusyError: as for `remove`; or they are removed, but another process kept the
                log from being wiped: the message says what to do.
            UnknownNameError, WriteError: see `remove`.
        """
        self.remove(names)
        self._session.wipe()

    def rename(self, old: str, new: str) -> None:
        """Give a person another name, or the same one in another spelling.

        Raises:
            UnknownNameError: nobody has the old one.
            ArgumentError: somebody else has the new one.
            GalleryBusyError, WriteError: see `add`.
        """
        check_name(old)
        check_name(new)
        self._session.change(lambda now: renaming(now, old, new))

    # Asking it

    def search(
        self,
        embeddings: FloatArray,
        k: int = 5,
        threshold: float | None = None,
        *,
        score: Score = "best",
        rescore: bool = False,
        threads: int | None = 1,
    ) -> list[list[Match]]:
        """The people most similar to faces, by an exact search over all templates.

        Args:
            embeddings: (D,) or (Q, D) float32 of unit norm, the queries.
            k: how many people a query.
            threshold: leave out those whose similarity is below it; ``None``: nobody, which is a
                closed-set search: whoever is nearest, however far.
            score: ``"best"``, the similarity to the nearest template of a person, or ``"mean"``,
                the mean over all of them.
            rescore: compare the best templates once more with the float32 query itself, which
                leaves but the rounding of the templates.
            threads: how many share the work; ``None``: as many as there are CPUs.

        Returns:
            For each query a list of matches, best first.

        Raises:
            ArgumentError, ArgumentTypeError: not such embeddings or numbers.
            GalleryCorruptError: what another process changed cannot be read.
        """
        queries = check_embeddings(embeddings, self.dim)
        k, threads = check_k(k), check_threads(threads)
        least = -np.inf if threshold is None else check_threshold(threshold)
        check_flag("rescore", rescore)
        if not isinstance(score, str) or score not in get_args(Score):
            raise ArgumentError(f"score: got {score!r}; 'best' or 'mean' is wanted")
        return self._session.content.search(
            queries, k, least, score=score, rescore=rescore, threads=threads
        )

    def identify(
        self,
        embeddings: FloatArray,
        threshold: float,
        *,
        score: Score = "best",
        rescore: bool = False,
        threads: int | None = 1,
    ) -> list[Match | None]:
        """Who each face is; ``None`` for somebody unknown, to whom nobody is similar enough.

        Args:
            threshold: the least cosine similarity of one person's faces. It belongs to the
                embedder, whose card names calibrated ones: ``embedder.threshold``, which is
                ``None`` for a way of embedding that nobody calibrated; `rostro eval pairs` does.
            Others, and what is raised: see `search`.
        """
        check_open_threshold(threshold)
        found = self.search(embeddings, 1, threshold, score=score, rescore=rescore, threads=threads)
        return [matches[0] if matches else None for matches in found]

    # Moving it

    def export(self, path: str | Path) -> None:
        """Write everything into one .npz file of mode 0600, which is not encrypted.

        Raises:
            WriteError: it cannot be written.
        """
        from rostro.gallery.transfer import Exported, write_export

        path = check_path(path)
        people, metadata, rows = self._session.read(
            lambda now: (now.people(), list(map(now.metadata_of, now.people())), now.rows())
        )
        numbers = np.array(list(people), np.uint32)
        rows = rows.select(np.isin(rows.people, numbers))  # of a damaged gallery, not all are
        index = np.searchsorted(numbers, rows.people).astype(np.uint32)
        exported = Rows(index, rows.scales, rows.codes)
        write_export(path, Exported([*people.values()], metadata, self.embedders, exported))

    def import_(self, path: str | Path) -> int:
        """Add what `export` wrote, to those who are there already too, all of it or nothing.

        Returns:
            The number of templates that were new, as for `add`.

        Raises:
            FileMissingError: there is no such file.
            GalleryError: no export, a damaged one, of another dim or of other embedders.
            GalleryBusyError, WriteError: see `add`.
        """
        from rostro.gallery.transfer import read_export

        exported = read_export(check_path(path))
        rows = exported.rows
        if rows.codes.shape[1] != self.dim:
            raise GalleryError(
                f"{path}: holds embeddings of {rows.codes.shape[1]} numbers, not of {self.dim}"
            )
        names = [exported.names[person] for person in rows.people.tolist()]
        given = [exported.metadata[person] or None for person in rows.people.tolist()]
        if not names:
            return 0
        change = self._session.change(
            lambda now: adding(
                now, names, rows.codes, rows.scales, given, now.unnamed(exported.embedders)
            )
        )
        return len(change.rows)


def _identity(embedder: Embedder | EmbedderIdentity, dim: int) -> EmbedderIdentity:
    if isinstance(embedder, EmbedderIdentity):
        return embedder
    from rostro.embed.embedder import Embedder

    if not isinstance(embedder, Embedder):
        raise ArgumentTypeError(
            f"embedder: got {embedder!r}; an Embedder or its identity is wanted"
        )
    if embedder.dim != dim:
        raise GalleryError(
            f"{embedder.model.name} makes embeddings of {embedder.dim} numbers, the gallery holds "
            f"those of {dim}"
        )
    return EmbedderIdentity.of(embedder)
