"""Stages of a pipeline: their order, alone, what is no stage; engines that stand in for others."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import rostro
from rostro.engines.recording import Recorder
from rostro.errors import ArgumentTypeError, ModelError
from rostro.faces import Faces
from rostro.kernels import Color
from rostro.types import Image
from tests.support.there import there

pytestmark = pytest.mark.usefixtures("default_models")


class Sizes:
    """A stage: how large a face is, as its quality; notes which columns were there before."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.color = ""

    def __call__(self, image: Image, faces: Faces, color: Color = "bgr") -> Faces:
        self.seen, self.color = set(faces.columns()), color
        heights = faces.boxes[:, 3] - faces.boxes[:, 1]
        return faces.with_columns(quality=heights / np.float32(image.shape[0]))


def test_stages_run_in_their_order(photo: Image) -> None:
    before, after = Sizes(), Sizes()
    embedder = rostro.Embedder(threads=1)
    pipeline = rostro.FacePipeline(stages=[before, embedder, after], threads=1)
    assert pipeline.embedder is embedder
    assert pipeline.stages == (before, embedder, after)
    faces = pipeline(np.ascontiguousarray(photo[..., ::-1]), color="rgb")
    assert "embeddings" not in before.seen and "embeddings" in after.seen
    assert before.color == "rgb"
    assert faces[0].quality == pytest.approx((faces.boxes[0, 3] - faces.boxes[0, 1]) / 250)
    assert there(faces.embeddings).shape == (1, 128)


def test_the_embedder_is_the_last_unless_it_is_placed(photo: Image) -> None:
    stage = Sizes()
    pipeline = rostro.FacePipeline(stages=[stage], threads=1)
    assert pipeline.stages == (stage, pipeline.embedder)
    assert rostro.FacePipeline(embedder=None, stages=[stage]).stages == (stage,)
    assert pipeline(photo).columns().keys() >= {"quality", "embeddings", "norms"}


def test_a_stage_works_alone(photo: Image) -> None:
    detector, embedder = rostro.Detector(threads=1), rostro.Embedder(threads=1)
    faces = Sizes()(photo, embedder(photo, detector(photo)))
    both = rostro.FacePipeline(detector, embedder)(photo)
    np.testing.assert_array_equal(there(faces.embeddings), there(both.embeddings))


def test_what_gives_no_table_is_named(photo: Image) -> None:
    def nothing(image: Image, faces: Faces, color: Color) -> None:
        return None

    pipeline = rostro.FacePipeline(embedder=None, stages=[nothing])  # type: ignore[list-item]
    with pytest.raises(ArgumentTypeError, match=r"stages: got <function .*nothing.*NoneType"):
        pipeline(photo)


def test_another_engine_leaves_the_detector_as_it_is(photo: Image) -> None:
    detector, embedder = rostro.Detector(threads=1), rostro.Embedder(threads=1)
    engine = detector.engine
    recorder = Recorder(engine)
    faces = detector.with_engine(recorder)(photo)
    np.testing.assert_array_equal(faces.boxes, detector(photo).boxes)
    assert detector.engine is engine
    assert there(recorder.last).shape == (1, 3, 256, 256)
    recorder = Recorder(embedder.engine)
    embedder.with_engine(recorder)(photo, faces)
    assert there(recorder.last).shape == (1, 3, 112, 112)
    with pytest.raises(ModelError, match="engine: got one with the outputs"):
        detector.with_engine(embedder.engine)


def test_another_size_loads_nothing(photo: Image) -> None:
    detector = rostro.Detector(threads=1)
    recorder = Recorder(detector.engine)
    small = detector.with_engine(recorder).with_size((128, 128))
    assert small.engine is recorder and detector.with_size((128, 128)).engine is detector.engine
    small(photo)
    assert there(recorder.last).shape == (1, 3, 128, 128)


def test_pickled_as_what_they_were_made_from(photo: Image) -> None:
    pipeline = rostro.FacePipeline(
        rostro.Detector(threads=1, det_size=(320, 320), score_threshold=0.6),
        rostro.Embedder(threads=1, flip=True),
    )
    pickled = pickle.dumps(pipeline)
    assert len(pickled) < 2000
    again = pickle.loads(pickled)
    faces, wanted = again(photo), pipeline(photo)
    np.testing.assert_array_equal(faces.boxes, wanted.boxes)
    np.testing.assert_array_equal(faces.embeddings, wanted.embeddings)
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(pipeline.detector.with_engine(Recorder(pipeline.detector.engine)))
