"""A stage of your own: how bright each face is, as an attribute. own_stage.py IN.jpg"""

import sys

import numpy as np

import rostro
from rostro import Faces
from rostro.kernels import Color
from rostro.types import Image


def brightness(image: Image, faces: Faces, color: Color = "bgr") -> Faces:
    """Adds the attribute "brightness", 0..255: the mean of what of each box lies in the image."""
    means = np.zeros(len(faces), np.float32)
    for i, (x1, y1, x2, y2) in enumerate(faces.boxes.clip(min=0).astype(int)):
        means[i] = image[y1 : y2 + 1, x1 : x2 + 1].mean()
    return faces.with_columns(attributes={"brightness": means})


pipeline = rostro.FacePipeline(embedder=None, stages=[brightness])
for face in pipeline(rostro.load_image(sys.argv[1])):
    print("score", round(face.score, 3), "attributes", face.attributes)
