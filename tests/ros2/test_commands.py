"""Commands: who is known, to enroll, rename and forget, over topics and services."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from std_msgs.msg import String
from std_srvs.srv import Trigger

from rostro.errors import ArgumentError, WriteError
from rostro.gallery import Gallery
from rostro.video.enrolling import Candidate
from rostro_ros.commands import check, parse
from tests.ros2.support import Running, ToldEngine, running, until

ADA, BOB = (np.eye(2, 4, dtype=np.float32) * 1.0)[:2]


def with_gallery(settings: Any) -> ToldEngine:
    engine = ToldEngine(settings, [(0, 1e9)])
    engine.gallery = Gallery(4)
    return engine


def engine_of(run: Running) -> ToldEngine:
    assert isinstance(run.node._engine, ToldEngine)
    return run.node._engine


def gallery_of(run: Running) -> Gallery:
    gallery = engine_of(run).gallery
    assert gallery is not None
    return gallery


def known(faces: list[Any]) -> list[str]:
    """The ids of the last image."""
    return [face["id"] for face in json.loads(faces[-1].data)["faces"]] if faces else []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "no object"),
        ("{}", "do: "),
        ('{"do": "explode"}', "list, enroll"),
        ('{"do": ["list"]}', "list, enroll"),
        ('{"do": "enroll"}', "name: is missing"),
        ('{"do": "enroll", "name": 3}', "name: .*str"),
        ('{"do": "enroll", "name": "Ada", "seconds": true}', "seconds"),
        ('{"do": "enroll", "name": "Ada", "seconds": 1e9}', "0 to 60"),
        ('{"do": "enroll", "name": "Ada", "seconds": NaN}', "no JSON"),
        ('{"do": "list", "name": "Ada"}', "nothing of list"),
        ('{"do": "rename", "name": "Ada"}', "to: is missing"),
    ],
)
def test_what_is_no_command(text: str, says: str) -> None:
    with pytest.raises(ArgumentError, match=says):
        check(parse(text))


def test_enroll_rename_forget() -> None:
    with running(with_gallery) as run:
        faces = run.hear(String, "/face_node/faces")
        run.show_until(lambda: known(faces) == ["abcd1"])
        assert run.command(do="list")["people"] == []
        # Not seen well enough: the reasons are in the answer.
        engine = engine_of(run)
        engine.told.candidates[1] = Candidate(ADA, 1)
        answer = run.command(do="enroll", name="Ada")
        assert not answer["ok"] and "good look" in answer["why"][0]
        assert run.command(do="enroll", name="Ada", force=True)["ok"]
        assert engine.told.recounted == [1] and gallery_of(run).names() == ["Ada"]
        answer = run.command(do="rename", name="Ada", to="Ada Lovelace")
        assert answer["ok"] and answer["name"] == "Ada Lovelace"
        assert run.command(do="list")["people"] == [{"name": "Ada Lovelace", "templates": 1}]
        assert not run.command(do="rename", name="Nobody", to="X")["ok"]
        assert run.command(do="forget", name="Ada Lovelace")["ok"]
        assert len(gallery_of(run)) == 0
        answer = run.command(do="forget", name="Ada Lovelace")
        assert not answer["ok"] and "Ada Lovelace" in answer["why"][0]


def test_whom() -> None:
    with running(with_two) as run:
        nobody = run.command(do="enroll", name="Ada")
        assert "0 are there" in nobody["why"][0]
        faces = run.hear(String, "/face_node/faces")
        run.show_until(lambda: known(faces) == ["abcd1", "abcd2"])
        both = run.command(do="enroll", name="Ada", force=True)
        assert "2 are there: abcd1, abcd2" in both["why"][0]
        engine_of(run).told.candidates[2] = Candidate(BOB, 3)
        assert run.command(do="enroll", name="Bob", face="abcd2", force=True)["face"] == "abcd2"
        for face in ("abcd9", "zzzz2", "abcd", "abcd-2"):
            assert not run.command(do="enroll", name="X", face=face, force=True)["ok"]
        assert gallery_of(run).names() == ["Bob"]


def with_two(settings: Any) -> ToldEngine:
    engine = ToldEngine(settings, [(0, 1e9), (0, 1e9)])
    engine.gallery = Gallery(4)
    return engine


def test_a_full_disk_is_told_and_the_node_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(with_gallery) as run:
        faces = run.hear(String, "/face_node/faces")
        run.show_until(lambda: known(faces) == ["abcd1"])
        engine_of(run).told.candidates[1] = Candidate(ADA, 3)

        def full(*_: object, **__: object) -> None:
            raise WriteError("people.rostro: the disk is full; nothing was changed")

        monkeypatch.setattr(gallery_of(run), "add", full)
        answer = run.command(do="enroll", name="Ada", force=True)
        assert not answer["ok"] and "disk is full" in answer["why"][0]
        assert "disk is full" in run.node._health.figures["last error"]
        count = len(faces)
        run.show_until(lambda: len(faces) > count, begin=200)


def test_without_a_gallery_or_unconfigured() -> None:
    with running(start=False) as run:
        assert "not configured" in run.command(do="list")["why"][0]
        run.node.trigger_configure()
        assert "gallery" in run.command(do="list")["why"][0]
        answer = run.command(do="nonsense")
        assert answer["do"] is None and "one of list" in answer["why"][0]


def test_services() -> None:
    with running(with_gallery) as run:
        answers = []
        for name in ("list", "reload"):
            client = run.peer.create_client(Trigger, f"/face_node/{name}")
            until(client.service_is_ready)
            answer = client.call_async(Trigger.Request())
            until(answer.done)
            answers.append(answer.result())
        assert all(answer.success for answer in answers)
        assert json.loads(answers[0].message)["people"] == []


def test_a_reload_that_fails_keeps_what_runs() -> None:
    tries: list[int] = []

    def make(settings: Any) -> ToldEngine:
        tries.append(1)
        if len(tries) > 1:
            raise ArgumentError("gallery: gone")
        return with_gallery(settings)

    with running(make) as run:
        before = run.node._engine
        answer = run.command(do="reload")
        assert not answer["ok"] and "gone" in answer["why"][0]
        assert run.node._engine is before
        assert "goes on as it was" in run.node._health.level()[1]


@pytest.mark.processes
def test_the_command_line() -> None:
    with running(with_gallery):
        package = Path(__file__).resolve().parents[2] / "ros2" / "rostro_ros"
        program = f"import sys; sys.path.insert(0, {str(package)!r}); "
        program += "from rostro_ros.faces import main; sys.exit(main(sys.argv[1:]))"

        def faces(*words: str) -> tuple[int, str]:
            done = subprocess.run(
                [sys.executable, "-c", program, *words], capture_output=True, text=True, timeout=60
            )
            return done.returncode, done.stdout

        status, told = faces("list")
        assert status == 0 and json.loads(told)["people"] == []
        status, told = faces("forget", "Ada")
        assert status == 1 and not json.loads(told)["ok"]
