"""Unknowns of videos who wait for a person to say who they are."""

from rostro.video.review.queue import ReviewQueue
from rostro.video.review.records import Entry, Picture

__all__ = ["Entry", "Picture", "ReviewQueue"]
