"""Points out of a network's outputs, against plain NumPy written from the authors' formulas."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from rostro import _core
from rostro.errors import ArgumentError, ModelError
from rostro.types import FloatArray

POINTS = 66
SIZE = (64, 48)  # of the crop
ROWS, COLUMNS = 12, 16
# Turned, scaled by 2.5 and moved.
TO_IMAGE = np.array([[[1.5, -2.0, 40.0], [2.0, 1.5, -7.0]]], np.float32)
STAY = np.array([[[1, 0, 0], [0, 1, 0]]], np.float32)


def task(codec: str, scheme: str = "ibug66", **settings: Any) -> _core.LandmarkerTask:
    crop = _core.CropRule(
        size=SIZE, around="box", shape="longer", scale=1.0, upright=False, shift=(0.0, 0.0),
        inside=False,
        channels="rgb", mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0),
    )  # fmt: skip
    return _core.LandmarkerTask(name="net", scheme=scheme, crop=crop, codec=codec, **settings)


def moved(points: FloatArray, transform: FloatArray = TO_IMAGE[0]) -> FloatArray:
    result: FloatArray = (points @ transform[:, :2].T + transform[:, 2]).astype(np.float32)
    return result


def bumps(count: int, seed: int = 1) -> tuple[FloatArray, FloatArray]:
    """Heat maps with a Gaussian each, between pixels, and a little noise; and its place in them."""
    random = np.random.default_rng(seed)
    places = random.uniform(3.5, (COLUMNS - 4.5, ROWS - 4.5), (count, 2))
    y, x = np.mgrid[:ROWS, :COLUMNS]
    distance = (x - places[:, :1, None]) ** 2 + (y - places[:, 1:, None]) ** 2
    maps = 0.9 * np.exp(-distance / (2 * 1.5**2)) + random.uniform(0, 0.01, distance.shape)
    return maps.astype(np.float32), places.astype(np.float32)


def in_crop(places: FloatArray) -> FloatArray:
    """Places in the maps as places in the crop: edges go to edges."""
    scale = np.array([SIZE[0] / COLUMNS, SIZE[1] / ROWS])
    result: FloatArray = ((places + 0.5) * scale - 0.5).astype(np.float32)
    return result


@pytest.mark.parametrize("limits", [(0.0, 1.0), (-1.0, 1.0), (-0.5, 63.5)])
def test_coordinates_go_from_edge_to_edge_and_depth_scales_with_the_face(
    limits: tuple[float, float],
) -> None:
    random = np.random.default_rng(0)
    numbers = random.uniform(-2, 2, (2, POINTS * 3)).astype(np.float32)
    made = task("coordinates", dims=3, range=limits, presence=True, depth_scale=-1.0)
    transforms = np.concatenate([TO_IMAGE, STAY])
    logits = np.array([[2.0], [-3.0]], np.float32)
    points, presence, _ = made.finish(numbers[:, :, None, None], None, logits, transforms)
    given = numbers.reshape(2, POINTS, 3)
    shares = (given[..., :2] - limits[0]) / (limits[1] - limits[0])
    for i in range(2):
        plain = moved(shares[i] * np.array(SIZE) - 0.5, transforms[i])
        np.testing.assert_allclose(points[i, :, :2], plain, rtol=1e-5, atol=1e-3)
        scale = np.sqrt(np.linalg.det(transforms[i, :, :2].astype(float)))
        depth = -given[i, :, 2] * SIZE[0] / (limits[1] - limits[0]) * scale
        np.testing.assert_allclose(points[i, :, 2], depth, rtol=1e-5, atol=1e-3)
    np.testing.assert_allclose(presence, 1 / (1 + np.exp(-logits[:, 0])), rtol=1e-6)


def test_the_top_of_a_heat_map_moves_a_quarter_to_its_larger_neighbour() -> None:
    random = np.random.default_rng(3)
    maps = random.uniform(0, 1, (2, POINTS, ROWS, COLUMNS)).astype(np.float32)
    maps[0, 0] = 0
    maps[0, 0, 0, 5] = 2  # at the border nothing is known of one side
    points, presence, _ = task("quarter").finish(maps, None, None, np.concatenate([TO_IMAGE, STAY]))
    for face in range(2):
        places = []
        for heat in maps[face]:
            y, x = np.unravel_index(heat.argmax(), heat.shape)
            place = np.array([x, y], np.float64)
            if 0 < x < COLUMNS - 1 and 0 < y < ROWS - 1:
                place[0] += 0.25 * np.sign(heat[y, x + 1] - heat[y, x - 1])
                place[1] += 0.25 * np.sign(heat[y + 1, x] - heat[y - 1, x])
            places.append(place)
        plain = in_crop(np.array(places, np.float32))
        plain = moved(plain) if face == 0 else plain
        np.testing.assert_allclose(points[face], plain, rtol=1e-5, atol=1e-3)
    assert presence.tolist() == [1, 1]


def test_dark_is_newtons_step_on_the_logarithm_of_the_smoothed_map() -> None:
    maps, places = bumps(POINTS)
    points, _, _ = task("dark", blur=5).finish(maps[None], None, None, STAY)
    plain = []
    for heat in maps:
        y, x = np.unravel_index(heat.argmax(), heat.shape)
        padded = np.pad(heat, 2)
        smooth = cv2.GaussianBlur(padded, (5, 5), 0)[2:-2, 2:-2]
        log = np.log(np.maximum(smooth * heat.max() / smooth.max(), 1e-10)).astype(np.float64)
        gradient = np.array([log[y, x + 1] - log[y, x - 1], log[y + 1, x] - log[y - 1, x]]) / 2
        xx = (log[y, x + 2] - 2 * log[y, x] + log[y, x - 2]) / 4
        yy = (log[y + 2, x] - 2 * log[y, x] + log[y - 2, x]) / 4
        xy = (log[y + 1, x + 1] - log[y - 1, x + 1] - log[y + 1, x - 1] + log[y - 1, x - 1]) / 4
        plain.append(np.array([x, y]) - np.linalg.solve([[xx, xy], [xy, yy]], gradient))
    np.testing.assert_allclose(points[0], in_crop(np.array(plain, np.float32)), atol=2e-3)
    quarter, _, _ = task("quarter").finish(maps[None], None, None, STAY)
    errors = [np.abs(each[0] - in_crop(places)).mean() for each in (points, quarter)]
    assert errors[0] < 0.25 * errors[1]


def test_where_there_is_no_top_dark_stays_at_the_largest_pixel() -> None:
    maps = np.zeros((1, POINTS, ROWS, COLUMNS), np.float32)
    maps[0, 1:, 6, 7] = 1e-30
    points, _, _ = task("dark").finish(maps, None, None, STAY)
    np.testing.assert_allclose(points[0, 0], in_crop(np.zeros(2, np.float32)))
    np.testing.assert_allclose(points[0, 1], in_crop(np.array([7, 6], np.float32)))


def test_soft_argmax_is_the_mean_place_under_the_softmax() -> None:
    random = np.random.default_rng(4)
    maps = random.normal(0, 40, (1, POINTS, ROWS, COLUMNS)).astype(np.float32)
    points, _, _ = task("soft", beta=2.5).finish(maps, None, None, STAY)
    weights = np.exp(2.5 * (maps[0] - maps[0].max((1, 2), keepdims=True)).astype(np.float64))
    weights /= weights.sum((1, 2), keepdims=True)
    y, x = np.mgrid[:ROWS, :COLUMNS]
    places = np.stack([(weights * x).sum((1, 2)), (weights * y).sum((1, 2))], -1)
    np.testing.assert_allclose(points[0], in_crop(places.astype(np.float32)), atol=1e-3)


def test_offset_maps_move_the_top_by_a_logit() -> None:
    random = np.random.default_rng(5)
    maps = random.uniform(-0.1, 1.1, (2, 3 * POINTS, ROWS, COLUMNS)).astype(np.float32)
    points, presence, _ = task("offsets").finish(maps, None, None, np.concatenate([STAY, STAY]))
    for face in range(2):
        heat, down, right = maps[face].reshape(3, POINTS, -1)
        top = heat.argmax(1)
        each = np.arange(POINTS)

        def logit(p: FloatArray) -> FloatArray:
            p = np.clip(p.astype(np.float64), 1e-7, 1 - 1e-7)
            result: FloatArray = np.log(p / (1 - p)) / 16
            return result

        width, height = SIZE[0] - 1, SIZE[1] - 1
        x = width * (top % COLUMNS) / (COLUMNS - 1) + width * logit(right[each, top])
        y = height * (top // COLUMNS) / (ROWS - 1) + height * logit(down[each, top])
        np.testing.assert_allclose(points[face], np.stack([x, y], -1), rtol=1e-4, atol=1e-2)
        assert presence[face] == pytest.approx(np.clip(heat[each, top].mean(), 0, 1), rel=1e-5)


def test_depths_of_an_output_of_their_own_become_pixels_of_the_image() -> None:
    maps, _ = bumps(POINTS)
    depths = np.random.default_rng(6).normal(0, 20, (1, POINTS)).astype(np.float32)
    made = task("quarter", depth=True, depth_scale=-1.0)
    assert made.dims == 3
    points, _, _ = made.finish(maps[None], depths, None, TO_IMAGE)
    flat, _, _ = task("quarter").finish(maps[None], None, None, TO_IMAGE)
    np.testing.assert_allclose(points[..., :2], flat)
    np.testing.assert_allclose(points[0, :, 2], -2.5 * depths[0], rtol=1e-5)


def test_outputs_of_another_shape_are_refused() -> None:
    maps = np.zeros((1, POINTS, ROWS, COLUMNS), np.float32)
    with pytest.raises(ModelError, match=r"net: gave .*198 maps"):
        task("offsets").finish(maps, None, None, STAY)
    with pytest.raises(ModelError, match="132 a face"):
        task("coordinates").finish(np.zeros((1, 136), np.float32), None, None, STAY)
    with pytest.raises(ModelError, match="one a face"):
        made = task("coordinates", presence=True)
        made.finish(np.zeros((1, 132), np.float32), None, np.zeros((2, 1), np.float32), STAY)


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"dims": 4}, "dims"),
        ({"range": (1.0, 1.0)}, "range"),
        ({"range": (0.0, float("nan"))}, "range"),
        ({"blur": 10}, "blur"),
        ({"beta": 0.0}, "beta"),
        ({"dims": 3, "depth": True}, "dims"),
        ({"scheme": "ibug69"}, "scheme"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], name: str) -> None:
    with pytest.raises(ArgumentError, match=name):
        task("coordinates", **settings)


MEAN, STD = np.linspace(-1, 1, 20), np.linspace(0.5, 2, 20)


BASE = np.random.default_rng(7).normal(0, 30, 3 * POINTS).astype(np.float32)
BASIS = np.random.default_rng(8).normal(0, 1, (3 * POINTS, 8)).astype(np.float32)


def morphable(turn: FloatArray, scale: float) -> tuple[FloatArray, FloatArray]:
    """What a network gives of a face turned so, and its points by the authors' formulas."""
    parameters = np.random.default_rng(9).normal(0, 1, 20) * STD + MEAN
    matrix = np.concatenate([scale * turn, [[30], [20], [5]]], axis=1)
    parameters[:12] = matrix.ravel()
    vertices = (BASE + BASIS @ parameters[12:]).reshape(3, -1, order="F")
    points = matrix[:, :3] @ vertices + matrix[:, 3:]
    # similar_transform of 3DDFA_V2, of a crop that is the image.
    points[0] -= 1
    points[1] = SIZE[1] - points[1]
    given = ((parameters - MEAN) / STD).astype(np.float32)
    return given, points.T.astype(np.float32)


@pytest.mark.parametrize(("yaw", "pitch", "roll"), [(0, 0, 0), (35, -20, 10), (-70, 30, -120)])
def test_a_morphable_face_is_posed_and_projected(yaw: float, pitch: float, roll: float) -> None:
    a, b, c = np.radians([yaw, pitch, roll])
    # x right, y up, z to the camera: to the image's right about y, up about -x, clockwise about -z.
    about_y = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), np.sin(b)], [0, -np.sin(b), np.cos(b)]])
    about_z = np.array([[np.cos(c), np.sin(c), 0], [-np.sin(c), np.cos(c), 0], [0, 0, 1]])
    turn = about_y @ about_x @ about_z
    # It looks to the right and up, where these are positive.
    assert np.sign((turn @ [0, 0, 1])[0]) == np.sign(yaw)
    assert np.sign(round((turn @ [0, 0, 1])[1], 9)) == np.sign(pitch)
    given, wanted = morphable(turn.astype(np.float32), 0.4)
    known = {"mean": MEAN.tolist(), "std": STD.tolist()}
    made = task("3dmm", base=BASE.tolist(), basis=BASIS.ravel().tolist(), **known)
    points, _, poses = made.finish(given[None], None, None, STAY)
    np.testing.assert_allclose(points[0, :, :2], wanted[:, :2], atol=2e-3)
    np.testing.assert_allclose(np.diff(points[0, :, 2]), -np.diff(wanted[:, 2]), atol=5e-3)
    assert poses is not None
    np.testing.assert_allclose(poses[0], [yaw, pitch, roll], atol=2e-3)
    # In a crop that is turned by 53.13 degrees, and without a basis.
    alone = task("3dmm", **known)
    points, _, poses = alone.finish(given[None], None, None, TO_IMAGE)
    assert points.shape == (1, 0, 3) and poses is not None
    if (yaw, pitch) == (0, 0):
        np.testing.assert_allclose(poses[0], [0, 0, np.degrees(np.arctan2(2, 1.5))], atol=2e-3)


def test_a_morphable_face_whose_numbers_do_not_go_together() -> None:
    known: dict[str, Any] = {"mean": MEAN.tolist(), "std": STD.tolist()}
    wrong: list[dict[str, Any]] = [
        {"mean": [0.0] * 11, "std": [1.0] * 11},
        {"mean": [0.0] * 20, "std": [1.0] * 19},
        known | {"base": [0.0] * 198, "basis": [0.0] * 7},
        known | {"base": [0.0] * 6, "basis": [0.0] * 48},
        {"mean": [float("nan")] * 20, "std": [1.0] * 20},
    ]
    for settings in wrong:
        with pytest.raises(ArgumentError, match=r"mean|basis"):
            task("3dmm", **settings)
    _, _, poses = task("3dmm", mean=[0.0] * 20, std=[0.0] * 20).finish(
        np.ones((1, 20), np.float32), None, None, STAY
    )
    assert poses is not None
    np.testing.assert_allclose(poses, 0, atol=1e-6)  # numbers that say nothing of a pose
