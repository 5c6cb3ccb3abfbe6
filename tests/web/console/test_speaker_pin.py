"""The page for recording by telephone: a PIN shown once, what to call, and what became of each take."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from gateway.records.contacts import Attempt, Direction
from gateway.records.conversations import Call
from gateway.records.people import Phone
from gateway.records.staffing import Audit, Role, Staff
from gateway.records.status import Channel, TakeStatus
from gateway.records.wordings import SpeakerPin, Take
from gateway.staff import pins
from gateway.voice.sheet import numbered
from tests.web.console.conftest import Console

PAGE = "/console/studio/pin"


def shown(console: Console) -> str:
    answer = console.get(PAGE)
    assert answer.status_code == 200
    return said(answer.text)


def said(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def made(html: str) -> str:
    found = re.search(r'<p class="pin mono">(\d{3}) (\d{3})</p>', html)
    return "".join(found.groups()) if found else ""


@pytest.fixture
def speaker(console: Console) -> Staff:
    return console.sign_in(Role.SPEAKER)


def test_a_pin_is_shown_once_and_opens_the_studio(console: Console, speaker: Staff) -> None:
    assert "You have no PIN" in shown(console)
    answer = console.post(PAGE, page=PAGE, language="nod")
    pin = made(answer.text)
    assert answer.status_code == 200
    assert "You have a PIN, valid for 14 more days" in said(answer.text)
    with console.house.database.unit_of_work() as db:
        owner = pins.check_pin(db, pin, number="+66812345678", key=console.house.secret_key, at=datetime.now(UTC))
    assert owner == pins.PinOwner(speaker.id, "nod")
    assert (made(console.get(PAGE).text), pin not in said(console.get(PAGE).text)) == ("", True)


def test_of_an_older_pin_is_spoken_only_where_there_was_one(console: Console, speaker: Staff) -> None:
    first, second = (said(console.post(PAGE, page=PAGE, language="nod").text) for _ in range(2))
    assert ("older PIN" in first, "Your older PIN does not work any more" in second) == (False, True)


def test_the_same_form_sent_twice_makes_one_pin_and_shows_it_once(console: Console, speaker: Staff) -> None:
    tokens = console.tokens(PAGE)
    first, again = (console.client.post(PAGE, data={**tokens, "language": "th"}) for _ in range(2))
    assert made(first.text)
    assert (again.status_code, again.headers["location"]) == (303, PAGE)
    assert [audit.verb for audit in console.world.all(Audit)] == ["pin_made"]


def test_no_pin_is_in_the_record_of_deeds(console: Console, speaker: Staff) -> None:
    pin = made(console.post(PAGE, page=PAGE, language="th").text)
    (audit,) = console.world.all(Audit)
    assert (audit.verb, audit.staff, audit.after) == ("pin_made", speaker.id, {"language": "th"})
    assert pin not in audit.model_dump_json(include={"before", "after", "subject"})


def test_a_pin_can_be_withdrawn(console: Console, speaker: Staff) -> None:
    console.post(PAGE, page=PAGE, language="th")
    assert console.post(f"{PAGE}/withdraw", page=PAGE).status_code == 303
    assert "You have no PIN" in shown(console)
    assert console.world.all(SpeakerPin) == []
    console.post(f"{PAGE}/withdraw", page=PAGE)
    assert [audit.verb for audit in console.world.all(Audit)] == ["pin_made", "pin_withdrawn"]


@pytest.mark.parametrize("language", ["", "xx", "TH", "../th"])
def test_for_a_language_without_a_script_there_is_no_pin(console: Console, speaker: Staff, language: str) -> None:
    answer = console.post(PAGE, page=PAGE, language=language)
    assert (answer.status_code, "No PIN was made" in answer.text) == (409, True)
    assert console.world.all(SpeakerPin) == []


def test_the_sheet_has_the_numbers_that_are_said_and_no_names(console: Console, speaker: Staff) -> None:
    console.post(PAGE, page=PAGE, language="nod")
    html = console.get(PAGE).text
    sheet = numbered(console.house.speech.scripts["nod"])
    rows = dict(re.findall(r'<li value="(\d+)"><span class="native" lang="nod">(.*?)</span>', html))
    assert {int(number): unescape(text) for number, text in rows.items()} == {n: p.text for n, p in sheet.items()}


def test_where_nobody_can_be_told_what_to_do_the_page_says_so(console: Console, speaker: Staff) -> None:
    assert "is not possible now" not in shown(console)
    console.house.speech.__dict__["voices"] = type("Nobody", (), {"able": lambda self, *_: None})()
    assert "Recording by telephone is not possible now" in shown(console)


def test_takes_are_listed_with_what_became_of_them_and_only_to_who_spoke_them(console: Console, speaker: Staff) -> None:
    world, now = console.world, console.world.clock.now()
    first, second, third = list(numbered(console.house.speech.scripts["nod"]).values())[:3]
    phone = Phone(e164="+66812345678", line_type="mobile")
    world.add(phone)
    attempt = Attempt(phone=phone.id, direction=Direction.IN, channel=Channel.VOICE, created_at=now)
    world.add(attempt)
    call = Call(attempt=attempt.id, carrier_sid="CA1", flow="studio_call", opened_at=now)
    world.add(call)
    states = ((first, TakeStatus.KEPT, ""), (second, TakeStatus.STORED, ""), (third, TakeStatus.REFUSED, "silent"),
              (third, TakeStatus.DISCARDED, ""), (third, TakeStatus.REFUSED, "of a later version"),
              (first, TakeStatus.REFUSED, f"another_phrase key={second.key}"),
              (second, TakeStatus.REFUSED, "far_too_long seconds=30.0 about=2.0 limit=9.0"))  # fmt: skip
    for turn, (prompt, status, reason) in enumerate(states):
        world.add(Take(call=call.id, turn_no=turn, staff=speaker.id, language="nod", key=str(prompt.key),
                       text=prompt.text, text_sha256="0" * 64, recording="", status=status, reason=reason,
                       next_try_at=now, at=now + timedelta(minutes=turn)))  # fmt: skip
    text = shown(console)
    for words in (
        "being fetched",
        "taken in",
        "Nothing could be heard: speak closer",
        "could not be used",
        f"kept already as phrase 2, “{second.text}”",
        "30.0 s, but these words take about 2.0 s (9.0 s is",
    ):
        assert words in text
    assert len(re.findall(r'<tr><th scope="row"', console.get(PAGE).text)) == 6
    console.sign_in(Role.SPEAKER)
    assert "Nothing yet" in shown(console)
