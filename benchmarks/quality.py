"""Measured quality of a face: its time on one thread, at every level of SIMD.

Prints Markdown: of `rostro.Quality` on a table of faces, divided by their number, and of the crop
alone, which is part of it, what a tenth of 200 runs stayed below, for others may use the CPU. The
face is that of the photo of `rostro demo`, once and nine times.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

import rostro
from report import Page, argument_parser, heading, measure_in_turn, table
from rostro.samples import ASTRONAUT

FACES = 9


def main() -> None:
    options = argument_parser(__doc__).parse_args()
    image = rostro.load_image(ASTRONAUT.fetch())
    face = rostro.Detector(threads=1)(image)[:1]
    many = rostro.Faces.concatenate([face] * FACES)
    posed = rostro.HeadPose()(image, many)
    landmarks = many.landmarks
    assert landmarks is not None
    quality = rostro.Quality()
    page = Page("quality", "Measured quality")
    page.show(heading(["numpy"]))
    rows = []
    before = rostro.simd.level()
    try:
        for level in rostro.simd.levels():
            rostro.simd.use(level)
            works: dict[str, Callable[[], object]] = {
                "one": partial(quality, image, face),
                "many": partial(quality, image, many),
                "posed": partial(quality, image, posed),
                "crop": partial(rostro.align, image, landmarks),
            }
            seconds = measure_in_turn(works, 200)
            each = {name: 1e6 * float(np.percentile(t, 10)) for name, t in seconds.items()}
            of_many = (f"{each[name] / FACES:.0f}" for name in ("many", "posed", "crop"))
            rows.append([level, f"{each['one']:.0f}", *of_many])
    finally:
        rostro.simd.use(before)
    page.show(
        table(
            ["level", "one face, us", f"a face of {FACES}", "with poses there", "its crop alone"],
            rows,
        )
    )
    if options.write:
        page.save()


if __name__ == "__main__":
    main()
