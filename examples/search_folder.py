"""Which pictures of a folder show the person of a picture? search_folder.py PERSON.jpg FOLDER"""

import sys
from pathlib import Path

import numpy as np

import rostro
from rostro.errors import ImageError

pipeline = rostro.FacePipeline()
wanted = pipeline(rostro.load_image(sys.argv[1])).embeddings
if wanted is None or len(wanted) == 0:
    raise SystemExit(f"{sys.argv[1]}: no face on it")

owners, embeddings = [], []
for path in sorted(Path(sys.argv[2]).iterdir()):
    try:
        found = pipeline(rostro.load_image(path)).embeddings
    except ImageError as error:
        print("left out:", error)
        continue
    if found is not None:
        owners += [path] * len(found)
        embeddings.append(found)
if not owners:
    raise SystemExit(f"{sys.argv[2]}: no face on any picture of it")

codes, scales = rostro.quantize_embeddings(np.concatenate(embeddings))
queries, query_scales = rostro.quantize_embeddings(wanted[:1])
indices, similarities = rostro.search_int8(
    codes, scales, queries, query_scales, k=min(5, len(owners))
)
for index, similarity in zip(indices[0], similarities[0], strict=True):
    print(f"{similarity:.3f} {owners[index].name}")
