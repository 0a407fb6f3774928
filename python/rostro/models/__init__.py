"""Models: built-in ones by name, a user's own by path; `rostro.models.card` says what cards are."""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from rostro.errors import ArgumentError, ArgumentTypeError, ModelError, UnknownModelError
from rostro.models import store
from rostro.models.card import Card, CardFile, Task
from rostro.models.card_toml import load_card, parse_card
from rostro.models.int8_recipe import Int8Recipe, parse_recipe
from rostro.models.integrity import open_model_file, shown
from rostro.models.model import Model
from rostro.models.own_prepared import make_prepared
from rostro.support.arguments import check_flag, check_text
from rostro.support.files import expanded

if TYPE_CHECKING:
    if sys.version_info >= (3, 11):
        from importlib.resources.abc import Traversable
    else:
        from importlib.abc import Traversable

__all__ = ["DEFAULTS", "Card", "Model", "builtin_card", "cards", "install", "resolve"]

_RECIPE = ".int8"
DEFAULTS: dict[Task, str] = {"detect": "yunet-2023mar", "embed": "sface-2021dec"}


def cards() -> list[str]:
    """The names of the built-in models."""
    names = (Path(file.name) for file in _card_folder().iterdir())
    return sorted(
        name.stem for name in names if name.suffix == ".toml" and not name.stem.endswith(_RECIPE)
    )


def _card_folder() -> Traversable:
    import importlib.resources

    return importlib.resources.files("rostro.models").joinpath("cards")


def builtin_card(name: str) -> Card:
    """The card of a built-in model.

    Raises:
        UnknownModelError: no such model.
    """
    if not isinstance(name, str) or name not in cards():
        raise UnknownModelError(f"name: got {name!r}; one of {', '.join(cards())} is wanted")
    return _builtin_card(name)


@functools.cache
def _builtin_card(name: str) -> Card:
    resource = _card_folder().joinpath(f"{name}.toml")
    return parse_card(resource.read_text(encoding="utf-8"), f"card {name}")


@functools.cache
def _recipe(name: str) -> Int8Recipe | None:
    """How the int8 forms of a built-in model are made; ``None``: it has none."""
    resource = _card_folder().joinpath(f"{name}{_RECIPE}.toml")
    if not resource.is_file():
        return None
    return parse_recipe(resource.read_text(encoding="utf-8"), f"card {name}{_RECIPE}")


def resolve(name_or_path: str | Path, task: Task | None = None) -> Model:
    """The model of this name or path; nothing is loaded, fetched or checked yet.

    Args:
        name_or_path: a built-in model (see `cards`); a user's card, a ``.toml`` file beside the
            weights that it names; or an ``.onnx`` or ``.param`` file without card. Beside
            ``x.onnx``, ``x.ncnn.param`` and ``x.ncnn.bin`` are its ncnn form.
        task: what the model must be for, where it has a card.

    Raises:
        UnknownModelError: no such name.
        FileMissingError: no such file.
        ModelError: a wrong card, or a model for another task.
    """
    if not isinstance(name_or_path, (str, Path)):
        kind = type(name_or_path).__name__
        raise ArgumentTypeError(f"model: got {kind}; a name, a str or Path, is wanted")
    if task is not None and check_text("task", task) not in get_args(Task):
        raise ArgumentError(f"task: got {task!r}; one of {', '.join(get_args(Task))} is wanted")
    if name_or_path in cards():
        card = builtin_card(str(name_or_path))
        model = Model(card.name, card, store.folder_of(card), recipe=_recipe(card.name))
    else:
        model = _own_model(expanded(name_or_path))
    if task is not None and model.card is not None and model.card.task != task:
        raise ModelError(
            f"{name_or_path}: got a model for {model.card.task!r}; one for {task!r} is wanted"
        )
    return model


def _own_model(path: Path) -> Model:
    suffix = path.suffix.lower()
    if suffix not in (".toml", ".onnx", ".param"):
        known = cards()
        import difflib

        close = difflib.get_close_matches(str(path), known, n=1, cutoff=0.4)
        hint = f" (did you mean {close[0]}?)" if close else ""
        raise UnknownModelError(
            f"model: got {shown(path)!r}{hint}; one of {', '.join(known)}, or the path of a .toml "
            "card, an .onnx or a .param file, is wanted"
        )
    open_model_file(path).close()
    card = None
    if suffix == ".toml":
        card = load_card(path)
        files = card.files
        if any(file.members for file in files):
            raise ModelError(
                f"{path}: key file.member: only built-in cards have it; name an .onnx file, or a "
                ".param and its .bin"
            )
        if any(file.format == "xml" for file in files):
            raise ModelError(
                f"{path}: key file: got an OpenVINO network, which only built-in cards have; name "
                "the .onnx file that rostro models convert makes of it"
            )
    elif suffix == ".onnx":
        files = (_bare(path.name),)
    else:
        weights = path.with_suffix(".BIN" if path.suffix.isupper() else ".bin")
        files = (_bare(path.name), _bare(weights.name))
    if len(files) == 1:
        sidecars = [Path(files[0].name).stem + f".ncnn.{format}" for format in ("param", "bin")]
        if all((path.parent / name).is_file() for name in sidecars):
            files += tuple(_bare(name) for name in sidecars)
    return Model(card.name if card else path.name, card, path.parent, files)


def _bare(name: str) -> CardFile:
    return CardFile(name, sha256=None, size=None, sources=())


def install(
    name: str | Path,
    *,
    source: Path | str | None = None,
    progress: bool = False,
    ncnn: bool = True,
    int8: bool | None = None,
) -> Model:
    """Install a built-in model into the cache, or mend it there.

    Of a model of your own, by its path, the form that ONNX Runtime runs in the least time is made
    there, from then on used instead of the file, which is only read; see docs/guide/models.md.

    Args:
        name: one of `cards`; or the path of a card, or of an ``.onnx`` file.
        source: a folder that may hold its files; looked in before anything is downloaded.
        progress: show bars on the standard error.
        ncnn: also convert a built-in model for ncnn.
        int8: also make the int8 forms of a built-in model whose card has ranges for them, for
            either engine; by default the one that ``precision="auto"`` takes here, if any.

    Raises:
        UnknownModelError: no such model.
        DownloadError, WriteError, ModelError: see `rostro.models.store.install`; of a model of your
            own, ModelError: no such form gives the same numbers.
    """
    if source is not None and not isinstance(source, (str, Path)):
        raise ArgumentTypeError(
            f"source: got {type(source).__name__}; a folder, a str or Path, is wanted"
        )
    model = resolve(name)
    if model.own_files:
        _prepare_own(model)
        return model
    assert model.card is not None  # as every built-in model has one
    folders = () if source is None else (expanded(source),)
    if int8 is not None:
        int8 = check_flag("int8", int8)
    if int8 and model.recipe is None:
        raise ModelError(f"{name}: its card has no ranges for int8; `rostro quantize` learns them")
    store.install(
        model.card, model.recipe, folders=folders, progress=progress, ncnn=ncnn, int8=int8
    )
    return model


def _prepare_own(model: Model) -> None:
    files = [file for file in model.own_files if file.format == "onnx"]
    if not files:
        raise ModelError(
            f"{model.name}: got a model without an .onnx file; there is nothing to install"
        )
    make_prepared(model.folder, files[0], model.card)
