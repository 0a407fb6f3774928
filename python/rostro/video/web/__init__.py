"""The page of `rostro watch --serve`: what a watched stream shows in a browser."""
