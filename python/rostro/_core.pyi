from collections.abc import Sequence
from typing import Any, TypedDict, type_check_only

import numpy as np
from numpy.typing import NDArray

from rostro.types import ImageLike

__version__: str

_Three = tuple[float, float, float]

@type_check_only
class HeadFacts(TypedDict):
    smallest_face: float
    channels: str
    mean: _Three
    std: _Three
    pad: int
    score_threshold: float
    nms_threshold: float
    nms_method: str

_Four = tuple[float, float, float, float]
_Float = NDArray[np.float32]
_Bytes = NDArray[np.uint8]
_Doubles = NDArray[np.float64]
_Codes = NDArray[np.int8]
_Indices = NDArray[np.int32]
_Size = tuple[int, int]
_ThreeInts = tuple[int, int, int]
_Column = tuple[str, str, NDArray[Any]]  # name, kind, numbers

def image_size(image: ImageLike, color: str) -> tuple[int, int]: ...
def letterbox_float32(
    image: ImageLike,
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
    image: ImageLike,
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
    pose_mean: Sequence[float],
    pose_std: Sequence[float],
    /,
) -> dict[str, _Float]: ...
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
    columns: Sequence[_Column], iou_threshold: float, top_k: int, /
) -> dict[str, NDArray[Any]]: ...
def columns() -> list[tuple[str, str, str, str, tuple[int, ...], int]]: ...

sure_score: float

def turn_back(
    columns: Sequence[tuple[str, str, NDArray[Any]]], degrees: int, image: _Size, /
) -> dict[str, NDArray[Any]]: ...
def uprightness(columns: Sequence[tuple[str, str, NDArray[Any]]], /) -> float: ...
def map_columns(
    columns: Sequence[_Column], transform: _Float, /
) -> dict[str, NDArray[np.float32]]: ...

class FaceTable:
    def __init__(self, *args: object, **kwargs: object) -> None: ...

class CropRule:
    def __init__(
        self,
        *,
        size: _Size,
        around: str,
        shape: str,
        scale: float,
        upright: bool,
        shift: tuple[float, float],
        inside: bool,
        channels: str,
        mean: _Three,
        std: _Three,
        aligned_to: str = ...,
    ) -> None: ...
    def crop(
        self, image: ImageLike, color: str, columns: Sequence[_Column], begin: int, count: int, /
    ) -> tuple[_Float, _Float]: ...

@type_check_only
class SchemeFacts(TypedDict):
    count: int
    landmarks: tuple[list[int], ...]
    eye_corners: tuple[int, int]

def scheme(name: str, /) -> SchemeFacts: ...
def convert_points(points: _Float, source: str, target: str, /) -> _Float: ...
def point_certainty(
    landmarks: _Float, image: ImageLike, color: str, presence: _Float, /
) -> _Float: ...

class LandmarkerTask:
    def __init__(
        self,
        *,
        name: str,
        scheme: str,
        crop: CropRule,
        codec: str,
        dims: int = ...,
        range: tuple[float, float] = ...,
        blur: int = ...,
        beta: float = ...,
        factor: float = ...,
        depth: bool = ...,
        depth_scale: float = ...,
        presence: bool = ...,
        mean: Sequence[float] = ...,
        std: Sequence[float] = ...,
        base: Sequence[float] = ...,
        basis: Sequence[float] = ...,
        descriptors: Sequence[float] = ...,
    ) -> None: ...
    @property
    def points(self) -> int: ...
    @property
    def dims(self) -> int: ...
    @property
    def batch(self) -> int: ...
    def prepare(
        self, image: ImageLike, color: str, columns: Sequence[_Column], begin: int, count: int, /
    ) -> tuple[_Float, _Float]: ...
    def finish(
        self,
        points: _Float,
        depth: _Float | None,
        presence: _Float | None,
        transforms: _Float,
        /,
    ) -> tuple[_Float, _Float, _Float | None]: ...
    def features_at(self, maps: _Float, transforms: _Float, points: _Float, /) -> _Float: ...

class AttributeHead:
    def __init__(
        self,
        *,
        name: str,
        kind: str,
        output: int,
        first: int | None,
        count: int,
        logits: bool = ...,
        scale: float = ...,
        offset: float = ...,
        unit: bool = ...,
        direction: bool = ...,
        signs: _ThreeInts = ...,
        covers: Sequence[int] = ...,
    ) -> None: ...

class PoseInput:
    def __init__(
        self, *, outputs: _ThreeInts, product: _ThreeInts, signs: _ThreeInts, level: bool
    ) -> None: ...

class AttributesTask:
    def __init__(
        self,
        *,
        name: str,
        crop: CropRule,
        inputs: Sequence[CropRule | PoseInput],
        each_eye: bool,
        heads: Sequence[AttributeHead],
    ) -> None: ...
    @property
    def batch(self) -> int: ...
    def prepare(
        self,
        image: ImageLike,
        color: str,
        columns: Sequence[_Column],
        scheme: str,
        begin: int,
        count: int,
        /,
    ) -> tuple[_Float, list[_Float], _Float]: ...
    def transforms(
        self, image: ImageLike, color: str, columns: Sequence[_Column], scheme: str, /
    ) -> _Float: ...
    def finish(
        self,
        outputs: Sequence[_Float],
        transforms: _Float,
        columns: Sequence[_Column],
        scheme: str,
        begin: int,
        /,
    ) -> dict[str, NDArray[Any]]: ...

class DetectorView:
    def __init__(self, *args: object, **kwargs: object) -> None: ...
    @property
    def input(self) -> _Size: ...
    @property
    def box(self) -> tuple[int, int, int, int]: ...

class DetectorTask:
    def __init__(
        self,
        *,
        name: str,
        head: str,
        network_outputs: Sequence[str],
        outputs: Sequence[str],
        channels: str,
        mean: _Three,
        std: _Three,
        pad: int,
        score_threshold: float,
        nms_threshold: float,
        top_k: int,
        weighted: bool,
        step: int,
        only: _Size = ...,
        sizes: Sequence[_Size] = ...,
        scale: float = ...,
        longest: int = ...,
        tile: _Size | None = ...,
        overlap: int = ...,
        pose_mean: Sequence[float] = ...,
        pose_std: Sequence[float] = ...,
    ) -> None: ...
    def views(self, image: ImageLike, color: str, turn: int | None = ...) -> list[DetectorView]: ...
    def prepare(
        self, image: ImageLike, color: str, view: DetectorView, out: _Float | None, /
    ) -> _Float: ...
    def finish(self, view: DetectorView, outputs: Sequence[_Float], /) -> FaceTable: ...
    def join(self, parts: Sequence[FaceTable], /) -> dict[str, _Float]: ...

class HeadPoseTask:
    def __init__(
        self,
        *,
        name: str,
        crop: CropRule,
        kind: str,
        outputs: _ThreeInts,
        product: _ThreeInts,
        signs: _ThreeInts,
        softmax: bool,
        factors: _ThreeInts | None,
    ) -> None: ...
    @property
    def batch(self) -> int: ...
    def prepare(
        self, image: ImageLike, color: str, columns: Sequence[_Column], begin: int, count: int, /
    ) -> tuple[_Float, _Float]: ...
    def finish(self, outputs: Sequence[_Float], transforms: _Float, /) -> _Doubles: ...

class LivenessTask:
    def __init__(
        self, *, name: str, crop: CropRule, activation: str, classes: int, live: Sequence[int]
    ) -> None: ...
    @property
    def batch(self) -> int: ...
    def prepare(
        self, image: ImageLike, color: str, columns: Sequence[_Column], begin: int, count: int, /
    ) -> _Float: ...
    def finish(self, output: _Float, count: int, /) -> _Float: ...

def mean_live(networks: Sequence[_Float], /) -> _Float: ...
def fit_head_poses(
    columns: Sequence[_Column], scheme: str, camera: _Four, /
) -> dict[str, NDArray[Any]]: ...
def mean_poses(networks: Sequence[_Doubles], /) -> _Float: ...

class QualityTask:
    def __init__(self, limits: _Float, norms: tuple[float, float] | None = ...) -> None: ...
    def measure(
        self, image: ImageLike, color: str, columns: Sequence[_Column], scheme: str, /
    ) -> tuple[_Float, NDArray[np.uint32], _Float, _Float]: ...

def quality_rules() -> list[tuple[str, str, str, bool, int, float, float]]: ...
def quality_components(measured: _Float, /) -> _Float: ...
def unified_quality(measured: _Float, /) -> float: ...

class QualityNetworkTask:
    def __init__(
        self, *, name: str, crop: CropRule, crop_template: str, range: tuple[float, float]
    ) -> None: ...
    @property
    def batch(self) -> int: ...
    def prepare(
        self, image: ImageLike, color: str, columns: Sequence[_Column], begin: int, count: int, /
    ) -> _Float: ...
    def finish(self, output: _Float, count: int, /) -> _Float: ...

def scale_quality(numbers: _Float, range: tuple[float, float], /) -> _Float: ...
def center_of_embeddings(embeddings: _Float, /) -> _Float: ...
def distances_to_center(embeddings: _Float, center: _Float, /) -> _Float: ...
def mirror_halves(crops: _Bytes, /) -> _Bytes: ...
def pair_similarities(embeddings: _Float, /) -> _Float: ...
def point_features(
    frame: str, points: _Float, landmarks: _Float, boxes: _Float, unit: bool, /
) -> _Float: ...

class EmbedderTask:
    def __init__(
        self,
        *,
        name: str,
        dim: int,
        size: _Size,
        crop_template: str,
        flip: bool,
        landmarks: bool,
        channels: str,
        mean: _Three,
        std: _Three,
        token: str = ...,
        own_template: Sequence[Sequence[float]] | None = ...,
    ) -> None: ...
    @property
    def batch(self) -> int: ...
    def prepare(
        self, image: ImageLike, color: str, columns: Sequence[_Column], begin: int, count: int, /
    ) -> tuple[_Float, _Float | None]: ...
    def prepare_crops(
        self,
        crops: _Bytes,
        channels: str,
        landmarks: _Float | None,
        begin: int,
        count: int,
        /,
    ) -> tuple[_Float, _Float | None]: ...
    def crops(
        self, image: ImageLike, color: str, columns: Sequence[_Column], channels: str, /
    ) -> _Bytes: ...
    def finish(self, output: _Float, count: int, /) -> tuple[_Float, _Float]: ...

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
def rank_people(
    parts: list[tuple[_Codes, _Float, NDArray[np.uint32], NDArray[np.bool_] | None]],
    embeddings: _Float,
    k: int,
    rescore: bool,
    threads: int,
    /,
) -> list[list[tuple[int, float]]]: ...
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
def rotation_of_angles(angles: _Doubles, order: _ThreeInts, signs: _ThreeInts, /) -> _Doubles: ...
def angles_of_rotation(
    rotations: _Doubles, order: _ThreeInts, signs: _ThreeInts, /
) -> _Doubles: ...
def angle_conventions() -> dict[str, tuple[_ThreeInts, _ThreeInts]]: ...
def rotation_of_vector(vectors: _Doubles, /) -> _Doubles: ...
def vector_of_rotation(rotations: _Doubles, /) -> _Doubles: ...
def rotation_of_quaternion(quaternions: _Doubles, /) -> _Doubles: ...
def quaternion_of_rotation(rotations: _Doubles, /) -> _Doubles: ...
def rotation_of_6d(columns: _Doubles, /) -> _Doubles: ...
def columns_of_rotation(rotations: _Doubles, /) -> _Doubles: ...
def nearest_rotation(matrices: _Doubles, /) -> _Doubles: ...

no_pose: float

def check_camera(camera: _Four, /) -> None: ...
def assumed_camera(width: int, height: int, hfov: float, /) -> _Four: ...
def mean_face(scheme: str, /) -> _Doubles: ...
def fit_poses(
    points: _Float,
    scheme: str | _Doubles,
    camera: _Four,
    weights: _Float | None,
    /,
) -> tuple[_Doubles, _Doubles, _Doubles, _Doubles, _Doubles]: ...
def poses_across(
    rotations: _Doubles,
    translations: _Doubles,
    crops: _Doubles,
    camera: _Four,
    to_image: bool,
    /,
) -> tuple[_Doubles, _Doubles]: ...
def project_points(
    points: _Doubles, rotations: _Doubles, translations: _Doubles, camera: _Four, /
) -> _Doubles: ...
def projected_boxes(
    points: _Doubles, rotations: _Doubles, translations: _Doubles, camera: _Four, /
) -> _Doubles: ...
def align_uint8(
    image: ImageLike,
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
    image: ImageLike,
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
    image: ImageLike, boxes: _Float, width: int, height: int, color: str, channels: str, /
) -> _Bytes: ...
def crop_boxes_float32(
    image: ImageLike,
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
def tracker_settings() -> dict[str, Any]: ...

class TrackerTask:
    def __init__(self, settings: dict[str, Any], /) -> None: ...
    def step(
        self,
        boxes: _Float,
        scores: _Float,
        landmarks: _Float | None,
        embeddings: _Float | None,
        time: float,
        motion: _Float | None,
        /,
    ) -> tuple[NDArray[np.int64], _Float | None, _Float | None]: ...
    def events(self) -> list[tuple[str, int, float]]: ...
    def predict(self, time: float, /) -> tuple[NDArray[np.int64], _Float, _Doubles]: ...
    def restart(self) -> None: ...

class MotionWatch:
    def __init__(self) -> None: ...
    def see(self, image: ImageLike, color: str, motion: _Float | None, /) -> None: ...
    def changed(self, boxes: _Float, /) -> bool: ...
    def accept(self) -> None: ...
    def keep(self, boxes: _Float, /) -> None: ...

class MeanTemplate:
    def __init__(self, dim: int, /) -> None: ...
    @property
    def dim(self) -> int: ...
    @property
    def weight(self) -> float: ...
    def add(self, embeddings: _Float, weights: _Float | None, /) -> None: ...
    def merge(self, other: MeanTemplate, /) -> None: ...
    def result(self) -> _Float | None: ...

class ClusterTemplate:
    def __init__(self, centers: _Float, weights: _Float | None, sharpness: float, /) -> None: ...
    @property
    def dim(self) -> int: ...
    @property
    def masses(self) -> list[float]: ...
    def add(self, embeddings: _Float, weights: _Float | None, /) -> None: ...
    def merge(self, other: ClusterTemplate, /) -> None: ...
    def result(self) -> _Float | None: ...

def conditional_rows(embeddings: _Float, statistics: Sequence[str], /) -> _Float: ...
def fuse_by_logits(embeddings: _Float, logits: _Float, /) -> _Float | None: ...
