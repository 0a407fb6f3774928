"""The built-in models in the cache: installed once, known by their hashes from then on.

``<cache>/models/<card>/`` holds the file, or files, as published, the float32 ONNX model made of it
(see `rostro.models.prepare`), its ncnn form, their int8 forms where they are wanted, and
``installed.json``, which says of each by what it was made of what.
Each file is written atomically and the manifest last; two processes that install the same model at
once write the same bytes.
"""

from __future__ import annotations

import json
import logging
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from rostro import engines
from rostro.errors import (
    DownloadError,
    EngineError,
    EngineNotInstalledError,
    ModelError,
    RostroError,
)
from rostro.models.card import FORMATS, Card, FileName, Sha256
from rostro.models.choice import Form, choose, half_here, usual_precision
from rostro.models.float_form import PREPARED, float_network, prepared_network
from rostro.models.int8_form import make_int8, mark_of
from rostro.models.int8_recipe import Int8Recipe
from rostro.models.integrity import check
from rostro.models.sources import RemoteFile
from rostro.models.toml_schema import read
from rostro.support.files import cache_folder, open_regular, replacing, sha256_of
from rostro.support.temporary import remove_abandoned, temporary_folder

__all__ = [
    "FORMATS_OF",
    "INT8",
    "Entry",
    "folder_of",
    "install",
    "installed",
    "int8_wanted",
    "original_of",
    "originals_of",
]

_log = logging.getLogger(__name__)

_MANIFEST = "installed.json"
# Goes up when files that an older rostro made must be made anew.
_MANIFEST_FORMAT = 1
FORMATS_OF = {"onnxruntime": {"onnx"}, "ncnn": {"param", "bin"}}
"""The formats of the files that each engine loads."""
INT8 = "int8-"
"""Before the formats of int8 forms."""


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


def installed(card: Card, recipe: Int8Recipe | None = None) -> Mapping[str, Entry]:
    """What is installed of a model, by format, ``"int8-"`` before it for an int8 form by this
    recipe; the files exist but are not checked here."""
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
        if entry.made_from == source
        and (path.parent / entry.name).is_file()
        and (key in FORMATS or _is_int8(key, entry, recipe))
    }


def _is_int8(key: str, entry: Entry, recipe: Int8Recipe | None) -> bool:
    for engine, formats in FORMATS_OF.items():
        ranges = None if recipe is None else recipe.of(engine)
        if ranges is not None and key.removeprefix(INT8) in formats and key.startswith(INT8):
            return entry.made_by.startswith(mark_of(ranges))
    return False


def install(
    card: Card,
    recipe: Int8Recipe | None = None,
    *,
    folders: Iterable[Path | str] = (),
    progress: bool = False,
    ncnn: bool = True,
    int8: bool | None = None,
) -> None:
    """Have a built-in model in the cache; makes only what is missing or damaged there.

    Where it cannot be converted to ncnn, that is logged as a warning and ONNX Runtime serves; where
    an int8 form cannot be made, likewise, and the float network serves.

    Args:
        card, recipe: the model, and how its int8 forms are made.
        folders, progress, ncnn, int8: as of `rostro.models.install`.

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
    entries = {
        key: entry for key, entry in installed(card, recipe).items() if _intact(folder, entry)
    }
    want_onnx = "onnx" not in entries or not entries["onnx"].made_by.startswith(PREPARED)
    want_ncnn = ncnn and bool(card.ncnn.shapes) and not {"param", "bin"} <= entries.keys()

    with temporary_folder() as work:
        plain = work / f"{card.name}.onnx"
        if want_onnx or want_ncnn:
            plain.write_bytes(float_network(card, original_path, work))
        if want_onnx:
            data, made_by = prepared_network(plain, card)
            path = folder / plain.name
            with replacing(path) as file:
                file.write(data)
            entries["onnx"] = _entry(path, original, made_by)
        if want_ncnn:
            try:
                param, weights = convert(
                    original_path if card.files[0].format == "onnx" else plain,
                    folder,
                    card.ncnn.shapes,
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

    _write_manifest(card, entries)
    if recipe is not None and int8 is not False:
        for engine in int8_wanted(card, recipe, every=bool(int8)):
            entries |= _int8_form(card, recipe, engine, entries)
            _write_manifest(card, entries)


def _write_manifest(card: Card, entries: Mapping[str, Entry]) -> None:
    manifest = _Manifest(_MANIFEST_FORMAT, card.name, dict(sorted(entries.items())))
    with replacing(folder_of(card) / _MANIFEST) as file:
        file.write(json.dumps(asdict(manifest), indent=2).encode() + b"\n")


def int8_wanted(card: Card, recipe: Int8Recipe | None, every: bool = False) -> list[str]:
    """The engines whose int8 forms are not there: the one that ``precision="auto"`` would take on
    this CPU, or every one that there can be.

    Raises:
        ArgumentError: ``ROSTRO_PRECISION`` is set to nonsense.
    """
    there = installed(card, recipe)
    versions = engines.installed()
    forms: list[Form] = []
    for engine, formats in FORMATS_OF.items():
        if formats <= there.keys() and (every or versions[engine] is not None):
            forms.append((engine, "float32"))
            if recipe is not None and recipe.of(engine) is not None:
                forms.append((engine, "int8"))
    if not every and forms:
        usual = usual_precision()
        forms = [form for form in forms if usual in ("auto", form[1])] or forms
        named = card.engines.get(platform.machine())
        choice = choose(forms, recipe, named, usual, half=half_here(card, usual))
        forms = [(choice.engine, choice.precision)]
    return [
        engine
        for engine, precision in forms
        if precision == "int8" and not {INT8 + each for each in FORMATS_OF[engine]} <= there.keys()
    ]


def _int8_form(
    card: Card, recipe: Int8Recipe, engine: str, entries: Mapping[str, Entry]
) -> dict[str, Entry]:
    """Makes an int8 form; its entries, none where that fails."""
    from importlib.metadata import version

    ranges = recipe.of(engine)
    assert ranges is not None  # as `int8_wanted` has found
    folder, original = folder_of(card), original_of(card)
    paths = {key: folder / entry.name for key, entry in entries.items()}
    made_by = f"{mark_of(ranges)}, numpy {version('numpy')}"
    if engine == "onnxruntime":
        made_by += f", onnx {version('onnx')}, onnxruntime {version('onnxruntime')}"
    made: dict[str, Entry] = {}
    with temporary_folder() as work:
        try:
            files = make_int8(engine, ranges, paths, work)
        except (EngineError, EngineNotInstalledError, ModelError) as error:
            _log.warning("%s: no int8 form for %s, float32 serves: %s", card.name, engine, error)
            return {}
        for key in FORMATS_OF[engine]:
            source = getattr(files, key)
            infix = ".ncnn" if engine == "ncnn" else ""
            target = folder / f"{card.name}.int8{infix}.{key}"
            with replacing(target) as file:
                file.write(source.read_bytes())
            made[INT8 + key] = _entry(target, original, made_by)
    return made


def _entry(path: Path, original: RemoteFile, made_by: str) -> Entry:
    return Entry(path.name, sha256_of(path), path.stat().st_size, original.digest, made_by)


def _intact(folder: Path, entry: Entry) -> bool:
    try:
        check(folder / entry.name, size=entry.size, sha256=entry.sha256)
    except RostroError as error:
        _log.warning("%s; making it again", error)
        return False
    return True
