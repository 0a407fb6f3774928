"""Faces aligned by the points of a landmark network: what is embedded, compared and kept."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

import rostro
from rostro.errors import ArgumentError, GalleryError
from rostro.evaluate.calibration import card_text
from rostro.faces import Faces
from rostro.gallery import EmbedderIdentity
from rostro.models.card import Threshold
from rostro.models.card_toml import load_card
from rostro.types import Image
from tests.support.there import there
from tests.support.tiny_embedder import a_face, tiny_network, write_card
from tests.support.tiny_landmarker import SHARES, tiny_landmarker

THRESHOLDS = """
[thresholds.cosine]
value = 0.5
how = "by a detector's landmarks"
[refined.tiny-points.cosine]
value = 0.7
how = "by the points of tiny-points"
"""


@pytest.fixture
def cards(tmp_path: Path) -> tuple[Path, Path]:
    """Of an embedder and of a landmarker."""
    tiny_network(tmp_path, (112, 112))
    return write_card(tmp_path, more=THRESHOLDS), tiny_landmarker(tmp_path)


def test_a_face_is_embedded_as_its_points_align_it(photo: Image, cards: tuple[Path, Path]) -> None:
    embedder, points = cards
    face = a_face(photo)
    by_hand = rostro.Landmarker(points, landmarks=True, threads=1)(photo, face)
    wanted = rostro.Embedder(embedder, threads=1)(photo, by_hand)
    landmarker = rostro.Landmarker(points, landmarks=True, threads=1)
    for refine in (points, landmarker):
        refined = rostro.Embedder(embedder, threads=1, refine=refine)
        for each in (refined, pickle.loads(pickle.dumps(refined))):
            found = each(photo, face)
            np.testing.assert_array_equal(there(found.embeddings), there(wanted.embeddings))
            np.testing.assert_array_equal(there(found.landmarks), there(by_hand.landmarks))
            assert found.scheme == "five"
    plain = there(rostro.Embedder(embedder, threads=1)(photo, face).embeddings)
    assert np.abs(plain - there(wanted.embeddings)).max() > 1e-3
    # No landmarks of a detector are needed then.
    bare = refined(photo, Faces(face.boxes, face.scores))
    assert there(bare.embeddings).shape == (1, 12)


def test_faces_that_the_network_does_not_see_keep_their_landmarks(cards: tuple[Path, Path]) -> None:
    landmarker = rostro.Landmarker(cards[1], landmarks=True, threads=1)
    image = np.zeros((200, 600, 3), np.uint8)
    image[:, :300] = 255  # the network sees what is bright
    boxes = np.array([[40, 40, 100, 120], [440, 40, 500, 120]], np.float32)
    given = boxes[:, None, :2] + SHARES * (boxes[:, None, 2:] - boxes[:, None, :2])
    found = landmarker(image, Faces(boxes, np.ones(2, np.float32), given))
    presence = there(found.attributes)["presence"]
    assert presence[0] > 0.5 > presence[1]
    landmarks = there(found.landmarks)
    np.testing.assert_array_equal(landmarks[1], given[1])
    np.testing.assert_array_equal(landmarks[0], there(found.points)[0])


def test_a_threshold_is_that_of_its_alignment(cards: tuple[Path, Path]) -> None:
    embedder, points = cards
    assert rostro.Embedder(embedder, threads=1).threshold == 0.5
    assert rostro.Embedder(embedder, threads=1, refine=points).threshold == 0.7
    assert rostro.Embedder(embedder, threads=1, refine=points, flip=True).threshold is None
    other = points.with_name("other.toml")
    other.write_text(points.read_text().replace('"tiny-points"', '"other"'))
    refined = rostro.Embedder(embedder, threads=1, refine=other)
    assert refined.threshold is None and dict(refined.thresholds) == {}


def test_calibration_prints_the_tables_of_the_alignment(cards: tuple[Path, Path]) -> None:
    facts = {"flip": False, "photos": 9, "detector": "d", "storage": "int8"}
    plain = card_text({"cosine": (0.25, 100)}, "LFW", facts)
    text = card_text({"cosine": (0.3, 100)}, "LFW", facts | {"refine": "tiny-points"})
    assert plain.startswith("[thresholds.cosine]")
    assert text.startswith("[refined.tiny-points.cosine]")
    card = cards[0]
    card.write_text(card.read_text().split("[thresholds")[0] + text)
    found = load_card(card).refined["tiny-points"]["cosine"]
    assert isinstance(found, Threshold) and found.value == 0.3


def test_galleries_tell_alignments_apart(tmp_path: Path, cards: tuple[Path, Path]) -> None:
    embedder, points = cards
    plain = rostro.Embedder(embedder, threads=1)
    refined = rostro.Embedder(embedder, threads=1, refine=points)
    path = tmp_path / "people.rostro"
    vector = np.eye(12, dtype=np.float32)[0]
    with rostro.Gallery.open(path, 12, embedder=refined) as gallery:
        gallery.add("someone", vector)
        gallery.export(tmp_path / "out.npz")
    with pytest.raises(GalleryError, match="aligned by tiny-points"):
        rostro.Gallery.open(path, 12, embedder=plain)
    with rostro.Gallery.open(path, 12, embedder=refined) as gallery:
        gallery.declare_compatible(plain)
    rostro.Gallery.open(path, 12, embedder=plain).close()
    again = rostro.Gallery(12)
    again.import_(tmp_path / "out.npz")
    assert again.embedders == (EmbedderIdentity.of(refined),)


def test_identities_of_before_are_read_and_written_as_they_were() -> None:
    old = {"name": "a", "version": "1", "template": "arcface"}
    identity = EmbedderIdentity.decode(old)
    assert identity.refine == "" and identity.encode() == old
    refined = EmbedderIdentity.decode(old | {"refine": "b (version 2)"})
    assert refined != identity and EmbedderIdentity.decode(refined.encode()) == refined


def test_a_pipeline_refines_for_the_embedder_that_it_makes(
    photo: Image, cards: tuple[Path, Path]
) -> None:
    embedder, points = cards
    pipeline = rostro.FacePipeline(embedder=embedder, refine=points, threads=1)
    faces = pipeline(photo)
    assert there(pipeline.embedder).refine is not None
    np.testing.assert_array_equal(there(faces.landmarks), there(faces.points))
    made = rostro.Embedder(embedder, threads=1)
    for wrong in (made, None):
        with pytest.raises(ArgumentError, match="refine: got one without an embedder"):
            rostro.FacePipeline(embedder=wrong, refine=points)
    with pytest.raises(ArgumentError, match="landmarks=True is wanted"):
        rostro.Embedder(embedder, refine=rostro.Landmarker(points, threads=1))
