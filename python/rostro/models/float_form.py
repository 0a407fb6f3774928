"""Makes the float32 networks of a built-in model: as published, and as ONNX Runtime runs them."""

from __future__ import annotations

import logging
from pathlib import Path

from rostro.errors import EngineError, EngineNotInstalledError, ModelError
from rostro.models.card import Card

__all__ = ["PREPARED", "float_network", "prepared_network"]

_log = logging.getLogger(__name__)

PREPARED = "rostro's prepared form 2"
"""How the makers of prepared networks begin; others still serve, and `install` makes them anew."""


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


def prepared_network(plain: Path, card: Card) -> tuple[bytes, str]:
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
    return data, f"{PREPARED}, onnx {version('onnx')}, onnxruntime {version('onnxruntime')}"
