"""Ground truth of WIDER FACE and detections on it: three images in two events."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import scipy.io
from numpy.typing import NDArray

from rostro.evaluate.wider_truth import LabelledImage

SETTINGS = ("easy", "medium", "hard")


def labelled(boxes: Sequence[Sequence[float]], counted: Sequence[bool]) -> LabelledImage:
    mask = np.array(counted, np.bool_)
    return LabelledImage(np.array(boxes, np.float64).reshape(-1, 4), dict.fromkeys(SETTINGS, mask))


def cells(entries: Sequence[object]) -> NDArray[np.object_]:
    array = np.empty((len(entries), 1), object)
    array[:, 0] = entries
    return array


def write_truth(folder: Path, compressed: bool = True) -> Path:
    folder.mkdir(exist_ok=True)
    events = cells(["0--Parade", "1--Handshaking"])
    names = cells([cells(["a", "b"]), cells(["c"])])
    face, faces = np.array([[0, 0, 9, 9]], np.int32), np.array([[0, 0, 9, 9], [40, 0, 9, 9]])
    boxes = cells([cells([face, faces]), cells([np.empty((0, 4))])])
    chosen = {"easy": [1], "medium": [1, 2], "hard": [2]}
    base = {"event_list": events, "file_list": names, "face_bbx_list": boxes}
    scipy.io.savemat(folder / "wider_face_val.mat", base, do_compression=compressed)
    for setting, indices in chosen.items():
        kept = [np.ones((1, 1), np.uint8), np.array(indices, np.uint16)[:, None]]
        lists = {"event_list": events, "gt_list": cells([cells(kept), cells([np.empty((0, 0))])])}
        scipy.io.savemat(folder / f"wider_{setting}_val.mat", lists, do_compression=compressed)
    return folder


def write_found(folder: Path) -> Path:
    texts = {
        "0--Parade/a": "a\n1\n0 0 9 9 0.9\n",
        "0--Parade/b": "0--Parade/b.jpg\n2\n0.0 0.0 9.0 9.0 0.8\n70 70 9 9 1e-1\n\n",
        "1--Handshaking/c": "c\n0\n",
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.txt").write_text(text)
    return folder
