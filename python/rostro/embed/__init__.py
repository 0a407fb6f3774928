"""Embedders: from faces to vectors, and what two vectors say."""
