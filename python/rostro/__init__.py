"""Low-latency face detection, alignment, recognition and search for small computers.

>>> import rostro
>>> pipeline = rostro.FacePipeline()
>>> faces = pipeline(rostro.load_image("photo.jpg"))
"""

import logging as _logging

from rostro import errors, rotations, simd
from rostro._core import __version__
from rostro.attributes.attributes import Attributes
from rostro.attributes.challenge import ChallengeState, LivenessChallenge
from rostro.attributes.liveness import Liveness
from rostro.attributes.quality import Quality
from rostro.attributes.reasons import Reason
from rostro.detect.detector import Detector
from rostro.embed.embedder import Embedder
from rostro.embed.verdict import Verdict, verify
from rostro.errors import RostroError
from rostro.faces import Face, Faces
from rostro.gallery import Gallery, Match
from rostro.kernels import (
    Camera,
    LetterboxTransform,
    Poses,
    align,
    crop_boxes,
    decode,
    estimate_similarity,
    fit_pose,
    letterbox,
    mean_face,
    nms,
    nms_weighted,
    pose_in_crop,
    pose_of_crop,
    project_points,
    projected_boxes,
    quantize_embeddings,
    search_int8,
)
from rostro.landmarks.landmarker import Landmarker
from rostro.landmarks.schemes import convert_points
from rostro.pictures.images import load_image, save_image
from rostro.pipeline import FacePipeline
from rostro.pose.head_pose import HeadPose
from rostro.quantization import Quantized, quantize
from rostro.video import FaceTracker

# Without it, Python prints warnings to the standard error of programs that configure no logging.
_logging.getLogger("rostro").addHandler(_logging.NullHandler())

__all__ = [
    "Attributes",
    "Camera",
    "ChallengeState",
    "Detector",
    "Embedder",
    "Face",
    "FacePipeline",
    "FaceTracker",
    "Faces",
    "Gallery",
    "HeadPose",
    "Landmarker",
    "LetterboxTransform",
    "Liveness",
    "LivenessChallenge",
    "Match",
    "Poses",
    "Quality",
    "Quantized",
    "Reason",
    "RostroError",
    "Verdict",
    "__version__",
    "align",
    "convert_points",
    "crop_boxes",
    "decode",
    "errors",
    "estimate_similarity",
    "fit_pose",
    "letterbox",
    "load_image",
    "mean_face",
    "nms",
    "nms_weighted",
    "pose_in_crop",
    "pose_of_crop",
    "project_points",
    "projected_boxes",
    "quantize",
    "quantize_embeddings",
    "rotations",
    "save_image",
    "search_int8",
    "simd",
    "verify",
]
