"""Pictures in files: reading, writing, drawing."""
