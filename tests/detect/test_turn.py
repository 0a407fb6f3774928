"""Photos that lie on their side, or upside down: which way up they are, and what comes back."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import rostro
from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.faces import Faces
from rostro.kernels import Color
from rostro.rotations import matrix_from_angles
from rostro.types import FloatArray, Image
from tests.support.faces import overlap, overlaps, yunet_task
from tests.support.shared import shared_data
from tests.support.there import there

QUARTERS = (1, 2, 3)


def turned(image: Image, quarters: int) -> Image:
    """Turned counter-clockwise, so that ``90 * quarters`` clockwise make it upright."""
    return np.ascontiguousarray(np.rot90(image, quarters))


def in_turned(faces: Faces, size: tuple[int, int], quarters: int) -> Faces:
    """The faces of an image of (width, height) pixels where they lie in the turned one."""
    matrix = np.eye(2, 3, dtype=np.float32)
    for _ in range(quarters):
        matrix = np.array([[0, 1], [-1, 0]], np.float32) @ matrix
        matrix[1, 2] += size[0] - 1
        size = size[1], size[0]
    return faces.mapped(np.ascontiguousarray(matrix))


@pytest.fixture(scope="module")
def portraits() -> list[Image]:
    files = sorted((shared_data("lfw") / "images").glob("*/*.jpg"))[::60]
    return [rostro.load_image(file) for file in files]


def embedding_of(embedder: rostro.Embedder, image: Image, faces: Faces, face: int) -> FloatArray:
    row: FloatArray = there(embedder(image, faces.select([face])).embeddings)[0]
    return row


def test_portraits_on_their_side_are_as_good_as_upright(
    portraits: list[Image], default_models: object
) -> None:
    """Boxes and points are those of the upright photo, and so is the embedding; without a turn
    faces are missed, or found with an embedding that says nothing."""
    plain, turning = rostro.Detector(threads=1), rostro.Detector(threads=1, turn="always")
    embedder = rostro.Embedder(threads=1)
    useless = count = 0
    for image in portraits[::2]:
        upright = plain(image).select([0])
        wanted = embedding_of(embedder, image, upright, 0)
        for quarters in QUARTERS:
            lying = turned(image, quarters)
            as_it_is, found = plain(lying), turning(lying)
            there_now = in_turned(upright, (250, 250), quarters)
            best = int(overlaps(there_now.boxes, found.boxes).argmax())
            assert overlap(there_now.boxes[0], found.boxes[best]) > 0.9
            assert there(found.attributes)["turn"][best] == 90 * quarters
            np.testing.assert_allclose(
                there(found.landmarks)[best], there(there_now.landmarks)[0], atol=1
            )
            assert embedding_of(embedder, lying, found, best) @ wanted > 0.9
            count += 1
            useless += not len(as_it_is) or bool(
                embedding_of(embedder, lying, as_it_is, 0) @ wanted < 0.3
            )
    assert count >= 36
    assert useless >= 0.9 * count


def test_what_auto_leaves_out_makes_no_difference(
    portraits: list[Image], default_models: object
) -> None:
    auto, always = (rostro.Detector(threads=1, turn=turn) for turn in ("auto", "always"))
    differ = 0
    for image in portraits:
        for quarters in QUARTERS:
            lying = turned(image, quarters)
            differ += not np.array_equal(auto(lying).boxes, always(lying).boxes)
    # Upside down, one in a hundred is found as surely as if it were upright.
    assert differ <= 1


def test_what_is_surely_upright_is_not_turned(photo: Image, default_models: object) -> None:
    """The network runs once, and what it finds is what it finds without a turn."""
    plain, turning = rostro.Detector(threads=1), rostro.Detector(threads=1, turn="auto")
    runs = 0
    run = turning.engine.run

    class Counting:
        def __getattr__(self, name: str) -> object:
            return getattr(turning.engine, name)

        def run(self, *inputs: FloatArray) -> object:
            nonlocal runs
            runs += 1
            return run(*inputs)

    found = turning.with_engine(Counting())(photo)  # type: ignore[arg-type]
    np.testing.assert_array_equal(found.boxes, plain(photo).boxes)
    assert there(found.attributes)["turn"].tolist() == [0]
    assert plain(photo).attributes is None
    assert runs == 1
    blank = np.zeros((60, 90, 3), np.uint8)
    nobody = turning.with_engine(Counting())(blank)  # type: ignore[arg-type]
    assert len(nobody) == 0 and there(nobody.attributes)["turn"].shape == (0,)
    assert runs == 5


@pytest.mark.parametrize("settings", [{}, {"longest": 64}, {"sizes": [(96, 64)]}])
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_the_network_sees_the_image_as_somebody_would_have_turned_it(
    degrees: int, settings: dict[str, object]
) -> None:
    rng = np.random.default_rng(3)
    image = rng.integers(0, 256, (50, 85, 3), np.uint8)
    task = yunet_task(only=(0, 0), **({"sizes": [], "longest": 640} | settings))
    (view,) = task.views(image, "bgr", degrees)
    seen = task.prepare(image, "bgr", view, None)
    upright = turned(image, 4 - degrees // 90)
    (view,) = task.views(upright, "bgr")
    wanted = task.prepare(upright, "bgr", view, None)
    # Sums of whole numbers are rounded once along each axis.
    np.testing.assert_allclose(seen, wanted, atol=0 if not settings else 0.6)


def test_tiles_and_other_pixels(photo: Image, default_models: object) -> None:
    detector = rostro.Detector(threads=1, turn="always", tile=(200, 200), overlap=100)
    wanted = rostro.Detector(threads=1)(photo)
    lying = turned(photo, 1)
    there_now = in_turned(wanted, (250, 250), 1).boxes[0]
    assert overlaps(there_now[None], detector(lying).boxes).max() > 0.9
    gray = np.ascontiguousarray(lying.mean(axis=2).astype(np.uint8))
    assert overlap(there_now, detector(gray, "gray").boxes[0]) > 0.85


def test_misuse_is_named(default_models: object) -> None:
    with pytest.raises(ArgumentError, match=r'turn: got .sideways.; one of "never", "auto"'):
        rostro.Detector(turn="sideways")  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="turn: got 90"):
        rostro.Detector(turn=90)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="turn: got 45; 0, 90, 180 or 270"):
        yunet_task(only=(0, 0)).views(np.zeros((9, 9), np.uint8), "gray", 45)


def test_pickled_with_its_turn(photo: Image, default_models: object) -> None:
    again = pickle.loads(pickle.dumps(rostro.Detector(threads=1, turn="always")))
    assert there(again(turned(photo, 2)).attributes)["turn"][0] == 180


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_stages_see_the_image_upright(degrees: int, photo: Image, default_models: object) -> None:
    """So that poses and quality are those of the upright photo; what comes back is in the other."""
    detector = rostro.Detector(threads=1, turn="always")
    pipeline = rostro.FacePipeline(
        detector, embedder=None, stages=[rostro.HeadPose(), rostro.Quality(purpose="enroll")]
    )
    upright = pipeline(photo)
    found = pipeline(turned(photo, degrees // 90))
    assert there(found.attributes)["turn"][0] == degrees
    np.testing.assert_allclose(there(found.quality), there(upright.quality), atol=0.02)
    np.testing.assert_array_equal(there(found.reasons), there(upright.reasons))
    wanted = in_turned(upright, (250, 250), degrees // 90)
    np.testing.assert_allclose(found.boxes, wanted.boxes, atol=1)
    np.testing.assert_allclose(there(found.landmarks), there(wanted.landmarks), atol=1)
    # The head is turned with the image, about the axis of the camera.
    seen = matrix_from_angles(there(found.poses).astype(np.float64))[0]
    about = matrix_from_angles(np.array([0.0, 0.0, -float(degrees)]))
    pose = about @ matrix_from_angles(there(upright.poses).astype(np.float64))[0]
    np.testing.assert_allclose(seen, pose, atol=0.05)


@pytest.mark.parametrize("color", ["yuyv", "nv12"])
def test_stages_see_frames_of_cameras_upright_in_bgr(
    color: Color, photo: Image, default_models: object
) -> None:
    seen: list[tuple[Image, object]] = []

    def stage(image: Image, faces: Faces, color: object) -> Faces:
        seen.append((image, color))
        return faces

    detector = rostro.Detector(threads=1, turn="always")
    pipeline = rostro.FacePipeline(detector, embedder=None, stages=[stage])
    lying = turned(photo, 1)[:, :240]
    luma = lying.mean(axis=2).astype(np.uint8)
    if color == "yuyv":
        frame = np.ascontiguousarray(np.stack([luma, np.full_like(luma, 128)], axis=2))
    else:
        frame = np.concatenate([luma, np.full((125, 240), 128, np.uint8)])
    found = pipeline(frame, color)
    assert there(found.attributes)["turn"][0] == 90
    ((image, its_color),) = seen
    assert its_color == "bgr" and image.shape == (240, 250, 3)
    # Gray without color: of the range 16 to 235, or 0 to 255, as the conversion has it.
    gray = turned(luma, 3).astype(np.float64)
    assert np.corrcoef(image[..., 1].ravel(), gray.ravel())[0, 1] > 0.999
    middle = (found.boxes[0, :2] + found.boxes[0, 2:]) / 2
    assert (middle > 0).all() and middle[0] < 240 and middle[1] < 250
