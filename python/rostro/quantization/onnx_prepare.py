"""Makes an ONNX network ready for int8: as `rostro.models.prepare` does, in a newer opset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rostro.errors import ModelError
from rostro.models.fold import fold
from rostro.models.prepare import simplified, split_prelu

if TYPE_CHECKING:
    import onnx

__all__ = ["prepare"]

_OPSET = 17  # from 13 on weights may have a scale for each channel


def prepare(path: Path) -> onnx.ModelProto:
    """The network as ONNX Runtime simplifies it (constants, batch norms), in opset 17 or later.

    PReLU becomes products and a sum, for it has no int8 form.

    Raises:
        FileMissingError, ModelError: not such a file, or it cannot be simplified.
    """
    import onnx
    from onnx import version_converter

    data = fold(path)
    try:
        model = onnx.load_from_string(data)
        opset = next(o.version for o in model.opset_import if o.domain in ("", "ai.onnx"))
        if opset < _OPSET:
            model = version_converter.convert_version(model, _OPSET)
        model = simplified(model)
        split_prelu(model.graph)
        onnx.checker.check_model(model)
    except Exception as error:  # protobuf's, the converter's and the engine's have no common base
        raise ModelError(
            f"{path}: cannot be made ready for int8 ({' '.join(str(error).split())})"
        ) from error
    _name_nodes(model.graph)
    return model


def _name_nodes(graph: onnx.GraphProto) -> None:
    """Every node needs a name of its own to be chosen by."""
    taken: set[str] = set()
    for node in graph.node:
        if not node.name or node.name in taken:
            node.name = f"{node.op_type}_{node.output[0]}"
        taken.add(node.name)
