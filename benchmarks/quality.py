"""Measured quality of a face: its time on one thread, at every level of SIMD.

    python benchmarks/quality.py [--rounds 400] [--write]

Prints Markdown: the time of `rostro.Quality`, called from Python, for one face and for each of
nine; for one whose pose is in the table, to whose landmarks none is fitted; and what share it is of
the time of a pipeline that finds the face and embeds it. Levels and works are measured in turn, and
the time is told that a tenth of the runs stayed below, for others may use the CPU. The face is that
of the photo of `rostro demo`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

import rostro
from report import Page, argument_parser, heading, measure_in_turn, table
from rostro.samples import ASTRONAUT

FACES = 9
GOAL_US, GOAL_SHARE = 60, 0.01


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("--rounds", type=int, default=400)
    options = parser.parse_args()
    image = rostro.load_image(ASTRONAUT.fetch())
    pipeline = rostro.FacePipeline(threads=1)
    face = pipeline.detector(image)[:1]
    tables = {
        "one": face,
        "nine": rostro.Faces.concatenate([face] * FACES),
        "posed": rostro.HeadPose()(image, face),
    }
    quality = rostro.Quality()

    levels = rostro.simd.levels()
    before = rostro.simd.level()
    seconds: dict[tuple[str, str], list[float]] = {}
    try:
        for _ in range(options.rounds // 20):
            for level in levels:
                rostro.simd.use(level)
                works: dict[str, Callable[[], object]] = {
                    name: partial(quality, image, faces) for name, faces in tables.items()
                }
                for name, taken in measure_in_turn(works, 20).items():
                    seconds.setdefault((level, name), []).extend(taken)
                whole = measure_in_turn({"frame": partial(pipeline, image)}, 1, 1)
                seconds.setdefault((level, "frame"), []).extend(whole["frame"])
    finally:
        rostro.simd.use(before)
    us = {key: 1e6 * float(np.percentile(taken, 10)) for key, taken in seconds.items()}
    rows = []
    for level in levels:
        one, frame = us[level, "one"], us[level, "frame"]
        nine, posed = us[level, "nine"] / FACES, us[level, "posed"]
        rows.append(
            [
                level,
                f"{one:.0f}",
                f"{nine:.0f}",
                f"{posed:.0f}",
                f"{frame:.0f}",
                f"{one / frame:.2%}",
            ]
        )
    page = Page("quality", "Measured quality of a face")
    page.show(heading(["onnxruntime", "ncnn", "numpy"]))
    page.show(
        f"Microseconds on one thread, from Python. Wanted: at most {GOAL_US} for one face, and "
        f"{GOAL_SHARE:.0%} of the pipeline's time. The pipeline finds one face in "
        f"{image.shape[1]}x{image.shape[0]} pixels and embeds it."
    )
    header = [
        "level",
        "one face",
        f"each of {FACES}",
        "one whose pose is there",
        "pipeline",
        "share",
    ]
    page.show(table(header, rows))
    if options.write:
        page.save()


if __name__ == "__main__":
    main()
