"""When a network runs on several threads: by times that the tests make up."""

from __future__ import annotations

import numpy as np

from rostro.engines.thread_choice import ThreadChoice

WORK = 0.010


class Machine:
    """Runs of one network: several threads end one in ``several`` seconds, one in ``alone``."""

    def __init__(self) -> None:
        self.choice = ThreadChoice()

    def run(self, several: float, alone: float, runs: int) -> list[bool]:
        """Which of the runs took several threads."""
        taken = []
        for _ in range(runs):
            taken.append(self.choice.several)
            wall = several if taken[-1] else alone
            self.choice.ran(taken[-1], wall, WORK)
        return taken


def test_several_threads_stay_where_they_gain() -> None:
    assert all(Machine().run(several=0.006, alone=WORK, runs=1000))


def test_one_slow_run_changes_nothing() -> None:
    machine = Machine()
    for _ in range(100):
        assert all(machine.run(several=0.1, alone=WORK, runs=1))
        assert all(machine.run(several=0.006, alone=WORK, runs=4))


def test_threads_that_gain_nothing_are_tried_seldom() -> None:
    taken = Machine().run(several=0.0115, alone=WORK, runs=2000)
    assert taken[:4] == [True, True, True, False]
    assert 0 < sum(taken[-1000:]) <= 10


def test_under_load_one_thread_is_taken_until_it_has_a_cpu_of_its_own() -> None:
    machine = Machine()
    assert all(machine.run(several=0.006, alone=WORK, runs=50))
    loaded = machine.run(several=0.050, alone=0.020, runs=5000)
    assert loaded[:4] == [True, True, True, False] and sum(loaded) == 3
    after = machine.run(several=0.006, alone=WORK, runs=100)
    assert after.index(True) == 2 and all(after[2:])


def test_under_load_several_threads_stay_where_one_takes_longer() -> None:
    machine = Machine()
    machine.run(several=0.006, alone=WORK, runs=50)
    loaded = machine.run(several=0.015, alone=0.025, runs=1000)
    assert loaded[:12] == [True] * 3 + [False] * 8 + [True]
    assert sum(loaded) > 800  # one thread is tried now and then


def test_what_was_tried_in_vain_is_forgotten_once_threads_gain_again() -> None:
    machine = Machine()
    machine.run(several=0.050, alone=WORK, runs=2000)  # some CPUs are held, but not all
    assert machine.run(several=0.006, alone=WORK, runs=300)[-40:] == [True] * 40
    loaded = machine.run(several=0.050, alone=WORK, runs=40)
    assert loaded[3:6] == [False] * 2 + [True]
    assert loaded[6:11] == [False] * 4 + [True]


def test_bursts_on_an_idle_machine_cost_little() -> None:
    """As a virtual machine has them: every 40 runs the host takes time away for six, and one thread
    often has not quite a CPU of its own."""
    machine, random = Machine(), np.random.default_rng(0)
    taken, walls, several = [], [], []
    for run in range(3000):
        slow = 2.2 if run % 40 < 6 else 1.0
        late = 1.2 if random.random() < 0.15 else 1.0
        several.append(0.006 * slow)
        taken += machine.run(several[-1], alone=WORK * late, runs=1)
        walls.append(several[-1] if taken[-1] else WORK * late)
    assert np.mean(taken) > 0.8
    assert np.mean(walls) < 1.1 * np.mean(several)


def test_other_work_of_the_process_counts_for_nothing() -> None:
    choice = ThreadChoice()
    choice.ran(True, 0.006, WORK)
    for _ in range(3):  # decoding, say, takes CPU time meanwhile
        choice.ran(True, 0.030, 3 * WORK)
    assert not choice.several


def test_a_run_that_began_before_the_choice_is_no_reason() -> None:
    machine = Machine()
    machine.run(several=0.050, alone=WORK, runs=3)
    for _ in range(20):
        machine.choice.ran(True, 0.006, WORK)
    assert not machine.choice.several
