"""How a tracker works: the settings of the core, with its defaults."""

from __future__ import annotations

import dataclasses
from typing import Any

from rostro import _core
from rostro.support.arguments import check_flag, check_integer, check_number

__all__ = ["TrackerSettings"]

_USUAL = _core.tracker_settings()


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrackerSettings:
    """How a `Tracker` works. Lengths are in sizes of the face, the root of its box's area; times in
    seconds. ``cpp/include/rostro/tracker.hpp`` says where each default comes from; most are
    ByteTrack's (Zhang et al., 2022), its noise a frame taken at 30 frames a second.

    Attributes:
        high_score: from here on a detection is sure (0.6).
        low_score: below, it is not looked at (0.1); between the two it can keep a face alone.
        start_score: from here on it may be somebody new (0.7).
        min_iou: of a sure detection and where its face was expected (0.2).
        min_iou_low: of one that is not sure (0.5).
        max_buffer: boxes are enlarged by the standard deviation of where a face is expected before
            they are compared, and by this much at most (0.5).
        recognize: the cosine similarity of embeddings from which on two faces are one person's
            (0.4); the threshold of the embedder is a good choice.
        contradict: below, they are two persons', wherever they are (0.1).
        confirm_hits: detections before a face has an id (2), which must come within
            ``confirm_within`` (0.5).
        lost_after: unseen for longer, a face is lost (0.2).
        max_lost: unseen for longer, it has left (2).
        max_remembered: unseen for longer, it is not recognized any more (60).
        most_remembered: persons who have left and are remembered (1000).
        restart_after: a time that turns back by more begins a new stream (1).
        position_noise, aspect_noise: standard deviations of a detection's center and size (0.05),
            and of the logarithm of its aspect (0.1).
        position_diffusion, speed_diffusion: what a second adds to those of center (0.27) and speed
            (1.03); larger values follow faster.
        first_speed_noise: of the speed of a new face (1.875).
        smooth: whether boxes and landmarks are smoothed by One-Euro filters (Casiez et al., 2012).
        min_cutoff, cutoff_slope, derivative_cutoff: of these: Hz at rest (1), Hz more for each size
            a second (5), Hz of the speed (1).
    """

    high_score: float = _USUAL["high_score"]
    low_score: float = _USUAL["low_score"]
    start_score: float = _USUAL["start_score"]
    min_iou: float = _USUAL["min_iou"]
    min_iou_low: float = _USUAL["min_iou_low"]
    max_buffer: float = _USUAL["max_buffer"]
    recognize: float = _USUAL["recognize"]
    contradict: float = _USUAL["contradict"]
    confirm_hits: int = _USUAL["confirm_hits"]
    confirm_within: float = _USUAL["confirm_within"]
    lost_after: float = _USUAL["lost_after"]
    max_lost: float = _USUAL["max_lost"]
    max_remembered: float = _USUAL["max_remembered"]
    most_remembered: int = _USUAL["most_remembered"]
    restart_after: float = _USUAL["restart_after"]
    position_noise: float = _USUAL["position_noise"]
    aspect_noise: float = _USUAL["aspect_noise"]
    position_diffusion: float = _USUAL["position_diffusion"]
    speed_diffusion: float = _USUAL["speed_diffusion"]
    first_speed_noise: float = _USUAL["first_speed_noise"]
    smooth: bool = _USUAL["smooth"]
    min_cutoff: float = _USUAL["min_cutoff"]
    cutoff_slope: float = _USUAL["cutoff_slope"]
    derivative_cutoff: float = _USUAL["derivative_cutoff"]

    def for_core(self) -> dict[str, Any]:
        """What the core takes; checks the types, the core checks the ranges."""
        return {
            name: _CHECKS[type(usual)](name, getattr(self, name)) for name, usual in _USUAL.items()
        }


_CHECKS: dict[type, Any] = {
    bool: check_flag,
    int: lambda name, value: check_integer(name, value, 0),
    float: check_number,
}
