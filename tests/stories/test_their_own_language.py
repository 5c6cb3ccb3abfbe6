"""Everybody is written to in their own script; another language is used only where the table says so."""

from __future__ import annotations

import re

import pytest

from tests.stories.stage import Stage

HEADER = "HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด"
PHONE = "0800000020"
SCRIPTS = {
    "my": "[\u1000-\u109f]",
    "km": "[\u1780-\u17ff]",
    "lo": "[\u0e80-\u0eff]",
    "vi": "[\u1ea0-\u1ef9]",
    "th": "[\u0e00-\u0e7f]",
}


@pytest.fixture
def tuesday(stage: Stage) -> Stage:
    """Three days before the appointment."""
    stage.given_a_session_with_seats("2026-08-07", "afternoon", 10)
    stage.given_a_handset(PHONE, "never_answers")
    stage.given_it_is("2026-08-04 15:00")
    return stage


def load(stage: Stage, language: str, born: str = "1/2/2533") -> None:
    stage.given_a_roster(f"""
        {HEADER}
        68-001,Somebody,{born},080-000-0020,{language},flu,1,07/08/2569,14.00
    """)


@pytest.mark.parametrize(
    ("language", "script"), [("พม่า", "my"), ("เขมร", "km"), ("ลาว", "lo"), ("เวียดนาม", "vi"), ("ไทย", "th")]
)
def test_each_is_texted_in_their_own_script(tuesday: Stage, language: str, script: str) -> None:
    load(tuesday, language)
    tuesday.when_it_is("2026-08-05 11:35")
    (text,) = tuesday.texts_to(PHONE)
    assert len(re.findall(SCRIPTS[script], text)) > 5
    (attempt,) = tuesday.attempts_of("Somebody")
    assert attempt.language == script
    assert 1 <= attempt.segments <= 3


@pytest.mark.parametrize(("language", "reply"), [("พม่า", "၁"), ("เขมร", "១"), ("ลาว", "໑"), ("เวียดนาม", "1")])
def test_each_answers_with_a_digit_of_their_own_script(tuesday: Stage, language: str, reply: str) -> None:
    load(tuesday, language)
    tuesday.when_it_is("2026-08-05 11:35")
    tuesday.when_a_person_texts(PHONE, reply)
    tuesday.then_is_confirmed("Somebody")


def test_who_is_not_spoken_to_yet_in_burmese_is_texted_however_old(tuesday: Stage) -> None:
    tuesday.given_no_voice_in("my", "en")
    load(tuesday, "พม่า", born="1/2/2490")
    tuesday.when_the_fortnight_passes()
    tuesday.then_phone_was_called_times(PHONE, 0)
    assert {attempt.language for attempt in tuesday.attempts_of("Somebody")} == {"my"}


@pytest.mark.parametrize(("language", "code"), [("พม่า", "my"), ("เขมร", "km")])
def test_where_nobody_knows_whether_they_read_it_a_text_comes_and_in_the_evening_a_call(
    tuesday: Stage, language: str, code: str
) -> None:
    tuesday.given_a_handset(PHONE, "always_answers_1")
    load(tuesday, language)
    tuesday.when_it_is("2026-08-05 11:35")
    tuesday.then_reminders_are(
        "Somebody", "reminder sms sent", "reminder voice planned", "morning sms planned", "morning voice planned"
    )
    tuesday.then_phone_was_called_times(PHONE, 0)
    tuesday.then_phone_got_texts(PHONE, 1)
    tuesday.when_it_is("2026-08-05 19:05")
    tuesday.then_phone_was_called_times(PHONE, 1)
    assert {one.language for one in tuesday.attempts_of("Somebody")} == {code}
    tuesday.then_is_confirmed("Somebody")
    tuesday.then_no_more_reminders_come("Somebody")


def test_an_answer_to_the_text_ends_the_call_that_was_to_follow(tuesday: Stage) -> None:
    load(tuesday, "พม่า")
    tuesday.when_it_is("2026-08-05 11:35")
    tuesday.when_a_person_texts(PHONE, "1")
    tuesday.when_it_is("2026-08-05 19:05")
    tuesday.then_phone_was_called_times(PHONE, 0)
    tuesday.then_is_confirmed("Somebody")
    assert set(tuesday.reminders_of("Somebody")) == {
        "reminder sms answered", "reminder voice suppressed", "morning sms suppressed", "morning voice suppressed",
        "answer sms sent",
    }  # fmt: skip


def test_who_answers_neither_is_handed_to_staff_once(tuesday: Stage) -> None:
    load(tuesday, "พม่า")
    tuesday.when_the_fortnight_passes()
    tuesday.then_is_booked("Somebody")
    tuesday.then_tasks_are("unreached")


@pytest.mark.parametrize(("reads", "texts", "calls"), [(True, 1, 0), (False, 0, 1)])
def test_who_is_known_to_read_is_texted_and_who_is_known_not_to_is_called(
    tuesday: Stage, reads: bool, texts: int, calls: int
) -> None:
    load(tuesday, "พม่า")
    with tuesday.house.database.unit_of_work() as db:
        db.merge(tuesday.person_of("Somebody").model_copy(update={"reads_script": reads}))
    tuesday.when_it_is("2026-08-05 11:35")
    tuesday.then_phone_got_texts(PHONE, texts)
    tuesday.then_phone_was_called_times(PHONE, calls)


def test_what_was_planned_before_anybody_knew_that_they_read_is_left_out_one_by_one(tuesday: Stage) -> None:
    load(tuesday, "พม่า")
    tuesday.when_it_is("2026-08-05 11:35")
    with tuesday.house.database.unit_of_work() as db:
        db.merge(tuesday.person_of("Somebody").model_copy(update={"reads_script": True}))
    tuesday.when_it_is("2026-08-05 19:05")
    assert tuesday.reminders_of("Somebody")[:2] == ["reminder sms sent", "reminder voice cancelled"]
    with tuesday.house.database.unit_of_work() as db:
        db.merge(tuesday.person_of("Somebody").model_copy(update={"reads_script": False}))
    tuesday.when_it_is("2026-08-07 11:35")
    tuesday.when_it_is("2026-08-07 12:25")
    tuesday.then_phone_got_texts(PHONE, 1)
    tuesday.then_phone_was_called_times(PHONE, 1)


def test_a_dialect_nobody_wrote_down_is_called_in_thai_because_the_table_says_so(tuesday: Stage) -> None:
    tuesday.given_no_voice_in("nod")
    load(tuesday, "คำเมือง", born="1/2/2490")
    tuesday.given_a_handset(PHONE, "always_answers_1")
    tuesday.when_it_is("2026-08-05 11:35")
    (attempt,) = tuesday.attempts_of("Somebody")
    assert (attempt.channel.value, attempt.language) == ("voice", "th")
    assert tuesday.house.languages.chain("nod") == ("nod", "th")
    tuesday.then_is_confirmed("Somebody")
    tuesday.then_the_report_counts("language", "nod", due=1, confirmed=1)


def test_a_karen_speaker_is_written_to_and_called_in_burmese_never_in_thai(tuesday: Stage) -> None:
    load(tuesday, "กะเหรี่ยง")
    tuesday.when_the_fortnight_passes()
    assert tuesday.house.languages.chain("ksw") == ("ksw", "my", "en")
    attempts = tuesday.attempts_of("Somebody")
    assert {(one.channel.value, one.language) for one in attempts} == {("sms", "my"), ("voice", "my")}


def test_where_not_a_word_can_be_said_or_written_staff_are_told(tuesday: Stage) -> None:
    tuesday.given_no_texts_in("km")
    tuesday.given_no_voice_in("km", "en")
    load(tuesday, "เขมร")
    tuesday.when_the_fortnight_passes()
    assert tuesday.attempts_of("Somebody") == []
    tuesday.then_tasks_are("no_prompt")
