"""Who comes and goes in a video, a camera or a stream: follow_video.py SOURCE"""

import sys

import rostro
from rostro.video import NewestFrame, open_source

tracker = rostro.FaceTracker(rostro.FacePipeline())
with open_source(sys.argv[1]) as source, NewestFrame(source) as newest:
    stream = 0
    for frame in newest:  # of a live source the newest; of a file all of them
        if frame.stream != stream:  # a camera that came back
            tracker.restart()
            stream = frame.stream
        tracker(frame.image, frame.time)
        for event in tracker.events():
            print(f"{event.time:.2f} s: face {event.id} {event.kind}")
for problem in source.problems.all():
    print(problem)
