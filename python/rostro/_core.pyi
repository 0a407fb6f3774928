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
def estimate_similarity(src: _Float, dst: _Float, /) -> _Float: ...
def align_uint8(
    image: _Bytes,
    landmarks: _Float,
    size: int,
    template: str,
    color: str,
    channels: str,
    out: NDArray[Any] | None,
    /,
) -> _Bytes: ...
def align_float32(
    image: _Bytes,
    landmarks: _Float,
    size: int,
    template: str,
    color: str,
    channels: str,
    mean: _Three,
    std: _Three,
    out: NDArray[Any] | None,
    /,
) -> _Float: ...
def simd_features() -> tuple[str, ...]: ...
def simd_level() -> str: ...
def simd_levels() -> tuple[str, ...]: ...
def simd_use(level: str, /) -> None: ...
