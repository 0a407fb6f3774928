"""Small networks of both engines, changed at random in their layers and weights."""

from __future__ import annotations

import random
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from rostro.engines import NetworkFiles, open_network
from rostro.errors import EngineError, ModelError
from tests.support.networks import write_onnx

_LINES = """7767517
9 11
Input in0 0 1 in0
Convolution conv 1 1 in0 a 0=8 1=3 4=1 5=1 6=216
PReLU relu 1 1 a b 0=8
Split split 1 2 b c d
Split again 1 2 c h i
Pooling pool 1 1 h e 0=1 4=1
BatchNorm norm 1 1 d j 0=8
Concat join 2 1 j i out1 0=0
InnerProduct fc 1 1 e out0 0=4 1=1 2=32""".splitlines()
# Of each array, and whether four bytes before it say how it is stored.
_WEIGHTS = ((216, True), (8, False), (8, False), (32, False), (32, True), (4, False))
_VALUES = ["0", "-1", "1", "7", "2147483647", "1000000", "-23300", "1e9", "x"]
_INTEGERS = [0, -1, 1, 7, 2**31 - 1, -(2**31), 2**62, 100_000]
_OPERATORS = ["Concat", "Slice", "Resize", "ConvTranspose", "Tile", "TopK", "Einsum", "Split"]
_TYPES = ["Concat", "Crop", "Interp", "Reshape", "Slice", "Permute", "Softmax", "Deconvolution"]


def _weights() -> bytes:
    values = np.random.default_rng(0)
    return b"".join(
        bytes(4) * tagged + values.uniform(0.1, 1, count).astype(np.float32).tobytes()
        for count, tagged in _WEIGHTS
    )


def _onnx(file: Path) -> bytes:
    """The network, written to the file."""
    values = np.random.default_rng(0)
    constants = {
        "weights": values.normal(size=(8, 3, 3, 3)).astype(np.float32),
        "slopes": np.full((8, 1, 1), 0.2, np.float32),
        "start": np.array([0, 0]),
        "end": np.array([6, 6]),
        "axes": np.array([2, 3]),
        "shape": np.array([1, -1]),
        "chosen": np.array([3, 5]),
    }
    node = helper.make_node
    nodes = [
        node("Conv", ["x", "weights"], ["a"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        node("PRelu", ["a", "slopes"], ["b"]),
        node("MaxPool", ["b"], ["c"], kernel_shape=[2, 2], strides=[2, 2]),
        node("Concat", ["c", "c"], ["d"], axis=1),
        node("Slice", ["d", "start", "end", "axes"], ["e"]),
        node("Transpose", ["e"], ["f"], perm=[0, 2, 3, 1]),
        node("Reshape", ["f", "shape"], ["g"]),
        node("Gather", ["g", "chosen"], ["h"], axis=1),
        node("Softmax", ["h"], ["y"], axis=1),
    ]
    tensors = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    return write_onnx(file, nodes, (1, 3, 16, 16), (1, 2), constants=tensors).read_bytes()


def _mutate(chance: random.Random) -> str:
    lines = list(_LINES)
    words = " ".join(lines[2:]).split()
    for _ in range(chance.randint(1, 3)):
        i = chance.randrange(1, len(lines))
        parts = lines[i].split()
        values = [k for k, part in enumerate(parts) if "=" in part]
        match chance.randrange(8):
            case 0:
                parts = chance.choice(lines).split()
            case 1:
                parts[0] = chance.choice(_TYPES)
            case 2:
                parts[chance.randrange(len(parts))] = chance.choice(words)
            case _ if values:
                k = chance.choice(values)
                parts[k] = parts[k].split("=")[0] + "=" + chance.choice(_VALUES)
        lines[i] = " ".join(parts)
    return "\n".join(lines) + "\n"


def _mutate_onnx(content: bytes, chance: random.Random) -> bytes:
    model = onnx.load_from_string(content)
    nodes, constants = model.graph.node, model.graph.initializer
    names = [name for node in nodes for name in (*node.input, *node.output)]
    integers = [a for node in nodes for a in node.attribute if a.type in (a.INT, a.INTS)]
    for _ in range(chance.randint(1, 3)):
        match chance.randrange(5):
            case 0:
                chance.choice(nodes).op_type = chance.choice(_OPERATORS)
            case 1:
                inputs = chance.choice(nodes).input
                inputs[chance.randrange(len(inputs))] = chance.choice(names)
            case 2:
                attribute = chance.choice(integers)
                if attribute.type == attribute.INT:
                    attribute.i = chance.choice(_INTEGERS)
                else:
                    attribute.ints[chance.randrange(len(attribute.ints))] = chance.choice(_INTEGERS)
            case 3:
                dims = chance.choice(constants).dims
                dims[chance.randrange(len(dims))] = chance.choice(_INTEGERS)
            case _:
                chance.choice(constants).data_type = chance.randrange(1, 17)
    changed = bytearray(model.SerializeToString())
    for _ in range(chance.choice((0, 0, 4))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _fate(engine: str, files: NetworkFiles) -> str:
    try:
        open_network(files, engine, threads=2).run(np.ones((1, 3, 16, 16), np.float32))
    except (EngineError, ModelError):
        return "refused"
    return "ran"


def _ncnn_fate(folder: Path, param: str, weights: bytes) -> str:
    files = NetworkFiles(param=folder / "m.param", bin=folder / "m.bin")
    (folder / "m.param").write_text(param)
    (folder / "m.bin").write_bytes(weights)
    return _fate("ncnn", files)


def run_ncnn(folder: Path, seeds: range) -> Counter[str]:
    """What became of each mutation."""
    weights = _weights()
    assert _ncnn_fate(folder, "\n".join(_LINES) + "\n", weights) == "ran"
    fates: Counter[str] = Counter()
    for seed in seeds:
        chance = random.Random(seed)
        cut = len(weights) // 2 if chance.random() < 0.1 else len(weights)
        fates[_ncnn_fate(folder, _mutate(chance), weights[:cut])] += 1
    return fates


def run_onnx(folder: Path, seeds: range) -> Counter[str]:
    """What became of each mutation."""
    file = folder / "m.onnx"
    content = _onnx(file)
    assert _fate("onnxruntime", NetworkFiles(onnx=file)) == "ran"
    fates: Counter[str] = Counter()
    for seed in seeds:
        file.write_bytes(_mutate_onnx(content, random.Random(seed)))
        fates[_fate("onnxruntime", NetworkFiles(onnx=file))] += 1
    return fates


if __name__ == "__main__":
    for run, seeds in ((run_ncnn, range(62, 80)), (run_onnx, range(80, 95))):
        print(*sorted(run(Path(sys.argv[1]), seeds)))
