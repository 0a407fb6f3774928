"""Finds the faces of a picture and draws them: detect_and_draw.py IN.jpg OUT.png"""

import sys

import rostro
from rostro.pictures.draw import draw_faces

image = rostro.load_image(sys.argv[1])
faces = rostro.Detector()(image)
for face in faces:
    print("box", face.box.round(1).tolist(), "score", round(face.score, 3))
rostro.save_image(sys.argv[2], draw_faces(image, faces))
