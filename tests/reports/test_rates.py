"""How many of those who were asked said yes."""

from __future__ import annotations

import csv
import io
import random
from collections import defaultdict
from datetime import date
from itertools import combinations
from typing import Any

import pytest
from sqlmodel import select

from gateway.kit.answers import Answer
from gateway.kit.clock import bangkok_time
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Direction, Reminder
from gateway.records.conversations import Outcome, Reply
from gateway.records.people import Person
from gateway.records.status import AppointmentStatus, AttemptStatus, Channel
from gateway.reports.rates import (
    FEW,
    By,
    RateRow,
    as_csv,
    as_records,
    as_sheet,
    as_table,
    days_on_record,
    latest_days,
    parse_by,
    rates,
    total,
)

Fixture = Any  # tests/reports/conftest.py: World
EVERYTHING = tuple(By)


def only(world: Fixture, *by: By) -> RateRow:
    found = rates(world.db, by=by)
    assert len(found) == 1
    return found[0]


def test_who_confirmed_after_a_text_counts_for_the_text(world: Fixture) -> None:
    one = world.appointment(status=AppointmentStatus.CONFIRMED)
    world.reply(one, world.attempt(one))
    row = only(world, *EVERYTHING)
    assert row.keys == ("S1", "th", "sms", "2026-11-30")
    assert (row.due, row.contacted, row.confirmed, row.moved, row.unanswered, row.rate) == (1, 1, 1, 0, 0, 1.0)


def test_the_channel_is_that_of_the_attempt_that_was_answered_not_of_the_last(world: Fixture) -> None:
    one = world.appointment(status=AppointmentStatus.CONFIRMED)
    text = world.attempt(one, Channel.SMS, at="2026-11-28T10:00")
    world.attempt(one, Channel.VOICE, AttemptStatus.NO_ANSWER, at="2026-11-28T17:30")
    reply = world.reply(one, text)
    one.confirmed_by_reply = reply.id
    world.reply(one, None, Answer.STAFF, at=reply.at.replace(hour=12))
    assert only(world, By.CHANNEL).keys == ("sms",)


def test_without_an_answer_the_channel_is_that_of_the_last_attempt(world: Fixture) -> None:
    one = world.appointment()
    world.attempt(one, Channel.SMS, at="2026-11-28T10:00")
    world.attempt(one, Channel.VOICE, AttemptStatus.NO_ANSWER, at="2026-11-28T17:30")
    row = only(world, By.CHANNEL)
    assert (row.keys, row.unanswered, row.rate) == (("voice",), 1, 0.0)


def test_who_was_never_contacted_is_due_and_not_in_the_rate(world: Fixture) -> None:
    world.appointment(status=AppointmentStatus.CONFIRMED)
    row = only(world, By.CHANNEL)
    assert (row.keys, row.due, row.contacted, row.confirmed, row.rate) == (("none",), 1, 0, 0, None)


@pytest.mark.parametrize(
    ("status", "facts"),
    [
        (AttemptStatus.QUEUED, {}),
        (AttemptStatus.CANCELLED, {}),
        (AttemptStatus.FAILED, {}),
        (AttemptStatus.COMPLETED, {"direction": Direction.IN}),
    ],
)
def test_what_no_carrier_took_and_who_called_us_was_not_sent(
    world: Fixture, status: AttemptStatus, facts: dict[str, Any]
) -> None:
    world.attempt(world.appointment(), Channel.VOICE, status, **facts)
    assert only(world, By.SITE).contacted == 0


def test_an_attempt_that_failed_on_its_way_was_sent(world: Fixture) -> None:
    world.attempt(world.appointment(), Channel.VOICE, AttemptStatus.FAILED, carrier="c", carrier_id="CA1")
    assert only(world, By.SITE).contacted == 1


def test_a_completed_call_without_a_key_is_unanswered(world: Fixture) -> None:
    world.attempt(world.appointment(), Channel.VOICE, AttemptStatus.COMPLETED)
    assert only(world, By.SITE).unanswered == 1


def test_moved_is_counted_apart_and_a_call_back_is_neither_yes_nor_silence(world: Fixture) -> None:
    for status, answer in ((AppointmentStatus.MOVED, Answer.MOVE), (AppointmentStatus.BOOKED, Answer.CALLBACK)):
        one = world.appointment(status=status)
        world.reply(one, world.attempt(one), answer)
    row = only(world, By.SITE)
    assert (row.contacted, row.confirmed, row.moved, row.unanswered, row.rate) == (2, 0, 1, 0, 0.0)


def test_a_text_nobody_understood_is_no_answer(world: Fixture) -> None:
    one = world.appointment()
    world.reply(one, world.attempt(one), Answer.UNCLEAR)
    assert only(world, By.SITE).unanswered == 1


def test_a_cancelled_appointment_is_not_due(world: Fixture) -> None:
    world.attempt(world.appointment(status=AppointmentStatus.CANCELLED))
    assert rates(world.db, by=[By.SITE]) == []


def test_who_confirmed_and_came_is_still_confirmed(world: Fixture) -> None:
    kept = world.appointment(status=AppointmentStatus.KEPT, confirmed_by_staff="s1")
    world.attempt(kept)
    world.attempt(world.appointment(status=AppointmentStatus.KEPT))
    assert only(world, By.SITE).confirmed == 1


def test_days_are_bangkok_days_and_both_ends_count(world: Fixture) -> None:
    for start in ("2026-11-29T23:59", "2026-11-30T00:00", "2026-11-30T23:59", "2026-12-01T00:00"):
        world.appointment(start)
    found = rates(world.db, by=[By.DAY], from_day=date(2026, 11, 30), to_day=date(2026, 11, 30))
    assert [(row.keys, row.due) for row in found] == [(("2026-11-30",), 2)]
    assert [row.keys[0] for row in rates(world.db, by=[By.DAY])] == ["2026-11-29", "2026-11-30", "2026-12-01"]


def test_one_key_may_answer_for_two_appointments(world: Fixture) -> None:
    first, second = world.appointment(), world.appointment(status=AppointmentStatus.CONFIRMED)
    call = world.attempt(first, Channel.VOICE, AttemptStatus.COMPLETED)
    world.add(AttemptItem(attempt=call.id, position=1, appointment=second.id, person=second.person, live=False))
    world.attempt(second, Channel.SMS, at="2026-11-29T10:00")
    reply = world.reply(first, call, Answer.COMING, "confirmed")
    world.add(Outcome(reply=reply.id, appointment=second.id, effect="confirmed", at=reply.at))
    found = {row.keys: row for row in rates(world.db, by=[By.CHANNEL])}
    assert found[("voice",)].contacted == 2
    assert found[("voice",)].confirmed == 1
    assert found[("voice",)].unanswered == 0


def test_the_rates_agree_with_a_slow_recount(world: Fixture) -> None:
    _fill(world, random.Random(4))
    for size in range(1, 5):
        for by in combinations(By, size):
            rows = rates(world.db, by=by, from_day=date(2026, 11, 25), to_day=date(2026, 11, 28))
            fast = {row.keys: (row.due, row.contacted, row.confirmed, row.moved, row.unanswered) for row in rows}
            assert fast == _recount(world, by)
            assert total(rows).due == sum(row.due for row in rows) > 50


def _fill(world: Fixture, chance: random.Random) -> None:
    for _ in range(150):
        person = world.person(language=chance.choice(["th", "my", "nod"]))
        day, hour = chance.randint(24, 29), chance.choice(["00:30", "09:00", "13:00", "23:30"])
        one = world.appointment(
            f"2026-11-{day}T{hour}",
            person,
            site=chance.choice(["S1", "S2"]),
            status=chance.choice(list(AppointmentStatus)),
        )
        if one.status in (AppointmentStatus.KEPT, AppointmentStatus.MISSED) and chance.random() < 0.5:
            one.confirmed_by_staff = "s1"
        tries = [
            world.attempt(
                one,
                chance.choice([Channel.SMS, Channel.VOICE]),
                chance.choice(list(AttemptStatus)),
                at=f"2026-11-{chance.randint(10, 23)}T{chance.randint(9, 18):02}:00",
                direction=chance.choice([Direction.OUT, Direction.OUT, Direction.OUT, Direction.IN]),
            )
            for _ in range(chance.randint(0, 3))
        ]
        for place in range(chance.randint(0, 2)):
            answered = chance.choice([*tries, None])
            reply = world.reply(one, answered, chance.choice(list(Answer)), at=one.starts_at.replace(minute=place))
            if place == 0 and one.status is AppointmentStatus.CONFIRMED and reply.answer is Answer.COMING:
                one.confirmed_by_reply = reply.id
    world.db.flush()


def _recount(world: Fixture, by: tuple[By, ...]) -> dict[tuple[str, ...], tuple[int, ...]]:
    attempts = {one.id: one for one in world.db.exec(select(Attempt))}
    carried: dict[str, list[Attempt]] = defaultdict(list)
    for item in world.db.exec(select(AttemptItem)):
        if _went_out(attempts[item.attempt]):
            carried[item.appointment].append(attempts[item.attempt])
    replies: dict[str, list[Reply]] = defaultdict(list)
    for reply in world.db.exec(select(Reply)):
        if reply.answer not in (Answer.REPEAT, Answer.SLOWER, Answer.LANGUAGE, Answer.UNCLEAR):
            replies[reply.appointment].append(reply)
    counted: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for one in world.db.exec(select(Appointment)):
        day = bangkok_time(one.starts_at).date()
        if one.status is AppointmentStatus.CANCELLED or not date(2026, 11, 25) <= day <= date(2026, 11, 28):
            continue
        sent = sorted(carried[one.id], key=lambda attempt: (attempt.created_at, attempt.id))
        heard = sorted(replies[one.id], key=lambda reply: (reply.id == one.confirmed_by_reply, reply.at, reply.id))
        taken = [attempts[reply.attempt] for reply in heard if reply.attempt and _went_out(attempts[reply.attempt])]
        channel = (taken or sent)[-1].channel.value if sent else "none"
        language = world.db.get(Person, one.person).language
        keys = {By.SITE: one.site, By.LANGUAGE: language, By.CHANNEL: channel, By.DAY: day.isoformat()}
        confirmed = one.status is AppointmentStatus.CONFIRMED or (
            one.status in (AppointmentStatus.KEPT, AppointmentStatus.MISSED) and one.confirmed_by_staff is not None
        )
        moved = one.status is AppointmentStatus.MOVED
        figures = counted[tuple(keys[part] for part in by)]
        figures[0] += 1
        if sent:
            figures[1] += 1
            figures[2] += confirmed
            figures[3] += moved
            figures[4] += not (confirmed or moved or heard)
    return {keys: tuple(figures) for keys, figures in counted.items()}


def _went_out(attempt: Attempt) -> bool:
    if attempt.direction is Direction.IN or attempt.status in (AttemptStatus.QUEUED, AttemptStatus.CANCELLED):
        return False
    return not (attempt.status is AttemptStatus.FAILED and attempt.carrier_id is None)


ROWS = [RateRow(("S1", "2026-11-30"), 10, 8, 5, 1, 2), RateRow(("S2", "2026-11-30"), 4)]
BY = (By.SITE, By.DAY)


def test_the_total_adds_up_and_an_empty_one_is_nought() -> None:
    assert total(ROWS) == RateRow((), 14, 8, 5, 1, 2)
    assert total([]) == RateRow(())


def test_the_table_has_a_line_a_row_and_a_total() -> None:
    assert as_table(ROWS, BY).splitlines() == [
        "site   day         due  contacted  confirmed  moved  unanswered  other    rate",
        "S1     2026-11-30   10          8          5      1           2      0  62.5 %",
        "S2     2026-11-30    4          0          0      0           0      0       -",
        "total               14          8          5      1           2      0  62.5 %",
    ]


def test_the_csv_reads_back_as_the_rows_without_a_total() -> None:
    read = list(csv.DictReader(io.StringIO(as_csv(ROWS, BY))))
    assert [row["site"] for row in read] == ["S1", "S2"]
    assert (read[0]["rate"], read[1]["rate"]) == ("0.625", "")


def test_the_records_name_their_keys() -> None:
    records = as_records(ROWS, BY)
    assert records["rows"][0] == {
        "site": "S1", "day": "2026-11-30", "due": 10, "contacted": 8, "confirmed": 5, "moved": 1, "unanswered": 2,
        "other": 0, "rate": 0.625,
    }  # fmt: skip
    assert records["total"]["due"] == 14
    assert records["by"] == ["site", "day"]


def test_the_breakdown_is_read_in_the_order_it_was_typed() -> None:
    assert parse_by("channel, site,channel") == (By.CHANNEL, By.SITE)
    with pytest.raises(ValueError, match="'village' is none of site, language, channel, day"):
        parse_by("site,village")


def test_one_site_is_counted_alone(world: Fixture) -> None:
    for site in ("S1", "S1", "S2"):
        world.attempt(world.appointment(site=site))
    assert [(row.keys, row.contacted) for row in rates(world.db, by=[By.SITE], site="S1")] == [(("S1",), 2)]
    assert rates(world.db, by=[By.SITE], site="S9") == []


@pytest.mark.parametrize(("contacted", "is_few"), [(0, False), (1, True), (FEW - 1, True), (FEW, False)])
def test_a_rate_of_few_people_says_so_and_no_rate_says_nothing(contacted: int, *, is_few: bool) -> None:
    assert RateRow(("S1",), 9, contacted).is_of_few is is_few


def sheet(rows: list[RateRow], by: tuple[By, ...], **names: str) -> list[list[str]]:
    heads = [*(f"{part} {what}" for part in by for what in ("code", "name")), *"dcfmuor", "remark"]
    text = as_sheet(rows, by, heads=heads, label=lambda part, key: names.get(key, key), few="few people")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_a_sheet_has_codes_and_names_the_percentage_and_a_remark_on_few_people() -> None:
    heads, first, second = sheet(
        [RateRow(("S1", "th"), 9, 8, 5, 1, 1), RateRow(("S1", "my"), 3, 0)],
        (By.SITE, By.LANGUAGE),
        S1="ลำปาง",
        my="မြန်မာ",
    )
    assert heads[:4] == ["site code", "site name", "language code", "language name"]
    assert first == ["S1", "ลำปาง", "th", "th", "9", "8", "5", "1", "1", "1", "62.5", ""]
    assert second == ["S1", "ลำปาง", "my", "မြန်မာ", "3", "0", "0", "0", "0", "0", "", ""]
    assert sheet([RateRow(("S1",), 4, 4, 2)], (By.SITE,))[1][-2:] == ["50.0", "few people"]


@pytest.mark.parametrize("name", ["=cmd|'/c calc'!A1", "+SUM(A1)", "-1+2", "@x", "\t=1"])
def test_a_name_in_a_sheet_is_never_a_formula(name: str) -> None:
    assert sheet([RateRow(("S1",), 9, 8, 5, 1, 1)], (By.SITE,), S1=name)[1][1] == "'" + name


def test_the_latest_days_are_bangkok_days_with_appointments_that_stand(world: Fixture) -> None:
    for start in ("2026-11-02T09:00", "2026-11-03T09:00", "2026-11-03T13:00", "2026-11-05T00:00", "2026-11-06T23:59"):
        world.appointment(start)
    world.appointment("2026-11-04T09:00", status=AppointmentStatus.CANCELLED)
    world.appointment("2026-11-04T09:00", site="S2")

    def days(until: int, count: int, site: str | None = "S1") -> list[int]:
        return [day.day for day in latest_days(world.db, until=date(2026, 11, until), count=count, site=site)]

    assert days(6, 7) == [2, 3, 5, 6]
    assert days(5, 2) == [3, 5]
    assert days(6, 3, site=None) == [4, 5, 6]
    assert days(1, 7) == []


def test_the_days_on_record_are_the_first_and_the_last(world: Fixture) -> None:
    assert days_on_record(world.db) is None
    for start in ("2026-11-02T00:00", "2026-11-06T23:59"):
        world.appointment(start)
    world.appointment("2026-12-24T09:00", status=AppointmentStatus.CANCELLED)
    assert days_on_record(world.db) == (date(2026, 11, 2), date(2026, 11, 6))
    assert days_on_record(world.db, "S2") is None


@pytest.mark.parametrize("purpose", ["missed", "wrong_person"])
def test_a_text_when_the_day_was_over_or_to_a_stranger_is_no_contact(world: Fixture, purpose: str) -> None:
    called, untold = (world.appointment(status=AppointmentStatus.MISSED) for _ in range(2))
    world.attempt(called, Channel.VOICE, AttemptStatus.NO_ANSWER)
    for one in (called, untold):
        late = world.attempt(one, Channel.SMS, at="2026-12-01T09:00")
        item = world.db.exec(select(AttemptItem).where(AttemptItem.attempt == late.id)).one()
        world.db.get(Reminder, item.reminder).purpose = purpose
    world.db.flush()
    counted = {row.keys: (row.due, row.contacted) for row in rates(world.db, by=(By.CHANNEL,))}
    assert counted == {("voice",): (1, 1), ("none",): (1, 0)}
