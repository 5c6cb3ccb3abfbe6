"""The feed: a line for what happened, in order of time, in the person's language, never a name or a whole number."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from gateway.cli.feed import Feed, heading
from gateway.kit.answers import Answer
from gateway.kit.phones import mask
from gateway.records.contacts import Attempt, AttemptItem, Direction, Receipt
from gateway.records.conversations import Call, Outcome, Reply
from gateway.records.house import Switch
from gateway.records.people import Person, PersonPhone, Phone
from gateway.records.status import RANK, AttemptStatus, Channel
from tests.support.world import MONDAY, NINE, World

NUMBER = "+66812345678"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def feed(world: World) -> Feed:
    return Feed(world.database, NINE)


def minutes(number: float) -> datetime:
    return NINE + timedelta(minutes=number)


def phone_of(world: World, person: Person) -> int:
    return next(one.phone for one in world.all(PersonPhone) if one.person == person.id)


def ended(world: World, person: Person, status: AttemptStatus, at: float, **more: object) -> Attempt:
    """An attempt to this person that was made at nine and whose last receipt came `at` minutes past."""
    values: dict[str, object] = {"channel": Channel.VOICE, "language": "th", "created_at": NINE, "submitted_at": NINE}
    phone = phone_of(world, person)
    attempt = Attempt(phone=phone, status=status, rank=RANK[status], **(values | more))
    receipt = {"carrier": "memory", "carrier_id": attempt.id, "status": status.value, "at": minutes(at)}
    world.add(
        attempt, AttemptItem(attempt=attempt.id, person=person.id, live=False), Receipt(attempt=attempt.id, **receipt)
    )
    return attempt


def pressed(world: World, attempt: Attempt, person: Person, *keys: tuple[str, Answer, str]) -> None:
    call = Call(attempt=attempt.id, carrier_sid=f"CA{attempt.id}", flow="reminder_call", opened_at=NINE)
    world.add(call)
    for number, (key, answer, effect) in enumerate(keys, start=1):
        said = {"channel": Channel.VOICE, "raw": key, "answer": answer, "at": minutes(1)}
        reply = Reply(attempt=attempt.id, call=call.id, turn_no=number, phone=attempt.phone, person=person.id, **said)
        rows: list[SQLModel] = [reply, Outcome(reply=reply.id, effect=effect, at=minutes(1))]
        world.add(*rows)


def texted(world: World, person: Person, raw: str, answer: Answer, at: float, effect: str = "") -> Reply:
    said = {"channel": Channel.SMS, "raw": raw, "answer": answer, "at": minutes(at)}
    reply = Reply(phone=phone_of(world, person), person=person.id, **said)
    world.add(reply)
    if effect:
        world.add(Outcome(reply=reply.id, effect=effect, at=minutes(at)))
    return reply


def test_a_call_that_was_answered_is_told_as_the_readme_shows_it(world: World, feed: Feed) -> None:
    elder = world.person(phone=NUMBER, language="nod")
    attempt = ended(world, elder, AttemptStatus.COMPLETED, 14)
    pressed(world, attempt, elder, ("1", Answer.COMING, "confirmed"))
    assert feed.lines() == ["── Monday 3 August 2026 ──", "09:14 ☎ +66 8• ••• •678 · nod · rang, pressed 1 → confirmed"]


def test_several_keys_of_a_call_are_told_in_their_order(world: World, feed: Feed) -> None:
    person = world.person()
    attempt = ended(world, person, AttemptStatus.COMPLETED, 1)
    pressed(world, attempt, person, ("1", Answer.COMING, "confirmed"), ("4", Answer.RIDE, "ride"))
    assert feed.lines()[-1].endswith("rang, pressed 1 → confirmed, 4 → ride")


@pytest.mark.parametrize(
    ("channel", "status", "reason", "told"),
    [
        (Channel.SMS, AttemptStatus.DELIVERED, None, "✉ {} · my · delivered"),
        (Channel.SMS, AttemptStatus.UNDELIVERED, "unreachable", "✉ {} · my · not delivered (unreachable)"),
        (Channel.VOICE, AttemptStatus.COMPLETED, None, "☎ {} · my · answered, no key pressed"),
        (Channel.VOICE, AttemptStatus.NO_ANSWER, None, "☎ {} · my · rang, nobody answered"),
        (Channel.VOICE, AttemptStatus.BUSY, None, "☎ {} · my · busy"),
        (Channel.VOICE, AttemptStatus.MACHINE, None, "☎ {} · my · a machine answered"),
    ],
)
def test_each_way_an_attempt_can_end_has_its_words(
    world: World, feed: Feed, channel: Channel, status: AttemptStatus, reason: str | None, told: str
) -> None:
    ended(world, world.person(phone=NUMBER, language="my"), status, 2, channel=channel, reason=reason)
    assert feed.lines()[-1] == "09:02 " + told.format(mask(NUMBER))


def test_what_is_still_under_way_is_not_told(world: World, feed: Feed) -> None:
    for status in (AttemptStatus.QUEUED, AttemptStatus.SENT, AttemptStatus.RINGING, AttemptStatus.IN_PROGRESS):
        ended(world, world.person(), status, 1)
    assert feed.lines() == []


def test_everything_is_told_once(world: World, feed: Feed) -> None:
    person = world.person()
    ended(world, person, AttemptStatus.BUSY, 1)
    texted(world, person, "1", Answer.COMING, 2)
    assert len(feed.lines()) == 3
    assert feed.lines() == []


def test_lines_are_in_the_order_in_which_things_ended(world: World, feed: Feed) -> None:
    for at in (5, 3, 4):
        ended(world, world.person(), AttemptStatus.BUSY, at)
    assert [line[:5] for line in feed.lines()[1:]] == ["09:03", "09:04", "09:05"]


def test_a_line_that_comes_late_does_not_turn_the_clock_back(world: World, feed: Feed) -> None:
    ended(world, world.person(), AttemptStatus.BUSY, 5)
    told = feed.lines()
    ended(world, world.person(), AttemptStatus.BUSY, 4)
    told += feed.lines()
    assert [line[:5] for line in told[1:]] == ["09:05", "09:05"]


def test_each_day_has_one_heading_before_its_first_line(world: World, feed: Feed) -> None:
    for at in (1, 2, 24 * 60, 24 * 60 + 1):
        ended(world, world.person(), AttemptStatus.BUSY, at)
    headings = [line for line in feed.lines() if line.startswith("──")]
    assert headings == ["── Monday 3 August 2026 ──", "── Tuesday 4 August 2026 ──"]


def test_the_day_is_bangkoks(world: World, feed: Feed) -> None:
    ended(world, world.person(), AttemptStatus.DELIVERED, 16 * 60, channel=Channel.SMS)  # 18:00 UTC, 01:00 in Bangkok
    assert feed.lines()[0] == "── Tuesday 4 August 2026 ──"
    assert heading(MONDAY) == "Monday 3 August 2026"


def test_a_text_that_came_in_is_told_with_its_effect(world: World, feed: Feed) -> None:
    texted(world, world.person(phone=NUMBER, language="km"), "1", Answer.COMING, 3, "confirmed")
    assert feed.lines()[-1] == f"09:03 ✉ {mask(NUMBER)} · km · replied 1 → confirmed"


@pytest.mark.parametrize("raw", ["สมชาย ใจดี โทร 0812345678", "1101700207030", "call Somchai 0812345678"])
def test_what_people_write_is_told_by_its_meaning_alone(world: World, feed: Feed, raw: str) -> None:
    texted(world, world.person(phone=NUMBER), raw, Answer.UNCLEAR, 3)
    assert feed.lines()[-1] == f"09:03 ✉ {mask(NUMBER)} · th · replied “unclear” → nothing yet"


def test_a_call_to_us_is_told_as_one(world: World, feed: Feed) -> None:
    person = world.person(phone=NUMBER)
    attempt = ended(world, person, AttemptStatus.COMPLETED, 6, direction=Direction.IN)
    pressed(world, attempt, person, ("2", Answer.MOVE, "moved"))
    assert feed.lines()[-1] == f"09:06 ☎ {mask(NUMBER)} · th · called us, pressed 2 → moved"


def test_an_attempt_the_carrier_refused_has_no_receipt_and_is_told_all_the_same(world: World, feed: Feed) -> None:
    person = world.person(phone=NUMBER)
    attempt = Attempt(phone=phone_of(world, person), channel=Channel.SMS, status=AttemptStatus.FAILED, rank=9,
                      reason="not_sent", created_at=minutes(2))  # fmt: skip
    world.add(attempt, AttemptItem(attempt=attempt.id, person=person.id, live=False))
    assert feed.lines()[-1] == f"09:02 ✉ {mask(NUMBER)} · th · could not be reached (not_sent)"


def test_what_had_ended_before_the_feed_began_is_no_news_but_what_ends_now_is(world: World) -> None:
    ended(world, world.person(), AttemptStatus.BUSY, -30, created_at=minutes(-40))
    under_way = ended(world, world.person(), AttemptStatus.SENT, -30, created_at=minutes(-40), channel=Channel.SMS)
    feed = Feed(world.database, NINE)
    assert feed.lines() == []
    under_way.status = AttemptStatus.DELIVERED
    world.add(under_way)
    assert len(feed.lines()) == 2


def test_no_line_has_a_name_or_a_whole_number(world: World, feed: Feed) -> None:
    person = world.person(phone=NUMBER, surname="ใจดี")
    attempt = ended(world, person, AttemptStatus.COMPLETED, 1)
    pressed(world, attempt, person, ("1101700207030", Answer.UNCLEAR, "none"))
    texted(world, person, "0812345678", Answer.UNCLEAR, 2)
    told = "\n".join(feed.lines())
    number = world.fresh(Phone(id=attempt.phone, e164="", line_type="mobile")).e164
    for secret in (person.name, "ใจดี", number, number[3:], "1101700207030"):
        assert secret not in told


def test_a_pause_from_another_terminal_is_told_once_and_so_is_its_end(world: World, feed: Feed) -> None:
    world.add(Switch(name="pause", is_on=True, at=NINE))
    assert (feed.lines(), feed.lines()) == (["paused: nothing goes out"], [])
    with world.database.unit_of_work() as db:
        db.get_one(Switch, "pause").is_on = False
    assert (feed.lines(), feed.lines()) == (["resumed"], [])
