"""Files of WIDER FACE: read as they were written, and damaged ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rostro.errors import EvaluationError
from rostro.evaluate.wider_detections import read_detections, write_detections
from rostro.evaluate.wider_truth import read_truth
from tests.support.wider import SETTINGS, write_truth


@pytest.mark.parametrize("compressed", [True, False])
def test_ground_truth_is_read_as_it_was_written(tmp_path: Path, compressed: bool) -> None:
    images = read_truth(write_truth(tmp_path / "truth", compressed))
    assert list(images) == ["0--Parade/a", "0--Parade/b", "1--Handshaking/c"]
    assert images["0--Parade/b"].boxes.tolist() == [[0, 0, 9, 9], [40, 0, 9, 9]]
    masks = [images["0--Parade/b"].counted[setting].tolist() for setting in SETTINGS]
    assert masks == [[True, False], [True, True], [False, True]]
    assert images["1--Handshaking/c"].boxes.shape == (0, 4)


def test_detections_come_back_as_they_were_written(tmp_path: Path) -> None:
    rows = np.random.default_rng(3).uniform(-1e3, 1e4, (50, 5)).astype(np.float32).astype(float)
    write_detections(tmp_path / "x.zip", {"e/a": rows, "e/b": rows[:0]})
    again = read_detections(tmp_path / "x.zip")
    assert list(again) == ["e/a", "e/b"]
    assert np.array_equal(again["e/a"].astype(np.float32), rows)
    assert again["e/b"].shape == (0, 5)


@pytest.mark.heavy
def test_no_damage_to_ground_truth_is_more_than_an_error(tmp_path: Path) -> None:
    """SciPy's reader takes the process down with some of these."""
    random = np.random.default_rng(1)
    folder = write_truth(tmp_path / "truth", compressed=False)
    file = folder / "wider_face_val.mat"
    whole = np.frombuffer(file.read_bytes(), np.uint8)
    refused = 0
    for _ in range(400):
        data = whole.copy()
        data[random.integers(128, len(data), 3)] = random.choice([0, 1, 255, 14], 3)
        file.write_bytes(data.tobytes()[: random.integers(len(data) // 2, 2 * len(data))])
        try:
            read_truth(folder)
        except EvaluationError:
            refused += 1
    assert refused > 100
