"""Filling templates in."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gateway.languages.table import load_languages
from gateway.wording.catalogue import Catalogue, CatalogueError, Helper, Purpose
from gateway.wording.lint import LONGEST, longest, usual
from gateway.wording.render import MAX_PARTS, MessageFacts, RefusedError, RenderError, TooLongError, render
from gateway.wording.segments import Encoding, count_segments

CATALOGUE = Catalogue(Path(__file__).parents[2] / "templates" / "messages", load_languages())
FACTS = MessageFacts(
    name="สมชาย",
    clinic="รพ.ลำปาง",
    place="หอประชุม รพ.",
    starts_at=datetime(2026, 7, 26, 2, 0, tzinfo=UTC),
    dose_number=2,
    vaccine="HPV",
    phone="034171200",
)
TICKETED = (Purpose.REMINDER, Purpose.MORNING, Purpose.SECOND_DOSE, Purpose.CONFIRMED, Purpose.MOVED)
ASKED_BACK = (Purpose.WHICH_PERSON, Purpose.WHICH_ANSWER, Purpose.OPTIONS)


def test_a_reminder_says_who_what_when_where_and_how_to_answer() -> None:
    text = render(CATALOGUE, Purpose.REMINDER, "th", FACTS, two_way=False)
    assert text.body == (
        "รพ.ลำปาง: นัดคุณสมชาย ฉีดวัคซีนเข็ม 2 อา. 26 ก.ค. 69 เวลา 09.00 น. ที่หอประชุม รพ. เลื่อนวัน/ขอรถรับส่ง โทร 034171200"
    )
    assert (text.segments, text.encoding, text.language) == (2, Encoding.UCS2, "th")


def test_replies_are_offered_only_where_they_reach_us() -> None:
    assert "ตอบ 1" in render(CATALOGUE, Purpose.REMINDER, "th", FACTS, two_way=True).body
    assert "ตอบ 1" not in render(CATALOGUE, Purpose.REMINDER, "th", FACTS, two_way=False).body


def test_the_day_is_bangkoks_whatever_the_zone_of_the_instant() -> None:
    late = replace(FACTS, starts_at=datetime(2026, 7, 25, 23, 30, tzinfo=UTC))
    assert "26 ก.ค." in render(CATALOGUE, Purpose.REMINDER, "th", late, two_way=False).body


def test_a_neutral_text_names_neither_vaccine_nor_dose() -> None:
    body = render(CATALOGUE, Purpose.REMINDER, "en", replace(FACTS, neutral=True), two_way=False).body
    assert "vaccine" not in body
    assert "dose" not in body


def test_a_language_without_a_text_is_refused_not_replaced() -> None:
    with pytest.raises(CatalogueError):
        render(CATALOGUE, Purpose.REMINDER, "shn", FACTS, two_way=False)


def test_what_is_approved_does_not_depend_on_the_person() -> None:
    one = render(CATALOGUE, Purpose.REMINDER, "th", FACTS, two_way=False)
    for change in ({"name": "มานี"}, {"ticket": "12"}):
        other = render(CATALOGUE, Purpose.REMINDER, "th", replace(FACTS, **change), two_way=False)
        assert (one.sha256, one.pieces) == (other.sha256, other.pieces)


def test_offering_replies_is_another_text_to_approve() -> None:
    hashes = {render(CATALOGUE, Purpose.REMINDER, "th", FACTS, two_way=two_way).sha256 for two_way in (True, False)}
    assert len(hashes) == 2


def test_a_text_is_a_draft_until_every_piece_of_it_is_approved() -> None:
    pieces = render(CATALOGUE, Purpose.REMINDER, "th", FACTS, two_way=False).pieces
    assert len(pieces) == 3  # the text, how to answer, and the ticket
    for left_out in pieces:
        approved = [piece for piece in pieces if piece != left_out]
        assert render(CATALOGUE, Purpose.REMINDER, "th", FACTS, two_way=False, approved=approved).draft
    assert not render(CATALOGUE, Purpose.REMINDER, "th", FACTS, two_way=False, approved=pieces).draft


def test_a_text_without_a_way_to_answer_is_one_piece() -> None:
    (only,) = render(CATALOGUE, Purpose.MISSED, "th", FACTS, two_way=True).pieces
    assert not render(CATALOGUE, Purpose.MISSED, "th", FACTS, two_way=False, approved={only}).draft


def test_a_ticket_is_said_beside_the_hour() -> None:
    body = render(CATALOGUE, Purpose.CONFIRMED, "th", replace(FACTS, ticket="12"), two_way=False).body
    assert "เวลา 09.00 น. คิว 12 ที่หอประชุม" in body
    assert "9:00am (queue 12)" in render(CATALOGUE, Purpose.MOVED, "en", replace(FACTS, ticket="12"), True).body


@pytest.mark.parametrize("language", CATALOGUE.languages)
@pytest.mark.parametrize("purpose", TICKETED)
def test_where_there_is_no_ticket_its_place_is_not_seen(purpose: Purpose, language: str) -> None:
    way = CATALOGUE.get(Helper.TICKET, language).body.partition("{number}")[0].strip()
    for neutral, two_way in product((False, True), (False, True)):
        body = render(CATALOGUE, purpose, language, replace(FACTS, neutral=neutral), two_way).body
        assert "  " not in body
        assert not re.search(r" [,.]|\(\s*\)|{", body)
        assert not body.endswith(" ")
        assert f"{way} " not in body.removeprefix(FACTS.clinic)


@pytest.mark.parametrize("language", CATALOGUE.languages)
@pytest.mark.parametrize("purpose", TICKETED)
def test_the_ticket_is_there_with_names_as_they_usually_are(purpose: Purpose, language: str) -> None:
    ticket = CATALOGUE.get(Helper.TICKET, language).body.replace("{number}", "12")
    for neutral, two_way in product((False, True), (False, True)):
        facts = replace(usual(language), neutral=neutral)
        assert ticket in render(CATALOGUE, purpose, language, facts, two_way).body


@pytest.mark.parametrize("language", ["th", "nod", "tts", "sou", "lo"])
@pytest.mark.parametrize("purpose", TICKETED)
def test_the_ticket_stays_with_the_longest_names_there_are(purpose: Purpose, language: str) -> None:
    for neutral, two_way in product((False, True), (False, True)):
        facts = replace(longest(language), neutral=neutral)
        assert "120" in render(CATALOGUE, purpose, language, facts, two_way).body


def test_a_ticket_is_left_out_before_a_reminder_is() -> None:
    without = render(CATALOGUE, Purpose.REMINDER, "my", replace(longest("my"), ticket=""), two_way=True)
    assert render(CATALOGUE, Purpose.REMINDER, "my", longest("my"), two_way=True).body == without.body


def test_a_household_is_told_who_comes_when_and_how_to_choose() -> None:
    people = (("สมศรี", FACTS.starts_at), ("สมชาย", FACTS.starts_at + timedelta(minutes=30)))
    facts = replace(FACTS, people=people)
    assert render(CATALOGUE, Purpose.HOUSEHOLD, "th", facts, two_way=True).body == (
        "รพ.ลำปาง: วันนัด อา. 26 ก.ค. 69 ที่หอประชุม รพ. 1 สมศรี 09.00 2 สมชาย 09.30 ตอบเลขหน้าชื่อ 0=ทุกคน โทร 034171200"
    )
    one_way = render(CATALOGUE, Purpose.HOUSEHOLD, "th", facts, two_way=False).body
    assert "ตอบเลข" not in one_way
    assert "034171200" in one_way


def test_a_household_too_large_for_its_hours_is_told_the_names_and_a_larger_one_is_refused() -> None:
    def told(count: int) -> str:
        people = tuple(("ประเสริฐศักดิ์", FACTS.starts_at) for _ in range(count))
        return render(CATALOGUE, Purpose.HOUSEHOLD, "th", replace(FACTS, people=people), two_way=True).body

    assert "09.00" in told(4)
    assert "09.00" not in told(6)
    assert "6 ประเสริฐศักดิ์" in told(6)
    with pytest.raises(TooLongError):
        told(20)


def test_a_text_to_several_that_names_nobody_is_refused() -> None:
    with pytest.raises(RefusedError):
        render(CATALOGUE, Purpose.HOUSEHOLD, "th", FACTS, two_way=True)


def test_a_swindlers_words_in_a_name_of_the_household_are_refused() -> None:
    people = (("สมศรี", FACTS.starts_at), ("โอนเงิน www.example.com", FACTS.starts_at))
    with pytest.raises(RefusedError):
        render(CATALOGUE, Purpose.WHICH_PERSON, "th", replace(FACTS, people=people), two_way=True)


@pytest.mark.parametrize("language", ["th", "en", "my", "km", "lo", "vi"])
def test_whoever_is_asked_back_reads_the_numbers_they_may_reply_with(language: str) -> None:
    facts = usual(language)
    asked = {purpose: render(CATALOGUE, purpose, language, facts, two_way=True).body for purpose in ASKED_BACK}
    assert all(f"{number} {facts.name}" in asked[Purpose.WHICH_PERSON] for number in (1, 2, 3))
    assert " 0 " in asked[Purpose.WHICH_PERSON]
    assert all(f"{number}=" in asked[Purpose.WHICH_ANSWER] for number in (1, 2, 3))
    assert all(f"{number}=" in asked[Purpose.OPTIONS] for number in (1, 2, 3, 4))


def test_a_ride_says_when_they_are_fetched() -> None:
    body = render(CATALOGUE, Purpose.RIDE, "en", replace(FACTS, name="Somchai"), two_way=False).body
    assert "Somchai" in body
    assert "Sun 26 Jul 2026 at 9:00am" in body


def test_the_short_name_is_used_only_when_the_full_one_is_too_long() -> None:
    facts = replace(LONGEST, clinic="โรงพยาบาล" + "ยาว" * 30, clinic_short="รพ.สั้น", place="หอประชุม")
    assert render(CATALOGUE, Purpose.REMINDER, "th", facts, two_way=False).body.startswith("รพ.สั้น:")
    short_enough = replace(FACTS, clinic_short="รพ.ลป.")
    assert render(CATALOGUE, Purpose.REMINDER, "th", short_enough, two_way=False).body.startswith("รพ.ลำปาง:")


def test_the_ministrys_own_abbreviation_is_used_before_giving_up() -> None:
    clinic = "โรงพยาบาลส่งเสริมสุขภาพตำบลบ้านแม่ตีบ"
    unsigned = replace(LONGEST, clinic=clinic, place=clinic, clinic_short="")
    body = render(CATALOGUE, Purpose.REMINDER, "th", unsigned, two_way=True).body
    assert body.startswith("รพ.สต.บ้านแม่ตีบ:")


def test_a_text_that_cannot_be_cut_is_refused_without_naming_anybody() -> None:
    with pytest.raises(TooLongError) as error:
        render(CATALOGUE, Purpose.REMINDER, "th", replace(FACTS, place="ศาลา" * 60), two_way=False)
    assert "สมชาย" not in str(error.value)


@pytest.mark.parametrize(
    "place", ["หอประชุม www.example.com", "bit.ly/abc", "https://a.b", "1101700207030", "๑๑๐๑๗๐๐๒๐๗๐๓๐"]
)
def test_a_link_or_a_citizens_number_in_a_name_is_refused(place: str) -> None:
    with pytest.raises(RefusedError) as error:
        render(CATALOGUE, Purpose.REMINDER, "th", replace(FACTS, place=place), two_way=False)
    assert place not in str(error.value)


def test_braces_in_a_name_are_only_letters() -> None:
    assert "คุณ{phone}" in render(CATALOGUE, Purpose.REMINDER, "th", replace(FACTS, name="{phone}"), two_way=False).body


def test_a_name_over_two_lines_is_put_on_one() -> None:
    body = render(CATALOGUE, Purpose.REMINDER, "th", replace(FACTS, name=" สม\nชาย "), two_way=False).body
    assert "คุณสม ชาย " in body


@given(st.text(max_size=120), st.text(max_size=120), st.sampled_from(Purpose), st.sampled_from(CATALOGUE.languages))
def test_whatever_the_names_a_text_has_three_parts_or_is_refused(
    clinic: str, place: str, purpose: Purpose, language: str
) -> None:
    assume(CATALOGUE.has(purpose, language))
    try:
        text = render(CATALOGUE, purpose, language, replace(FACTS, clinic=clinic, place=place), two_way=True)
    except RenderError:
        return
    assert text.segments == count_segments(text.body).parts <= MAX_PARTS


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize(
    "given_name",
    [
        "bit\u200b.ly/3",
        "ｂｉｔ.ｌｙ",
        "b i t . l y / 3",
        "www．x",
        "โ อ น เงิน",
        "รหัส ผ่าน",
        "O T P",
        "1 1017 00207 03 0",
    ],
)
def test_nothing_a_swindler_writes_comes_in_by_a_name(purpose: Purpose, given_name: str) -> None:
    for field in ("name", "place", "clinic", "phone"):
        if f"{{{field}}}" not in CATALOGUE.whole(purpose, "th", two_way=False):
            continue
        with pytest.raises(RefusedError) as error:
            render(CATALOGUE, purpose, "th", replace(FACTS, **{field: given_name}), two_way=False)
        assert given_name not in str(error.value)


@pytest.mark.parametrize(
    "given_name",
    [
        "โทร 0899999999", "โทร 1422", "PromptPay 089-999-9999", "0 8 9 9 9", "๐๘๙๙๙", "หมอพร้อม.com", "รพ.com",
        "ตอบ STOP", "ตอบ END", "reply yes", "st\u200bop", "ST0P", "จ่าย 300 บาท", "จ่ายเงิน", "300 THB", "$5",
        "แอดไลน์ @abc", "line id abc", "@abc", "บัญชี 1234567890", "moph dot go dot th", "สแกนคิวอาร์",
    ],
)  # fmt: skip
@pytest.mark.parametrize("field", ["name", "clinic", "clinic_short", "place"])
def test_a_name_brings_in_nothing_that_a_text_may_not_say(field: str, given_name: str) -> None:
    with pytest.raises(RefusedError) as error:
        render(CATALOGUE, Purpose.REMINDER, "th", replace(FACTS, **{field: f"สมศรี {given_name}"}), two_way=False)
    assert given_name not in str(error.value)


@pytest.mark.parametrize(
    "place",
    [
        "บ้านหนองเงิน", "รพ.สต.บ้านเงิน", "วัดบัญชีธรรม", "โอนอ่อน", "อาคาร 50 ปี ห้อง 101", "123/45 หมู่ 6", "หมู่ 5 บ.หนองบัว",
        "หมู่ 5 บ. หนองบัว", "West End", "Info Center", "พระพุทธบาท", "รพ.เฉลิมพระเกียรติ 60 พรรษา",
        "สถานีขนส่ง BTS", "อ.ส.ม. ชั้น 2",
    ],
)  # fmt: skip
def test_places_are_called_what_they_are_called(place: str) -> None:
    assert place in render(CATALOGUE, Purpose.REMINDER, "th", replace(FACTS, place=place), two_way=False).body


@pytest.mark.parametrize("name", ["Bank", "Pin", "ทองเงิน", "O'Neil", "St. Mary", "น.ส.สมศรี", "ณ ลำปาง", "Mr.Fee", "သီရိ"])
def test_people_are_called_what_they_are_called(name: str) -> None:
    assert name in render(CATALOGUE, Purpose.REMINDER, "en", replace(FACTS, name=name), two_way=False).body


@pytest.mark.parametrize("lacking", [{"clinic": ""}, {"clinic": " \u200b"}, {"phone": ""}, {"phone": " "}])
def test_who_calls_and_the_number_to_call_back_are_never_left_out(lacking: dict[str, str]) -> None:
    with pytest.raises(RefusedError, match="number to call back"):
        render(CATALOGUE, Purpose.REMINDER, "th", replace(FACTS, **lacking), two_way=False)


def test_what_nobody_sees_in_a_name_costs_nothing() -> None:
    body = render(CATALOGUE, Purpose.REMINDER, "th", replace(FACTS, name="สม\u200bชาย\u00ad"), two_way=False).body
    assert "คุณสมชาย " in body


def test_a_place_that_stands_twice_is_shortened_to_its_sign_before_giving_up() -> None:
    long = "โรงพยาบาล" + "ยาว" * 40
    body = render(
        CATALOGUE, Purpose.REMINDER, "th", replace(FACTS, clinic=long, place=long, clinic_short="รพ.สั้น"), True
    ).body
    assert body.startswith("รพ.สั้น:")
    assert "ที่รพ.สั้น" in body


def test_the_usual_thai_reminder_by_the_route_without_answers_costs_two_parts_with_its_ticket() -> None:
    assert render(CATALOGUE, Purpose.REMINDER, "th", replace(FACTS, ticket="12"), two_way=False).segments == 2
