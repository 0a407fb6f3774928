"""A model: its card, where its files are, and how it is opened."""

from __future__ import annotations

import logging
import platform
from dataclasses import dataclass
from pathlib import Path

from rostro import engines
from rostro.engines import Engine, NetworkFiles
from rostro.engines.base import InputShape
from rostro.errors import EngineNotInstalledError, ModelError
from rostro.models import store
from rostro.models.card import Card, CardFile
from rostro.models.card_quality import LandmarkQuality
from rostro.models.integrity import check
from rostro.models.own_prepared import prepared_of

__all__ = ["Model"]

_log = logging.getLogger(__name__)

_FORMATS_OF = {"onnxruntime": {"onnx"}, "ncnn": {"param", "bin"}}


@dataclass(frozen=True, slots=True)
class Model:
    """A network and what is known of it.

    Attributes:
        name: of the card; of the file where there is no card.
        card: ``None`` for a bare ``.onnx`` or ``.param`` file.
        folder: where its files are, or will be once it is installed.
        own_files: the files of a user's own model; empty for a built-in one.
    """

    name: str
    card: Card | None
    folder: Path
    own_files: tuple[CardFile, ...] = ()

    @property
    def files(self) -> dict[str, Path]:
        """The files that the engines load: by format, ``"onnx"``, ``"param"`` and ``"bin"``."""
        return {file.format: self.folder / file.name for file in self._known()}

    @property
    def installed(self) -> bool:
        """Whether it can be opened as it is; a model of the user's own always counts so."""
        return bool(self._known())

    def supports(self, engine: str) -> bool:
        """Whether its files are there in the format of this engine."""
        return _FORMATS_OF[engine] <= set(self.files)

    def verify(self) -> None:
        """Check every file of the model against its size and SHA-256, where they are known.

        Raises:
            FileMissingError: a file is missing.
            ModelIntegrityError: a file is not the right one.
        """
        if self.card is not None and not self.own_files:
            for file in store.originals_of(self.card):
                path = self.folder / file.name
                check(
                    path,
                    size=file.size,
                    sha256=file.sha256,
                    sha384=file.sha384,
                    remedy=self._remedy,
                )
        self._check(set(self.files))

    def open(self, engine: str = "auto", threads: int | None = None) -> Engine:
        """Load the network, after a check of its files' SHA-256.

        A built-in model that is not there yet is installed first.

        Args:
            engine: ``"onnxruntime"``, ``"ncnn"``, or ``"auto"``: the one that the card names for
                this architecture, if it is installed and has the model in its format, else the
                other one.
            threads: see `rostro.engines.open_network`.

        Raises:
            ModelIntegrityError, FileMissingError: a file is missing or not the right one.
            EngineNotInstalledError: the engine that it needs is not installed.
            EngineError, ModelError: the network cannot be loaded, or not in this engine.
            DownloadError, WriteError: it cannot be installed.
        """
        if not (isinstance(engine, str) and engine == "auto"):
            engines.check_name(engine)
        if self.card is not None and not self.installed:
            _log.info("installing %s", self.name)
            store.install(self.card)
        files = self.files
        engine = self._choose(engine)
        self._check(_FORMATS_OF[engine])
        if engine == "onnxruntime" and self.own_files:
            (file,) = (file for file in self.own_files if file.format == "onnx")
            files["onnx"] = prepared_of(self.folder, file) or files["onnx"]
        shape: InputShape = (None, None, None, None)
        multiple = 1
        outputs = None
        others: tuple[str, ...] = ()
        if self.card is not None:
            width, height = self.card.input.size or (None, None)
            shape = (None, 3, height, width)
            multiple = self.card.input.multiple
            outputs = self.card.outputs
            others = self.card.further_inputs
            if self.card.fuse is not None or isinstance(self.card.quality, LandmarkQuality):
                shape = (None, None, 1, 1)  # numbers, no image
        formats = _FORMATS_OF[engine]
        vouched = all(file.digest for file in self._known() if file.format in formats)
        network = NetworkFiles(
            files.get("onnx"),
            files.get("param"),
            files.get("bin"),
            shape,
            multiple,
            others,
            vouched,
        )
        return engines.open_network(network, engine, threads, outputs)

    @property
    def _remedy(self) -> str:
        return "" if self.own_files else f"mend it with: rostro models install {self.name}"

    def _known(self) -> tuple[CardFile, ...]:
        if self.card is None or self.own_files:
            return self.own_files
        entries = store.installed(self.card).values()
        return tuple(CardFile(entry.name, entry.sha256, entry.size, ()) for entry in entries)

    def _check(self, formats: set[str]) -> None:
        for file in self._known():
            if file.format in formats:
                path = self.folder / file.name
                check(
                    path,
                    size=file.size,
                    sha256=file.sha256,
                    sha384=file.sha384,
                    remedy=self._remedy,
                )

    def _choose(self, engine: str) -> str:
        there = [name for name in engines.ENGINES if self.supports(name)]
        versions = engines.installed()
        if engine != "auto":
            # One that is not installed is refused, more to the point, when it is opened.
            if engine not in there and versions[engine] is not None:
                advice = "rostro models convert FILE.onnx -o FOLDER makes ncnn's"
                if not self.own_files:
                    advice = f"run: rostro models install {self.name}"
                raise ModelError(f"{self.name}: got no files for {engine}; {advice}")
            return engine
        choice = self.card.engines.get(platform.machine()) if self.card else None
        if choice is not None:
            there.sort(key=lambda name: name != choice.best)
        for name in there:
            if versions[name] is not None:
                return name
        raise EngineNotInstalledError(
            f"{self.name} needs {' or '.join(there)}, not installed: pip install {there[0]}"
        )
