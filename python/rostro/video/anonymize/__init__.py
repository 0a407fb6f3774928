"""Hides the faces of photos and videos: finding, deciding who, covering the gaps, hiding."""
