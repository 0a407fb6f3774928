from collections.abc import Sequence
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

__version__: str

class HeadFacts(TypedDict):
    size_step: int
    smallest_face: float
    most_outputs: int
    fewest_outputs: int

_Three = tuple[float, float, float]
_Four = tuple[float, float, float, float]
_Float = NDArray[np.float32]
_Bytes = NDArray[np.uint8]
_Codes = NDArray[np.int8]
_Indices = NDArray[np.int32]

def image_size(image: _Bytes, color: str) -> tuple[int, int]: ...
def letterbox_float32(
    image: _Bytes,
    color: str,
    width: int,
    height: int,
    upscale: bool,
    pad: int,
    channels: str,
    mean: _Three,
    std: _Three,
    out: NDArray[Any] | None,
    /,
) -> tuple[_Float, _Four]: ...
def letterbox_uint8(
    image: _Bytes,
    color: str,
    width: int,
    height: int,
    upscale: bool,
    pad: int,
    channels: str,
    out: NDArray[Any] | None,
    /,
) -> tuple[_Bytes, _Four]: ...
def decode(
    head: str,
    outputs: Sequence[_Float],
    width: int,
    height: int,
    score_threshold: float,
    top_k: int,
    /,
) -> tuple[_Float, _Float, _Float | None, _Float | None]: ...
def find_nan(outputs: Sequence[_Float], /) -> int: ...
def head(name: str, outputs: int, /) -> HeadFacts: ...
def nms(
    boxes: _Float,
    scores: _Float,
    iou_threshold: float,
    top_k: int,
    method: str,
    sigma: float,
    score_threshold: float,
    /,
) -> NDArray[np.int64]: ...
def nms_weighted(
    boxes: _Float,
    scores: _Float,
    landmarks: _Float | None,
    iou_threshold: float,
    top_k: int,
    /,
) -> tuple[_Float, _Float, _Float | None]: ...
def quantize_embeddings(embeddings: _Float, /) -> tuple[_Codes, _Float]: ...
def search_int8(
    codes: _Codes,
    scales: _Float,
    queries: _Codes,
    query_scales: _Float,
    k: int,
    mask: NDArray[np.bool_] | None,
    threads: int,
    /,
) -> tuple[NDArray[np.int64], _Float]: ...
def count_matches(
    boxes: NDArray[np.float64],
    scores: NDArray[np.float64],
    faces: NDArray[np.float64],
    counted: NDArray[np.bool_],
    iou_threshold: float,
    thresholds: int,
    /,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]: ...
def score_pairs_float32(embeddings: _Float, first: _Indices, second: _Indices, /) -> _Float: ...
def score_pairs_int8(
    codes: _Codes, scales: _Float, first: _Indices, second: _Indices, /
) -> _Float: ...
def roc_curve(
    scores: _Float, same: NDArray[np.bool_], /
) -> tuple[_Float, NDArray[np.int64], NDArray[np.int64]]: ...
def verification_rates(
    scores: _Float,
    same: NDArray[np.bool_],
    counts: _Indices,
    first: _Indices,
    second: _Indices,
    false_accept_rates: Sequence[float],
    /,
) -> tuple[NDArray[np.float64], NDArray[np.float64], _Float]: ...
def fold_accuracies(
    scores: _Float,
    same: NDArray[np.bool_],
    folds: _Indices,
    fold_count: int,
    counts: _Indices,
    first: _Indices,
    second: _Indices,
    /,
) -> NDArray[np.float64]: ...
def estimate_similarity(src: _Float, dst: _Float, /) -> _Float: ...
def template_points(name: str, width: int, height: int, /) -> _Float: ...
def align_uint8(
    image: _Bytes,
    landmarks: _Float,
    width: int,
    height: int,
    template: str,
    color: str,
    channels: str,
    out: NDArray[Any] | None,
    /,
) -> _Bytes: ...
def align_float32(
    image: _Bytes,
    landmarks: _Float,
    width: int,
    height: int,
    template: str,
    color: str,
    channels: str,
    mean: _Three,
    std: _Three,
    out: NDArray[Any] | None,
    /,
) -> _Float: ...
def crop_boxes_uint8(
    image: _Bytes, boxes: _Float, width: int, height: int, color: str, channels: str, /
) -> _Bytes: ...
def crop_boxes_float32(
    image: _Bytes,
    boxes: _Float,
    width: int,
    height: int,
    color: str,
    channels: str,
    mean: _Three,
    std: _Three,
    /,
) -> _Float: ...
def simd_features() -> tuple[str, ...]: ...
def simd_level() -> str: ...
def simd_levels() -> tuple[str, ...]: ...
def simd_use(level: str, /) -> None: ...
