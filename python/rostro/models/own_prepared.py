"""Prepared forms of a user's own ONNX files, in the cache; the files themselves are only read.

``<cache>/prepared/<SHA-256 of the file>/`` holds ``network.onnx``, as `rostro.models.prepare` makes
it, and ``made.json`` with its hash. They are made when that is asked for, never while a model is
opened, which takes no longer than it did.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path

from rostro.errors import RostroError
from rostro.models.card import Card, CardFile, Sha256
from rostro.models.integrity import check
from rostro.models.toml_schema import read
from rostro.support.files import cache_folder, open_regular, replacing, sha256_of

__all__ = ["make_prepared", "prepared_of"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Made:
    sha256: Sha256
    size: int
    made_by: str


def _folder() -> Path:
    return cache_folder() / "prepared"


def prepared_of(folder: Path, file: CardFile) -> Path | None:
    """The prepared form of an ONNX file, checked against its hash; ``None`` where it was not made.

    Args:
        folder: where the file is.
        file: it; what its ``sha256`` says, where there is one, was checked.
    """
    if not _folder().is_dir():
        return None
    made = _folder() / (file.sha256 or sha256_of(folder / file.name))
    try:
        with open_regular(made / "made.json") as manifest:
            entry = read(_Made, json.load(manifest), f"{made}: key ")
        check(made / "network.onnx", size=entry.size, sha256=entry.sha256)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RecursionError, RostroError) as error:
        _log.warning("%s cannot be used (%s): the network runs unprepared", made, error)
        return None
    return made / "network.onnx"


def make_prepared(folder: Path, file: CardFile, card: Card | None) -> Path:
    """Make the prepared form of an ONNX file.

    Raises:
        FileMissingError, ModelError: no such file, or it has no such form that gives the same.
        EngineNotInstalledError, EngineError: ONNX Runtime is missing, or does not run it.
        WriteError: the cache cannot be written.
    """
    # Needed here only, and slow to import.
    from importlib.metadata import version

    from rostro.models.prepare import prepared

    source = folder / file.name
    check(source, size=file.size, sha256=file.sha256, sha384=file.sha384)
    data = prepared(source, card, vouched=file.digest is not None)
    made = _folder() / sha256_of(source)
    with replacing(made / "network.onnx") as target:
        target.write(data)
    versions = (f"{name} {version(name)}" for name in ("onnx", "onnxruntime"))
    entry = _Made(
        sha256_of(made / "network.onnx"),
        len(data),
        f"rostro's prepared form, {', '.join(versions)}",
    )
    with replacing(made / "made.json") as target:
        target.write(json.dumps(asdict(entry), indent=2).encode() + b"\n")
    return made / "network.onnx"
