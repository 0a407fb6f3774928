"""Galleries: identities in a file, or in memory, searched exactly. See docs/guide/gallery.md."""

from rostro.gallery.check import check
from rostro.gallery.gallery import Gallery
from rostro.gallery.identity import EmbedderIdentity
from rostro.gallery.rank_people import Match

__all__ = ["EmbedderIdentity", "Gallery", "Match", "check"]
