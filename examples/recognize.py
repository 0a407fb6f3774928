"""Who is on the second picture? The first shows one person: recognize.py KNOWN.jpg OTHER.jpg"""

import sys

import rostro

known, other = (rostro.load_image(path) for path in sys.argv[1:3])
pipeline = rostro.FacePipeline()
embedder = pipeline.embedder
if embedder is None or embedder.threshold is None:
    raise SystemExit(
        "this embedder's card gives no threshold: rostro eval pairs --calibrate finds one"
    )

gallery = rostro.Gallery(embedder.dim, embedder=embedder)  # in a file: rostro.Gallery.open
faces = pipeline(known)
if len(faces) != 1 or faces.embeddings is None:
    raise SystemExit(f"{sys.argv[1]}: {len(faces)} faces; a picture of one person is wanted")
gallery.add("the person", faces.embeddings)

found = pipeline(other)
if found.embeddings is not None:
    for face, match in zip(
        found, gallery.identify(found.embeddings, embedder.threshold), strict=True
    ):
        who = f"{match.name}, {match.similarity:.2f}" if match else "somebody unknown"
        print("at", face.box[:2].round().tolist(), who)
