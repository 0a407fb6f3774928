"""Detectors: from an image to the table of its faces."""
