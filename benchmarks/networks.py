"""Built-in models for benchmarks, also where a publisher is out of reach."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from report import ROOT
from rostro import models
from rostro.errors import DownloadError
from rostro.models import Model

sys.path.insert(0, str(ROOT))
from tests.support.reid import NAME, SHARED, known_card, reid_installed, write_files

__all__ = ["installed", "test_networks"]


def test_networks() -> Path:
    """The folder of the test networks, whether it is there or not."""
    data = Path(os.environ.get("ROSTRO_TEST_DATA", ROOT.parent / "shared" / "data"))
    return data.parent / "models"


def installed(name: str | Path, int8: bool | None = None) -> Model:
    """A model that can be opened: a card of one's own, or a built-in one, installed.

    Args:
        int8: as of `rostro.models.install`.
    """
    model = models.resolve(name)
    if model.own_files:
        return model
    try:
        return models.install(model.name, int8=int8)
    except DownloadError:
        networks = test_networks() / "embed"
        if model.name != NAME or not (networks / f"{SHARED}.onnx").is_file():
            raise
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        write_files(networks, folder)
        with reid_installed(known_card(folder), folder, int8):
            return model
