"""Float networks as published, and prepared for ONNX Runtime: time of a run, and how far off.

python benchmarks/prepared.py [CARD.toml...]
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from networks import installed
from report import Page, argument_parser, heading, table
from rostro import RostroError, models
from rostro.engines import NetworkFiles, open_network
from rostro.models import Model
from rostro.models.float_form import float_network
from rostro.models.prepare import inputs_for, prepared
from rostro.models.store import original_of
from rostro.quantization.figures import time_in_turn
from rostro.support.temporary import temporary_folder

ROUNDS = 40


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("models", nargs="*", default=models.cards(), metavar="CARD")
    arguments = parser.parse_args()
    page = Page("prepared", "Float networks prepared for ONNX Runtime")
    page.show(heading(["onnxruntime", "ncnn", "onnx", "numpy"]))
    page.show(
        "Milliseconds of CPU time of a run, one thread, median, in turn. Off: the largest "
        "difference from the network as published, relative to an output's largest number; beyond "
        "1e-5 the published one is kept."
    )
    rows = []
    for name in arguments.models:
        model = models.resolve(name)
        if "onnx" in model.files or not model.own_files:
            rows.append(row(model))
    header = ["model", "input", "published", "prepared", "ratio", "off", "ncnn"]
    page.show(table(header, rows))
    if arguments.write:
        page.save()


def row(model: Model) -> list[str]:
    """The line of one network."""
    card = model.card
    assert card is not None
    with temporary_folder() as folder:
        plain = folder / "plain.onnx"
        if model.own_files:
            plain.write_bytes(model.files["onnx"].read_bytes())
        else:
            installed(model.name)
            original = model.folder / original_of(card).name
            plain.write_bytes(float_network(card, original, folder))
        made = folder / "prepared.onnx"
        try:
            made.write_bytes(prepared(plain, card))
        except RostroError as error:
            reason = str(error).rpartition(".onnx: ")[2]
            return [model.name, "", "", "", "", f"not prepared: {reason}", ""]
        return [model.name, *measured(model, plain, made)]


def measured(model: Model, plain: Path, made: Path) -> list[str]:
    """Its cells: input, times, error."""
    assert model.card is not None
    others = model.card.further_inputs
    before, after = (
        open_network(NetworkFiles(onnx=path, others=others, vouched=True), "onnxruntime", 1)
        for path in (plain, made)
    )
    first, *rest = inputs_for(plain, before.input_shape, model.card)
    if model.card.input.size is None:  # 640x480, where any size is taken
        _, _, height, width = before.input_shape
        shape = (1, 3, height or 480, width or 640)
        first = np.resize(first, shape)
    engines = [before, after]
    if model.supports("ncnn"):
        engines.append(model.open("ncnn", 1, "float32"))
    wanted, given = before.run(first, *rest), after.run(first, *rest)
    off = max(
        float(np.abs(have - want).max() / np.abs(want).max(initial=1e-30))
        for want, have in zip(wanted, given, strict=True)
    )
    times = time_in_turn(engines, first, ROUNDS, *rest)
    size = "x".join(str(side) for side in first.shape[:1:-1])
    ncnn = f"{times[2]:.2f}" if len(times) > 2 else ""
    ratio = f"{times[0] / times[1]:.2f}"
    return [size, f"{times[0]:.2f}", f"{times[1]:.2f}", ratio, f"{off:.1g}", ncnn]


if __name__ == "__main__":
    try:
        main()
    except RostroError as error:
        raise SystemExit(str(error)) from error
