"""``python -m rostro`` is the command ``rostro``."""

from rostro.cli import main

main()
