"""Lists of labelled pairs."""

from __future__ import annotations

from pathlib import Path

from rostro.evaluate.labelled_photos import read_pairs
from tests.support.labelled_folder import list_of_pairs, write_people


def test_lists_of_sets_and_of_a_development_split(tmp_path: Path) -> None:
    people = write_people(tmp_path / "people")
    of_a_set = ["A 1 2", "G\t3\t4", "A 1 G 1", "A 2 G 1"]
    sets = read_pairs(list_of_pairs(tmp_path / "sets.txt", ["3\t2", *of_a_set * 3]), people)
    assert sets.folds.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    names = [path.name for path in sets.photos.paths]
    assert [names[i] for i in sets.first[:2]] == ["A_0001.jpg", "G_0003.jpg"]
    assert [names[i] for i in sets.second[:2]] == ["A_0002.jpg", "G_0004.jpg"]
    split = read_pairs(list_of_pairs(tmp_path / "split.txt"), people)
    assert split.folds.tolist() == [*range(10), *range(10)]
