"""The ladder as data, and which channel comes first."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from gateway.plan import ladder as module
from gateway.plan.ladder import LadderError, PersonFacts, first_channels, load_ladder
from gateway.records.status import Channel

LADDER = load_ladder()
SHIPPED = Path(module.__file__).with_name("ladder.toml").read_text(encoding="utf-8")


def a_person(**facts: object) -> PersonFacts:
    return PersonFacts(**{"can_text": True, "can_call": True, "age": 40, **facts})  # type: ignore[arg-type]


def a_ladder_with(folder: Path, old: str, new: str) -> Path:
    assert old in SHIPPED
    path = folder / "mine.toml"
    path.write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")
    return path


def test_the_shipped_ladder_has_the_three_steps_of_a_roster_appointment() -> None:
    assert [step.name for step in LADDER.steps_for("roster")] == ["notice", "reminder", "morning"]
    assert [step.days_before for step in LADDER.steps_for("roster")] == [7, 2, 0]


def test_for_a_second_dose_its_own_step_takes_the_place_of_the_notice() -> None:
    assert [step.name for step in LADDER.steps_for("second_dose")] == ["second_dose", "reminder", "morning"]


def test_the_shipped_ladder_says_where_it_comes_from() -> None:
    assert "evidence" in LADDER.source
    assert LADDER.dated == date(2026, 11, 21)
    assert LADDER.voice_hours == (time(10), time(17, 30), time(9))


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("elder_age = 60", "", "first.elder_age"),
        ("elder_age = 60", 'elder_age = "sixty"', "first.elder_age"),
        ("elder_age = 60", "elder_age = 60\nelder_ages = 2", "first.elder_ages"),
        ("tries = 3", "tries = 0", "voice.tries"),
        ('"17:30", "09:00"]', '"25:30", "09:00"]', "voice.hours"),
        ("days_before = 7", "days_before = 1\nx = 1", "step[2].latest_days_before"),
        ("days_before = 7", "days_before = 7\nx = 1", "step[2].x"),
        ("days_before = 7", "days_before = -7", "step[2].days_before"),
        ('replaces = "notice"', 'replaces = "notes"', "step[1].replaces"),
        ('name = "morning"', 'name = "reminder"', "step[3].name"),
        ('only_source = "second_dose"', "", "step[1].only_source"),
        ('channel = "first"', 'channel = "fax"', "step[1].channel"),
        ("extra = []", 'extra = ["2026-01-02"]', "holidays.extra"),
        ("worked = [", "worked = [1, ", "holidays.worked"),
        ('source = "facts', 'origin = "facts', "source"),
        ("date = 2026-11-21", 'date = "today"', "date"),
        ("days_before = 2\n", "days_before = 9\n", "step"),
    ],
)
def test_a_mistake_in_the_file_is_named_by_file_and_key(tmp_path: Path, old: str, new: str, key: str) -> None:
    with pytest.raises(LadderError) as caught:
        load_ladder(a_ladder_with(tmp_path, old, new))
    assert (caught.value.file, caught.value.key) == ("mine.toml", key)
    assert str(caught.value).startswith(f"mine.toml: {key}: ")


def test_a_file_that_is_missing_or_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(LadderError, match=r"none\.toml: file: is missing"):
        load_ladder(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("[", encoding="utf-8")
    with pytest.raises(LadderError, match=r"bad\.toml: file: is not TOML"):
        load_ladder(tmp_path / "bad.toml")


def test_a_text_comes_first_for_most_people() -> None:
    assert first_channels(a_person(), LADDER) == (Channel.SMS,)
    assert first_channels(a_person(age=None), LADDER) == (Channel.SMS,)


@pytest.mark.parametrize("facts", [{"age": 60}, {"age": 91}, {"reads": False}, {"has_landline": True}])
def test_a_call_comes_first_for_elders_landlines_and_people_who_do_not_read(facts: dict[str, object]) -> None:
    assert first_channels(a_person(**facts), LADDER) == (Channel.VOICE,)


def test_a_wish_wins_over_the_rule_when_it_is_possible() -> None:
    assert first_channels(a_person(age=80, preferred=Channel.SMS), LADDER) == (Channel.SMS,)
    assert first_channels(a_person(preferred=Channel.VOICE), LADDER) == (Channel.VOICE,)


def test_a_wish_that_is_impossible_gives_way() -> None:
    assert first_channels(a_person(can_text=False, preferred=Channel.SMS), LADDER) == (Channel.VOICE,)
    assert first_channels(a_person(can_call=False, age=80), LADDER) == (Channel.SMS,)


def test_without_text_and_call_there_is_no_channel() -> None:
    assert first_channels(a_person(can_text=False, can_call=False), LADDER) == ()


def test_where_nobody_knows_whether_they_read_it_the_text_goes_out_with_a_call() -> None:
    assert first_channels(a_person(reads=None), LADDER) == (Channel.SMS, Channel.VOICE)


@pytest.mark.parametrize(
    ("facts", "only"),
    [
        ({"age": 60}, Channel.VOICE),
        ({"has_landline": True}, Channel.VOICE),
        ({"preferred": Channel.SMS}, Channel.SMS),
        ({"preferred": Channel.VOICE}, Channel.VOICE),
        ({"can_call": False}, Channel.SMS),
        ({"can_text": False}, Channel.VOICE),
    ],
)
def test_age_wishes_and_what_is_possible_count_before_that(facts: dict[str, object], only: Channel) -> None:
    assert first_channels(a_person(reads=None, **facts), LADDER) == (only,)


def test_who_cannot_read_is_texted_only_where_no_call_is_possible() -> None:
    assert first_channels(a_person(reads=False), LADDER) == (Channel.VOICE,)
    assert first_channels(a_person(reads=False, can_call=False), LADDER) == (Channel.SMS,)
