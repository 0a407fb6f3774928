"""The C++ runtime beside Python, with the same ONNX Runtime: time a frame, memory, and start.

Prints Markdown. One face in 640x480, both default networks, one thread; C++ and Python in turn, of
every figure the least of all frames. Needs the programs of: cmake --build --preset release
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime

import rostro
from end_to_end import HEIGHT, WIDTH, sample_frame
from report import ROOT, Page, argument_parser, heading, table
from rostro import models
from rostro.engines.recording import Timer
from rostro.types import Image

_PROGRAMS = ROOT / "build" / "release" / "cpp" / "tests"
_CARDS = Path(models.__file__).parent / "cards"
_NETWORKS = [str(_CARDS / f"{models.DEFAULTS[task]}.toml") for task in ("detect", "embed")]
_LIBRARY = str(next((Path(onnxruntime.__file__).parent / "capi").glob("libonnxruntime.so.*")))


def cpp_frames(frame: Image, frames: int) -> list[tuple[float, float, float]]:
    """Milliseconds of each frame, in all and of the networks; and of a memset of what the detector
    takes."""
    told = subprocess.run(
        [_PROGRAMS / "rostro_time_pipeline", _LIBRARY, *_NETWORKS, str(WIDTH), str(HEIGHT),
         str(frames)],
        input=frame.tobytes(), stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    lines = [line.split() for line in told.stdout.decode().splitlines()]
    assert all(faces == "1" for *_, faces in lines)
    return [(float(total), float(networks), float(fill)) for total, networks, fill, _ in lines]


class PythonFrames:
    """The same in Python."""

    def __init__(self) -> None:
        detector = rostro.Detector(engine="onnxruntime", threads=1, precision="float32")
        embedder = rostro.Embedder(engine="onnxruntime", threads=1, precision="float32")
        self._timers = [Timer(detector.engine), Timer(embedder.engine)]
        self._pipeline = rostro.FacePipeline(
            detector.with_engine(self._timers[0]), embedder.with_engine(self._timers[1])
        )

    def __call__(self, frame: Image, frames: int) -> list[tuple[float, float]]:
        self._pipeline(frame)
        found = []
        for _ in range(frames):
            for timer in self._timers:
                timer.seconds = 0.0
            start = time.perf_counter()
            self._pipeline(frame)
            total = time.perf_counter() - start
            found.append((1e3 * total, 1e3 * sum(timer.seconds for timer in self._timers)))
        return found


def example_run(frame: Image) -> dict[str, float]:
    """What cpp/examples/recognise.cpp says of its own time and memory."""
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "photo.ppm"
        photo.write_bytes(b"P6 %d %d 255\n" % (WIDTH, HEIGHT) + frame[..., ::-1].tobytes())
        told = subprocess.run(
            [_PROGRAMS / "rostro_recognise", _LIBRARY, *_NETWORKS, photo],
            capture_output=True,
            check=True,
        )
    said: dict[str, float] = json.loads(told.stderr)
    return said


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--frames", type=int, default=15, help="of each in a round")
    options = parser.parse_args()
    frame = sample_frame()
    python = PythonFrames()
    frames: dict[str, list[tuple[float, float]]] = {"C++": [], "Python": []}
    runs, fills = [], []
    for _ in range(options.rounds):
        found = cpp_frames(frame, options.frames)
        frames["C++"] += [(total, networks) for total, networks, _ in found]
        fills += [fill for _, _, fill in found]
        frames["Python"] += python(frame, options.frames)
        runs.append(example_run(frame))

    page = Page("runtime", "The C++ runtime beside Python")
    page.show(heading(["onnxruntime", "numpy"]))
    page.show(
        "One face in 640x480, the default networks, one thread. C++ and Python took turns, "
        "and every figure is the least of "
        f"{options.rounds * options.frames} frames, or of {options.rounds} runs."
    )
    rows, least = [], {}
    for name, each in frames.items():
        times = np.array(each)
        rest = times[:, 0] - times[:, 1]
        least[name] = times[:, 0].min()
        rows.append(
            [name, f"{least[name]:.2f}", f"{times[:, 1].min():.2f}", f"{rest.min():.3f}",
             f"{100 * rest.min() / times[:, 1].min():.2f} %"]
        )  # fmt: skip
    page.show(table(["", "in all, ms", "networks, ms", "the rest, ms", "rest of networks"], rows))
    networks = min(each[1] for each in frames["C++"])
    page.show(
        f"Of the rest, {min(fills):.3f} ms, {100 * min(fills) / networks:.2f} % of the networks, "
        f"is what it takes to fill {3 * 4 * WIDTH * HEIGHT / 1e6:.1f} MB with zeros: so large is "
        "the detector's input in float32, which a letterbox has to write."
    )
    page.show(f"Python takes {100 * (least['Python'] / least['C++'] - 1):.1f} % more than C++.")

    page.show("`cpp/examples/recognise.cpp` with quality and poses, on the same photo:")
    best = {key: min(run[key] for run in runs) for key in runs[0]}
    rows = [
        ["memory of the program alone, MB", f"{best['program_kb'] / 1024:.1f}"],
        ["with ONNX Runtime opened", f"{best['library_kb'] / 1024:.1f}"],
        ["with both networks loaded", f"{best['networks_kb'] / 1024:.1f}"],
        ["after the photo", f"{best['rss_kb'] / 1024:.1f}"],
        ["at most, while a network was loaded", f"{best['peak_kb'] / 1024:.1f}"],
        ["from the start until the networks are loaded, ms", f"{best['loaded_ms']:.0f}"],
        ["from there to the first faces, ms", f"{best['first_ms']:.0f}"],
    ]
    page.show(table(["resident memory and time", ""], rows))
    if options.write:
        page.save()


if __name__ == "__main__":
    main()
