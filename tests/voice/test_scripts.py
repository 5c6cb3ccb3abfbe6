"""The scripts that are shipped, all of them, as they would be heard."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.kit.clock import BANGKOK, at_bangkok
from gateway.languages.spoken import dayparts
from gateway.languages.table import load_languages
from gateway.voice.keys import (
    SPOKEN_DOSES,
    HotlineKey,
    Key,
    StudioKey,
    hotline_keys,
    hour_key,
    quarter_hours,
    studio_keys,
)
from gateway.voice.phrases import when_phrases
from gateway.voice.prompts import Script, load_scripts
from gateway.voice.synthesis import pieces_of
from gateway.wording.forbidden import has_citizen_number, has_link

FOLDER = Path(__file__).parents[2] / "voice_prompts"
SCRIPTS = load_scripts(FOLDER)
NAMED = {"th", "nod", "tts", "sou", "en", "my", "km", "lo", "vi"}
TWO_YEARS = [date(2026, 1, 1) + timedelta(offset) for offset in range(731)]
KEYED = {
    Key.ASK_COMING: (1, 2), Key.ASK_CALLBACK: (3,), Key.ASK_AGAIN: (9,), Key.ASK_RIDE: (4,),
    Key.ASK_RIDE_ELSE: (4, 1), Key.CHANGE_MIND: (2,),
    Key.ASK_ALREADY: (8,), Key.ASK_WRONG_PERSON: (7,), Key.ASK_STOP: (5,), Key.ASK_STAFF: (0,), Key.ASK_SLOWER: (6,),
    Key.ASK_PART: (1, 2, 3), Key.STOP_SURE: (5, 9), Key.WRONG_SURE: (7, 9), Key.OFFER_LATER: (3,),
    Key.OFFER_NEITHER: (3,),
    Key.ASK_EVERYBODY: (0,), Key.ASK_ONE_BY_ONE: (1,), Key.ASK_NEXT_NAMES: (4,), Key.LANGUAGE_MORE: (4,),
    Key.PRESS_1: (1,), Key.PRESS_2: (2,), Key.PRESS_3: (3,), Key.PRESS_4: (4,), HotlineKey.MENU: (1, 2, 3),
}  # fmt: skip
AFTER_THREE = (Key.ACK_CALLBACK, Key.ASK_ALREADY, Key.ASK_WRONG_PERSON, Key.ASK_STOP, Key.ASK_STAFF)
AFTER_SILENCE = (Key.SORRY_SILENCE, Key.ASK_SLOWER, Key.ASK_LANGUAGE, Key.ASK_STAFF, Key.ASK_AGAIN)
TO_STRANGERS = {
    Key.GREET_HOUSEHOLD, Key.EVERYBODY, Key.ASK_EVERYBODY, Key.ANOTHER_PERSON, Key.ACK_WRONG_PERSON, Key.ACK_ALREADY,
    Key.MUST_NOT_WAIT, Key.NEWS_RIDE, *HotlineKey,
}  # fmt: skip
GREETINGS = (Key.GREET_REMINDER, Key.GREET_SECOND_DOSE, Key.GREET_NEUTRAL)
OF_THE_VACCINATION = {Key.GREET_REMINDER, Key.GREET_SECOND_DOSE, Key.WHY_SECOND_DOSE} | {
    f"dose.{number}" for number in SPOKEN_DOSES
}
HEALTH = {
    "th": "วัคซีน ฉีด เข็ม สักยา ภูมิคุ้มกัน", "nod": "วัคซีน ฉีด เข็ม สักยา ภูมิคุ้มกัน",
    "tts": "วัคซีน ฉีด เข็ม สักยา ภูมิคุ้มกัน", "sou": "วัคซีน ฉีด เข็ม สักยา ภูมิคุ้มกัน",
    "en": "vaccin dose inject jab shot", "my": "ကာကွယ် ထိုးဆေး", "km": "វ៉ាក់សាំង ចាក់ ដូស ការពារ",
    "lo": "ວັກຊີນ ສັກ ເຂັມ ພູມຄຸ້ມກັນ", "vi": "vắc tiêm mũi bảo vệ",
}  # fmt: skip
MONEY = {
    "th": "เงิน", "nod": "เงิน", "tts": "เงิน", "sou": "เงิน", "en": "money", "my": "ငွေ", "km": "លុយ", "lo": "ເງິນ",
    "vi": "tiền",
}  # fmt: skip
EACH = pytest.mark.parametrize("language", sorted(SCRIPTS))


def longest(script: Script, keys: list[str]) -> float:
    return max(script.seconds(key) for key in keys)


def longest_date(script: Script) -> float:
    dates = [(f"weekday.{day.isoweekday()}", f"day.{day.day}", f"month.{day.month}") for day in TWO_YEARS]
    return max(sum(script.seconds(key) for key in keys) for keys in dates)


def quiet_around(clips: int) -> float:
    """What is set aside for the quiet at both ends of a clip. Taking in leaves more today (`audio.MARGIN`)."""
    return 2 * 0.05 * clips


def longest_opening(script: Script) -> float:
    return (
        quiet_around(7)  # a greeting, a day in four clips, an hour and a place
        + longest(script, list(GREETINGS))
        + longest(script, [Key.TODAY, Key.TOMORROW, Key.DAY_AFTER])
        + longest_date(script)
        + longest(script, [hour_key(hour) for hour in quarter_hours()])
        + script.seconds(Key.PLACE_UNNAMED)
    )


def test_the_languages_that_could_be_drafted_honestly_have_a_script() -> None:
    assert set(SCRIPTS) >= NAMED


@EACH
def test_a_script_says_everything_a_call_needs(language: str) -> None:
    assert SCRIPTS[language].missing == ()


@EACH
def test_a_script_says_all_that_those_hear_who_call_us(language: str) -> None:
    assert SCRIPTS[language].missing_of(hotline_keys()) == ()


def test_recording_by_telephone_is_guided_in_thai_and_english() -> None:
    assert {code for code, script in SCRIPTS.items() if not script.missing_of(studio_keys())} >= {"th", "en"}


@EACH
def test_a_script_calls_itself_a_draft(language: str) -> None:
    head = (FOLDER / language / "script.toml").read_text(encoding="utf-8").split("language =")[0]
    assert "draft" in head.lower()
    assert SCRIPTS[language].status == "draft"


@EACH
def test_no_prompt_has_a_digit_a_link_or_letters_of_another_script(language: str) -> None:
    script = load_languages().get(language).script
    for prompt in SCRIPTS[language].prompts.values():
        letters = [char for char in prompt.text if char.isalpha()]
        assert all(unicodedata.name(char).startswith(script.upper()) for char in letters), prompt
        assert not any(char.isdigit() for char in prompt.text), prompt
        assert not has_link(prompt.text)
        assert not has_citizen_number(prompt.text)


@EACH
def test_every_text_is_written_in_one_way(language: str) -> None:
    for prompt in SCRIPTS[language].prompts.values():
        assert unicodedata.is_normalized("NFC", prompt.text), prompt
        assert not re.search(r"[\u200b-\u200d\ufeff]|  ", prompt.text), prompt


@EACH
def test_every_prompt_is_translated_back_into_english(language: str) -> None:
    for prompt in SCRIPTS[language].prompts.values():
        assert re.search(r"[A-Za-z0-9]", prompt.back), prompt
        assert prompt.back.isascii(), prompt


@EACH
def test_no_machine_has_to_cut_a_word(language: str) -> None:
    for prompt in SCRIPTS[language].prompts.values():
        assert "".join(pieces_of(prompt.text)).replace(" ", "") == prompt.text.replace(" ", "")


@EACH
def test_no_two_hours_days_or_doses_sound_the_same(language: str) -> None:
    prompts = SCRIPTS[language].prompts
    for kind in ("weekday.", "day.", "month.", "hour.", "dose.", "digit.", "relative.", "press."):
        texts = [prompt.text for key, prompt in prompts.items() if key.startswith(kind)]
        assert len(set(texts)) == len(texts) > 1, kind


@EACH
def test_every_hour_is_said_with_a_part_of_the_day(language: str) -> None:
    for hour in quarter_hours():
        text = SCRIPTS[language].prompts[hour_key(hour)].text
        assert any(part in text for part in dayparts(language)), text


@EACH
def test_who_calls_and_when_and_where_are_said_within_ten_seconds(language: str) -> None:
    assert longest_opening(SCRIPTS[language]) <= 10


@EACH
def test_a_household_hears_who_calls_the_day_and_the_place_within_ten_seconds(language: str) -> None:
    script = SCRIPTS[language]
    day = longest(script, [Key.TODAY, Key.TOMORROW, Key.DAY_AFTER]) + longest_date(script)
    assert script.seconds(Key.GREET_HOUSEHOLD) + day + script.seconds(Key.PLACE_UNNAMED) + quiet_around(6) <= 10


@EACH
def test_three_people_of_one_phone_are_offered_within_forty_seconds(language: str) -> None:
    script = SCRIPTS[language]
    label = longest(script, [hour_key(hour) for hour in quarter_hours()])  # about as long as a name
    menu = sum(label + script.seconds(key) for key in (Key.PRESS_1, Key.PRESS_2, Key.PRESS_3))
    said = script.seconds(Key.SAFETY) + menu + script.seconds(Key.ASK_EVERYBODY) + quiet_around(8)
    assert longest_opening(script) + said <= 40


@EACH
def test_four_choices_are_not_longer_than_somebody_listens(language: str) -> None:
    script = SCRIPTS[language]
    for said in (AFTER_THREE, AFTER_SILENCE, (HotlineKey.MENU,)):
        assert sum(script.seconds(key) for key in said) + quiet_around(len(said)) <= 20, said


@EACH
def test_the_question_is_put_within_forty_seconds(language: str) -> None:
    script = SCRIPTS[language]
    reasons = longest(script, [f"dose.{number}" for number in SPOKEN_DOSES]) + script.seconds(Key.WHY_SECOND_DOSE)
    said = reasons + script.seconds(Key.SAFETY) + script.seconds(Key.ASK_COMING) + quiet_around(4)
    assert longest_opening(script) + said <= 40


def test_the_words_of_money_and_vaccination_are_known_for_the_languages_that_were_drafted_here() -> None:
    assert set(MONEY) == set(HEALTH) == NAMED


@pytest.mark.parametrize("language", sorted(HEALTH))
def test_only_what_is_about_the_vaccination_names_it(language: str) -> None:
    script = SCRIPTS[language]
    for key in (key for key in script.prompts if key not in OF_THE_VACCINATION and not key.startswith("studio.")):
        assert not [word for word in HEALTH[language].split() if word in script.prompts[key].text.casefold()], key
    assert any(word in script.prompts[Key.GREET_REMINDER].text.casefold() for word in HEALTH[language].split())


@pytest.mark.parametrize("language", sorted(MONEY))
def test_money_is_named_only_to_say_that_nobody_asks_for_it(language: str) -> None:
    prompts = SCRIPTS[language].prompts
    assert [key for key, prompt in prompts.items() if MONEY[language] in prompt.text.casefold()] == [Key.SAFETY]


@EACH
def test_the_keys_of_a_question_are_named_in_the_words_of_the_digits(language: str) -> None:
    prompts = SCRIPTS[language].prompts
    for key, digits in KEYED.items():
        said = [prompts[key].text.find(prompts[f"digit.{digit}"].text) for digit in digits]
        assert -1 not in said, key
        assert said == sorted(said), key


def test_every_choice_there_is_is_held_to_its_digit() -> None:
    asked = {key for key in Key if key.startswith(("ask.", "press.")) or key in (Key.OFFER_LATER, Key.OFFER_NEITHER)}
    assert asked - set(KEYED) == {Key.ASK_LANGUAGE}  # a star, which has no digit


@EACH
def test_the_star_and_the_hash_are_called_by_one_name(language: str) -> None:
    prompts = SCRIPTS[language].prompts
    star = prompts[Key.ASK_LANGUAGE].text.rstrip(".").rpartition(" ")[2]
    assert star in prompts[HotlineKey.MENU].text
    after_a_tone = (Key.MESSAGE_SPEAK, HotlineKey.REGISTER_NAME, HotlineKey.LEAVE_QUESTION, HotlineKey.REGISTER_NUMBER)
    assert len({prompts[key].text[-6:] for key in after_a_tone}) == 1


@EACH
def test_what_is_perhaps_said_to_a_stranger_names_nobody_and_no_vaccination(language: str) -> None:
    prompts = SCRIPTS[language].prompts
    for key in TO_STRANGERS:
        assert "{" not in prompts[key].text
        assert not [word for word in HEALTH.get(language, "").split() if word in prompts[key].text.casefold()], key


def test_a_language_is_offered_in_its_own_words_and_no_two_alike() -> None:
    offered = [script.prompts[Key.LANGUAGE_THIS].text for script in SCRIPTS.values()]
    assert len(set(offered)) == len(offered)


@EACH
def test_a_place_and_a_name_can_be_recorded_where_a_clinic_wants_it(language: str) -> None:
    place, name = SCRIPTS[language].site_prompt("LP01", "Lampang"), SCRIPTS[language].name_prompt("Somchai")
    assert place is not None
    assert "Lampang" in place.text
    assert name is not None
    assert "Somchai" in name.text


@EACH
def test_a_name_fits_behind_a_greeting_and_before_a_key_and_is_no_sentence_of_its_own(language: str) -> None:
    name = SCRIPTS[language].name_prompt("Somchai")
    assert name is not None
    assert not re.search(r"[.។။]|ค่ะ|เจ้า|นะคะ|ถึง|ເຖິງ|This is|Cuộc gọi|ပါ$", name.text)


@EACH
def test_a_doubt_is_told_to_the_reviewer_and_never_said_aloud(language: str) -> None:
    prompts = SCRIPTS[language].prompts.values()
    assert not any("?" in prompt.text or "doubt" in prompt.text.casefold() for prompt in prompts)
    told = [note for prompt in prompts for note in (prompt.note, prompt.note_en)]
    assert not any("doubt" in note.casefold() or has_link(note) for note in told)
    if language in NAMED - {"th", "en"}:
        assert sum(bool(prompt.doubt) for prompt in prompts) >= 4


@EACH
def test_what_a_speaker_is_told_is_told_in_thai_and_in_english(language: str) -> None:
    for prompt in SCRIPTS[language].prompts.values():
        assert bool(prompt.note) == bool(prompt.note_en), prompt
        assert not prompt.note or re.search("[ก-๙]", prompt.note), prompt
        assert not prompt.note or re.search("[A-Za-z]", prompt.note_en), prompt


def test_every_quarter_hour_and_every_day_of_two_years_can_be_said_in_every_language() -> None:
    heard = [
        when_phrases(at_bangkok(day, hour), at_bangkok(day, time(0)) - timedelta(days=9))
        for number, day in enumerate(TWO_YEARS)
        for hour in quarter_hours()[number % 10 :: 10]
    ]
    assert len(set(heard)) == len(heard) == 6 * len(TWO_YEARS)
    keys = {key for phrases in heard for key in phrases}
    assert {language: script.missing_of(keys) for language, script in SCRIPTS.items()} == dict.fromkeys(SCRIPTS, ())


@given(
    day=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    hour=st.sampled_from(quarter_hours()),
    before=st.timedeltas(timedelta(0), timedelta(days=4)),
)
def test_tomorrow_is_reckoned_in_bangkok_when_the_call_is_answered(day: date, hour: time, before: timedelta) -> None:
    starts_at = at_bangkok(day, hour)
    now = (starts_at - before).astimezone(UTC)
    nights = (day - now.astimezone(BANGKOK).date()).days
    first = {0: "relative.today", 1: "relative.tomorrow", 2: "relative.day_after"}.get(
        nights, f"weekday.{day.isoweekday()}"
    )
    assert when_phrases(starts_at, now)[0] == first


def test_a_call_of_the_evening_before_utc_midnight_says_today_to_bangkok() -> None:
    sunday_nine = at_bangkok(date(2026, 7, 26), time(9))
    assert when_phrases(sunday_nine, datetime(2026, 7, 25, 16, 59, tzinfo=UTC))[0] == "relative.tomorrow"
    assert when_phrases(sunday_nine, datetime(2026, 7, 25, 17, 0, tzinfo=UTC))[0] == "relative.today"


def test_no_call_to_anybody_needs_the_words_of_the_studio() -> None:
    assert not any(key in StudioKey for script in SCRIPTS.values() for key in script.missing)
