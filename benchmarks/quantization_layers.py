"""Where the time of a network goes in float32 and in int8, by kind of layer.

python benchmarks/quantization_layers.py CARD --calibrate FOLDER --engine ncnn
"""

from __future__ import annotations

import itertools
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from report import Page, argument_parser, heading, table
from rostro.engines import NetworkFiles
from rostro.models.float_form import float_network
from rostro.quantization.ncnn_forms import NcnnInt8
from rostro.quantization.network import Quantizer
from rostro.quantization.onnx_int8 import OnnxInt8
from rostro.quantization.onnx_prepare import prepare
from rostro.quantization.subject import Subject, open_subject
from rostro.types import FloatArray

_ROUNDS = 15
_TURNS = 6
Times = dict[str, float]


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("model", nargs="?", default="yunet-2023mar")
    parser.add_argument("--calibrate", type=Path, required=True)
    parser.add_argument("--engine", choices=["onnxruntime", "ncnn"], default="onnxruntime")
    arguments = parser.parse_args()
    subject = open_subject(
        arguments.model, arguments.calibrate, arguments.engine, "yunet-2023mar", (8, 8), False
    )
    tensor = next(iter(subject.tensors()))
    files = subject.files()
    name, engine = subject.model.name, arguments.engine
    page = Page(f"layers-{name}-{engine}", f"Time of {name} by kind of layer, {engine}")
    page.show(heading([engine]))
    page.show(
        f"Input {tensor.shape}, one thread, microseconds. Int8: all layers but the first and the "
        "last ones."
    )
    with tempfile.TemporaryDirectory() as folder:
        if files.onnx is not None:
            columns = _onnx_columns(files.onnx, subject, tensor, Path(folder))
        else:
            assert files.param is not None and files.bin is not None
            columns = _ncnn_columns(files.param, files.bin, subject, tensor, Path(folder))
    first = next(iter(columns.values()))
    kinds = sorted(set().union(*columns.values()), key=lambda kind: -first.get(kind, 0))
    rows = [[k, *(f"{times.get(k, 0):.0f}" for times in columns.values())] for k in kinds]
    rows.append(["all", *(f"{sum(times.values()):.0f}" for times in columns.values())])
    page.show(table(["layers", *columns], rows))
    if arguments.write:
        page.save()


def _onnx_columns(
    path: Path, subject: Subject, tensor: FloatArray, folder: Path
) -> dict[str, Times]:
    quantizer = OnnxInt8(path, "minmax")
    made = _in_int8(quantizer, subject, folder)
    assert made.onnx is not None
    prepared = folder / "prepared.onnx"
    model = prepare(path)
    prepared.write_bytes(model.SerializeToString())
    kinds = _onnx_kinds(model)
    published = path
    card = subject.model.card
    if card is not None and not subject.model.own_files:
        published = folder / "published.onnx"
        published.write_bytes(
            float_network(card, subject.model.folder / card.files[0].name, folder)
        )
    files = {"float32": published, "float32, prepared": prepared, "int8": made.onnx}
    return _in_turn({name: partial(_onnx, file, kinds, tensor) for name, file in files.items()})


def _ncnn_columns(
    param: Path, weights: Path, subject: Subject, tensor: FloatArray, folder: Path
) -> dict[str, Times]:
    made = _in_int8(NcnnInt8(param, weights, "minmax"), subject, folder)
    assert made.param is not None and made.bin is not None
    return _in_turn(
        {
            "float32": partial(_ncnn, param, weights, tensor),
            "int8": partial(_ncnn, made.param, made.bin, tensor),
        }
    )


def _in_turn(profiles: dict[str, Callable[[], Times]]) -> dict[str, Times]:
    """The least time of each kind in several profiles, so that all see one machine."""
    found: dict[str, list[Times]] = {name: [] for name in profiles}
    for _ in range(_TURNS):
        for name, profile in profiles.items():
            found[name].append(profile())
    return {
        name: {kind: min(times[kind] for times in own) for kind in own[0]}
        for name, own in found.items()
    }


def _in_int8(quantizer: Quantizer, subject: Subject, folder: Path) -> NetworkFiles:
    """All layers but the first and the last ones in int8."""
    quantizer.calibrate(itertools.islice(subject.tensors(), 4))
    return quantizer.build([x.name for x in quantizer.layers if not x.at_end], folder)


def _onnx(path: Path, kinds: dict[str, str], tensor: FloatArray) -> Times:
    """Microseconds by kind, from ONNX Runtime's own profile."""
    import onnxruntime as ort

    with tempfile.TemporaryDirectory() as folder:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 4
        options.enable_profiling = True
        options.profile_file_prefix = f"{folder}/profile"
        session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        for _ in range(_ROUNDS):
            session.run(None, {session.get_inputs()[0].name: tensor})
        events = json.loads(Path(session.end_profiling()).read_text())
    spent: dict[tuple[str, str], list[float]] = defaultdict(list)
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            spent[_onnx_kind(event, kinds), event["name"]].append(event["dur"])
    return _sum({key: min(durations) for key, durations in spent.items()})


def _onnx_kinds(model: onnx.ModelProto) -> dict[str, str]:
    """The kind of each convolution, by its name and by those of what it gives."""
    groups = {
        node.name: next((a.i for a in node.attribute if a.name == "group"), 1)
        for node in model.graph.node
        if node.op_type == "Conv"
    }
    kinds: dict[str, str] = {}
    for node in model.graph.node:
        if node.name in groups:
            kind = "depth-wise" if groups[node.name] > 1 else "dense"
            kinds[node.name] = kinds[node.output[0]] = kind if kinds else "first convolution"
        elif node.op_type in ("Relu", "Clip") and node.input[0] in kinds:
            kinds[node.output[0]] = kinds[node.input[0]]
    return kinds


def _onnx_kind(event: dict[str, Any], kinds: dict[str, str]) -> str:
    # A node that was fused or laid out anew has a suffix after its own name or its output's.
    name = event["name"].removesuffix("_kernel_time").split("_token_")[0].removesuffix("_nchwc")
    return kinds.get(name, str(event["args"]["op_name"]))


def _ncnn(param: Path, weights: Path, tensor: FloatArray) -> Times:
    """Microseconds by kind: of each layer's output, asked for one after the other."""
    import ncnn

    net = ncnn.Net()
    net.opt.num_threads = 1
    net.opt.lightmode = False
    for name in ("packed", "storage", "arithmetic"):
        setattr(net.opt, f"use_fp16_{name}", False)
    net.load_param(str(param))
    net.load_model(str(weights))
    image = ncnn.Mat(tensor.shape[3], tensor.shape[2], tensor.shape[1])
    np.copyto(np.array(image, copy=False), tensor[0])
    lines = [line.split() for line in param.read_text().splitlines()[2:]]
    spent: dict[tuple[str, str], list[float]] = defaultdict(list)
    for _ in range(_ROUNDS):
        extractor = net.create_extractor()
        extractor.input(net.input_names()[0], image)
        for kind, name, inputs, _, *rest in lines:
            if kind in ("Input", "Split"):
                continue
            blob = rest[int(inputs)]
            start = time.thread_time()
            extractor.extract(blob, 1)  # 1: as it lies in memory
            spent[_ncnn_kind(kind, rest), name].append(1e6 * (time.thread_time() - start))
    return _sum({key: min(durations) for key, durations in spent.items()})


def _ncnn_kind(kind: str, tokens: list[str]) -> str:
    if kind == "ConvolutionDepthWise":
        return "depth-wise"
    if kind == "Convolution":
        return "dense 1x1" if "1=1" in tokens else "dense, larger"
    return kind


def _sum(spent: dict[tuple[str, str], float]) -> Times:
    kinds: Times = defaultdict(float)
    for (kind, _), microseconds in spent.items():
        kinds[kind] += microseconds
    return kinds


if __name__ == "__main__":
    main()
