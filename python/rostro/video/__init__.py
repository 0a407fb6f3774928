"""Faces of streams: ids that last, and what happens to them."""

from rostro.video.tracker import Event, Predicted, Tracker
from rostro.video.tracker_settings import TrackerSettings

__all__ = ["Event", "Predicted", "Tracker", "TrackerSettings"]
