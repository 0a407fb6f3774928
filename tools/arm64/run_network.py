"""Counts a run of an ncnn network on one thread: run_network.py NETWORK.param WIDTHxHEIGHT."""

from __future__ import annotations

import sys
from pathlib import Path

import marks
import ncnn
import numpy as np

param, size = Path(sys.argv[1]), sys.argv[2]
width, height = map(int, size.split("x"))
net = ncnn.Net()
net.opt.num_threads = 1
# As rostro's engine has it.
net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
net.opt.use_bf16_storage = False
if net.load_param(str(param)) != 0 or net.load_model(str(param.with_suffix(".bin"))) != 0:
    raise SystemExit(f"{param}: ncnn cannot load it")
image = ncnn.Mat(width, height, 3)
np.copyto(np.array(image, copy=False), np.random.default_rng(0).uniform(0, 255, (3, height, width)))


def run() -> None:
    extractor = net.create_extractor()
    extractor.input(net.input_names()[0], image)
    for output in net.output_names():
        extractor.extract(output)


marks.count(param.stem, run, calls=1)
marks.tell()
