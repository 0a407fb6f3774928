"""`rostro watch`: a stream is followed, and what happens is told, recorded and shown."""
