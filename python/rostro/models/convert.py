"""ONNX -> ncnn, with the converter pnnx.

pnnx comes out of its wheel on the Python index, pinned by hash, into a temporary folder, and is
gone afterwards. What it made is kept only if ncnn computes with it what ONNX Runtime does.
"""

from __future__ import annotations

import operator
import platform
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rostro import engines
from rostro.engines import Engine, NetworkFiles
from rostro.errors import ArgumentError, EngineError, EngineNotInstalledError, ModelError
from rostro.models.fetch import RemoteFile, WheelSource, fetch_file
from rostro.models.fold import fold
from rostro.support.files import replacing
from rostro.support.processes import Limits, run
from rostro.support.temporary import temporary_folder
from rostro.types import FloatArray

__all__ = ["PNNX_VERSION", "convert", "further_inputs", "input_shape"]

PNNX_VERSION = "20261020"
_MEMBER = WheelSource("pnnx", PNNX_VERSION, "pnnx/pnnx")
_PNNX = {
    "x86_64": RemoteFile(
        f"pnnx-{PNNX_VERSION}-x86_64",
        "4db234cb90a27dc15e04e0d0edf5706c7a488ab8e6235cf8c146c6ec80fd9355",
        88466072,
        (_MEMBER,),
    ),
    "aarch64": RemoteFile(
        f"pnnx-{PNNX_VERSION}-aarch64",
        "1f55df74080eabb048cb122215f290d16e1bf82309c1a67662c91c437e96471e",
        74513328,
        (_MEMBER,),
    ),
}
# A network of 179 MB takes it 15 s, 0.8 GB of memory and files as large as itself.
_LIMITS = Limits(seconds=600, memory=8 << 30, file_bytes=2 << 30)
# Of the largest value of an output, or of _SMALL where noise as the input makes all of it tiny.
# Sums of float32 in another order differ by about 1e-6.
_TOLERANCE = 1e-3
_SMALL = 1e-2
# Of the noise that a network is checked with where no card says what it takes. One that takes 0-1
# may overflow on 0-255.
_RANGES = ((0.0, 255.0), (0.0, 1.0))


def convert(
    onnx_file: Path,
    folder: Path,
    shapes: Sequence[Sequence[int]],
    *,
    name: str | None = None,
    values: tuple[float, float] | None = None,
    folders: Iterable[Path | str] = (),
    progress: bool = False,
) -> tuple[Path, Path]:
    """Convert an ONNX file to ``folder/name.ncnn.param`` and ``.ncnn.bin``.

    Args:
        onnx_file: the network; block-quantised weights are folded to float32 on the way.
        folder: where the two files go; it is made.
        shapes: the (N, C, H, W) shape of the input; a second shape, different in every side that
            is to stay free, makes the network take any size there. Further inputs have the shapes
            that the graph says.
        name: of the files; by default that of ``onnx_file`` without its suffix.
        values: the least and the largest number that the input holds, see `Input.values`; the
            result is checked with noise of these. By default 0 to 255, or 0 to 1 where the network
            does not take that.
        folders: folders that may hold pnnx, see `fetch_file`.
        progress: show bars on the standard error.

    Returns:
        The paths of the two files, the .param first.

    Raises:
        ModelError: not a usable ONNX file, or pnnx cannot convert it faithfully.
        ArgumentError: ``shapes`` is not one or two shapes.
        EngineNotInstalledError: ncnn or ONNX Runtime, which check the result, are not installed.
        DownloadError: pnnx cannot be had.
        WriteError: ``folder`` cannot be written.
    """
    if not _are_shapes(shapes):
        raise ArgumentError(f"shapes: got {shapes}; one or two of (N, C, H, W) are wanted")
    machine = platform.machine()
    if sys.platform != "linux" or machine not in _PNNX:
        raise ModelError(
            f"no pinned pnnx for {sys.platform} on {machine}; convert on Linux x86_64 or aarch64 "
            "and copy the .param and .bin files"
        )
    for engine, version in engines.installed().items():
        if version is None:
            raise EngineNotInstalledError(
                f"conversion needs {engine} to check its result: pip install {engine}"
            )
    name = name or onnx_file.stem
    free = [side for side, sizes in enumerate(zip(*shapes, strict=True)) if len(set(sizes)) > 1]
    model = _with_modes(fold(onnx_file, free))
    with temporary_folder() as work:
        pnnx = fetch_file(
            _PNNX[machine],
            work / "pnnx",
            folders=folders,
            progress=progress,
            by_hand="Put it into a folder that ROSTRO_MODELS names",
        )
        pnnx.chmod(0o700)
        source = work / "model.onnx"
        source.write_bytes(model)
        others = _further_inputs(model, onnx_file)
        _run_pnnx(pnnx, source, shapes, others, onnx_file)
        made = (work / "model.ncnn.param", work / "model.ncnn.bin")
        ranges = _RANGES if values is None else (values,)
        _compare(source, made, shapes, others, onnx_file, ranges)
        param, weights = (folder / f"{name}.ncnn.{suffix}" for suffix in ("param", "bin"))
        for path, target in zip(made, (param, weights), strict=True):
            with replacing(target) as file:
                file.write(path.read_bytes())
    return param, weights


def _are_shapes(shapes: Sequence[Sequence[int]]) -> bool:
    try:
        sides = [operator.index(side) for shape in shapes for side in shape]
        return len(shapes) in (1, 2) and all(len(s) == 4 for s in shapes) and min(sides) >= 1
    except TypeError:
        return False


def input_shape(onnx_file: Path) -> tuple[int, ...]:
    """The (N, C, H, W) shape of the input that an ONNX model declares, N being 1 where it is free.

    Raises:
        FileMissingError, ModelError: no such file, no usable model, or its C, H or W is free.
    """
    import onnx

    dims = onnx.load_from_string(fold(onnx_file)).graph.input[0].type.tensor_type.shape.dim
    shape = tuple(dim.dim_value for dim in dims)
    if len(shape) != 4 or 0 in shape[1:]:
        raise ModelError(
            f"{onnx_file}: got an input of shape {shape}; a fixed size, or --shape, is wanted"
        )
    return (shape[0] or 1, *shape[1:])


def further_inputs(onnx_file: Path) -> dict[str, tuple[int, ...]]:
    """Shapes of the inputs beside the image, the first, by name; N being 1 where it is free.

    Raises:
        FileMissingError, ModelError: no such file, no usable model, or such a side is free.
    """
    return _further_inputs(fold(onnx_file), onnx_file)


def _further_inputs(model: bytes, original: Path) -> dict[str, tuple[int, ...]]:
    import onnx

    shapes: dict[str, tuple[int, ...]] = {}
    first_input, *others = onnx.load_from_string(model).graph.input
    if others and len(first_input.type.tensor_type.shape.dim) != 4:
        raise ModelError(
            f"{original}: got {first_input.name} as the first input, which is no image; a network "
            "whose first input is the image is wanted"
        )
    for value in others:
        first, *sides = (dim.dim_value for dim in value.type.tensor_type.shape.dim)
        if 0 in sides:
            raise ModelError(
                f"{original}: got an input {value.name} of shape {(first, *sides)}; a fixed size "
                "of all inputs but the first is wanted"
            )
        shapes[value.name] = (first or 1, *sides)
    return shapes


def _run_pnnx(
    pnnx: Path,
    source: Path,
    shapes: Sequence[Sequence[int]],
    others: Mapping[str, Sequence[int]],
    original: Path,
) -> None:
    command = [str(pnnx), source.name, "fp16=0"]
    for key, shape in zip(("inputshape", "inputshape2"), shapes, strict=False):
        lists = (f"[{','.join(map(str, each))}]" for each in (shape, *others.values()))
        command.append(f"{key}={','.join(lists)}")
    try:
        done = run(
            command,
            source.parent,
            _LIMITS,
            environment={},
            network=False,
            stderr=subprocess.STDOUT,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ModelError(f"{original}: pnnx did not run: {error}") from error
    if done.returncode != 0 or not source.with_name("model.ncnn.bin").is_file():
        lines = done.stdout.split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "it says nothing")
        raise ModelError(
            f"{original}: pnnx cannot convert it (exit status {done.returncode}; {last})"
        )


def _with_modes(model: bytes) -> bytes:
    """The model with the mode of every Pad spelled out: pnnx leaves out those without one."""
    import onnx

    network = onnx.load_from_string(model)
    for node in network.graph.node:
        if node.op_type == "Pad" and all(option.name != "mode" for option in node.attribute):
            node.attribute.append(onnx.helper.make_attribute("mode", "constant"))
    data: bytes = network.SerializeToString(deterministic=True)
    return data


def _compare(
    source: Path,
    made: tuple[Path, Path],
    shapes: Sequence[Sequence[int]],
    others: Mapping[str, Sequence[int]],
    original: Path,
    ranges: Sequence[tuple[float, float]],
) -> None:
    """Raise unless ncnn gives what ONNX Runtime gives, on noise of every shape."""
    network = NetworkFiles(onnx=source, param=made[0], bin=made[1], others=tuple(others))
    reference = engines.open_network(network, "onnxruntime")
    converted = engines.open_network(network, "ncnn", outputs=reference.output_names)
    noise = np.random.default_rng(0)
    for shape in shapes:
        units = [noise.random(each) for each in (shape, *others.values())]
        tensors, wanted = _first_taken(reference, units, ranges)
        results = zip(wanted, converted.run(*tensors), strict=True)
        for output, (want, have) in zip(reference.output_names, results, strict=True):
            # ncnn may keep sides of 1 that ONNX drops, and the other way round.
            if have.squeeze().shape != want.squeeze().shape:
                raise ModelError(
                    f"{original}: converted to ncnn: output {output}: got shape {have.shape}; "
                    f"{want.shape} is wanted; nothing is kept"
                )
            error = float(
                np.abs(have.squeeze() - want.squeeze()).max()
                / max(float(np.abs(want).max()), _SMALL)
            )
            if not error <= _TOLERANCE:
                raise ModelError(
                    f"{original}: converted to ncnn: output {output}: got values off by "
                    f"{error:.2g} of the largest; at most {_TOLERANCE:g} is wanted; nothing is kept"
                )


def _first_taken(
    reference: Engine, units: Sequence[NDArray[np.float64]], ranges: Sequence[tuple[float, float]]
) -> tuple[list[FloatArray], list[FloatArray]]:
    """Noise of the first range for which the network gives finite numbers, and these; of inputs
    that are no images 0 to 1."""
    for low, high in ranges:
        tensors = [
            (low + unit * (high - low) if unit.ndim == 4 else unit).astype(np.float32)
            for unit in units
        ]
        try:
            return tensors, reference.run(*tensors)
        except EngineError:
            if (low, high) == ranges[-1]:
                raise
    raise ArgumentError("values: got no range; one is wanted")
