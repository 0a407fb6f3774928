"""What somebody asks of the node: who is known, to enroll, rename and forget people, to reload."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

from rostro.errors import ArgumentError, EnrollmentError, RostroError
from rostro.gallery import Gallery
from rostro.video.enrolling import enroll
from rostro_ros.engine import Engine
from rostro_ros.worker import Worker

__all__ = ["LONGEST", "Commands", "check", "parse"]

LONGEST = 60.0
"""Seconds that somebody may be looked at before they are enrolled."""
_KINDS: dict[str, dict[str, tuple[type, ...]]] = {
    "list": {},
    "enroll": {"name": (str,), "face": (str,), "seconds": (int, float), "force": (bool,)},
    "rename": {"name": (str,), "to": (str,)},
    "forget": {"name": (str,)},
    "reload": {},
}
_NEEDED = {"enroll": ("name",), "rename": ("name", "to"), "forget": ("name",)}


def parse(text: str) -> dict[str, Any]:
    """An object of JSON.

    Raises:
        ArgumentError: it is none.
    """
    try:
        document = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise ArgumentError(f"command: got no JSON: {error}") from None
    if not isinstance(document, dict):
        raise ArgumentError('command: got no object; {"do": ...} is wanted')
    return document


def _no_number(word: str) -> None:
    """Python reads NaN and infinity, which are no JSON and cannot be answered with."""
    raise ValueError(f"{word} is no number")


def check(document: dict[str, Any]) -> None:
    """Refuses what is no command: its ``do`` says what is asked, and so what else it has.

    Raises:
        ArgumentError: it says what is wanted.
    """
    what = document.get("do")
    if not isinstance(what, str) or what not in _KINDS:
        raise ArgumentError(f"do: got {str(what)[:40]!r}; one of {', '.join(_KINDS)} is wanted")
    known = _KINDS[what]
    for key, value in document.items():
        if key in ("do", "ref"):
            continue
        if key not in known:
            raise ArgumentError(
                f"{key[:40]}: is nothing of {what}; {', '.join(known) or 'none'} is"
            )
        if not isinstance(value, known[key]) or (
            isinstance(value, bool) and bool not in known[key]
        ):
            raise ArgumentError(
                f"{key}: got {str(value)[:40]!r}; {known[key][0].__name__} is wanted"
            )
    for key in _NEEDED.get(what, ()):
        if key not in document:
            raise ArgumentError(f"{key}: is missing; {what} wants it")
    if not 0 <= document.get("seconds", 0) <= LONGEST:
        raise ArgumentError(f"seconds: got {document['seconds']}; 0 to {LONGEST:g} is wanted")


class Commands:
    """Carries commands out, one after the other, in the thread that calls it.

    Args:
        engine: gives the engine that runs now; ``None`` while the node is not configured.
        worker: gives the thread that the engine belongs to.
        reload: makes the engine anew.
        failed: told what went wrong on the node's side.
    """

    def __init__(
        self,
        engine: Callable[[], Engine | None],
        worker: Callable[[], Worker[Any] | None],
        reload: Callable[[], None],
        failed: Callable[[str, object], object],
    ) -> None:
        self._engine, self._worker = engine, worker
        self._reload, self._failed = reload, failed
        self._ended = threading.Event()
        self._does = {
            "list": self._list,
            "enroll": self._enroll,
            "rename": self._rename,
            "forget": self._forget,
            "reload": self._renew,
        }

    def __call__(self, text: str) -> dict[str, Any]:
        """The answer: ``ok``, or not and ``why``, sentences; with the ``ref`` of the command."""
        answer: dict[str, Any] = {"do": None, "ref": None, "ok": False, "why": []}
        try:
            document = parse(text)
            answer["ref"] = document.get("ref")
            check(document)
            answer["do"] = document["do"]
            found = self._does[document["do"]](document)
            answer |= {"ok": True, **found}
        except EnrollmentError as error:
            answer["why"] = error.reasons
        except (RostroError, TimeoutError) as error:
            answer["why"] = [str(error)]
            if isinstance(error, OSError):  # a full disk, a busy gallery: not of who asked
                self._failed("command", error)
        return answer

    def end(self) -> None:
        """Nobody is waited for any more."""
        self._ended.set()

    def _list(self, _: dict[str, Any]) -> dict[str, Any]:
        counts = self._gallery().counts()
        return {"people": [{"name": name, "templates": n} for name, n in counts.items()]}

    def _enroll(self, document: dict[str, Any]) -> dict[str, Any]:
        self._gallery()
        self._ended.wait(document.get("seconds", 0))
        engine, worker = self._running()
        gallery = self._gallery()
        if engine.threshold is None:
            raise ArgumentError("threshold: the embedder's card has none; the parameter is wanted")
        name = document["name"].strip()
        track = worker.ask(lambda: _whom(engine, document.get("face")))
        candidate = worker.ask(lambda: engine.candidate(track))
        # The disk is waited for here, not between two images.
        enroll(candidate, name, gallery, engine.threshold, force=document.get("force", False))
        worker.ask(lambda: engine.tracker.named(track))
        votes = 0 if candidate is None else candidate.votes
        return {"name": name, "face": engine.face(track), "looks": votes}

    def _rename(self, document: dict[str, Any]) -> dict[str, Any]:
        self._gallery().rename(document["name"], document["to"])
        self._recount()
        return {"name": document["to"]}

    def _forget(self, document: dict[str, Any]) -> dict[str, Any]:
        self._gallery().forget(document["name"])
        self._recount()
        return {"name": document["name"]}

    def _renew(self, _: dict[str, Any]) -> dict[str, Any]:
        self._running()
        self._reload()
        return {}

    def _recount(self) -> None:
        engine, worker = self._running()
        worker.ask(engine.recount)

    def _running(self) -> tuple[Engine, Worker[Any]]:
        engine, worker = self._engine(), self._worker()
        if engine is None or worker is None:
            raise ArgumentError("the node is not configured; ros2 lifecycle set NODE configure")
        return engine, worker

    def _gallery(self) -> Gallery:
        gallery = self._running()[0].gallery
        if gallery is None:
            raise ArgumentError("gallery: the node has none; its parameter gallery is wanted")
        return gallery


def _whom(engine: Engine, face: str | None) -> int:
    """The tracker's id of a face that was published, or of the only one there."""
    if face is not None:
        track = engine.track(face)
        if track is None or engine.people.get(track) is None:
            raise ArgumentError(f"face: nobody here is {face[:40]!r}; an id of ~/faces is wanted")
        return track
    here = [person.id for person in engine.people if person.here]
    if len(here) != 1:
        ids = ", ".join(engine.face(id_) for id_ in here) or "none"
        raise ArgumentError(f"face: got none, and {len(here)} are there: {ids}; one is wanted")
    return here[0]
