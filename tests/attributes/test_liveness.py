"""Liveness: what numbers of a network become, and what is refused."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import rostro
from rostro import _core
from rostro.errors import ArgumentError, ArgumentTypeError, ModelError
from rostro.models.card_toml import card_text, load_card, parse_card
from rostro.types import FloatArray, Image
from tests.support.there import there
from tests.support.tiny_liveness import CARD, tiny_liveness

RNG = np.random.default_rng(0)


def task(activation: str, classes: int, live: list[int], name: str = "net") -> _core.LivenessTask:
    crop = _core.CropRule(
        size=(16, 16), around="box", shape="longer", scale=1.0, upright=False, shift=(0.0, 0.0),
        inside=False, channels="rgb", mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0),
    )  # fmt: skip
    return _core.LivenessTask(
        name=name, crop=crop, activation=activation, classes=classes, live=live
    )


def finish(of: _core.LivenessTask, numbers: NDArray[np.floating]) -> FloatArray:
    return of.finish(np.ascontiguousarray(numbers, np.float32), len(numbers))


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    raised = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = raised / raised.sum(axis=1, keepdims=True)
    return shares


def test_probabilities_are_those_of_numpy() -> None:
    logits = RNG.normal(0, 8, (50, 4)).astype(np.float32)
    shares = softmax(logits)
    np.testing.assert_allclose(finish(task("softmax", 4, [2]), logits), shares[:, 2], atol=1e-6)
    both = shares[:, [0, 3]].sum(axis=1)
    np.testing.assert_allclose(finish(task("softmax", 4, [3, 0]), logits), both, atol=1e-6)
    np.testing.assert_allclose(finish(task("none", 4, [0, 3]), shares), both, atol=1e-6)
    one = RNG.normal(0, 40, (50, 1)).astype(np.float32)
    alone = 1 / (1 + np.exp(-one[:, 0].astype(np.float64)))
    np.testing.assert_allclose(finish(task("sigmoid", 1, [0]), one), alone, atol=1e-6)
    np.testing.assert_allclose(finish(task("sigmoid", 1, []), one), 1 - alone, atol=1e-6)
    np.testing.assert_allclose(finish(task("none", 1, []), alone[:, None]), 1 - alone, atol=1e-6)
    huge = np.array([[3e38, -3e38], [-3e38, 3e38]], np.float32)
    np.testing.assert_array_equal(finish(task("softmax", 2, [0]), huge), [1, 0])


def test_probabilities_that_are_none_are_refused() -> None:
    with pytest.raises(ModelError, match=r"net: gave classes that sum to 1\.5 for faces\[1\]; 1 "):
        finish(task("none", 2, [0]), np.array([[0.25, 0.75], [0.75, 0.75]]))
    with pytest.raises(ModelError, match=r"net: gave -2 for faces\[0\]; probabilities, 0 to 1"):
        finish(task("none", 2, [0]), np.array([[-2, 3]]))
    with pytest.raises(ModelError, match=r"net: gave nan for faces\[0\]"):
        finish(task("softmax", 2, [0]), np.array([[np.nan, 3]]))
    with pytest.raises(ModelError, match="net: gave 6 numbers for 2 faces; 4 are wanted by its"):
        finish(task("softmax", 2, [0]), np.zeros((2, 3)))
    near = np.array([[0.255, 0.751]])  # as a quantised softmax has them
    np.testing.assert_allclose(finish(task("none", 2, [0]), near), 0.255 / 1.006, atol=1e-6)


@pytest.mark.parametrize(
    ("activation", "classes", "live", "what"),
    [
        ("softmax", 0, [], "classes: got 0; 1 to 1000"),
        ("softmax", 3, [3], "live: got a class that is not there; some of the 3"),
        ("softmax", 3, [1, 1], "live: got a class twice"),
        ("softmax", 3, [], "live: got 0; at least one of the 3 classes is wanted, and not all"),
        ("none", 2, [0, 1], "live: got 2; at least one"),
        ("softmax", 1, [0], "activation: got softmax of one class"),
        ("sigmoid", 2, [0], "activation: got sigmoid of 2 classes"),
        ("tanh", 2, [0], "activation: got"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(
    activation: str, classes: int, live: list[int], what: str
) -> None:
    with pytest.raises(ArgumentError, match=what):
        task(activation, classes, live)


# The class, with a network that takes red faces for live ones.


def colored(*colors: tuple[int, int, int]) -> tuple[NDArray[np.uint8], rostro.Faces]:
    """A picture with a face of each color, RGB, side by side, as BGR."""
    image = np.zeros((100, 100 * len(colors), 3), np.uint8)
    for index, color in enumerate(colors):
        image[:, 100 * index : 100 * (index + 1)] = color[::-1]
    boxes = np.array([[30 + 100 * i, 30, 70 + 100 * i, 70] for i in range(len(colors))], np.float32)
    return image, rostro.Faces(boxes, np.ones(len(colors), np.float32))


def test_a_table_gets_live_and_refusals_say_why(tmp_path: Path) -> None:
    liveness = rostro.Liveness(tiny_liveness(tmp_path), threads=1)
    assert liveness.threshold == 0.6
    image, faces = colored((90, 30, 30), (30, 30, 90), (60, 60, 30), *[(80, 30, 30)] * 7)
    found = liveness(image, faces)
    live = there(found.live)
    assert live.dtype == np.float32 and live.shape == (10,)
    np.testing.assert_allclose(
        live[:3], softmax(np.array([[9.0, 3, 3], [3, 3, 9], [6, 6, 3]]))[:, 0], atol=1e-5
    )
    assert found[0].live == pytest.approx(float(live[0]))
    refusals = liveness.refusals(found)
    assert refusals[1] == "not live (0.00; at least 0.60 is wanted)"
    assert refusals[2] == "not live (0.49; at least 0.60 is wanted)"
    assert refusals[0] is None and refusals[3:] == [None] * 7
    nobody = liveness(image, faces[:0])
    assert there(nobody.live).shape == (0,) and liveness.refusals(nobody) == []
    rgb = np.ascontiguousarray(image[..., ::-1])
    np.testing.assert_array_equal(there(liveness(rgb, faces, "rgb").live), live)
    np.testing.assert_array_equal(
        there(pickle.loads(pickle.dumps(liveness))(image, faces).live), live
    )


def test_a_pipeline_says_who_is_refused(photo: Image, tmp_path: Path) -> None:
    liveness = rostro.Liveness(tiny_liveness(tmp_path))
    pipeline = rostro.FacePipeline(rostro.Detector(threads=1), None, [liveness])
    blue = np.ascontiguousarray(photo[..., ::-1])
    assert pipeline.refusals(pipeline(photo)) == [None]
    (refusal,) = pipeline.refusals(pipeline(blue))
    assert refusal is not None and refusal.startswith("not live (0.")
    assert pipeline.refusals(pipeline(np.zeros_like(photo))) == []
    without = rostro.FacePipeline(rostro.Detector(threads=1), None)
    assert without.refusals(without(photo)) == [None]
    with pytest.raises(ArgumentError, match="faces: got a table without live"):
        pipeline.refusals(without(photo))


def test_thresholds_are_the_callers_or_the_cards(tmp_path: Path) -> None:
    path = tiny_liveness(tmp_path)
    image, faces = colored((60, 60, 30))
    lower = rostro.Liveness(path, threshold=0.25)
    assert lower.refusals(lower(image, faces)) == [None]
    assert pickle.loads(pickle.dumps(lower)).threshold == 0.25
    share = float(there(lower(image, faces).live)[0])
    just = rostro.Liveness(path, threshold=share + 1e-4)
    (refusal,) = just.refusals(just(image, faces))
    assert (
        refusal is not None and refusal != f"not live ({share:.2f}; at least {share:.2f} is wanted)"
    )
    assert refusal.count(refusal.split("(")[1].split(";")[0]) == 1
    none = rostro.Liveness(tiny_liveness(tmp_path, CARD.split("[thresholds")[0], "none"))
    assert none.threshold is None
    with pytest.raises(
        ModelError, match="tiny-live: its card gives no threshold 'live'; rostro eval"
    ):
        none.refusals(none(image, faces))
    with pytest.raises(ArgumentError, match="faces: got a table without live"):
        lower.refusals(faces)
    for wrong in (-0.1, 1.5, float("nan")):
        with pytest.raises(ArgumentError, match=r"threshold: got .*; a probability, 0 to 1,"):
            rostro.Liveness(path, threshold=wrong)
    with pytest.raises(ArgumentTypeError, match="threshold: got 'a'"):
        rostro.Liveness(path, threshold="a")  # type: ignore[arg-type]


def test_several_networks_are_averaged_each_with_its_own_card(tmp_path: Path) -> None:
    other = CARD.replace('live = ["red"]', 'live = ["blue", "green"]').replace("1.5", "1.0")
    tiny_liveness(tmp_path, other, "other")
    both = CARD.replace('live = ["red"]', 'live = ["red"]\nnetworks = ["other.toml"]')
    liveness = rostro.Liveness(tiny_liveness(tmp_path, both))
    assert len(liveness.engines) == 2
    image, faces = colored((90, 30, 30), (30, 30, 90))
    np.testing.assert_allclose(there(liveness(image, faces).live), [0.5, 0.5], atol=1e-6)


def test_any_face_has_a_number_and_none_is_refused(tmp_path: Path) -> None:
    """A face of one pixel, at a corner, far outside, larger than the picture; a gray picture."""
    liveness = rostro.Liveness(tiny_liveness(tmp_path))
    image, _ = colored((200, 50, 50))
    boxes = [[5, 5, 6, 6], [99, 99, 100, 100], [500, 500, 600, 600], [-500, -500, 900, 900]]
    faces = rostro.Faces(np.array(boxes, np.float32), np.ones(4, np.float32))
    live = there(liveness(image, faces).live)
    assert np.isfinite(live).all() and live[0] > 0.99 and live[2] == pytest.approx(1 / 3)
    gray = liveness(np.full((100, 100), 128, np.uint8), faces, "gray")
    np.testing.assert_allclose(there(gray.live), 1 / 3, atol=1e-6)
    flat = rostro.Faces(np.array([[5, 5, 5, 9]], np.float32), np.ones(1, np.float32))
    with pytest.raises(ArgumentError, match=r"boxes\[0\]: got an empty one"):
        liveness(image, flat)


def test_cards_that_are_wrong_are_refused(tmp_path: Path) -> None:
    card = parse_card(CARD, "a.toml")
    assert parse_card(card_text(card), "a.toml") == card
    for replaced, by, what in [
        (
            'live = ["red"]',
            'live = ["pink"]',
            "card: liveness.live: got 'pink'; one of the classes,",
        ),
        ('live = ["red"]', "live = []", "card: liveness.live: got 0; at least one"),
        (
            'live = ["red"]',
            'live = ["red"]\noutput = "z"',
            "card: liveness: got an output 'z'; one of y",
        ),
        ('live = ["red"]', 'live = ["red"]\nactivation = "tanh"', "key liveness.activation"),
        ('"red", "green"', '"red"', "gave 3 numbers for 1 faces; 2 are wanted by its card"),
        ("[crop]\nscale = 1.5", "", "key crop: missing"),
        ('live = ["red"]', 'live = ["red"]\nactivation = "none"', "gave 9 for .*; probabilities"),
    ]:
        path = tiny_liveness(tmp_path, CARD.replace(replaced, by))
        with pytest.raises(ModelError, match=what):
            rostro.Liveness(path)(*colored((90, 30, 30)))
    bare = tmp_path / "bare.onnx"
    bare.write_bytes(b"x")
    with pytest.raises(ModelError, match="how to tell live faces with it is not known"):
        rostro.Liveness(bare)


def test_crop_inside_is_a_key_of_cards(tmp_path: Path) -> None:
    path = tiny_liveness(tmp_path, CARD.replace("scale = 1.5", "scale = 4.0\ninside = true"))
    assert there(load_card(path).crop).inside
    image, _ = colored((90, 30, 30))
    corner = rostro.Faces(np.array([[80, 80, 110, 110]], np.float32), np.ones(1, np.float32))
    inside = float(there(rostro.Liveness(path)(image, corner).live)[0])
    assert inside == pytest.approx(softmax(np.array([[9.0, 3, 3]]))[0, 0], abs=1e-5)
    path = tiny_liveness(tmp_path, CARD.replace("scale = 1.5", "scale = 4.0"))
    assert float(there(rostro.Liveness(path)(image, corner).live)[0]) < inside - 0.01
