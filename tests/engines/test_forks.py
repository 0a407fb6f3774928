"""Networks in forked processes: nothing waits for threads or locks that stayed in the parent.

Each case is a process of its own, for what fails here hangs.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from rostro.engines import ENGINES
from rostro.models import Model
from tests.support.networks import PARAM, double_onnx
from tests.support.scripts import run_script

pytestmark = [pytest.mark.heavy, pytest.mark.processes]

_START = """
import multiprocessing, os, sys, threading
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
import numpy as np, numpy.random  # numpy itself would import it when it is used
from rostro.engines import NetworkFiles, open_network
from rostro.errors import EngineError

engine, folder = sys.argv[1], Path(sys.argv[2])
files = NetworkFiles(folder / "d.onnx", folder / "d.param", folder / "d.bin")
forking = multiprocessing.get_context("fork")

def open_double():
    # Threads are no more than CPUs: on one CPU, nothing of this can hang.
    return open_network(files, engine, threads=2)

def run(network, seed=1):
    tensor = np.random.default_rng(seed).random((1, 3, 64, 64), np.float32)
    assert np.array_equal(network.run(tensor)[0], 2 * tensor)
    return "right"

def run_made_before(seed):
    return run(network, seed)

def make_and_run(seed):
    return run(open_double(), seed)

def fork(function):
    # The child ends as a program does, not as the workers of multiprocessing do.
    pid = os.fork()
    if pid == 0:
        function()
        sys.exit(0)
    return pid

def end(*pids):
    assert [os.waitpid(pid, 0)[1] for pid in pids] == [0] * len(pids)
"""

_CASES = {
    "pool, network unused": """
network = open_double()
with forking.Pool(2) as pool:
    print(set(pool.map(run_made_before, range(4))))
""",
    "pool, network used": """
network = open_double()
run(network)
with forking.Pool(2) as pool:
    print(set(pool.map(run_made_before, range(4))))
run(network)
""",
    "pool, network made in the child": """
network = open_double()
run(network)
with forking.Pool(2) as pool:
    print(set(pool.map(make_and_run, range(4))))
""",
    "executor": """
network = open_double()
run(network)
with ProcessPoolExecutor(2, forking) as pool:
    print(set(pool.map(run_made_before, range(4))))
""",
    "a child that ends": """
network = open_double()
run(network)
end(fork(lambda: None))
print({run(network)})
""",
    "workers of a server that loads before it forks": """
network = open_double()
end(*[fork(lambda: (run(network), run(network, 2))) for _ in range(2)])
print({"right"})
""",
    "threads of a child": """
network = open_double()
run(network)
def child():
    run(network)
    threads = [threading.Thread(target=run, args=(network, seed)) for seed in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
end(fork(child))
print({"right"})
""",
    "a child of a child": """
network = open_double()
run(network)
end(fork(lambda: (run(network), end(fork(lambda: run(network))))))
print({"right"})
""",
    "forks while others run and load": """
network = open_double()
going = True
def work(function):
    while going: function()
others = [threading.Thread(target=work, args=[f]) for f in (lambda: run(network), open_double)]
for thread in others: thread.start()
for _ in range(20):
    end(fork(lambda: (run(network), make_and_run(2))))
going = False
for thread in others: thread.join()
print({"right"})
""",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    double_onnx(tmp_path / "d.onnx")
    (tmp_path / "d.param").write_text(PARAM)
    (tmp_path / "d.bin").touch()
    return tmp_path


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", _CASES)
def test_forked(case: str, engine: str, folder: Path) -> None:
    assert run_script(_START + _CASES[case], engine, folder) == "{'right'}\n"


@pytest.mark.parametrize("change", ["unlink()", "write_bytes(b'other')"])
def test_a_file_that_is_no_longer_there(folder: Path, change: str) -> None:
    """ncnn goes on in the memory of the parent; ONNX Runtime must load again."""
    script = f"""
networks = [open_network(files, name, threads=2) for name in ("ncnn", "onnxruntime")]
for name in ("d.onnx", "d.param", "d.bin"):
    (folder / name).{change}
def child():
    run(networks[0])
    try:
        run(networks[1])
    except EngineError as error:
        print(error, flush=True)
end(fork(child))
"""
    told = run_script(_START + script, "", folder)
    assert "d.onnx" in told
    assert ("No such file" if change == "unlink()" else "was changed") in told


@pytest.mark.parametrize("made", ["before", "in the child"])
def test_the_default_pipeline(default_models: dict[str, Model], made: str) -> None:
    script = """
import multiprocessing, sys
import numpy as np, rostro
image = np.zeros((120, 160, 3), np.uint8)
pipeline = rostro.FacePipeline()
def run(_):
    used = rostro.FacePipeline() if sys.argv[1] == "in the child" else pipeline
    crop = np.zeros((1, 112, 112, 3), np.uint8)
    return len(used(image)), used.embedder.embed_crops(crop).embeddings.shape
with multiprocessing.get_context("fork").Pool(2) as pool:
    print(pool.map(run, range(2)))
"""
    assert run_script(script, made) == "[(0, (1, 128)), (0, (1, 128))]\n"
