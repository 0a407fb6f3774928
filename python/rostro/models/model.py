"""A model: its card, where its files are, and how it is opened."""

from __future__ import annotations

import logging
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rostro import engines
from rostro.engines import Engine, NetworkFiles
from rostro.engines.base import InputShape
from rostro.errors import EngineNotInstalledError, ModelError
from rostro.models import store
from rostro.models.card import Card, CardFile
from rostro.models.card_quality import LandmarkQuality
from rostro.models.choice import (
    Choice,
    Form,
    Precision,
    check_precision,
    choose,
    half_here,
    usual_precision,
)
from rostro.models.fetch import RemoteFile
from rostro.models.int8_recipe import Int8Recipe
from rostro.models.integrity import check
from rostro.models.own_prepared import prepared_of
from rostro.models.store import FORMATS_OF

__all__ = ["Model"]

_log = logging.getLogger(__name__)

_KINDS: tuple[Literal["float32", "int8"], ...] = ("float32", "int8")


@dataclass(frozen=True, slots=True)
class Model:
    """A network and what is known of it.

    Attributes:
        name: of the card; of the file where there is no card.
        card: ``None`` for a bare ``.onnx`` or ``.param`` file.
        folder: where its files are, or will be once it is installed.
        own_files: the files of a user's own model; empty for a built-in one.
        recipe: how the int8 forms of a built-in model are made; ``None``: it has none.
    """

    name: str
    card: Card | None
    folder: Path
    own_files: tuple[CardFile, ...] = ()
    recipe: Int8Recipe | None = None

    @property
    def files(self) -> dict[str, Path]:
        """The files that the engines load: by format, ``"onnx"``, ``"param"`` and ``"bin"``."""
        return {file.format: self.folder / file.name for file in self._known("float32")}

    @property
    def installed(self) -> bool:
        """Whether it can be opened as it is; a model of the user's own always counts so."""
        return bool(self._known("float32"))

    def supports(self, engine: str, precision: Literal["float32", "int8"] = "float32") -> bool:
        """Whether its files are there in the format of this engine; of a card of the user's own,
        which `rostro.quantize` may have made, in the one precision that it has."""
        if self.own_files and precision != self._own_precision:
            return False
        return FORMATS_OF[engine] <= {file.format for file in self._known(precision)}

    def verify(self) -> None:
        """Check every file of the model against its size and SHA-256, where they are known.

        Raises:
            FileMissingError: a file is missing.
            ModelIntegrityError: a file is not the right one.
        """
        if self.card is not None and not self.own_files:
            for file in store.originals_of(self.card):
                self._check_file(file)
        for precision in _KINDS:
            self._check(set(self.files), precision)

    def open(
        self, engine: str = "auto", threads: int | None = None, precision: Precision = "auto"
    ) -> Engine:
        """Load the network, after a check of its files' SHA-256.

        A built-in model that is not there yet is installed first.

        Args:
            engine: ``"onnxruntime"``, ``"ncnn"``, or ``"auto"``: the one that the card names for
                this architecture, if it is installed and has the model in its format, else the
                other one.
            threads: see `rostro.engines.open_network`.
            precision: ``"float32"``; ``"int8"``, which is made first where it is not there yet; or
                ``"auto"``: int8 if it is there and the card says that it is quicker on such a CPU,
                and in ncnn on ARM float16 where card and CPU allow it.

        Raises:
            ArgumentError: no such engine or precision.
            ModelIntegrityError, FileMissingError: a file is missing or not the right one.
            EngineNotInstalledError: the engine that it needs is not installed.
            EngineError, ModelError: the network cannot be loaded, or not in this engine.
            DownloadError, WriteError: it cannot be installed.
        """
        check_precision(precision)
        _check_engine(engine)
        if self.card is not None and not self.installed:
            _log.info("installing %s", self.name)
            store.install(self.card, self.recipe)
        if precision == "int8":
            self._make_int8(engine)
        choice = self.choose(engine, precision)
        engine = choice.engine
        _log.info("%s: %s in %s: %s", self.name, engine, choice.form, choice.why)
        # What a card of the user's own names is what it is, whatever it is called.
        known = self._known(choice.precision)
        files = {file.format: self.folder / file.name for file in known}
        self._check(FORMATS_OF[engine], choice.precision)
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
        formats = FORMATS_OF[engine]
        vouched = all(file.digest for file in known if file.format in formats)
        network = NetworkFiles(
            files.get("onnx"),
            files.get("param"),
            files.get("bin"),
            shape,
            multiple,
            others,
            vouched,
            choice.half,
        )
        return engines.open_network(network, engine, threads, outputs)

    def choose(self, engine: str = "auto", precision: Precision = "auto") -> Choice:
        """What `open` takes, of what is there.

        Raises:
            ArgumentError: no such engine or precision.
            ModelError: it is not there so.
            EngineNotInstalledError: no engine is installed that it is there for.
        """
        check_precision(precision)
        _check_engine(engine)
        usual = precision
        if precision == "auto" and not self.own_files:
            usual = usual_precision()
        if self.recipe is not None:  # others are there in float32 alone
            precision = usual
        versions = engines.installed()
        there: list[Form] = [
            (name, kind)
            for name in engines.ENGINES
            for kind in _KINDS
            if engine in ("auto", name)
            and precision in ("auto", kind)
            and self.supports(name, kind)
        ]
        if not there:
            raise self._missing(engine, precision, versions)
        named = self.card.engines.get(platform.machine()) if self.card else None
        best = None if named is None else named.best
        # One that is asked for is refused, more to the point, when it is opened.
        can = [form for form in there if engine != "auto" or versions[form[0]] is not None]
        if not can:
            names = sorted({name for name, _ in there}, key=lambda name: name != best)
            raise EngineNotInstalledError(
                f"{self.name} needs {' or '.join(names)}, not installed: pip install {names[0]}"
            )
        return choose(can, self.recipe, named, precision, half=half_here(self.card, usual))

    @property
    def _own_precision(self) -> Literal["float32", "int8"]:
        """Of a user's own model."""
        made = self.card.quantization if self.card else None
        return "int8" if made is not None and made.form == "int8" else "float32"

    def _make_int8(self, engine: str) -> None:
        """Have the int8 form of a built-in model, for an engine if it is named."""
        if self.own_files or self.card is None or self.recipe is None:
            return
        wanted = engines.ENGINES if engine == "auto" else (engine,)
        if not any(self.supports(name, "int8") for name in wanted):
            _log.info("making %s in int8", self.name)
            store.install(self.card, self.recipe, int8=True)

    def _missing(
        self, engine: str, precision: Precision, versions: dict[str, str | None]
    ) -> ModelError | EngineNotInstalledError:
        """Why there is nothing to open."""
        if engine != "auto" and versions[engine] is None:
            return EngineNotInstalledError(
                f"engine {engine} is not installed: pip install {engine}"
            )
        if self.own_files and precision != "auto" and precision != self._own_precision:
            advice = "rostro quantize makes one" if precision == "int8" else "name the float model"
            return ModelError(
                f"{self.name}: got a network in {self._own_precision}; one in {precision} is "
                f"wanted: {advice}"
            )
        if precision == "int8" and self.recipe is None:
            return ModelError(f"{self.name}: got no ranges for int8 on its card; take float32")
        advice = "rostro models convert FILE.onnx -o FOLDER makes ncnn's"
        if not self.own_files:
            advice = f"run: rostro models install {self.name}"
        form = " in int8" if precision == "int8" else ""
        for_engine = "" if engine == "auto" else f" for {engine}"
        return ModelError(f"{self.name}: got no files{for_engine}{form}; {advice}")

    @property
    def _remedy(self) -> str:
        return "" if self.own_files else f"mend it with: rostro models install {self.name}"

    def _known(self, precision: Literal["float32", "int8"]) -> tuple[CardFile, ...]:
        if self.card is None or self.own_files:
            return self.own_files
        entries = store.installed(self.card, self.recipe)
        return tuple(
            CardFile(entry.name, entry.sha256, entry.size, ())
            for key, entry in entries.items()
            if key.startswith(store.INT8) == (precision == "int8")
        )

    def _check(self, formats: set[str], precision: Literal["float32", "int8"]) -> None:
        for file in self._known(precision):
            if file.format in formats:
                self._check_file(file)

    def _check_file(self, file: CardFile | RemoteFile) -> None:
        check(
            self.folder / file.name,
            size=file.size,
            sha256=file.sha256,
            sha384=file.sha384,
            remedy=self._remedy,
        )


def _check_engine(engine: str) -> None:
    if not (isinstance(engine, str) and engine == "auto"):
        engines.check_name(engine)
