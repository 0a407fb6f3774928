"""The WIDER FACE evaluation: the official figures, cases worked out by hand, and bad input."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
import scipy.io
from click.testing import CliRunner, Result

import rostro
from rostro import models
from rostro.cli import cli
from rostro.errors import EvaluationError, RostroError
from rostro.evaluate.wider import Curve, average_precision, evaluate
from rostro.evaluate.wider_detections import read_detections, write_detections
from rostro.evaluate.wider_truth import LabelledImage, read_truth
from tests.support.shared import shared_data

SETTINGS = ("easy", "medium", "hard")


def run(*arguments: str | Path) -> Result:
    """Run ``rostro eval wider``; whatever it does not expect comes out as an exception."""
    result = CliRunner().invoke(cli, ["eval", "wider", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def assert_one_error(result: Result, *parts: str) -> None:
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("rostro: error: ")
    assert result.stderr.count("\n") == 1
    for part in parts:
        assert part in result.stderr


def labelled(boxes: Sequence[Sequence[float]], counted: Sequence[bool]) -> LabelledImage:
    mask = np.array(counted, np.bool_)
    return LabelledImage(np.array(boxes, np.float64).reshape(-1, 4), dict.fromkeys(SETTINGS, mask))


def areas(curves: Mapping[str, Curve]) -> list[float | None]:
    return [curves[setting].average_precision for setting in SETTINGS]


# The official figures


@pytest.mark.heavy
def test_the_official_result_on_all_images() -> None:
    folder = shared_data("widerface")
    expected = json.loads((folder / "reference" / "expected.json").read_text())
    result = run(
        *("--detections", folder / "reference" / "detections.zip"),
        *("--ground-truth", folder / "ground_truth", "--json"),
    )
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    got = json.loads(result.stdout)
    for setting in SETTINGS:
        assert got[setting] == pytest.approx(expected[setting], abs=1e-9)
    assert got["images"] == expected["images"]
    assert got["faces"] == {"easy": 7211, "medium": 13319, "hard": 31958}


@pytest.mark.usefixtures("default_models")
def test_the_default_detector_reaches_what_opencv_reaches(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shared_data("widerface")
    images, truth = folder / "images", folder / "ground_truth"
    there = run("--images", images, "--ground-truth", truth, "--json", "-o", tmp_path / "own.zip")
    assert there.exit_code == 0, there.stderr
    assert there.stderr == "rostro: 249 of the set's 3226 images are evaluated on\n"
    own = json.loads(there.stdout)
    assert (own["images"], own["det_size"]) == (249, "native")

    write_detections(tmp_path / "opencv.zip", opencv_detections(images, read_truth(truth)))
    opencv = json.loads(
        run("--detections", tmp_path / "opencv.zip", "--ground-truth", truth, "--json").stdout
    )
    with capsys.disabled():
        for name, figures in (("rostro", own), ("OpenCV", opencv)):
            shown = " ".join(f"{setting} {figures[setting]:.4f}" for setting in SETTINGS)
            print(f"\nWIDER FACE, 249 images, YuNet in {name}: {shown}", end="")
    for setting in SETTINGS:
        assert own[setting] == pytest.approx(opencv[setting], abs=0.002)

    written = run("--detections", tmp_path / "own.zip", "--ground-truth", truth, "--json")
    again = json.loads(written.stdout)
    assert [again[setting] for setting in SETTINGS] == [own[setting] for setting in SETTINGS]


def opencv_detections(folder: Path, names: Mapping[str, object]) -> dict[str, np.ndarray]:
    """OpenCV's own detector on the same file, with the settings of the card, on the same images."""
    model = models.resolve(models.DEFAULTS["detect"])
    assert model.card is not None and model.card.detect is not None
    file, settings = model.folder / model.card.files[0].name, model.card.detect
    detector = cv2.FaceDetectorYN.create(
        str(file), "", (32, 32), 0.02, settings.nms_threshold, settings.top_k
    )
    found = {}
    for name in names:
        path = folder / f"{name}.jpg"
        if path.is_file():
            image = rostro.load_image(path)
            detector.setInputSize((image.shape[1], image.shape[0]))
            _, faces = detector.detect(image)
            rows = np.empty((0, 15)) if faces is None else faces
            found[name] = rows[:, [0, 1, 2, 3, 14]].astype(np.float64)
    return found


# Worked out by hand


def test_average_precision_is_the_area_below_the_monotone_curve() -> None:
    recall, precision = np.array([0.0, 0.5, 0.5, 1.0]), np.array([0.0, 0.4, 0.3, 0.6])
    assert average_precision(recall, precision) == pytest.approx(0.6)
    recall, precision = np.array([0.25, 0.5]), np.array([1.0, 0.5])
    assert average_precision(recall, precision) == pytest.approx(0.25 * 1 + 0.25 * 0.5)


def test_found_missed_false_and_found_twice() -> None:
    truth = {"e/a": labelled([[0, 0, 9, 9], [40, 40, 9, 9]], [True, True])}
    found = {
        "e/a": np.array(
            [
                [80, 80, 9, 9, 0.2],  # false, and the last: the order of the lines is none
                [0, 0, 9, 9, 0.9],  # the first face: 1 of 1
                [1, 0, 9, 9, 0.7],  # the same again: 1 of 2
                [40, 41, 9, 9, 0.5],  # the second one: 2 of 3
            ]
        )
    }
    curves = evaluate(truth, found)
    assert areas(curves) == [pytest.approx(0.5 * 1 + 0.5 * 2 / 3)] * 3
    assert curves["easy"].recall[-1] == 1
    assert curves["easy"].precision[-1] == pytest.approx(2 / 4)


def test_ignored_faces_and_images_without_faces_change_nothing() -> None:
    truth = {
        "e/a": labelled([[0, 0, 9, 9], [40, 40, 9, 9]], [True, False]),
        "e/b": labelled([], []),
        "e/c": labelled([[0, 0, 9, 9]], [True]),
    }
    found = {
        "e/a": np.array([[40, 40, 9, 9, 0.9], [0, 0, 9, 9, 0.5]]),
        "e/b": np.array([[5, 5, 9, 9, 0.8]]),
        "e/c": np.empty((0, 5)),
    }
    curves = evaluate(truth, found)
    assert areas(curves) == [pytest.approx(1 / 2)] * 3
    assert curves["hard"].faces == 2
    assert curves["hard"].precision[-1] == 1


def test_no_face_and_no_detection() -> None:
    assert areas(evaluate({"e/a": labelled([[0, 0, 9, 9]], [False])}, {})) == [None] * 3
    assert areas(evaluate({"e/a": labelled([[0, 0, 9, 9]], [True])}, {})) == [0.0] * 3


def test_scores_are_stretched_over_all_images() -> None:
    truth = {name: labelled([[0, 0, 9, 9]], [True]) for name in ("e/a", "e/b")}
    right, false = [0, 0, 9, 9], [50, 50, 9, 9]
    # Of 1e-5 apart, all would share one threshold of 1,000, were they not stretched.
    found = {
        "e/a": np.array([[*right, 0.50002], [*false, 0.50000]]),
        "e/b": np.array([[*right, 0.50001]]),
    }
    assert areas(evaluate(truth, found)) == [1.0] * 3
    alike = {"e/a": np.array([[*right, 0.5]]), "e/b": np.array([[*right, 0.5]])}
    assert areas(evaluate(truth, alike)) == [1.0] * 3


# Ground truth and detections of three images in two events


def cells(entries: Sequence[object]) -> np.ndarray:
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


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    return write_truth(tmp_path / "truth")


@pytest.fixture
def found(tmp_path: Path) -> Path:
    return write_found(tmp_path / "found")


@pytest.mark.parametrize("compressed", [True, False])
def test_ground_truth_is_read_as_it_was_written(tmp_path: Path, compressed: bool) -> None:
    images = read_truth(write_truth(tmp_path / "truth", compressed))
    assert list(images) == ["0--Parade/a", "0--Parade/b", "1--Handshaking/c"]
    assert images["0--Parade/b"].boxes.tolist() == [[0, 0, 9, 9], [40, 0, 9, 9]]
    masks = [images["0--Parade/b"].counted[setting].tolist() for setting in SETTINGS]
    assert masks == [[True, False], [True, True], [False, True]]
    assert images["1--Handshaking/c"].boxes.shape == (0, 4)


def test_a_folder_and_a_zip_give_the_same(truth: Path, found: Path, tmp_path: Path) -> None:
    shutil.make_archive(str(tmp_path / "zipped"), "zip", tmp_path, "found")  # a folder deeper
    for path in (found, tmp_path / "zipped.zip"):
        result = run("--detections", path, "--ground-truth", truth, "--json")
        got = json.loads(result.stdout)
        assert result.stderr == ""
        assert got["easy"] == 1.0  # two faces, both found first
        assert got["medium"] == pytest.approx(2 / 3)  # one of three is missed
        assert got["hard"] == pytest.approx(1 / 2)  # b's found face is ignored there
        assert (got["images"], got["detections"]) == (3, 3)
    table = run("--detections", found, "--ground-truth", truth).stdout
    assert table.splitlines()[1] == "medium  0.6667   3 faces"


def test_a_subset_is_evaluated_and_told(truth: Path, found: Path) -> None:
    (found / "0--Parade" / "b.txt").unlink()
    result = run("--detections", found, "--ground-truth", truth, "--json")
    assert "2 of the set's 3 images" in result.stderr
    got = json.loads(result.stdout)
    assert (got["easy"], got["images"], got["faces"]["medium"]) == (1.0, 2, 1)
    whole = run("--detections", found, "--ground-truth", truth, "--json", "--subset", "all")
    assert "count as missed" in whole.stderr
    assert json.loads(whole.stdout)["medium"] == pytest.approx(1 / 3)


def test_detections_come_back_as_they_were_written(tmp_path: Path) -> None:
    rows = np.random.default_rng(3).uniform(-1e3, 1e4, (50, 5)).astype(np.float32)
    write_detections(tmp_path / "x.zip", {"e/a": rows, "e/b": rows[:0]})
    again = read_detections(tmp_path / "x.zip")
    assert list(again) == ["e/a", "e/b"]
    assert np.array_equal(again["e/a"].astype(np.float32), rows)
    assert again["e/b"].shape == (0, 5)


@pytest.mark.heavy
@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_the_plot_is_a_picture(truth: Path, found: Path, tmp_path: Path, suffix: str) -> None:
    plot = tmp_path / f"curves{suffix}"
    assert run("--detections", found, "--ground-truth", truth, "--plot", plot).exit_code == 0
    if suffix == ".png":
        assert rostro.load_image(plot).shape == (750, 900, 3)
    else:
        assert "average precision" in plot.read_text()


# Bad input


Spoil = Callable[[Path], None]


def replace_text(name: str, text: str) -> Spoil:
    return lambda folder: (folder / name).write_text(text) and None


PARADE = "0--Parade/a.txt"
BAD_DETECTIONS: dict[str, tuple[Spoil, tuple[str, ...]]] = {
    "four numbers": (replace_text(PARADE, "a\n1\n0 0 9 9\n"), ("a.txt, line 3", "'0 0 9 9'")),
    "a word": (replace_text(PARADE, "a\n2\n0 0 9 9 .1\n0 0 9 x .1\n"), ("line 4", "score")),
    "not finite": (replace_text(PARADE, "a\n1\n0 0 9 9 nan\n"), ("line 3", "nan")),
    "too few lines": (replace_text(PARADE, "a\n2\n0 0 9 9 0.1\n"), ("a.txt", "2 faces", "1 lines")),
    "no count": (replace_text(PARADE, "a\n0 0 9 9 0.1\n"), ("a.txt", "number of faces")),
    "empty file": (replace_text(PARADE, ""), ("a.txt", "number of faces")),
    "another image's": (replace_text(PARADE, "b\n0\n"), ("a.txt", "'b'")),
    "unknown image": (replace_text("0--Parade/z.txt", "z\n0\n"), ("0--Parade/z",)),
    "no event": (replace_text("z.txt", "z\n0\n"), ("z.txt", "EVENT/NAME.txt")),
    "nothing": (lambda folder: [shutil.rmtree(e) for e in folder.iterdir()] and None, ("no det",)),
}


@pytest.mark.parametrize("case", BAD_DETECTIONS)
def test_bad_detections_are_one_clear_error(truth: Path, found: Path, case: str) -> None:
    spoil, parts = BAD_DETECTIONS[case]
    spoil(found)
    assert_one_error(run("--detections", found, "--ground-truth", truth, "--json"), *parts)


def test_bad_zips_are_one_clear_error(truth: Path, found: Path, tmp_path: Path) -> None:
    archive = tmp_path / "x.zip"
    assert_one_error(run("--detections", archive, "--ground-truth", truth), "no such file")
    archive.write_bytes(b"no zip at all")
    assert_one_error(run("--detections", archive, "--ground-truth", truth), "no zip")
    zipfile.ZipFile(archive, "w").close()
    assert_one_error(run("--detections", archive, "--ground-truth", truth), "no detections")
    write_detections(archive, {"0--Parade/a": np.ones((99, 5))})
    damaged = bytearray(archive.read_bytes())
    damaged[80:90] = b"0123456789"
    archive.write_bytes(damaged)
    assert_one_error(run("--detections", archive, "--ground-truth", truth), "no zip")


def spoil_events(folder: Path) -> None:
    path = folder / "wider_easy_val.mat"
    content = scipy.io.loadmat(path)
    scipy.io.savemat(path, {"event_list": content["event_list"][:1], "gt_list": content["gt_list"]})


def spoil_indices(folder: Path) -> None:
    path = folder / "wider_hard_val.mat"
    content = scipy.io.loadmat(path)
    content["gt_list"][0, 0][0, 0] = np.array([[2]])
    scipy.io.savemat(path, {key: content[key] for key in ("event_list", "gt_list")})


def spoil_by(change: Callable[[bytes], bytes]) -> Spoil:
    def spoil(folder: Path) -> None:
        path = folder / "wider_face_val.mat"
        path.write_bytes(change(path.read_bytes()))

    return spoil


BAD_TRUTH: dict[str, tuple[Spoil, tuple[str, ...]]] = {
    "missing file": (
        lambda folder: (folder / "wider_hard_val.mat").unlink(),
        ("wider_hard_val.mat: no such file",),
    ),
    "cut short": (spoil_by(lambda data: data[:-7]), ("wider_face_val.mat", "no MATLAB 5 file")),
    "another format": (spoil_by(lambda _: b"garbled" * 99), ("wider_face_val.mat", "begin")),
    "empty": (spoil_by(lambda _: b""), ("wider_face_val.mat", "begin")),
    "no variables": (spoil_by(lambda data: data[:128]), ("no variable event_list and no fa",)),
    "an event is missing": (spoil_events, ("wider_easy_val.mat", "events")),
    "faces that are not there": (spoil_indices, ("wider_hard_val.mat", "0--Parade/a has 1 faces")),
}


@pytest.mark.parametrize("case", BAD_TRUTH)
def test_bad_ground_truth_is_one_clear_error(truth: Path, found: Path, case: str) -> None:
    spoil, parts = BAD_TRUTH[case]
    spoil(truth)
    assert_one_error(run("--detections", found, "--ground-truth", truth, "--json"), *parts)


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


def test_wrong_usage(truth: Path, found: Path, tmp_path: Path) -> None:
    assert run("--ground-truth", truth).exit_code == 2
    both = run("--ground-truth", truth, "--detections", found, "--images", found)
    assert both.exit_code == 2
    output = run("--ground-truth", truth, "--detections", found, "-o", tmp_path / "x.zip")
    assert output.exit_code == 2
    size = run("--ground-truth", truth, "--images", found, "--det-size", "big")
    assert size.exit_code == 2
    assert_one_error(run("--ground-truth", truth, "--images", found), "0--Parade/a.jpg")
    plot = run("--ground-truth", truth, "--detections", found, "--plot", "x.pdf")
    assert_one_error(plot, "x.pdf", ".png or .svg")


@pytest.mark.usefixtures("default_models")
def test_a_picture_that_cannot_be_read_ends_it(truth: Path, tmp_path: Path) -> None:
    (tmp_path / "0--Parade").mkdir()
    (tmp_path / "0--Parade" / "a.jpg").write_bytes(b"no picture")
    assert_one_error(run("--ground-truth", truth, "--images", tmp_path), "a.jpg")


@pytest.mark.heavy
def test_evaluation_needs_no_extra_but_plots_do(truth: Path, found: Path, tmp_path: Path) -> None:
    script = f"""
import sys
sys.modules["matplotlib"] = None
sys.modules["scipy"] = None
from rostro.cli import cli
cli({["eval", "wider", "--detections", str(found), "--ground-truth", str(truth)]} + sys.argv[1:])
"""
    plot = ["--plot", str(tmp_path / "x.png")]
    for arguments, code in (([], 0), (plot, 1)):
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments], capture_output=True, text=True
        )
        assert done.returncode == code, done.stderr
        assert ("rostro[eval]" in done.stderr) == bool(code)
        assert done.stderr.count("\n") == code


def test_errors_from_python_are_rostros(found: Path) -> None:
    with pytest.raises(EvaluationError, match="1--Handshaking/c and of 1 more"):
        evaluate(
            {"0--Parade/a": labelled([], [])},
            {name: np.empty((0, 5)) for name in ("0--Parade/a", "x/y", "1--Handshaking/c")},
        )
    with pytest.raises(RostroError, match="iou_threshold"):
        evaluate({"e/a": labelled([], [])}, {"e/a": np.empty((0, 5))}, iou_threshold=0)
    assert issubclass(EvaluationError, ValueError)
