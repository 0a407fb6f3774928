"""Makes the int8 form of a built-in network by its recipe: no photos, no choice by time.

So it is the same on every CPU.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from rostro.engines import NetworkFiles
from rostro.errors import ModelError
from rostro.models.int8_recipe import Int8Ranges

__all__ = ["make_int8", "mark_of"]

# Goes up when the same recipe makes something else.
_MAKER = 2


def mark_of(ranges: Int8Ranges) -> str:
    """What tells forms by these ranges from those by others."""
    facts = (_MAKER, sorted(ranges.ranges.items()), sorted(ranges.in_float))
    return f"int8 by ranges {hashlib.sha256(repr(facts).encode()).hexdigest()[:16]}"


def make_int8(
    engine: str, ranges: Int8Ranges, files: Mapping[str, Path], folder: Path
) -> NetworkFiles:
    """Write the int8 form for an engine to ``folder``.

    Args:
        files: of the float network, as `rostro.models.Model.files`.

    Raises:
        ModelError: the network has other tensors or layers than the recipe.
        EngineNotInstalledError: ONNX Runtime is missing, for its own form.
    """
    # Needed here only, and slow to import.
    from rostro.quantization.ncnn_forms import NcnnInt8
    from rostro.quantization.onnx_int8 import OnnxInt8
    from rostro.quantization.ranges import KnownRanges

    known = KnownRanges(ranges.ranges)
    quantizer: OnnxInt8 | NcnnInt8
    if engine == "onnxruntime":
        quantizer = OnnxInt8(files["onnx"], known)
    else:
        quantizer = NcnnInt8(files["param"], files["bin"], known)
    unknown = set(ranges.in_float).difference(quantizer.names)
    if unknown:
        raise ModelError(f"the ranges of int8 know a layer {min(unknown)}, the network does not")
    return quantizer.build(
        [name for name in quantizer.names if name not in ranges.in_float], folder
    )
