"""Recognition on the labelled pairs and photos of LFW's development split, two embedders."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import numpy as np
import pytest

import rostro
from rostro import models
from rostro.evaluate.calibration import calibrate
from rostro.evaluate.identification import best_matches, identify, split
from rostro.evaluate.labelled_photos import (
    EmbeddedPhotos,
    Pairs,
    compare_all,
    compare_listed,
    embed_photos,
    read_folder,
    read_pairs,
)
from rostro.evaluate.synthetic import synthetic_people
from rostro.evaluate.verification import accuracy, rates
from rostro.models.card import Card
from tests.support.shared import shared_data
from tests.support.shared_cards import EMBEDDERS, engines_of, place

DEFAULT = models.DEFAULTS["embed"]
OTHER = "mobilefacenet_128"
# benchmarks/accuracy.py measures all embedders.
CARDS: dict[str, Card] = {DEFAULT: models.builtin_card(DEFAULT), OTHER: EMBEDDERS[OTHER]}

# What each reaches on the 1,000 pairs, less 0.002: networks differ a little from CPU to CPU.
ACCURACY = {
    "sface-2021dec": 0.987,
    "mobilefacenet_128": 0.988,
}


class Lfw(NamedTuple):
    """The development split of LFW, and what each embedder makes of its photos, by its name."""

    pairs: Pairs
    embedded: dict[str, EmbeddedPhotos]


@pytest.fixture(scope="module")
def lfw(default_models: dict[str, models.Model], tmp_path_factory: pytest.TempPathFactory) -> Lfw:
    """Embedded once: a minute."""
    folder = shared_data("lfw")
    pairs = read_pairs(folder / "pairsDevTest.txt", folder / "images")
    embedders = [rostro.Embedder()]
    path = place(OTHER, engines_of(CARDS[OTHER])[0], tmp_path_factory.mktemp(OTHER))
    embedders.append(rostro.Embedder(path))
    embedded = embed_photos(rostro.Detector(), embedders, pairs.photos.paths)
    names = [embedder.model.name for embedder in embedders]
    return Lfw(pairs, dict(zip(names, embedded, strict=True)))


def test_the_pairs_are_of_the_folders_photos(lfw: Lfw) -> None:
    photos = lfw.pairs.photos
    folder = photos.paths[0].parents[1]
    assert read_folder(folder).paths == photos.paths
    assert np.bincount(lfw.pairs.folds).tolist() == [100] * 10
    halves = photos.persons[lfw.pairs.first] == photos.persons[lfw.pairs.second]
    assert halves[:500].all() and not halves[500:].any()
    for embedded in lfw.embedded.values():
        assert embedded.found.all()


@pytest.mark.parametrize("name", CARDS)
def test_accuracy_and_what_smaller_templates_cost(
    lfw: Lfw, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    embedded = lfw.embedded[name]
    found = {
        storage: accuracy(compare_listed(lfw.pairs, embedded, storage), lfw.pairs.folds, 1).value
        for storage in ("float32", "float16", "int8")
    }
    with capsys.disabled():
        shown = ", ".join(f"{storage} {value:.4f}" for storage, value in found.items())
        print(f"\nLFW development split, {name}: {shown}", end="")
    assert found["float32"] >= ACCURACY[name]
    for value in found.values():
        assert abs(value - found["float32"]) <= 0.001 + 1e-9  # one pair of the 1,000


@pytest.mark.parametrize("name", CARDS)
def test_the_cards_thresholds_are_what_is_measured(lfw: Lfw, name: str) -> None:
    card = CARDS[name]
    compared = compare_all(lfw.pairs.photos, lfw.embedded[name])
    for key, (value, pairs) in calibrate(compared).items():
        threshold = card.thresholds[key]
        assert threshold.value == pytest.approx(value, abs=0.002)
        assert threshold.pairs == pairs == int((~compared.same).sum()) > 1_000_000
        accepted = compared.scores >= threshold.value
        assert accepted[~compared.same].mean() == pytest.approx(threshold.fmr, rel=0.1)


@pytest.mark.parametrize("name", CARDS)
def test_persons_are_identified(lfw: Lfw, name: str) -> None:
    persons, embedded = lfw.pairs.photos.persons, lfw.embedded[name]
    enrolled, probes = split(persons)
    rows = embedded.embeddings
    found = {
        storage: identify(
            rows[enrolled], persons[enrolled], rows[probes], persons[probes], storage=storage
        )
        for storage in ("float32", "int8")
    }
    assert found["float32"].rank1(1).value > 0.95
    measured = found["float32"].rates((0.1,), 1)
    assert measured is not None and measured.points[0].tar.value > 0.9
    same = (found["float32"].right == found["int8"].right).mean()
    assert same >= 0.999


@pytest.mark.parametrize("name", CARDS)
def test_int8_finds_whom_float32_does_among_many(lfw: Lfw, name: str) -> None:
    """Of 10,000; benchmarks/accuracy.py does it with 100,000."""
    gallery, probes = synthetic_people(
        lfw.embedded[name].embeddings, lfw.pairs.photos.persons, 10_000, 2
    )
    best, int8 = (best_matches(gallery, probes, kind)[0] for kind in ("float32", "int8"))
    assert (best == int8).mean() >= 0.999
    assert (best == np.arange(10_000)).mean() > 0.95


@pytest.mark.parametrize("name", CARDS)
def test_low_norms_tell_photos_that_are_hard_to_recognise(lfw: Lfw, name: str) -> None:
    first, second = lfw.pairs.first[:500], lfw.pairs.second[:500]  # of one person each
    norms = lfw.embedded[name].norms
    similarity = compare_listed(lfw.pairs, lfw.embedded[name]).scores[:500]
    assert np.corrcoef(np.minimum(norms[first], norms[second]), similarity)[0, 1] > 0.4


def test_shuffled_names_show_in_every_figure(lfw: Lfw) -> None:
    """The figures above can fail: photos under wrong names are no better than chance."""
    embedded = lfw.embedded[DEFAULT]
    order = np.random.default_rng(0).permutation(len(embedded.found))
    wrong = EmbeddedPhotos(embedded.embeddings[order], embedded.norms, embedded.found)
    shuffled = compare_listed(lfw.pairs, wrong)
    assert accuracy(shuffled, lfw.pairs.folds, 1).value < 0.6
    assert rates(shuffled, samples=1).equal_error.value > 0.4


def test_a_photo_without_a_face_is_never_accepted(lfw: Lfw) -> None:
    embedded = lfw.embedded[DEFAULT]
    lost = lfw.pairs.first[0]
    found = embedded.found.copy()
    found[lost] = False
    compared = compare_listed(lfw.pairs, dataclasses.replace(embedded, found=found))
    assert compared.scores[0] == -np.inf
    full = accuracy(compare_listed(lfw.pairs, embedded), lfw.pairs.folds, 1).value
    assert accuracy(compared, lfw.pairs.folds, 1).value <= full
