"""The demo's clock: fast, held, paused, moved on, and never back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.kit.clock import DemoClock

START = datetime(2026, 8, 3, 2, 0, tzinfo=UTC)


class Seconds:
    """Real time that passes when it is told to."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def real() -> Seconds:
    return Seconds()


@pytest.fixture
def clock(real: Seconds) -> DemoClock:
    return DemoClock(START, 20, monotonic=real)


def passed(clock: DemoClock) -> float:
    return (clock.now() - START).total_seconds()


def test_it_runs_as_fast_as_it_was_told(clock: DemoClock, real: Seconds) -> None:
    real.at += 3
    assert passed(clock) == 60


def test_it_stands_until_the_last_of_two_holds_is_released(clock: DemoClock, real: Seconds) -> None:
    clock.hold()
    clock.hold()
    real.at += 5
    clock.release()
    real.at += 5
    assert (passed(clock), clock.is_held, clock.stands_still) == (0, True, True)
    clock.release()
    real.at += 1
    assert (passed(clock), clock.is_held, clock.stands_still) == (20, False, False)


def test_a_release_too_many_is_no_loan_on_the_next_hold(clock: DemoClock, real: Seconds) -> None:
    clock.release()
    clock.hold()
    real.at += 5
    assert passed(clock) == 0


def test_a_pause_outlasts_a_hold_and_a_hold_outlasts_a_pause(clock: DemoClock, real: Seconds) -> None:
    clock.pause()
    clock.hold()
    clock.release()
    real.at += 5
    assert (passed(clock), clock.is_paused) == (0, True)
    clock.hold()
    clock.resume()
    real.at += 5
    assert (passed(clock), clock.is_paused, clock.stands_still) == (0, False, True)


def test_pausing_twice_is_resumed_once(clock: DemoClock, real: Seconds) -> None:
    clock.pause()
    clock.pause()
    clock.resume()
    real.at += 1
    assert passed(clock) == 20


def test_another_speed_counts_from_now_on(clock: DemoClock, real: Seconds) -> None:
    real.at += 1
    clock.set_speed(300)
    real.at += 1
    assert (passed(clock), clock.speed) == (320, 300)


@pytest.mark.parametrize("speed", [0, -1, float("inf"), float("nan")])
def test_a_speed_that_is_none_is_refused_and_changes_nothing(clock: DemoClock, speed: float) -> None:
    with pytest.raises(ValueError, match="speed must be above 0"):
        clock.set_speed(speed)
    with pytest.raises(ValueError, match="speed must be above 0"):
        DemoClock(START, speed)
    assert clock.speed == 20


def test_a_paused_clock_can_be_moved_on_and_stays_paused(clock: DemoClock, real: Seconds) -> None:
    clock.pause()
    clock.jump_to(START + timedelta(hours=1))
    clock.jump_to(START)
    real.at += 5
    assert passed(clock) == 3600


def test_whoever_shows_it_can_tell_that_it_was_changed(clock: DemoClock, real: Seconds) -> None:
    before = clock.changes
    real.at += 5
    clock.now()
    assert clock.changes == before
    for change in (clock.hold, clock.release, clock.pause, clock.resume):
        change()
        assert clock.changes > before
        before = clock.changes


@given(st.lists(st.sampled_from(["hold", "release", "pause", "resume", "fast", "slow", "jump", "wait"]), max_size=30))
def test_it_never_goes_back_and_never_moves_while_it_stands(acts: list[str]) -> None:
    real = Seconds()
    clock = DemoClock(START, 20, monotonic=real)
    does = {
        "hold": clock.hold, "release": clock.release, "pause": clock.pause, "resume": clock.resume,
        "fast": lambda: clock.set_speed(300), "slow": lambda: clock.set_speed(0.5),
        "jump": lambda: clock.jump_to(clock.now() + timedelta(minutes=1)), "wait": lambda: None,
    }  # fmt: skip
    for act in acts:
        before = clock.now()
        does[act]()
        between = clock.now()
        real.at += 1
        after = clock.now()
        assert before <= between <= after
        assert (between == after) is clock.stands_still
