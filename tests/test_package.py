"""What importing rostro costs, loads and says."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import rostro
from rostro.support.backports import tomllib
from tests.support.scripts import run_script


@pytest.mark.processes
def test_import_loads_no_engine_and_prints_nothing() -> None:
    heavy = "{'onnxruntime', 'ncnn', 'onnx', 'PIL', 'click', 'tqdm', 'sqlite3', 'cryptography'}"
    code = f"import sys, rostro; print(*sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout.strip(), done.stderr) == ("", "")


# Prints what `import rostro` says in a sub-interpreter, whatever Python calls the module for these.
SUB_INTERPRETER = '''
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
interpreters.run_string(interpreters.create(), """
try:
    import rostro
except ImportError as error:
    print(error, flush=True)
""")
'''


@pytest.mark.processes
def test_a_sub_interpreter_is_refused() -> None:
    """Importing there waited for ever."""
    command = [sys.executable, "-c", SUB_INTERPRETER]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if "No module named '_xxsubinterpreters'" in done.stderr:
        pytest.skip("this Python has no sub-interpreters")
    assert "interpreter" in done.stdout  # rostro's words, or those of Python 3.13


def test_the_version_is_the_same_everywhere() -> None:
    project = Path(__file__).parents[1] / "pyproject.toml"
    version = tomllib.loads(project.read_text())["project"]["version"]
    assert rostro.__version__ == version == metadata.version("rostro")


def test_every_public_name_is_there_and_documented() -> None:
    for name in rostro.__all__:
        thing = getattr(rostro, name)
        assert name == "__version__" or thing.__doc__, name


def test_errors_subclass_the_fitting_built_ins() -> None:
    for name in rostro.errors.__all__:
        error = getattr(rostro.errors, name)
        assert issubclass(error, rostro.RostroError)
        if error is not rostro.RostroError:
            assert len(error.__mro__) > 4, f"{name} has no built-in base of its own"


@pytest.mark.processes
def test_warnings_are_silent_where_nobody_configured_logging() -> None:
    script = "import logging, rostro\nlogging.getLogger('rostro.models').warning('hidden')"
    assert run_script(script) == ""
    assert "told" in run_script(
        "import logging, sys\nlogging.basicConfig(stream=sys.stdout)\n"
        "import rostro\nlogging.getLogger('rostro.models').warning('told')"
    )
