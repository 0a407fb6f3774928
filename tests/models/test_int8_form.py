"""Int8 forms made by the ranges of built-in cards, without photos, and what takes them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import rostro
from rostro import models, simd
from rostro.cli import cli
from rostro.engines import ENGINES
from rostro.errors import ArgumentError, ModelError
from rostro.models.card import EngineChoice
from rostro.models.choice import Form, choose, half_here
from rostro.models.int8_recipe import (
    CpuTimes,
    Int8Ranges,
    Int8Recipe,
    parse_recipe,
    recipe_text,
)
from rostro.types import Image
from tests.support.lesser_cpu import run_on_avx2
from tests.support.there import there

NAMES = tuple(models.DEFAULTS.values())  # tests/embed/test_omz_reid.py has the other one
BOTH: list[Form] = [(engine, "float32") for engine in ENGINES]
ALL: list[Form] = [*BOTH, *((engine, "int8") for engine in ENGINES)]
RANGES = Int8Ranges("by hand", {"x": (0.0, 1.0)})
SFACE = "sface-2021dec"


def recipe(misses: tuple[str, ...] = ()) -> Int8Recipe:
    return Int8Recipe(
        onnxruntime=RANGES,
        ncnn=Int8Ranges("by hand", {}, misses=misses),
        times={
            "slow": CpuTimes("by hand", onnxruntime=2, ncnn=3, ncnn_int8=4),
            "quick": CpuTimes("by hand", onnxruntime=2, ncnn=3, onnxruntime_int8=2, ncnn_int8=1),
        },
    )


@pytest.mark.parametrize(
    ("features", "precision", "wanted"),
    [
        (("slow",), "auto", ("onnxruntime", "float32")),
        (("slow", "quick"), "auto", ("ncnn", "int8")),
        (("quick", "unknown"), "auto", ("ncnn", "int8")),
        (("slow",), "int8", ("ncnn", "int8")),
        ((), "auto", ("ncnn", "float32")),
        (("unknown",), "int8", ("ncnn", "int8")),
    ],
)
def test_the_cards_times_choose(
    features: tuple[str, ...], precision: str, wanted: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simd, "features", lambda: features)
    named = EngineChoice("ncnn", None, None, "by hand")
    forms = [form for form in ALL if precision in ("auto", form[1])]
    found = choose(forms, recipe(), named, precision)  # type: ignore[arg-type]
    assert (found.engine, found.precision) == wanted and found.why


def test_auto_takes_nothing_that_misses_a_limit_or_is_not_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(simd, "features", lambda: ("quick",))
    # Of equal times float32 is taken.
    assert choose(ALL, recipe(("a limit",)), None, "auto").precision == "float32"
    assert choose(BOTH, recipe(), None, "auto").precision == "float32"
    assert choose([("ncnn", "int8")], recipe(("a limit",)), None, "int8").engine == "ncnn"


def test_float16_where_the_card_and_the_cpu_allow_it(monkeypatch: pytest.MonkeyPatch) -> None:
    yunet, sface = (models.builtin_card(name) for name in ("yunet-2023mar", SFACE))
    monkeypatch.setattr(simd, "features", lambda: ("neon", "fp16"))
    assert half_here(yunet, "auto")
    assert not half_here(yunet, "float32") and not half_here(sface, "auto")
    monkeypatch.setattr(simd, "features", lambda: ("neon",))
    assert not half_here(yunet, "auto")


@pytest.mark.parametrize(
    ("half", "wanted"), [(False, ("onnxruntime", "float32")), (True, ("ncnn", "float16"))]
)
def test_float16_has_a_time_of_its_own(
    half: bool, wanted: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simd, "features", lambda: ("here",))
    times = CpuTimes("by hand", onnxruntime=2, ncnn=3, ncnn_half=1)
    found = choose(ALL, Int8Recipe(times={"here": times}), None, "auto", half=half)
    assert (found.engine, found.form) == wanted
    assert ("float16 1" in found.why) == half


def test_recipes_are_read_as_they_are_written() -> None:
    known = [models.resolve(name).recipe for name in models.cards()]
    written = [recipe(), *(each for each in known if each is not None)]
    assert len(written) > len(NAMES)
    for each in written:
        assert parse_recipe(recipe_text(each), "again") == each
    with pytest.raises(ModelError, match=r"bad: key ncnn\.ranges"):
        parse_recipe('[ncnn]\nhow = "x"\n', "bad")


@pytest.fixture(scope="module")
def int8_models(default_models: dict[str, models.Model]) -> dict[str, models.Model]:
    del default_models
    return {name: models.install(name, int8=True) for name in NAMES}


@pytest.mark.parametrize("engine", ENGINES)
def test_int8_finds_and_tells_what_float32_does(
    engine: str, int8_models: dict[str, models.Model], photo: Image
) -> None:
    del int8_models
    finders = [rostro.Detector(engine=engine, precision=kind) for kind in ("float32", "int8")]
    before, after = (finder(photo) for finder in finders)
    assert len(before) == len(after) > 0
    np.testing.assert_allclose(after.boxes, before.boxes, atol=8)
    one, other = (
        there(rostro.Embedder(engine=engine, precision=kind)(photo, before).embeddings)[0]
        for kind in ("float32", "int8")
    )
    assert 0.97 < float(one @ other) < 0.99999  # it is another network


@pytest.mark.parametrize("name", NAMES)
def test_the_same_bytes_whenever_they_are_made(
    name: str, int8_models: dict[str, models.Model], cache: Path
) -> None:
    folder = cache / "models" / name
    before = {path.name: path.read_bytes() for path in int8_models[name].folder.glob("*.int8*")}
    assert len(before) == 3 and not list(folder.glob("*.int8*"))
    models.install(name, int8=True)
    assert {path.name: path.read_bytes() for path in folder.glob("*.int8*")} == before
    assert all(models.resolve(name).supports(engine, "int8") for engine in ENGINES)
    # Those by other ranges do not count.
    manifest = folder / "installed.json"
    manifest.write_text(manifest.read_text().replace("int8 by ranges", "int8 by other ranges"))
    assert not any(models.resolve(name).supports(engine, "int8") for engine in ENGINES)


@pytest.mark.heavy
@pytest.mark.processes
@pytest.mark.parametrize("level", simd.levels())
def test_the_same_bytes_on_every_cpu(
    level: str, int8_models: dict[str, models.Model], tmp_path: Path
) -> None:
    """As a lesser CPU makes them: rostro at each level, and NumPy at the least it was built for."""
    code = (
        "import sys, pathlib, rostro\n"
        "from rostro import models\n"
        "from rostro.models.int8_form import make_int8\n"
        "assert rostro.simd.level() == sys.argv[1]\n"
        "for name in models.DEFAULTS.values():\n"
        "    model = models.resolve(name)\n"
        "    for engine in rostro.engines.ENGINES:\n"
        "        folder = pathlib.Path(sys.argv[2], name, engine)\n"
        "        folder.mkdir(parents=True)\n"
        "        make_int8(engine, model.recipe.of(engine), model.files, folder)\n"
    )
    lesser = {"ROSTRO_SIMD": level}
    if level == "scalar":
        lesser["NPY_DISABLE_CPU_FEATURES"] = " ".join(dispatched())
    command = [sys.executable, "-c", code, level, str(tmp_path)]
    subprocess.run(command, env=os.environ | lesser, check=True)
    for name, model in int8_models.items():
        for engine, suffixes in (("onnxruntime", (".onnx",)), ("ncnn", (".param", ".bin"))):
            for suffix in suffixes:
                infix = ".ncnn" if engine == "ncnn" else ""
                made = (tmp_path / name / engine / f"network{suffix}").read_bytes()
                assert made == (model.folder / f"{name}.int8{infix}{suffix}").read_bytes()


def dispatched() -> list[str]:
    """What NumPy uses of this CPU beyond what it was built for."""
    core = (np._core if hasattr(np, "_core") else np.core)._multiarray_umath
    return [name for name in core.__cpu_dispatch__ if core.__cpu_features__[name]]


def form_of(model: models.Model) -> Form:
    choice = model.choose()
    return choice.engine, choice.precision


def test_auto_builds_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROSTRO_PRECISION", "auto")
    whole = models.resolve(SFACE).recipe
    assert whole is not None
    quick = Int8Recipe(
        ncnn=whole.ncnn,
        times={"here": CpuTimes("by hand", onnxruntime=3, ncnn=2, ncnn_int8=1)},
    )
    monkeypatch.setattr(simd, "features", lambda: ("here",))
    monkeypatch.setattr(models, "_recipe", lambda name: quick if name == SFACE else None)
    model = models.install(SFACE)
    assert form_of(model) == ("ncnn", "int8")
    for path in (cache / "models" / SFACE).glob("*.int8*"):
        path.unlink()
    assert form_of(model) == ("ncnn", "float32")
    assert model.open().name == "ncnn" and not model.supports("ncnn", "int8")
    told = json.loads(CliRunner().invoke(cli, ["doctor", "--json"]).output)
    assert told["runs"][SFACE].startswith("ncnn, float32: least with here")
    assert (
        f"{SFACE} takes less time in int8 on this CPU: rostro models install {SFACE}"
        in (told["warnings"])
    )
    # `rostro models install` makes what auto takes, and --no-int8 does not.
    assert CliRunner().invoke(cli, ["models", "install", "--no-int8"]).exit_code == 0
    assert form_of(model) == ("ncnn", "float32")
    done = CliRunner().invoke(cli, ["models", "install"])
    assert f"{SFACE}: installed for onnxruntime and ncnn, in int8 for ncnn in" in done.output
    assert form_of(model) == ("ncnn", "int8")
    monkeypatch.setenv("ROSTRO_PRECISION", "float32")
    assert form_of(model) == ("ncnn", "float32")


@pytest.mark.usefixtures("cache")
def test_int8_that_is_asked_for_is_made() -> None:
    models.install(SFACE, int8=False)
    embedder = rostro.Embedder(SFACE, engine="ncnn", precision="int8")
    assert embedder.model.supports("ncnn", "int8")


def test_precisions_that_will_not_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="precision: got 'int4'; one of auto, float32, int8"):
        models.resolve(SFACE).choose(precision="int4")  # type: ignore[arg-type]
    with pytest.raises(ModelError, match=r"face-landmarker: its card has no ranges for int8"):
        models.install("face-landmarker", int8=True)
    monkeypatch.setenv("ROSTRO_PRECISION", "half")
    with pytest.raises(ArgumentError, match="ROSTRO_PRECISION: got 'half'"):
        models.resolve(SFACE).choose()
    (tmp_path / "own.onnx").touch()
    with pytest.raises(ModelError, match=r"got a network in float32; one in int8 is wanted"):
        models.resolve(tmp_path / "own.onnx").choose(precision="int8")


@pytest.mark.processes
@pytest.mark.parametrize("engine", ENGINES)
def test_a_cpu_without_vnni_finds_the_same_faces(
    engine: str, int8_models: dict[str, models.Model], photo: Image, tmp_path: Path
) -> None:
    """With AVX2 and no int8 dot products."""
    del int8_models
    code = (
        "import sys, numpy\n"
        f"finder = rostro.Detector(engine={engine!r}, threads=1, precision='int8',"
        " det_size=(320, 320))\n"
        "faces = finder(numpy.load(sys.argv[1]))\n"
        "numpy.savez(sys.argv[2], boxes=faces.boxes, landmarks=faces.landmarks)\n"
    )
    np.save(tmp_path / "photo.npy", photo)
    run_on_avx2(code, tmp_path / "photo.npy", tmp_path / "faces.npz")
    finder = rostro.Detector(engine=engine, precision="int8", det_size=(320, 320))
    here = finder(photo)
    with np.load(tmp_path / "faces.npz") as found:
        assert len(found["boxes"]) == len(here) > 0
        np.testing.assert_allclose(found["boxes"], here.boxes, atol=0.05)
        np.testing.assert_allclose(found["landmarks"], there(here.landmarks), atol=0.05)
