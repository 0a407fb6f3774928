"""OpenVINO's files for tests: layers one by one, or those of a convolutional ONNX network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import quoteattr

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

Array = NDArray[Any]
_TYPES = {"float32": ("f32", "FP32"), "float16": ("f16", "FP16"), "int64": ("i64", "I64")}


class Tensor(NamedTuple):
    """What a layer gives: the layer, the port, and the shape."""

    layer: int
    port: int
    shape: tuple[int, ...]


class Ir:
    """A network while it is written; ``xml`` and ``weights`` are its files."""

    def __init__(self, name: str = "network", version: int = 11) -> None:
        self._head = f'<net name={quoteattr(name)} version="{version}">'
        self._layers: list[str] = []
        self._edges: list[str] = []
        self.weights = b""

    @property
    def xml(self) -> bytes:
        parts = ["<?xml version='1.0'?>", self._head, "<layers>", *self._layers, "</layers>"]
        parts += ["<edges>", *self._edges, "</edges>", "<rt_info/>", "</net>"]
        return "\n".join(parts).encode()

    def layer(
        self,
        kind: str,
        inputs: Sequence[Tensor] = (),
        shape: Sequence[int] | None = (),
        name: str = "",
        precision: str = "FP32",
        /,
        **options: object,
    ) -> Tensor:
        """A layer with one output of this shape; ``None``: with none."""
        id, port = len(self._layers), len(inputs)
        sides = "".join(map(_port, range(port), (each.shape for each in inputs)))
        text = f'<layer id="{id}" name={quoteattr(name or f"layer_{id}")} type="{kind}">'
        data = " ".join(f"{key}={quoteattr(_text(value))}" for key, value in options.items())
        text += f"<data {data}/>" if data else ""
        text += f"<input>{sides}</input>" if inputs else ""
        if shape is not None:
            more = f' precision="{precision}" names={quoteattr(name)}'
            text += f"<output>{_port(port, shape, more)}</output>"
        self._layers.append(text + "</layer>")
        for i, source in enumerate(inputs):
            self._edges.append(
                f'<edge from-layer="{source.layer}" from-port="{source.port}" '
                f'to-layer="{id}" to-port="{i}"/>'
            )
        return Tensor(id, port, tuple(shape or ()))

    def parameter(self, shape: Sequence[int], name: str = "x") -> Tensor:
        return self.layer("Parameter", (), shape, name, element_type="f32", shape=shape)

    def constant(self, array: Array) -> Tensor:
        """A constant; of float16 with the conversion to float32 that follows it in such files."""
        kind, precision = _TYPES[array.dtype.name]
        at, size = len(self.weights), array.nbytes
        self.weights += np.ascontiguousarray(array).tobytes()
        made = self.layer(
            "Const", (), array.shape, "", precision,
            element_type=kind, shape=array.shape, offset=at, size=size,
        )  # fmt: skip
        if kind == "f16":
            made = self.layer("Convert", [made], array.shape, destination_type="f32")
        return made

    def result(self, value: Tensor) -> None:
        self.layer("Result", [value], None)

    def save(self, folder: Path, name: str = "network") -> Path:
        """Writes both files; the path of the .xml."""
        (folder / f"{name}.bin").write_bytes(self.weights)
        (folder / f"{name}.xml").write_bytes(self.xml)
        return folder / f"{name}.xml"


def _port(id: int, shape: Sequence[int], more: str = "") -> str:
    return f'<port id="{id}"{more}>{"".join(f"<dim>{side}</dim>" for side in shape)}</port>'


def _text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def ir_of_onnx(path: Path, half: bool) -> Ir:
    """The network of an ONNX file with weights of float16, or of float32.

    It knows convolutions, sums, products, PReLU, sigmoids and means over the image, with weights
    that may be stored as float16 and cast.
    """
    model = onnx.shape_inference.infer_shapes(onnx.load(path))
    graph = model.graph
    infos = [*graph.input, *graph.value_info, *graph.output]
    shapes = {i.name: [d.dim_value for d in i.type.tensor_type.shape.dim] for i in infos}
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    ir = Ir(path.stem, version=11 if half else 10)
    values = {i.name: ir.parameter(shapes[i.name], i.name) for i in graph.input}
    kind = np.float16 if half else np.float32
    for node in graph.node:
        options = {
            option.name: onnx.helper.get_attribute_value(option) for option in node.attribute
        }
        name, shape = node.output[0], shapes[node.output[0]]
        if node.op_type == "Cast":
            arrays[name] = arrays[node.input[0]]
            continue
        if node.op_type == "Identity":
            ir.result(values[node.input[0]])
            continue
        groups = int(options.get("group", 1))
        inputs = []
        for given in node.input:
            if given in arrays:
                array = arrays[given]
                if groups > 1:
                    array = array.reshape(groups, -1, *array.shape[1:])
                array = array.ravel() if node.op_type == "PRelu" else array
                values[given] = ir.constant(array.astype(kind))
            inputs.append(values[given])
        values[name] = _layer(ir, node.op_type, inputs, shape, _known_name(graph, name), options)
    return ir


def _known_name(graph: onnx.GraphProto, name: str) -> str:
    """The name of the output that it is copied to, if it is."""
    copies = (n.output[0] for n in graph.node if n.op_type == "Identity" and n.input[0] == name)
    return next(copies, name)


def _layer(
    ir: Ir, kind: str, inputs: list[Tensor], shape: list[int], name: str, options: dict[str, Any]
) -> Tensor:
    if kind == "Conv":
        pads, ends = options["pads"], len(options["strides"])
        return ir.layer(
            "GroupConvolution" if options["group"] > 1 else "Convolution",
            inputs, shape, name,
            strides=options["strides"], dilations=options["dilations"],
            pads_begin=pads[:ends], pads_end=pads[ends:], auto_pad="explicit",
        )  # fmt: skip
    if kind == "GlobalAveragePool":
        window = list(inputs[0].shape[2:])
        return ir.layer(
            "AvgPool", inputs, shape, name,
            kernel=window, strides=window, pads_begin=[0, 0], pads_end=[0, 0],
            rounding_type="floor", **{"exclude-pad": "false"},
        )  # fmt: skip
    kinds = {"Add": "Add", "Mul": "Multiply", "PRelu": "PReLU", "Sigmoid": "Sigmoid"}
    return ir.layer(kinds[kind], inputs, shape, name)
