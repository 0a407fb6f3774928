"""Identities that no photo shows, in numbers that no set of photos has, with real statistics.

A real embedding is taken as what a person's photos have in common, and what is the photo's own.
Each synthetic person is a random mix of what all real persons' photos have in common, and each of
her photos adds a random mix of what all real photos have of their own, as long as that of one of
them. Normally distributed weights give the mixes the real means and covariances, hence also the
spread within a person and the similarity between persons; the lengths, that some photos are poor.
Whatever else is not normally distributed in reality, such as twins, is lost.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rostro.errors import EvaluationError
from rostro.evaluate.verification import Indices
from rostro.types import FloatArray

__all__ = ["synthetic_people"]

_BLOCK = 10_000


def synthetic_people(
    embeddings: FloatArray, persons: Indices, count: int, photos: int, seed: int = 0
) -> FloatArray:
    """Embeddings of ``count`` synthetic persons on ``photos`` photos each.

    Args:
        embeddings: (N, D) float32 of unit norm, of real photos.
        persons: (N,) int32, whose they are; those with one photo do not count.
        count, photos: how many to make.
        seed: of the random numbers.

    Returns:
        (photos, count, D) float32 of unit norm.

    Raises:
        EvaluationError: fewer than two persons have several photos.
    """
    whose, sizes = np.unique(persons, return_inverse=True, return_counts=True)[1:]
    several = sizes[whose] > 1
    rows = embeddings[several].astype(np.float64)
    _, whose, sizes = np.unique(whose[several], return_inverse=True, return_counts=True)
    if len(sizes) < 2:
        raise EvaluationError("fewer than two persons with several photos; more are wanted")
    centers = np.zeros((len(sizes), rows.shape[1]))
    np.add.at(centers, whose, rows)
    centers /= sizes[:, np.newaxis]
    # The mean of n photos lies nearer to each of them than the person does.
    own = (rows - centers[whose]) * np.sqrt(sizes / (sizes - 1))[whose, np.newaxis]
    within = own.T @ own / len(own)
    lengths = np.linalg.norm(own, axis=1)
    lengths /= np.sqrt((lengths**2).mean())
    mean = centers.mean(axis=0)
    spread = centers - mean
    # For the same reason means scatter more than the persons do.
    between = spread.T @ spread / (len(centers) - 1) - within * (1 / sizes).mean()

    random = np.random.default_rng(seed)
    person_root, photo_root = _root(between), _root(within)
    result = np.empty((photos, count, rows.shape[1]), np.float32)
    for begin in range(0, count, _BLOCK):
        shape = (min(_BLOCK, count - begin), rows.shape[1])
        common = mean + random.standard_normal(shape) @ person_root
        for photo in result:
            length = random.choice(lengths, (shape[0], 1))
            made = common + length * (random.standard_normal(shape) @ photo_root)
            made /= np.linalg.norm(made, axis=1, keepdims=True)
            photo[begin : begin + shape[0]] = made
    return result


def _root(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """The matrix that gives normal numbers this covariance; what is negative of it is noise."""
    values, vectors = np.linalg.eigh(covariance)
    root: NDArray[np.float64] = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    return root
