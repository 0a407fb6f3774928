"""The kernels alone, around a session of your own: own_network.py IN.jpg YUNET.onnx"""

import sys

import onnxruntime

import rostro

image = rostro.load_image(sys.argv[1])
session = onnxruntime.InferenceSession(sys.argv[2], providers=["CPUExecutionProvider"])
names = [f"{kind}_{stride}" for kind in ("cls", "obj", "bbox", "kps") for stride in (8, 16, 32)]

tensor, transform = rostro.letterbox(image, (640, 640))
outputs = session.run(names, {session.get_inputs()[0].name: tensor})
found = rostro.decode("yunet", outputs, (640, 640), score_threshold=0.7)
faces = found.select(rostro.nms(found.boxes, found.scores, 0.3)).mapped(transform.scaling)
print(faces.rows())
