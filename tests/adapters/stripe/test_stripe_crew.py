import threading
from collections import Counter
from collections.abc import Callable

import pytest

from stakactl.adapters.stripe.crew import Crew, Stopped

Work = Callable[[int, Crew[int, int]], None]


def crew(work: Work, *, workers: int = 4, per_lane: int = 2) -> Crew[int, int]:
    return Crew(work, workers=workers, workers_per_lane=per_lane)


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "stripe-reader"]


def wait_for_the_end_of_threads() -> None:
    for thread in readers():
        thread.join(10)
        assert not thread.is_alive()


def echo(task: int, crew: Crew[int, int]) -> None:
    crew.emit(task)


def test_all_tasks_are_done_and_all_threads_end() -> None:
    assert sorted(crew(echo).run((f"lane {n % 3}", n) for n in range(500))) == list(range(500))
    wait_for_the_end_of_threads()


def test_no_tasks() -> None:
    assert list(crew(echo).run(())) == []
    assert readers() == []


def test_tasks_may_add_tasks() -> None:
    def halve(task: int, crew: Crew[int, int]) -> None:
        crew.emit(task)
        if task > 1:
            crew.add("lane", task // 2)
            crew.add("lane", task - task // 2)

    found = list(crew(halve).run([("lane", 64)]))
    assert Counter(found)[1] == 64
    assert len(found) == 127


def test_neither_a_lane_nor_the_crew_gets_more_workers_than_it_may() -> None:
    lock = threading.Lock()
    busy: Counter[str] = Counter()
    most: Counter[str] = Counter()

    def work(task: int, crew: Crew[int, int]) -> None:
        lane = f"lane {task % 5}"
        with lock:
            busy.update([lane, "all"])
            for name in (lane, "all"):
                most[name] = max(most[name], busy[name])
        crew.emit(task)
        with lock:
            busy.subtract([lane, "all"])

    tasks = [(f"lane {n % 5}", n) for n in range(300)]
    assert len(list(crew(work, workers=6, per_lane=2).run(tasks))) == 300
    assert most["all"] <= 6
    assert max(most[f"lane {n}"] for n in range(5)) <= 2


def test_a_busy_lane_leaves_workers_to_others() -> None:
    """Were all workers at the first lane, nobody would get to the one it waits for."""
    other_came = threading.Event()

    def work(task: int, crew: Crew[int, int]) -> None:
        if task < 100:
            assert other_came.wait(10)
        else:
            other_came.set()
        crew.emit(task)

    tasks = [("busy", n) for n in range(100)] + [("other", 100)]
    assert len(list(crew(work, workers=3, per_lane=2).run(tasks))) == 101


def test_workers_wait_while_the_consumer_is_slow() -> None:
    emitted = Counter[str]()
    lock = threading.Lock()

    def work(task: int, crew: Crew[int, int]) -> None:
        for number in range(1_000):
            crew.emit(number)
            with lock:
                emitted["all"] += 1

    taken = 0
    for _ in crew(work, workers=4, per_lane=4).run(("lane", n) for n in range(4)):
        taken += 1
        assert emitted["all"] - taken <= 4 * 2
    assert taken == 4_000


@pytest.mark.parametrize("after", [0, 1, 50])
def test_workers_end_when_the_consumer_stops(after: int) -> None:
    def work(task: int, crew: Crew[int, int]) -> None:
        while True:
            crew.emit(task)

    results = crew(work).run((f"lane {n}", n) for n in range(10))
    for _ in range(after):
        next(results)
    results.close()  # type: ignore[attr-defined]
    wait_for_the_end_of_threads()


def test_workers_end_when_the_consumer_fails() -> None:
    def consume() -> None:
        for _ in crew(echo).run(("lane", n) for n in range(1_000)):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        consume()
    wait_for_the_end_of_threads()


def test_a_worker_that_waits_learns_that_it_was_stopped() -> None:
    started, ended = threading.Event(), threading.Event()

    def work(task: int, crew: Crew[int, int]) -> None:
        crew.emit(task)
        started.set()
        while not crew.is_stopped():
            pass
        ended.set()
        raise Stopped

    results = crew(work).run([("lane", 1)])
    assert next(results) == 1
    assert started.wait(10)
    results.close()  # type: ignore[attr-defined]
    assert ended.wait(10)


def test_a_bug_in_a_worker_is_raised_by_the_consumer() -> None:
    def work(task: int, crew: Crew[int, int]) -> None:
        raise ZeroDivisionError(task)

    with pytest.raises(ZeroDivisionError):
        list(crew(work).run(("lane", n) for n in range(100)))
    wait_for_the_end_of_threads()


def test_each_thread_says_good_bye() -> None:
    left: list[str] = []
    made = Crew(
        echo,
        workers=3,
        workers_per_lane=3,
        leaving=lambda: left.append(threading.current_thread().name),
    )
    assert len(list(made.run(("lane", n) for n in range(100)))) == 100
    wait_for_the_end_of_threads()
    assert 1 <= len(left) <= 3
