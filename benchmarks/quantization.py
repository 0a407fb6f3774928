"""Float networks and their int8 forms: time, size, accuracy.

python benchmarks/quantization.py CARD... --faces FOLDER --people FOLDER
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from report import Page, argument_parser, heading, table
from rostro import RostroError, models, quantize
from rostro.engines import ENGINES
from rostro.quantization import Quantized


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("models", nargs="*", default=list(models.DEFAULTS.values()))
    parser.add_argument("--faces", type=Path, required=True, help="photos for detectors")
    parser.add_argument("--people", type=Path, required=True, help="a folder for each person")
    parser.add_argument("--search", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--photos", type=int, default=600, help="held back, at most")
    arguments = parser.parse_args()
    page = Page("quantization", "Networks in int8")
    page.show(heading(["onnxruntime", "ncnn", "onnx", "numpy"]))
    page.show(
        "CPU time of one thread. Points: error in per cent of the eye distance, by height of the "
        "face. On a shared machine compare the columns of a row, not the rows."
    )
    rows = []
    for name in arguments.models:
        model = models.resolve(name)
        detects = model.card is None or model.card.task == "detect"
        for engine in (engine for engine in ENGINES if model.supports(engine)):
            with tempfile.TemporaryDirectory() as folder:
                made = quantize(
                    name,
                    Path(folder) / "made.toml",
                    arguments.faces if detects else arguments.people,
                    engine=engine,
                    search_seconds=arguments.search,
                    held_back_photos=arguments.photos,
                    force=True,
                )
            print(f"{model.name}, {engine}\n\n{made.table()}\n", flush=True)
            rows.append(_row(model.name, engine, made))
    header = ["model", "engine", "float ms", "int8 ms", "ratio", "float MB", "int8 MB"]
    page.show(table([*header, "in float", "accuracy, float to int8", "within the limits"], rows))
    if arguments.write:
        page.save()


def _row(name: str, engine: str, made: Quantized) -> list[str]:
    figures = {figure.what: figure for figure in made.figures}
    size = figures["size, MB"]
    time = next(figure for what, figure in figures.items() if what.startswith("CPU time"))
    assert time.before is not None  # only accuracies have no figure of the float network
    accuracy = []
    for what, figure in figures.items():
        if what.startswith("verification"):
            accuracy.append(f"verification {figure.before:.2f} to {figure.after:.2f} %")
        if what.startswith("cosine") and "mean" in what:
            accuracy.append(f"cosine {figure.after:.4f}")
        if what.startswith("of the float network's faces"):
            accuracy.append(f"recall {figure.after:.1f} %")
        if what.endswith("% of eye distance"):
            faces = what.split(" faces ")[1].split(" (")[0]
            accuracy.append(f"points {faces} {figure.after:.1f} %")
    return [
        name,
        engine,
        f"{time.before:.2f}",
        f"{time.after:.2f}",
        f"{time.before / time.after:.2f}",
        f"{size.before:.2f}",
        f"{size.after:.2f}",
        f"{len(made.in_float)} layers",
        "; ".join(accuracy),
        "no" if made.misses else "yes",
    ]


if __name__ == "__main__":
    try:
        main()
    except RostroError as error:
        raise SystemExit(str(error)) from error
