"""Which SIMD kernels run: chosen once for this CPU, or forced.

The environment variable ``ROSTRO_SIMD`` forces a level at start; with an unknown or unavailable one
whatever needs kernels raises ArgumentError, but not the import, so that `rostro doctor` tells it.
"""

from rostro import _core
from rostro.support.arguments import check_text

__all__ = ["features", "level", "levels", "use"]


def features() -> tuple[str, ...]:
    """What levels and networks ask for and the CPU has: of "avx2", "avxvnni", "avx512vnni",
    "neon", "fp16", "dotprod", "i8mm"."""
    return _core.simd_features()


def level() -> str:
    """The level in use: "scalar", "avx2", "avxvnni", "avx512vnni", "neon", "neon_dotprod" or
    "neon_i8mm"."""
    return _core.simd_level()


def levels() -> tuple[str, ...]:
    """The levels that this build holds and this CPU runs, in rising order."""
    return _core.simd_levels()


def use(level: str) -> None:
    """Makes the whole process use ``level``. Calls that are running finish as they began.

    Raises:
        ArgumentError: no such level here; the message lists those there are.
    """
    _core.simd_use(check_text("level", level))
