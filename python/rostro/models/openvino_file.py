"""Reading OpenVINO's intermediate representation: an .xml file of layers, and a .bin of constants.

The format is that of OpenVINO's "Operation Sets" and IR documents, versions 10 and 11. A hostile
file gives an `IrError`: a DOCTYPE, which entities need, is refused, and so is every constant beyond
the end of the .bin.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from xml.parsers import expat

import numpy as np
from numpy.typing import NDArray

__all__ = ["Graph", "IrError", "Layer", "Port", "read_ir"]

_VERSIONS = ("10", "11")
_TYPES: dict[str, type[np.generic]] = {
    "f32": np.float32,
    "f16": np.float16,
    "i32": np.int32,
    "i64": np.int64,
}
# Far above what networks for faces have, so that a hostile file cannot exhaust memory.
_LONGEST_XML, _MOST_LAYERS, _MOST_SIDES, _MOST_ELEMENTS = 1 << 25, 1 << 16, 8, 1 << 27


class IrError(ValueError):
    """The files break the format, or have what is not read."""


@dataclass(slots=True)
class Port:
    """An input or an output of a layer.

    Attributes:
        names: of the tensor, for an output; empty where the file gives none.
        shape: sides; -1 where one is free.
    """

    names: str = ""
    shape: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Layer:
    """A step of the network.

    Attributes:
        options: attributes of its ``data``.
        inputs, outputs: ports by their ids, in the order of the file.
        sources: of each input, the layer and the output port that it comes from.
        constant: of a ``Const``, what it holds.
    """

    id: str
    name: str
    kind: str
    options: Mapping[str, str] = field(default_factory=dict)
    inputs: dict[str, Port] = field(default_factory=dict)
    outputs: dict[str, Port] = field(default_factory=dict)
    sources: list[tuple[Layer, str]] = field(default_factory=list)
    constant: NDArray[np.generic] | None = None

    def __str__(self) -> str:
        return f"layer {self.name[:80]!r} of type {self.kind[:80]!r}"

    def whole_numbers(self, option: str, default: str | None = None) -> list[int]:
        """An option that is a list of whole numbers."""
        given = self.options.get(option, default)
        if given is None:
            raise IrError(f"{self}: has no {option}")
        parts = [part.strip() for part in given.split(",") if part.strip()]
        if len(parts) > _MOST_SIDES or not all(re.fullmatch(r"-?\d{1,18}", p) for p in parts):
            raise IrError(f"{self}: {option}: got {given[:80]!r}; whole numbers are wanted")
        return [int(part) for part in parts]

    def flag(self, option: str, default: bool) -> bool:
        """An option that is true or false; older files write it as Python does, or as a number."""
        given = self.options.get(option, str(default)).lower()
        if given not in ("true", "false", "1", "0"):
            raise IrError(f"{self}: {option}: got {given[:80]!r}; true or false is wanted")
        return given in ("true", "1")


Graph = list[Layer]
"""The layers of a network, each after those that it takes from."""


def read_ir(xml: bytes, weights: bytes) -> Graph:
    """Read a network.

    Args:
        xml, weights: the bytes of the .xml and of the .bin file.

    Raises:
        IrError: not such files, damaged, of another version, or with constants of other types than
            f32, f16, i32 and i64.
    """
    reader = _Reader()
    reader.read(xml)
    layers = reader.layers
    for layer in layers.values():
        if layer.kind == "Const":
            layer.constant = _constant(layer, weights)
    _connect(layers, reader.edges)
    # Lists, for the order in which a set is gone through is another one in each process.
    before = {layer.id: [source.id for source, _ in layer.sources] for layer in layers.values()}
    try:
        return [layers[id] for id in TopologicalSorter(before).static_order()]
    except CycleError as error:
        layer = layers[error.args[1][0]]
        raise IrError(f"{layer}: takes what is computed of it") from error


class _Reader:
    """Keeps what a network needs of the elements of the .xml file, as they come."""

    def __init__(self) -> None:
        self.layers: dict[str, Layer] = {}
        self.edges: list[dict[str, str]] = []
        self._path: list[str] = []
        self._layer: Layer | None = None
        self._port: Port | None = None
        self._text = ""

    def read(self, xml: bytes) -> None:
        if len(xml) > _LONGEST_XML:
            raise IrError(f"got {len(xml)} bytes of XML; {_LONGEST_XML} are the most")
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = self._start
        parser.CharacterDataHandler = self._characters
        parser.EndElementHandler = self._end
        try:
            parser.Parse(xml, True)
        except (expat.ExpatError, UnicodeError) as error:
            raise IrError(f"no XML that can be read: {error}") from error

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self._path and (tag != "net" or attributes.get("version") not in _VERSIONS):
            got = f"<{tag[:80]}> of version {attributes.get('version', 'none')[:80]}"
            raise IrError(f"got {got}; <net> of version {' or '.join(_VERSIONS)} is wanted")
        self._path.append(tag)
        match self._path:
            case ["net", "layers", "layer"]:
                id, name, kind = (attributes.get(key, "") for key in ("id", "name", "type"))
                self._layer = Layer(id, name, kind)
                if id in self.layers or len(self.layers) >= _MOST_LAYERS:
                    raise IrError(f"{self._layer}: its id is there already, or one layer too many")
                self.layers[id] = self._layer
            case ["net", "layers", "layer", "data"] if self._layer:
                self._layer.options = attributes
            case ["net", "layers", "layer", "input" | "output", "port"] if self._layer:
                ports = self._layer.inputs if self._path[3] == "input" else self._layer.outputs
                self._port = ports[attributes.get("id", "")] = Port(attributes.get("names", ""))
            case ["net", "edges", "edge"]:
                self.edges.append(attributes)
        self._text = ""

    def _characters(self, text: str) -> None:
        self._text += text

    def _end(self, tag: str) -> None:
        if self._path[3:] in (["input", "port", "dim"], ["output", "port", "dim"]):
            if not re.fullmatch(r"-?\d{1,18}", self._text.strip()):
                raise IrError(f"{self._layer}: got a side of {self._text[:80]!r}")
            if self._port is not None:
                self._port.shape.append(int(self._text))
        self._path.pop()
        self._text = ""


def _refuse_doctype(*_: object) -> None:
    raise IrError("got a DOCTYPE; a file without it is wanted")


def _constant(layer: Layer, weights: bytes) -> NDArray[np.generic]:
    kind = layer.options.get("element_type", "")
    if kind not in _TYPES:
        known = ", ".join(_TYPES)
        raise IrError(f"{layer}: got element_type {kind[:80]!r}; one of {known} is wanted")
    dtype = np.dtype(_TYPES[kind]).newbyteorder("<")
    shape = layer.whole_numbers("shape")
    (begin,), (size,) = layer.whole_numbers("offset"), layer.whole_numbers("size")
    if min(shape, default=1) < 1 or math.prod(shape) > _MOST_ELEMENTS:
        raise IrError(f"{layer}: got shape {shape}")
    if size != math.prod(shape) * dtype.itemsize:
        raise IrError(f"{layer}: got {size} bytes for shape {shape} of {kind}")
    if begin < 0 or begin + size > len(weights):
        raise IrError(f"{layer}: ends at byte {begin + size} of a .bin of {len(weights)}")
    return np.frombuffer(weights, dtype, math.prod(shape), begin).reshape(shape)


def _connect(layers: Mapping[str, Layer], edges: list[dict[str, str]]) -> None:
    """Finds where the inputs of each layer come from."""
    sources = {}
    for edge in edges:
        source = layers.get(edge.get("from-layer", ""))
        port = edge.get("from-port", "")
        if source is None or port not in source.outputs:
            raise IrError(f"an edge comes from port {port[:80]!r} of {source}, which is not there")
        sources[edge.get("to-layer"), edge.get("to-port")] = (source, port)
    for layer in layers.values():
        for port in layer.inputs:
            if (layer.id, port) not in sources:
                raise IrError(f"{layer}: nothing leads to its input port {port[:80]!r}")
            layer.sources.append(sources[layer.id, port])
