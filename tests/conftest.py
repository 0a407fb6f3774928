"""Fixtures that several test files share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

import rostro
from rostro import models
from rostro.engines import trial
from rostro.samples import ASTRONAUT
from rostro.support.files import cache_folder
from rostro.types import Image

# A time limit an example would fail on a busy or emulated machine.
settings.register_profile("rostro", deadline=None)
settings.register_profile("emulated", deadline=None, max_examples=15)
settings.load_profile("rostro")


# What runs by default depends on the CPU otherwise, and so would what tests see.
os.environ["ROSTRO_PRECISION"] = "float32"

# Where what is tested comes out of the kernels.
LEVELS = {"kernels", "detect", "landmarks", "pose", "attributes", "embed", "video"}
LEVELS |= {"test_gallery.py", "test_simd.py"}


def _at_each_level(path: Path) -> bool:
    return bool(LEVELS & {path.name, path.parent.name})


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With "-m levels and …" other files are not even imported: a minute under an emulator."""
    others = collection_path.is_file() and not _at_each_level(collection_path)
    return True if others and config.option.markexpr.startswith("levels") else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what runs the default networks, which takes minutes under an emulator, and what is
    worth a run at each SIMD level."""
    for item in items:
        if "default_models" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.heavy)
        if _at_each_level(item.path):
            item.add_marker(pytest.mark.levels)


@pytest.fixture(autouse=True)
def _networks_untried(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks that nobody vouches for are tried in a process of their own, which takes seconds
    under an emulator: by tests that start processes, and with real networks, alone."""
    if not {"heavy", "processes"} & {mark.name for mark in request.node.iter_markers()}:
        monkeypatch.setattr(trial, "run", _no_process)


def _no_process(*_: object, **__: object) -> None:
    raise OSError("no process is started in this test")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ROSTRO_OFFLINE", raising=False)


@pytest.fixture(scope="session")
def default_models() -> dict[str, models.Model]:
    """Both default models, by task, in the user's own cache; a failure to install is a failure."""
    installed: dict[str, models.Model] = {
        task: models.install(name) for task, name in models.DEFAULTS.items()
    }
    for model in installed.values():
        assert model.supports("onnxruntime") and model.supports("ncnn")
    return installed


@pytest.fixture
def cache(
    default_models: dict[str, models.Model], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A copy of the cache with both default models, for tests that spoil it."""
    copy = tmp_path / "cache"
    for name in models.DEFAULTS.values():  # not others that somebody has installed
        shutil.copytree(cache_folder() / "models" / name, copy / "models" / name)
    monkeypatch.setenv("ROSTRO_CACHE", str(copy))
    for name in models.DEFAULTS.values():  # without int8 forms that somebody has installed
        int8 = list((copy / "models" / name).glob("*.int8*"))
        for path in int8:
            path.unlink()
        if int8:
            models.install(name)
    yield copy
    shutil.rmtree(copy)  # pytest would keep these 100 MB, for each test


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache with nothing in it, and no network."""
    monkeypatch.setenv("ROSTRO_CACHE", str(tmp_path / "empty"))
    monkeypatch.setenv("ROSTRO_OFFLINE", "1")
    monkeypatch.delenv("ROSTRO_MODELS", raising=False)
    return tmp_path / "empty"


@pytest.fixture(scope="session")
def photo() -> Image:
    """A real photo of one face, 250x250 BGR: the one that `rostro demo` shows, cropped."""
    portrait = rostro.load_image(ASTRONAUT.fetch())
    return np.ascontiguousarray(portrait[:250, 100:350])
