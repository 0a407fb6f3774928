"""A small ncnn network, changed at random in its layers and weights."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from rostro.engines import NetworkFiles, open_network
from rostro.errors import EngineError, ModelError

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
_TYPES = ["Concat", "Crop", "Interp", "Reshape", "Slice", "Permute", "Softmax", "Deconvolution"]


def _weights() -> bytes:
    values = np.random.default_rng(0)
    return b"".join(
        bytes(4) * tagged + values.uniform(0.1, 1, count).astype(np.float32).tobytes()
        for count, tagged in _WEIGHTS
    )


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


def _fate(param: Path, text: str, weights: bytes) -> str:
    param.write_text(text)
    param.with_suffix(".bin").write_bytes(weights)
    files = NetworkFiles(param=param, bin=param.with_suffix(".bin"))
    try:
        open_network(files, "ncnn", threads=2).run(np.ones((1, 3, 16, 16), np.float32))
    except (EngineError, ModelError) as error:
        return "died" if "ncnn dies of" in str(error) else "refused"
    return "ran"


def run(folder: str) -> None:
    """Prints what became of 200 mutations, and how often."""
    weights = _weights()
    assert _fate(Path(folder, "0.param"), "\n".join(_LINES) + "\n", weights) == "ran"

    def fate(seed: int) -> str:
        chance = random.Random(seed)
        cut = len(weights) // 2 if chance.random() < 0.1 else len(weights)
        return _fate(Path(folder, f"{seed}.param"), _mutate(chance), weights[:cut])

    with ThreadPoolExecutor(2) as pool:
        for name, count in Counter(pool.map(fate, range(1, 201))).items():
            print(name, count)
