"""What handsets do: the same for the same seed, number and contact, and at the rates that were measured."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sandbox.habits import QUESTIONS, decide_call, decide_caller, decide_text
from gateway.sandbox.handsets import Handset, stranger
from gateway.sandbox.profiles import HABITS_FILE, Manner, load_profiles

CROWD = [Handset(f"+6681{i:07}") for i in range(2000)]
NAMES = sorted(load_profiles())


@given(st.integers(), st.integers(1, 30), st.sampled_from(NAMES))
def test_the_same_contact_is_decided_the_same_whenever_it_is_asked(seed: int, nth: int, habits: str) -> None:
    handset = Handset("+66812345678", habits=habits)
    assert decide_call(seed, handset, nth) == decide_call(seed, handset, nth)
    assert decide_text(seed, handset, nth) == decide_text(seed, handset, nth)


def test_another_process_zone_and_hash_seed_decide_the_same() -> None:
    code = (
        "from gateway.sandbox.habits import *; from gateway.sandbox.handsets import Handset\n"
        "print([decide_call(3, Handset(f'+6681000000{i}'), 2) for i in range(9)])"
    )
    environment = os.environ | {"TZ": "America/Los_Angeles", "PYTHONHASHSEED": "77"}
    root = Path(__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", code], cwd=root, env=environment, capture_output=True, text=True)
    assert run.stdout.strip() == str([decide_call(3, Handset(f"+6681000000{i}"), 2) for i in range(9)])


def picked_up_by(call: int) -> float:
    """The share of the crowd that has answered one of the first `call` calls."""
    return sum(any(decide_call(1, one, nth).answers for nth in range(1, call + 1)) for one in CROWD) / len(CROWD)


@pytest.mark.parametrize(("call", "share"), [(1, 0.50), (3, 0.76), (9, 0.995)])
def test_calls_are_picked_up_at_the_rates_of_kilkari(call: int, share: float) -> None:
    assert picked_up_by(call) == pytest.approx(share, abs=0.03)


def test_every_manner_occurs_in_a_typical_crowd() -> None:
    seen = {decide_call(1, one, 1).manner for one in CROWD}
    assert seen == set(Manner) - {Manner.BY_HAND}


@pytest.mark.parametrize(
    ("habits", "manner"),
    [
        ("always_answers_1", Manner.PRESSES),
        ("never_answers", Manner.NO_ANSWER),
        ("busy", Manner.BUSY),
        ("off", Manner.OFF),
        ("voicemail", Manner.VOICEMAIL),
        ("hangs_up", Manner.HANGS_UP),
        ("silent", Manner.SILENT),
        ("wrong_keys", Manner.WRONG_KEY),
        ("misses_first", Manner.MISSES_FIRST),
        ("by_hand", Manner.BY_HAND),
    ],
)
def test_a_named_habit_does_always_what_its_name_says(habits: str, manner: Manner) -> None:
    handset = Handset("+66812345678", habits=habits)
    assert {decide_call(seed, handset, nth).manner for seed in range(5) for nth in range(1, 5)} == {manner}


def test_the_first_half_of_the_day_and_the_first_offer_are_taken_after_asking_for_another_day() -> None:
    behaviour = decide_call(1, Handset("+66812345678", habits="always_2"), 1)
    assert [behaviour.press(question).keys for question in range(4)] == ["2", "1", "1", "1"]


@pytest.mark.parametrize(("habits", "keys"), [("family_all", "01"), ("family_one_by_one", "1" * QUESTIONS)])
def test_a_familys_phone_answers_for_everybody_at_once_or_one_after_another(habits: str, keys: str) -> None:
    behaviour = decide_call(1, Handset("+66812345678", habits=habits), 1)
    assert "".join(behaviour.press(question).keys for question in range(QUESTIONS)) == keys


def test_a_wrong_key_is_followed_by_a_right_one() -> None:
    behaviour = decide_call(1, Handset("+66812345678", habits="wrong_keys"), 1)
    assert behaviour.press(0).keys in {"6", "4", "#"}
    assert behaviour.press(1).keys == "1"


@given(st.integers(), st.integers(1, 99))
def test_after_the_last_question_a_handset_is_silent(seed: int, nth: int) -> None:
    behaviour = decide_call(seed, Handset("+66812345678", habits="elder"), nth)
    assert len(behaviour.presses) <= QUESTIONS
    assert behaviour.press(QUESTIONS + 1).keys == ""


def test_a_text_to_a_landline_fails_as_the_carrier_finds_out() -> None:
    assert decide_text(1, Handset("+6653123456", habits="landline"), 1).error_code == 30006


def test_a_number_nobody_announced_has_the_line_its_digits_say() -> None:
    assert (stranger("+6653123456").line, stranger("+66812345678").line) == ("landline", "mobile")


def test_who_calls_us_is_there_and_presses() -> None:
    assert decide_caller(1, Handset("+66812345678", habits="never_answers"), 1).press(0).keys == "1"


def test_an_unknown_habit_is_named_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"no profile 'nosuch'; it has .*typical"):
        decide_call(1, Handset("+66812345678", habits="nosuch"), 1)


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        ("answers = [1.5]", r"bad.toml: \[one\]: answers"),
        ("unanswered = { asleep = 1 }", "unknown asleep"),
        ("pace = [3.0, 1.0]", "pace: expected low and high"),
        ("base = 'one'", "round in a circle"),
        ("base = 'none'", "none"),
    ],
)
def test_a_broken_profile_is_named_with_its_file_and_key(tmp_path: Path, broken: str, complaint: str) -> None:
    path = tmp_path / "bad.toml"
    base = "base = 'typical'\n" if "base" not in broken else ""
    shipped = HABITS_FILE.read_text(encoding="utf-8")
    path.write_text(f"{shipped}\n[one]\n{base}{broken}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=complaint):
        load_profiles(path)


def test_who_is_told_which_keys_to_press_presses_them_one_a_question() -> None:
    call = decide_call("seed", Handset("+66812345678", habits="presses 5 - *"), 1)
    assert call.answers
    assert [call.press(question).keys for question in range(4)] == ["5", "", "*", ""]
