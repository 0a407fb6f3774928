"""Runs forms of networks on tensors, and counts one more run of each: run_forms.py TASK.json.

The task says whether to count. It names the forms, with engine, files and what ncnn's options are
to be besides those that rostro sets; the tensors, (N, C, H, W) in an .npy file, an image at a time;
and a folder for what each form gives, an .npz file by the form's number.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import marks
import numpy as np

from rostro.engines import ncnn_net, onnx_load
from rostro.types import FloatArray

Run = Callable[[FloatArray], list[FloatArray]]


def in_ncnn(form: dict[str, Any]) -> Run:
    import ncnn

    param, weights = form["files"]
    net = ncnn.Net()
    for option, value in (ncnn_net.options(half=False) | form["options"]).items():
        setattr(net.opt, option, value)
    net.opt.num_threads = 1
    if net.load_param(param) != 0 or net.load_model(weights) != 0:
        raise SystemExit(f"{param}: ncnn cannot load it")
    names = sorted(net.output_names(), key=lambda name: int("0" + name.removeprefix("out")))

    def run(tensor: FloatArray) -> list[FloatArray]:
        image = ncnn.Mat(*reversed(tensor.shape[1:]))
        np.copyto(np.array(image, copy=False), tensor[0])
        extractor = net.create_extractor()
        extractor.input(net.input_names()[0], image)
        return [np.array(ncnn_net.extract(extractor, name, param))[None] for name in names]

    return run


def in_onnxruntime(form: dict[str, Any]) -> Run:
    import onnxruntime

    session = onnx_load.load(onnxruntime, Path(form["files"][0]), 1)
    name = session.get_inputs()[0].name

    def run(tensor: FloatArray) -> list[FloatArray]:
        outputs: list[FloatArray] = session.run(None, {name: tensor})
        return outputs

    return run


task = json.loads(Path(sys.argv[1]).read_text())
tensors = np.load(task["tensors"])
for number, form in enumerate(task["forms"]):
    run = in_ncnn(form) if form["engine"] == "ncnn" else in_onnxruntime(form)
    outputs = [run(tensors[i : i + 1]) for i in range(len(tensors))]
    if task["count"]:
        marks.mark()
        run(tensors[:1])
        marks.mark(form["name"])
    stacked = [np.concatenate(each) for each in zip(*outputs, strict=True)]
    np.savez(Path(task["folder"]) / f"{number}.npz", *stacked)
marks.tell()
