"""The built-in models in the cache: installed once, known by their hashes from then on.

``<cache>/models/<card>/`` holds the file, or files, as published, the float32 ONNX model made of it
(see `rostro.models.prepare`), its ncnn form, and ``installed.json``, which says of both by
what they were made of what.
Each file is written atomically and the manifest last; two processes that install the same model at
once write the same bytes.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from rostro.errors import (
    DownloadError,
    EngineError,
    EngineNotInstalledError,
    ModelError,
    RostroError,
)
from rostro.models.card import FORMATS, Card, FileName, Sha256
from rostro.models.integrity import check
from rostro.models.sources import RemoteFile
from rostro.models.toml_schema import read
from rostro.support.files import cache_folder, open_regular, replacing, sha256_of
from rostro.support.temporary import remove_abandoned, temporary_folder

__all__ = [
    "Entry",
    "float_network",
    "folder_of",
    "install",
    "installed",
    "original_of",
    "originals_of",
]

_log = logging.getLogger(__name__)

_MANIFEST = "installed.json"
# Goes up when files that an older rostro made must be made anew.
_MANIFEST_FORMAT = 1
# How the makers of ONNX files begin that ONNX Runtime runs as quickly as it can; others still
# serve, and `install` makes them anew.
_PREPARED = "rostro's prepared form"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file made at install: its name, hash and size, the hash of its source, and its maker."""

    name: FileName
    sha256: Sha256
    size: int
    made_from: str
    made_by: str


@dataclass(frozen=True, slots=True)
class _Manifest:
    format: int
    card: str
    files: Mapping[str, Entry]


def folder_of(card: Card) -> Path:
    """The folder of a built-in model, whether installed or not."""
    return cache_folder() / "models" / card.name


def original_of(card: Card) -> RemoteFile:
    """The file of weights that a built-in card names: what is made of it is known by its hash."""
    return originals_of(card)[0]


def originals_of(card: Card) -> list[RemoteFile]:
    """The files that a built-in card names: one, or the .bin and the .xml of an OpenVINO network.

    Raises:
        ModelError: they are others.
    """
    files = sorted(card.files, key=lambda file: file.format)
    if [file.format for file in files] not in (["onnx"], ["bundle"], ["bin", "xml"]):
        names = ", ".join(file.name for file in files)
        raise ModelError(
            f"card {card.name}: got {names}; an .onnx file, a bundle, or an .xml with its .bin, is "
            "wanted"
        )
    originals = []
    for file in files:
        if file.digest is None or file.size is None:
            raise ModelError(f"card {card.name}: got {file}; one with a hash and size is wanted")
        originals.append(RemoteFile(file.name, file.sha256, file.size, file.sources, file.sha384))
    return originals


def installed(card: Card) -> Mapping[str, Entry]:
    """What is installed of a model, by format; the files exist but are not checked here."""
    path = folder_of(card) / _MANIFEST
    try:
        with open_regular(path) as file:
            manifest = read(_Manifest, json.load(file), f"{path}: key ")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, RecursionError) as error:
        _log.warning("%s cannot be read (%s): installing again", path, error)
        return {}
    if manifest.format != _MANIFEST_FORMAT:
        return {}
    source = original_of(card).digest
    return {
        key: entry
        for key, entry in manifest.files.items()
        if key in FORMATS and entry.made_from == source and (path.parent / entry.name).is_file()
    }


def install(
    card: Card,
    *,
    folders: Iterable[Path | str] = (),
    progress: bool = False,
    ncnn: bool = True,
) -> None:
    """Have a built-in model in the cache; makes only what is missing or damaged there.

    Where it cannot be converted to ncnn, that is logged as a warning and ONNX Runtime serves.

    Raises:
        DownloadError: its file cannot be had.
        ModelError: its file cannot be folded, or what was made of it gives wrong numbers.
        EngineNotInstalledError: ONNX Runtime, which checks what is made of other formats, is
            missing.
        WriteError: the cache cannot be written.
    """
    # Needed here only, and slow to import.
    from rostro.models.convert import PNNX_VERSION, convert
    from rostro.models.fetch import fetch_file

    folder = folder_of(card)
    remove_abandoned()
    remove_abandoned(folder, ".*.part")
    folders = tuple(folders)
    originals = originals_of(card)
    for published in originals:
        fetch_file(published, folder / published.name, folders=folders, progress=progress)
    original, original_path = originals[0], folder / originals[0].name
    entries = {key: entry for key, entry in installed(card).items() if _intact(folder, entry)}
    want_onnx = "onnx" not in entries or not entries["onnx"].made_by.startswith(_PREPARED)
    want_ncnn = ncnn and bool(card.ncnn_shapes) and not {"param", "bin"} <= entries.keys()

    with temporary_folder() as work:
        plain = work / f"{card.name}.onnx"
        if want_onnx or want_ncnn:
            plain.write_bytes(float_network(card, original_path, work))
        if want_onnx:
            data, made_by = _prepared(plain, card)
            path = folder / plain.name
            with replacing(path) as file:
                file.write(data)
            entries["onnx"] = _entry(path, original, made_by)
        if want_ncnn:
            try:
                param, weights = convert(
                    original_path if card.files[0].format == "onnx" else plain,
                    folder,
                    card.ncnn_shapes,
                    name=card.name,
                    values=card.input.values,
                    folders=folders,
                    progress=progress,
                )
            except (DownloadError, EngineError, EngineNotInstalledError, ModelError) as error:
                _log.warning("%s: no ncnn form, ONNX Runtime serves it: %s", card.name, error)
            else:
                made_by = f"pnnx {PNNX_VERSION}"
                entries["param"] = _entry(param, original, made_by)
                entries["bin"] = _entry(weights, original, made_by)

    manifest = _Manifest(_MANIFEST_FORMAT, card.name, dict(sorted(entries.items())))
    with replacing(folder / _MANIFEST) as file:
        file.write(json.dumps(asdict(manifest), indent=2).encode() + b"\n")


def float_network(card: Card, original: Path, work: Path) -> bytes:
    """The float32 ONNX model of what its authors publish; ``work`` is a folder for it.

    Args:
        original: the file that `original_of` names; the other one, if any, is beside it.
    """
    from rostro.models.bundle import bundle_to_onnx
    from rostro.models.fold import fold
    from rostro.models.openvino_to_onnx import openvino_to_onnx
    from rostro.models.recorded import check_recorded

    if card.files[0].format == "onnx":
        return fold(original, free=(2, 3) if card.input.size is None else (0,))
    made = work / "converted.onnx"
    layers = next((file for file in card.files if file.format == "xml"), None)
    if layers is None:
        made.write_bytes(bundle_to_onnx(card.files[0], original))
    else:
        made.write_bytes(openvino_to_onnx(original.with_name(layers.name), original))
    check_recorded(card, made)
    return fold(made, free=() if layers is None else (0,))


def _prepared(plain: Path, card: Card) -> tuple[bytes, str]:
    """The form that ONNX Runtime runs in the least time, and how it was made; the network as it
    is where there is no such form that gives the same."""
    from importlib.metadata import version

    from rostro.models.prepare import prepared

    try:
        data = prepared(plain, card, vouched=True)
    except (EngineError, EngineNotInstalledError, ModelError) as error:
        _log.info("%s: is not prepared for ONNX Runtime: %s", card.name, error)
        reason = str(error).replace(str(plain), plain.name)
        return plain.read_bytes(), f"onnx {version('onnx')}; not prepared: {reason}"
    return data, f"{_PREPARED}, onnx {version('onnx')}, onnxruntime {version('onnxruntime')}"


def _entry(path: Path, original: RemoteFile, made_by: str) -> Entry:
    return Entry(path.name, sha256_of(path), path.stat().st_size, original.digest, made_by)


def _intact(folder: Path, entry: Entry) -> bool:
    try:
        check(folder / entry.name, size=entry.size, sha256=entry.sha256)
    except RostroError as error:
        _log.warning("%s; making it again", error)
        return False
    return True
