"""The health page: what calls for somebody and what to do; and the switch, which two cannot turn past each other."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest

from gateway.carriers.port import Fault
from gateway.records.contacts import Attempt
from gateway.records.house import Counter, Gate, Switch, TickRun
from gateway.records.staffing import Audit, Role
from gateway.records.status import AttemptStatus, Channel, TaskKind
from gateway.records.wordings import AssetKind, AssetSource, Origin
from gateway.records.work import Task
from gateway.reports.pulse import TICKS
from gateway.reports.symptoms import SYMPTOMS
from gateway.reports.traffic import UNKNOWN
from gateway.staff import approving
from gateway.staff.approving import Content
from gateway.web.console.gate import LANGUAGE_COOKIE
from gateway.web.console.health import WORKLISTS
from gateway.wiring import House
from gateway.wording.catalogue import Purpose
from tests.support import rooms
from tests.support.world import MONDAY, NINE, World
from tests.web.console.conftest import Console

Serve = Callable[..., Console]
PAGE = "/console/health"
PULSE = "/console/health/pulse"


def shown(console: Console, path: str = PULSE) -> str:
    """What is read on the page."""
    answer = console.get(path)
    assert answer.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def figures(console: Console, title: str) -> dict[str, str]:
    """The words and figures of one card."""
    html = console.get(PULSE).text
    card = html[html.index(f'id="{title}-title"') :].split("</section>")[0]
    return dict(re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", card))


def ticking(world: World, *, ago: float = 2, **facts: object) -> None:
    real_at = datetime.now(UTC) - timedelta(seconds=ago)
    for name in TICKS:
        world.add(TickRun(name=name, every=1.0, at=NINE, real_at=real_at, seconds=0.25, **facts))


def pause_row(world: World) -> Switch:
    (row,) = world.all(Switch)
    assert isinstance(row, Switch)
    return row


def test_a_house_at_work_is_well(console: Console) -> None:
    ticking(console.world)
    text = shown(console, PAGE)
    assert "All is well" in text
    assert "Open now until 19:30 today" in text
    assert "0 of 10 lines in use" in text
    assert "nobody is reached" in text
    assert text.count("0.25 s") == len(TICKS)


def test_without_a_worker_it_says_what_to_start_and_names_the_runbook(console: Console) -> None:
    text = shown(console, PAGE)
    assert "1 thing calls for somebody" in text
    assert "Start `gateway work` beside the web." in text
    assert "Runbook: docs/runbooks/ticks_stopped.md" in text
    assert text.count("never ran") == len(TICKS)


def test_a_late_and_a_failing_tick_are_told_in_words(console: Console) -> None:
    ticking(console.world, ago=300, failures=3, error="OperationalError", failed_at=datetime.now(UTC))
    text = shown(console)
    assert f"{len(TICKS)} of the passes have stopped coming round" in text
    assert "“Dispatch” failed 3 times in a row (OperationalError)" in text
    assert "5 min ago" in text


def test_what_waits_is_counted_by_channel_and_age(console: Console) -> None:
    world = console.world
    ticking(world)
    for minutes in (0, 5, 30, 180, 240):
        row = world.due(Channel.SMS)
        row.next_try_at = NINE - timedelta(minutes=minutes)
        world.add(row)
    world.due(Channel.VOICE)
    rows = re.findall(r'<tr data-row="waiting-(\w+)">(.*?)</tr>', console.get(PULSE).text)
    cells = {channel: re.findall(r"<td[^>]*>(?:<b>)?(.*?)(?:</b>)?</td>", row) for channel, row in rows}
    assert cells == {
        "sms": ["1", "1", "1", "2", "5", "Mon 3 Aug 2026 05:00"],
        "voice": ["1", "0", "0", "0", "1", "Mon 3 Aug 2026 09:00"],
        "visit": ["0", "0", "0", "0", "0", "–"],
    }
    assert "3 reminders have waited for more than ten minutes, the oldest since Mon 3 Aug 2026 05:00" in shown(console)


def test_the_traffic_of_the_day_comes_with_the_carriers_reasons_in_words(console: Console) -> None:
    world = console.world
    world.person()
    made = [
        (Channel.SMS, AttemptStatus.DELIVERED, None), (Channel.SMS, AttemptStatus.UNDELIVERED, "unreachable"),
        (Channel.SMS, AttemptStatus.UNDELIVERED, None), (Channel.VOICE, AttemptStatus.BUSY, None),
        (Channel.VOICE, AttemptStatus.MACHINE, None), (Channel.VOICE, AttemptStatus.COMPLETED, None),
    ]  # fmt: skip
    for number, (channel, status, reason) in enumerate(made):
        world.add(Attempt(phone=1, channel=channel, status=status, reason=reason, carrier="c", carrier_id=f"C{number}",
                          created_at=NINE))  # fmt: skip
    texts, calls = figures(console, "texts"), figures(console, "calls")
    assert (texts["sent"], texts["delivered"], texts["not delivered"]) == ("3", "1", "2")
    assert (calls["placed"], calls["picked up"], calls["busy"], calls["a machine"]) == ("3", "1", "1", "1")
    assert "1 switched off or without signal" in shown(console)
    assert "1 no reason given" in shown(console)


def test_the_budget_is_shown_with_what_is_spent(serve: Serve, world: World) -> None:
    console = serve(daily_budget=50.0)
    console.sign_in()
    ticking(world)
    world.add(Gate(name="budget", spent=45.5, day=MONDAY))
    text = shown(console)
    assert "45.50 USD spent of 50.00 USD" in text
    assert "91 % of today's budget is spent" in text


def test_without_a_budget_no_limit_is_claimed(console: Console) -> None:
    assert "no limit is set (GATEWAY_DAILY_BUDGET)" in shown(console)


def test_at_night_it_says_when_it_opens_and_nothing_due_is_a_trouble(console: Console) -> None:
    ticking(console.world)
    console.world.due()
    console.world.clock.advance_to(NINE + timedelta(hours=13))
    text = shown(console)
    assert "Closed now opens again Tue 4 Aug 2026 09:00" in text
    assert "All is well" in text


def test_a_real_carrier_that_is_not_live_says_so(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    rules, speech = House.rules.func, House.speech.func  # type: ignore[attr-defined]
    monkeypatch.setattr(House, "rules", property(lambda house: replace(rules(house), reaches_people=True)))
    monkeypatch.setattr(House, "speech", property(lambda house: replace(speech(house), may_use_drafts=False)))
    console = serve()
    console.sign_in()
    text = shown(console)
    assert "set GATEWAY_LIVE=true and start again" in text
    assert "yes: real telephones ring" in text
    assert "off (GATEWAY_LIVE)" in text
    assert "No draft goes out to real people." in text
    assert re.search(r"approved: 0 of \d+ texts; calls can reach people in 0 of \d+ languages\.", text)
    assert "The texts and scripts are drafts" in text


def test_once_something_is_approved_the_words_are_no_trouble_any_more(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules, speech = House.rules.func, House.speech.func  # type: ignore[attr-defined]
    monkeypatch.setattr(House, "rules", property(lambda house: replace(rules(house), reaches_people=True)))
    monkeypatch.setattr(House, "speech", property(lambda house: replace(speech(house), may_use_drafts=False)))
    console = serve()
    people = [console.sign_in() for _ in range(2)]
    apology = console.desk.speech.catalogue.get(Purpose.WRONG_PERSON, "th")
    content = Content(AssetKind.TEXT, "th", apology.key, apology.sha256, apology.body, apology.sha256,
                      AssetSource.WRITTEN, Origin.SHIPPED)  # fmt: skip
    with console.world.database.unit_of_work() as db:
        asset = approving.submit(db, content, author=people[0].id, now=NINE)
        approving.approve(db, asset.id, staff=people[1].id, needs_province=False, now=NINE)
    text = shown(console)
    assert "approved: 1 of" in text
    assert "The texts and scripts are drafts" not in text


def test_strange_requests_are_counted_with_what_to_check(console: Console) -> None:
    console.world.add(Counter(name="webhook_bad_signature", n=4))
    text = shown(console)
    assert "4 requests had a wrong signature and were refused" in text
    assert "docs/runbooks/webhooks_refused.md" in text


def test_work_that_waits_is_one_tap_away(console: Console) -> None:
    console.world.add(Task(kind=TaskKind.UNMATCHED, subject="x", created_at=NINE))
    html = console.get(PULSE).text
    assert '<a href="/console/worklists?kind=unmatched">' in html
    assert "1 message came in that fits nobody we know" in html


def test_the_page_follows_and_holds_nobody(console: Console) -> None:
    world = console.world
    world.due(phone="+66812345678")
    page = console.get(PAGE).text
    assert f'data-live="{PULSE}" data-every="3"' in page
    for secret in ("812345678", "คนที่"):
        assert secret not in page
    first = console.get(PULSE)
    assert console.get(PULSE, headers={"If-None-Match": first.headers["etag"]}).status_code == 304


def test_a_manager_pauses_and_resumes_and_both_are_written_down(console: Console) -> None:
    page = console.follow(console.post(f"{PAGE}/pause", page=PAGE)).text
    row = pause_row(console.world)
    assert (row.is_on, row.staff, row.at) == (True, console.me.id, NINE)
    assert "Paused: nothing is being sent." in page
    assert f"Paused by {console.me.name}, Mon 3 Aug 2026 09:00" in page
    page = console.follow(console.post(f"{PAGE}/resume", page=PAGE)).text
    assert not pause_row(console.world).is_on
    assert f"Resumed by {console.me.name}, Mon 3 Aug 2026 09:00" in page
    assert "Paused: nothing is being sent." not in page
    told = [(audit.verb, audit.kind, audit.subject, audit.before, audit.after) for audit in console.world.all(Audit)]  # type: ignore[attr-defined]
    assert told == [
        ("sending_paused", "switch", "pause", {"is_on": False}, {"is_on": True}),
        ("sending_resumed", "switch", "pause", {"is_on": True}, {"is_on": False}),
    ]


def test_while_paused_nothing_goes_out_and_what_waits_goes_on_afterwards(console: Console, tmp_path: Path) -> None:
    world = console.world
    due, sender = world.due(Channel.SMS), rooms.sender(world, tmp_path)
    console.post(f"{PAGE}/pause", page=PAGE)
    assert sender.pass_once().sent == 0
    assert world.attempts_of(due) == []
    console.post(f"{PAGE}/resume", page=PAGE)
    assert sender.pass_once().sent == 1


def test_the_button_asks_first(console: Console) -> None:
    page = console.get(PAGE).text
    assert 'data-confirm="Stop all texts and calls now? Calls under way go on."' in page
    console.post(f"{PAGE}/pause", page=PAGE)
    assert 'data-confirm="Begin sending again?' in console.get(PAGE).text


def test_the_same_form_twice_pauses_once(console: Console) -> None:
    tokens = console.tokens(PAGE)
    first, again = (console.post(f"{PAGE}/pause", **tokens) for _ in range(2))
    assert first.headers["location"] == again.headers["location"] == PAGE
    assert len(console.world.all(Audit)) == 1


def test_who_pauses_what_is_paused_is_told_by_whom_and_changes_nothing(console: Console) -> None:
    console.post(f"{PAGE}/pause", page=PAGE)
    quicker = console.me
    console.sign_in()
    answer = console.post(f"{PAGE}/pause", page=PAGE)
    assert answer.status_code == 409
    assert f"It is paused already, by {quicker.name}." in answer.text
    assert pause_row(console.world).staff == quicker.id
    assert len(console.world.all(Audit)) == 1


def test_who_resumes_what_is_sending_is_told(console: Console) -> None:
    answer = console.post(f"{PAGE}/resume", page=PAGE)
    assert (answer.status_code, "It is sending already" in answer.text) == (409, True)
    assert console.world.all(Switch) == []


def test_a_pause_from_the_command_line_names_nobody(console: Console) -> None:
    console.world.add(Switch(name="pause", is_on=True, at=NINE))
    assert "Paused by somebody at the command line, Mon 3 Aug 2026 09:00" in shown(console, PAGE)


@pytest.mark.parametrize("what", ["pause", "resume"])
def test_staff_may_look_and_not_turn_the_switch(console: Console, what: str) -> None:
    console.sign_in(Role.STAFF, site="S1")
    page = console.get(PAGE).text
    assert "A manager can pause and resume." in page
    assert "Pause everything now" not in page
    assert console.post(f"{PAGE}/{what}").status_code == 403
    assert console.world.all(Switch) == []


@pytest.mark.parametrize("path", [PAGE, PULSE])
def test_who_is_not_signed_in_is_asked_to(console: Console, path: str) -> None:
    console.client.cookies.clear()
    assert console.get(path).headers["location"].startswith("/console/sign-in")


def test_in_thai_it_reads_thai(console: Console) -> None:
    console.client.cookies.set(LANGUAGE_COOKIE, "th", domain="127.0.0.1", path="/")
    text = shown(console, PAGE)
    assert "สถานะระบบ" in text
    assert "ตัวส่งยังไม่เคยทำงาน" in text


def test_every_symptom_fault_and_tick_has_words(console: Console) -> None:
    keys = console.desk.pages.words.keys
    wanted = {f"health.symptom.{code}" for code in SYMPTOMS} | {f"health.fault.{fault}" for fault in (*Fault, UNKNOWN)}
    wanted |= {f"health.tick.{name}{what}" for name in TICKS for what in ("", "_what")}
    assert wanted - keys == set()
    assert set(WORKLISTS) <= set(SYMPTOMS)


def test_the_runbooks_named_are_in_the_repository() -> None:
    runbooks = Path(__file__).parents[3] / "docs" / "runbooks"
    assert {runbook for _, runbook in SYMPTOMS.values() if not (runbooks / runbook).is_file()} == set()


@pytest.mark.parametrize(("role", "site", "may"), [
    (Role.STAFF, None, False), (Role.MANAGER, "S1", False), (Role.MANAGER, None, True), (Role.ADMIN, "S1", True),
])  # fmt: skip
def test_who_answers_for_one_site_does_not_stop_the_whole_house(
    console: Console, role: Role, site: str | None, may: bool
) -> None:
    console.sign_in(role, site=site)
    assert (f'action="{PAGE}/pause"' in console.get(PAGE).text) is may
    answer = console.post(f"{PAGE}/pause")
    assert answer.status_code == (303 if may else 403)
    assert any(row.is_on for row in console.world.all(Switch)) is may
    if site and not may:
        for said in (shown(console, PAGE), answer.text):
            assert "your account is for one site" in said


def test_nor_sets_it_going_again(console: Console) -> None:
    console.post(f"{PAGE}/pause")
    console.sign_in(Role.MANAGER, site="S1")
    assert f'action="{PAGE}/resume"' not in console.get(PAGE).text
    assert console.post(f"{PAGE}/resume").status_code == 403
    assert pause_row(console.world).is_on
