"""Quality by cards: each kind against plain NumPy on tiny networks, and bad cards and tables."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

import rostro
from rostro import Faces
from rostro.attributes.branch import Branch
from rostro.attributes.quality_network import NetworkQuality, point_features, read_center
from rostro.errors import ArgumentError, ArgumentTypeError, FileMissingError, ModelError
from rostro.types import FloatArray, Image
from tests.support.tiny_embedder import a_face, tiny_network, write_card
from tests.support.tiny_quality import brightness_network, forest, forest_network

PHOTO: Image = np.random.default_rng(0).integers(0, 256, (240, 300, 3), np.uint8)


def faces(count: int = 1) -> Faces:
    return Faces.concatenate([a_face(PHOTO, 7.0 * i) for i in range(count)])


def open_quality(card: Path) -> NetworkQuality:
    return NetworkQuality(card, engine="onnxruntime", threads=1)


def five(table: Faces) -> FloatArray:
    assert table.landmarks is not None
    return table.landmarks


def quality(card: Path, table: Faces) -> FloatArray:
    found = open_quality(card)(PHOTO, table).quality
    assert found is not None and found.dtype == np.float32
    return found


# A scalar head


def test_a_scalar_head_sees_aligned_crops(tmp_path: Path) -> None:
    settings = 'kind = "scalar"\ntemplate = "arcface112"\noutput = "y"\nrange = [50.0, 200.0]\n'
    card = brightness_network(tmp_path, settings.replace("arcface112", "arcface"))
    table = faces(11)  # more than a run takes
    crops = rostro.align(PHOTO, five(table), size=(20, 16), template="arcface")
    means = crops.astype(np.float64).mean((1, 2, 3))
    got = quality(card, table)
    np.testing.assert_allclose(got, (means - 50) / 150, atol=3e-3)
    assert len(set(got.tolist())) > 5


def test_a_scalar_head_sees_crops_by_a_rule(tmp_path: Path) -> None:
    rule = '[crop]\nshape = "stretch"\n'
    less = brightness_network(
        tmp_path, 'kind = "scalar"\noutput = "y"\nrange = [255.0, 0.0]\n', rule
    )
    table = Faces(np.array([[20, 30, 40, 46]], np.float32), np.ones(1, np.float32))
    mean = PHOTO[30:46, 20:40].mean()
    assert quality(less, table)[0] == pytest.approx(1 - mean / 255, abs=1e-4)
    assert open_quality(less).kind == "scalar"


def test_quality_is_clipped_to_its_range(tmp_path: Path) -> None:
    rule = '[crop]\nshape = "stretch"\n'
    for low, high, wanted in ((300.0, 400.0, 0), (0.0, 1.0, 1)):
        card = brightness_network(
            tmp_path, f'kind = "scalar"\noutput = "y"\nrange = [{low}, {high}]\n', rule
        )
        assert quality(card, faces()).tolist() == [wanted]


def test_an_output_with_several_numbers_a_face_is_refused(tmp_path: Path) -> None:
    card = brightness_network(tmp_path, 'kind = "scalar"\nrange = [0.0, 255.0]\n', "[crop]\n")
    with pytest.raises(ModelError, match="tiny-quality: gave 3 numbers for 1 faces; one a face"):
        quality(card, faces())


# Geometry of landmarks and a forest


@pytest.mark.parametrize("four_sides", [False, True])
def test_a_forest_sees_the_landmarks_by_the_eyes(tmp_path: Path, four_sides: bool) -> None:
    card = forest_network(tmp_path, 'kind = "landmarks"\n', 11, four_sides)
    table = faces(3)
    turned = five(table).copy()
    turned[1] = turned[1] * 0.5
    turned[2, 2] += [3, -25]
    table = table.with_columns(landmarks=turned)
    middle = turned[:, :2].mean(1, keepdims=True)
    along = turned[:, 1] - turned[:, 0]
    unit = np.linalg.norm(along, axis=1)
    x = np.einsum("npk,nk->np", turned - middle, along) / unit[:, None] ** 2
    down = np.stack([-along[:, 1], along[:, 0]], 1)
    y = np.einsum("npk,nk->np", turned - middle, down) / unit[:, None] ** 2
    rows = np.concatenate([np.stack([x, y], 2).reshape(3, -1), unit[:, None]], 1)
    got = quality(card, table)
    np.testing.assert_allclose(got, forest(rows), atol=1e-6)
    assert len(set(got.round(3).tolist())) == 3
    np.testing.assert_allclose(point_features(table), rows, atol=2e-5)


def test_a_forest_sees_points_of_a_scheme_by_the_box(tmp_path: Path) -> None:
    settings = 'kind = "landmarks"\nscheme = "ibug68"\nframe = "box"\n'
    card = forest_network(tmp_path, settings, 137)
    table = faces(2)
    points = np.random.default_rng(1).uniform(0, 200, (2, 68, 3)).astype(np.float32)
    with_points = table.with_columns(points=points, scheme="ibug68")
    corner, sides = table.boxes[:, None, :2], table.boxes[:, None, 2:] - table.boxes[:, None, :2]
    rows = ((points[..., :2] - corner) / sides).reshape(2, -1)
    rows = np.concatenate([rows, sides[:, 0, :1]], 1)
    np.testing.assert_allclose(quality(card, with_points), forest(rows), atol=1e-6)
    with pytest.raises(ArgumentError, match="no points; points of 'ibug68' are wanted"):
        quality(card, table)


def test_bad_points(tmp_path: Path) -> None:
    card = forest_network(tmp_path, 'kind = "landmarks"\n', 11)
    table = faces(2)
    assert quality(card, table[:0]).shape == (0,)
    together = five(table).copy()
    together[1, 1] = together[1, 0]
    with pytest.raises(ArgumentError, match=r"landmarks\[1\]: got eyes in one place"):
        quality(card, table.with_columns(landmarks=together))
    together[0, 3] = np.nan
    with pytest.raises(ArgumentError, match=r"points\[0\]: got numbers that are not finite"):
        quality(card, table.with_columns(landmarks=together))
    bare = Faces(table.boxes, table.scores)
    with pytest.raises(ArgumentError, match="without landmarks"):
        quality(card, bare)
    flat = table.boxes.copy()
    flat[1, 3] = flat[1, 1]
    settings = 'kind = "landmarks"\nframe = "box"\n'
    with pytest.raises(ArgumentError, match=r"boxes\[1\]: got an empty box"):
        quality(forest_network(tmp_path, settings, 11), table.with_columns(boxes=flat))
    with pytest.raises(ArgumentError, match=r"tensor: got shape \(2, 11, 1, 1\)"):
        quality(forest_network(tmp_path, 'kind = "landmarks"\n', 12), table)


# By an embedding


def embed_card(folder: Path, settings: str) -> Path:
    tiny_network(folder, (112, 112))
    return write_card(folder, more=f"[quality]\n{settings}")


def embedded(card: Path, table: Faces) -> Faces:
    return rostro.Embedder(card, engine="onnxruntime", threads=1)(PHOTO, table)


def test_norms(tmp_path: Path) -> None:
    card = embed_card(tmp_path, 'kind = "norm"\nrange = [0.0, 0.5]\n')
    table = faces(3)
    norms = embedded(card, table).norms
    assert norms is not None
    wanted = np.clip(norms / 0.5, 0, 1)
    np.testing.assert_allclose(quality(card, table), wanted, rtol=1e-6)
    found = open_quality(card)(PHOTO, table)
    assert found.embeddings is None  # which would be taken for those of another stage


def test_what_an_embedder_said_before_is_taken(tmp_path: Path) -> None:
    card = embed_card(tmp_path, 'kind = "norm"\nrange = [0.0, 10.0]\n')
    before = embedded(card, faces()).with_columns(norms=np.array([5], np.float32))
    assert quality(card, before).tolist() == [0.5]
    other = faces().with_columns(
        embeddings=np.ones((1, 3), np.float32), norms=np.ones(1, np.float32)
    )
    with pytest.raises(ArgumentError, match="embeddings of 3 numbers, of another embedder"):
        quality(card, other)


def test_recognizability_is_the_distance_from_a_center(tmp_path: Path) -> None:
    settings = 'kind = "recognizability"\ncenter = "center.npz"\nrange = [0.0, 0.4]\n'
    table = faces(4)
    card = embed_card(tmp_path, settings)
    with pytest.raises(FileMissingError, match=r"center.npz: no such file.*unrecognizable"):
        open_quality(card)
    embeddings = embedded(card, table).embeddings
    assert embeddings is not None
    mean = embeddings[:2].astype(np.float64).mean(0)
    center = (mean / np.linalg.norm(mean)).astype(np.float32)
    np.testing.assert_allclose(rostro._core.center_of_embeddings(embeddings[:2]), center, atol=1e-6)
    np.savez(tmp_path / "center.npz", center=center)
    distances = 1 - embeddings.astype(np.float64) @ center
    np.testing.assert_allclose(quality(card, table), np.clip(distances / 0.4, 0, 1), atol=1e-5)


@pytest.mark.parametrize(
    ("center", "parts"),
    [
        (np.ones(4, np.float32) / 2, "got 4 numbers; 12 are wanted"),
        (np.ones(12, np.float32), "norm of 3.46"),
        (np.eye(12)[0], "float64 array"),
        (np.full(12, np.nan, np.float32), "norm of nan"),
    ],
)
def test_bad_centers(tmp_path: Path, center: FloatArray, parts: str) -> None:
    card = embed_card(tmp_path, 'kind = "recognizability"\ncenter = "c.npz"\n')
    np.savez(tmp_path / "c.npz", center=center)
    with pytest.raises(ModelError, match=parts):
        open_quality(card)
    (tmp_path / "c.npz").write_bytes(b"no archive")
    with pytest.raises(ModelError, match=r"c.npz: .*an .npz file with center"):
        read_center(tmp_path / "c.npz")


def test_symmetry_compares_the_mirrored_halves(tmp_path: Path) -> None:
    card = embed_card(tmp_path, 'kind = "symmetry"\nrange = [0.5, 1.0]\n')
    embedder = rostro.Embedder(card, engine="onnxruntime", threads=1)
    table = faces(2)
    crops = embedder.crops(PHOTO, table)
    half = crops.shape[2] // 2
    left, right = crops[:, :, :half], crops[:, :, -half:]
    both = np.stack(
        [
            np.concatenate([left, left[:, :, ::-1]], 2),
            np.concatenate([right[:, :, ::-1], right], 2),
        ],
        1,
    ).reshape(4, 112, 112, 3)
    np.testing.assert_array_equal(rostro._core.mirror_halves(crops), both)
    of_halves = embedder.embed_crops(both).embeddings.astype(np.float64)
    wanted = (of_halves[::2] * of_halves[1::2]).sum(1)
    np.testing.assert_allclose(quality(card, table), (wanted - 0.5) / 0.5, atol=1e-5)
    swapped = np.ascontiguousarray(PHOTO[..., ::-1])
    of_rgb = open_quality(card)(swapped, table, "rgb").quality
    assert of_rgb is not None
    np.testing.assert_allclose(of_rgb, quality(card, table), atol=1e-6)


def test_halves_of_an_odd_width_share_the_middle() -> None:
    crops = np.arange(2 * 1 * 5 * 3, dtype=np.uint8).reshape(2, 1, 5, 3)
    halves = rostro._core.mirror_halves(crops)
    np.testing.assert_array_equal(halves[2, 0], crops[1, 0, [0, 1, 2, 1, 0]])
    np.testing.assert_array_equal(halves[3, 0], crops[1, 0, [4, 3, 2, 3, 4]])


# Cards, stages


BAD_CARDS = {
    "no range": ('kind = "norm"\n', "quality.range: missing"),
    "a range without width": ('kind = "norm"\nrange = [3.0, 3.0]\n', "range: got 3 to 3"),
    "of the other task": ('kind = "scalar"\n', "quality.kind: got 'scalar' where task is embed"),
    "unknown": ('kind = "magic"\n', "quality.kind"),
}


@pytest.mark.parametrize("case", BAD_CARDS)
def test_bad_cards_of_embedders(tmp_path: Path, case: str) -> None:
    settings, parts = BAD_CARDS[case]
    with pytest.raises(ModelError, match=parts):
        open_quality(embed_card(tmp_path, settings))


def test_bad_cards_of_networks(tmp_path: Path) -> None:
    scalar = 'kind = "scalar"\n'
    cases = {
        ("", ""): "quality.kind",
        (scalar, ""): "crop: missing",
        (scalar + 'template = "arcface"\n', "[crop]\n"): "crop: unknown",
        (scalar + 'template = "moon"\n', ""): "template",
        (scalar + 'output = "w"\n', "[crop]\n"): "got an output 'w'; one of z, y is wanted",
        ('kind = "norm"\nrange = [0.0, 1.0]\n', ""): "got 'norm' where task is quality",
    }
    for (settings, crop), parts in cases.items():
        with pytest.raises(ModelError, match=parts):
            open_quality(brightness_network(tmp_path, settings, crop))
    with pytest.raises(ModelError, match="scheme"):
        open_quality(forest_network(tmp_path, 'kind = "landmarks"\nscheme = "moon"\n', 11))
    tiny_network(tmp_path, (112, 112))
    with pytest.raises(ModelError, match="how to tell quality with it is not known"):
        open_quality(write_card(tmp_path))


def test_it_is_a_stage_and_is_pickled(tmp_path: Path) -> None:
    card = embed_card(tmp_path, 'kind = "norm"\nrange = [0.0, 0.5]\n')
    stage = open_quality(card)
    again = pickle.loads(pickle.dumps(stage))
    np.testing.assert_array_equal(again(PHOTO, faces()).quality, stage(PHOTO, faces()).quality)
    with pytest.raises(ArgumentTypeError, match="faces: got None"):
        stage(PHOTO, None)  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="image"):
        stage(PHOTO.astype(np.float32), embedded(card, faces()))


# A branch


def test_a_branch_never_mixes_vectors(tmp_path: Path) -> None:
    tiny_network(tmp_path, (112, 112))
    card = write_card(tmp_path)
    good, poor = (
        rostro.Embedder(card, engine="onnxruntime", threads=1, flip=f) for f in (0 > 1, 1 > 0)
    )
    branch = Branch(good, poor, threshold=0.5)
    table = faces(4).with_columns(quality=np.array([0.9, 0.2, np.nan, 0.5], np.float32))
    found = branch(PHOTO, table)
    assert found.is_good.tolist() == [True, False, False, True]
    np.testing.assert_array_equal(found.good.embeddings, good(PHOTO, table[[0, 3]]).embeddings)
    np.testing.assert_array_equal(found.poor.embeddings, poor(PHOTO, table[[1, 2]]).embeddings)
    with pytest.raises(ArgumentError, match="without a number 'quality' a face"):
        branch(PHOTO, faces())
    with pytest.raises(ArgumentError, match="got a table with embeddings"):
        branch(PHOTO, good(PHOTO, table))
    with pytest.raises(ArgumentTypeError, match=r"stages: got .*Branch.*gave Branched"):
        by_score = Branch(good, poor, threshold=0.5, column="scores")
        rostro.FacePipeline(stages=[by_score], embedder=None)(PHOTO)  # type: ignore[list-item]


def test_bad_branches(tmp_path: Path) -> None:
    tiny_network(tmp_path, (112, 112))
    one, other = (
        rostro.Embedder(write_card(tmp_path), engine="onnxruntime", threads=1) for _ in range(2)
    )
    with pytest.raises(ArgumentError, match="poor: got the embedder of the good faces"):
        Branch(one, one, threshold=0.5)
    with pytest.raises(ArgumentTypeError, match="poor: got 'sface'; an Embedder is wanted"):
        Branch(one, "sface", threshold=0.5)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="threshold: got nan"):
        Branch(one, other, threshold=float("nan"))
