"""Two embedders, one for poor faces: branch_by_quality.py PHOTOS IN.jpg LOW_RESOLUTION_CARD.toml

PHOTOS has one photo a person. Everybody is enrolled twice, once for each embedder, for templates of
two networks do not mix; each face of IN.jpg is looked up in the gallery of the embedder it got.
"""

import sys
from pathlib import Path

import rostro
from rostro.attributes.branch import Branch

good = rostro.Embedder()
poor = rostro.Embedder(sys.argv[3])
detect = rostro.Detector()
# The detector's score stands for quality here; a stage that fills "quality" is a better judge.
branch = Branch(good, poor, threshold=0.85, column="scores")

galleries = [rostro.Gallery(embedder.dim, embedder=embedder) for embedder in (good, poor)]
for path in sorted(Path(sys.argv[1]).iterdir()):
    image = rostro.load_image(path)
    person = detect(image)[:1]
    for embedder, gallery in zip((good, poor), galleries, strict=True):
        embedded = embedder(image, person).embeddings
        if embedded is not None:
            gallery.add(path.stem, embedded)

image = rostro.load_image(sys.argv[2])
found = branch(image, detect(image))
for name, faces, gallery in zip(("good", "poor"), found[:2], galleries, strict=True):
    if faces.embeddings is None:
        continue
    for face, (best, *_) in zip(faces, gallery.search(faces.embeddings, 1), strict=True):
        print(f"{name} face at", face.box[:2].round().tolist(), best.name, f"{best.similarity:.2f}")
