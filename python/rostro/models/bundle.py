"""Networks out of a bundle: a zip archive of TensorFlow Lite files, as MediaPipe publishes them."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rostro.errors import ModelError, ModelIntegrityError
from rostro.models.card import CardFile, Member, Rows
from rostro.models.tflite_to_onnx import tflite_to_onnx

if TYPE_CHECKING:
    import onnx

__all__ = ["bundle_to_onnx"]

_LARGEST = 1 << 28


def bundle_to_onnx(file: CardFile, path: Path) -> bytes:
    """One ONNX model of the members of a bundle that a card names.

    Args:
        file: as the card has it; the first member is the network, others go on from its outputs.
        path: where the bundle is.

    Raises:
        ModelIntegrityError: a member is not there, or its SHA-256 is not that of the card.
        ModelError: the bundle is no zip archive, or a member is not converted.
    """
    import onnx

    models = []
    try:
        with zipfile.ZipFile(path) as archive:
            for member in file.members:
                where = f"{path}: {member.name}"
                data = tflite_to_onnx(_read(archive, member, where), where)
                models.append(onnx.load_from_string(data))
    except (OSError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path}: not a zip archive that can be read ({error})") from error
    network = models[0]
    try:
        for member, model in zip(file.members[1:], models[1:], strict=True):
            network = _joined(network, model, member)
    except (ValueError, IndexError, onnx.checker.ValidationError) as error:
        raise ModelError(f"{path}: its networks do not go together ({error})") from error
    serialized: bytes = network.SerializeToString(deterministic=True)
    return serialized


def _read(archive: zipfile.ZipFile, member: Member, where: str) -> bytes:
    try:
        size = archive.getinfo(member.name).file_size
        if size > _LARGEST:
            raise ModelIntegrityError(f"{where}: got {size} bytes; {_LARGEST} are the most")
        data = archive.read(member.name)
    except (KeyError, EOFError, RuntimeError, NotImplementedError, zlib.error) as error:
        raise ModelIntegrityError(f"{where}: cannot be had ({error})") from error
    actual = hashlib.sha256(data).hexdigest()
    if actual != member.sha256:
        raise ModelIntegrityError(f"{where}: got SHA-256 {actual}; {member.sha256} is wanted")
    return data


def _joined(first: onnx.ModelProto, second: onnx.ModelProto, member: Member) -> onnx.ModelProto:
    """Both as one network, which gives the outputs of both; those of the second begin with 1."""
    from onnx import compose

    rows = member.reads
    if rows is None or len(second.graph.input) != 1:
        raise ValueError(f"{member.name} reads no output, or has several inputs")
    outputs = [output.name for output in first.graph.output]
    taken = second.graph.input[0]
    _select(first.graph, rows, tuple(dim.dim_value for dim in taken.type.tensor_type.shape.dim))
    second = compose.add_prefix(second, "second/", rename_inputs=False, rename_outputs=False)
    given = [_whole(second.graph, output) for output in list(second.graph.output)]
    ends = [(rows.output + "/rows", taken.name)]
    return compose.merge_models(first, second, ends, outputs=outputs + given)


def _select(graph: onnx.GraphProto, rows: Rows, shape: tuple[int, ...]) -> None:
    """Adds the output ``NAME/rows``: the first numbers of some rows of another output."""
    from onnx import TensorProto, helper, numpy_helper

    (source,) = (output for output in graph.output if output.name == rows.output)
    count = source.type.tensor_type.shape.dim[1].dim_value
    taken = np.array(rows.rows)[:, None] * rows.length + np.arange(shape[-1])
    # A convolution of zeros and ones, for ncnn gathers nothing.
    weights = np.zeros((taken.size, count, 1, 1), np.float32)
    weights[np.arange(taken.size), taken.ravel()] = 1
    name = f"{rows.output}/rows"
    graph.initializer.append(numpy_helper.from_array(weights, f"{name}/weights"))
    graph.initializer.append(numpy_helper.from_array(np.array(shape, np.int64), f"{name}/shape"))
    graph.node.append(helper.make_node("Conv", [source.name, f"{name}/weights"], [f"{name}/flat"]))
    graph.node.append(helper.make_node("Reshape", [f"{name}/flat", f"{name}/shape"], [name]))
    graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))


def _whole(graph: onnx.GraphProto, output: onnx.ValueInfoProto) -> str:
    """The name of an output that begins with a side of 1, which an engine takes for N."""
    from onnx import helper, numpy_helper

    dims = output.type.tensor_type.shape.dim
    shape = [dim.dim_value for dim in dims]
    if shape[0] == 1:
        return output.name
    name = f"{output.name}/whole"
    graph.initializer.append(
        numpy_helper.from_array(np.array([1, *shape], np.int64), f"{name}/shape")
    )
    graph.node.append(helper.make_node("Reshape", [output.name, f"{name}/shape"], [name]))
    kind = output.type.tensor_type.elem_type
    graph.output.append(helper.make_tensor_value_info(name, kind, [1, *shape]))
    return name
