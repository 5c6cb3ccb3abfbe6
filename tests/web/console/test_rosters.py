"""Roster upload as a manager sees it: nothing is stored before the yes, and every refusal says what to do."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import httpx
import pytest

from gateway.records.agreements import Appointment
from gateway.records.people import Person, Phone
from gateway.records.places import Site
from gateway.records.rosters import Batch
from gateway.records.staffing import Audit, Role
from gateway.roster import jobs as the_jobs
from tests.support.world import NINE, World
from tests.web.console.conftest import Console

PATH = "/console/rosters"
HEADER = "hospital_number,name,surname,phone,language,site_code,vaccine,dose,appointment_date,appointment_time"


def line(number: int, day: str = "10/08/2569", site: str = "S1") -> str:
    return f"{number:05},คนที่{number},ทดสอบ,08123456{number:02},th,{site},influenza,1,{day},09:30"


def roster(*lines: str) -> bytes:
    return "\n".join([HEADER, *lines]).encode()


def send(console: Console, content: bytes, name: str = "roster.csv", **fields: str) -> httpx.Response:
    return console.post(PATH, files={"file": (name, content, "text/csv")}, **fields)


def settled(console: Console, answer: httpx.Response) -> tuple[str, str]:
    """The page of an upload once nothing goes on by itself there: its address, and its HTML."""
    assert answer.status_code == 303, answer.text
    address, give_up = answer.headers["location"], time.monotonic() + 30
    while "data-settled" not in console.get(f"{address}/progress").text:
        assert time.monotonic() < give_up
        threading.Event().wait(0.02)
    return address, console.get(address).text


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def kept_files(console: Console) -> list[Path]:
    folder = console.desk.uploads
    return sorted(folder.iterdir()) if folder.exists() else []


def test_a_file_is_shown_first_and_loaded_after_the_yes(console: Console, world: World) -> None:
    address, html = settled(console, send(console, roster(line(1), line(2), line(3, day="32/13/2569"))))
    shown = words(html)
    for said in (
        "3 rows in all",
        "2 can be loaded",
        "1 rejected",
        "คนที่1 ทดสอบ",
        "Mon 10 Aug 2026 09:30",
    ):
        assert said in shown
    assert world.all(Appointment) == []
    _, html = settled(console, console.post(f"{address}/load"))
    assert "It was loaded." in html
    assert "2 new" in words(html)
    assert len(world.all(Appointment)) == 2
    assert world.all(Batch)[0].staff == console.me.id
    assert [(one.verb, one.kind, one.staff) for one in world.all(Audit)] == [
        (verb, "batch", console.me.id) for verb in ("uploaded", "roster_loaded")
    ]
    assert [path.suffix for path in kept_files(console)] == [".json"]


def test_every_issue_names_its_cell_in_both_languages_errors_first(console: Console) -> None:
    _, html = settled(console, send(console, roster(line(1), line(2, site="XX9"), line(3, day="32/13/2569"))))
    rows = [words(row) for row in html.split('class="table issues"')[1].split("<tr>")[2:]]
    assert rows[0].startswith("3 Error site_code")
    assert rows[1].startswith("4 Error appointment_date")
    assert "วัน" in rows[1]
    assert any("Warning" in row for row in rows[2:]) or len(rows) == 2


def test_issues_are_filtered_by_code_and_paged(console: Console) -> None:
    lines = [line(n % 90 + 1, day="32/13/2569") for n in range(150)]
    address, html = settled(console, send(console, roster(*lines, line(99, site="XX9"))))
    code = re.findall(r'<option value="(\w+)">Error: ', html)
    assert len(code) >= 2
    only = console.get(f"{address}?code=site_unknown").text
    assert only.count("<small>site_unknown</small>") == 1
    assert "Page 1 of 2" in words(html)
    assert "Page 2 of 2" in words(console.get(f"{address}?page=7").text)


def test_the_rejected_rows_come_back_as_a_file_without_a_telling_name(console: Console, world: World) -> None:
    address, _ = settled(console, send(console, roster(line(1), line(2, site="XX9")), name="สมชาย.csv"))
    answer = console.get(f"{address}/rejected.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="rejected.csv"'
    text = answer.content.decode("utf-8-sig")
    assert [(one.verb, one.after) for one in world.all(Audit)] == [
        ("uploaded", {}),
        ("exported", {"file": "rejected.csv", "rows": 1}),
    ]
    assert "คนที่2" in text
    assert "คนที่1" not in text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "this file is empty"),
        (b"PK\x03\x04xlsx", "save it as CSV UTF-8 first"),
        (b"%PDF-1.7", "ask for a CSV file"),
        (b"\xff\xd8\xff\xe0", "save it as CSV UTF-8"),
        (b"\xff\xfe\x00\xd8x", "save it again as CSV UTF-8"),
    ],
)
def test_what_is_no_csv_says_what_to_do_and_writes_nothing(
    console: Console, world: World, content: bytes, said: str
) -> None:
    _, html = settled(console, send(console, content))
    assert "Nothing was written." in html
    assert said in html
    assert world.all(Batch) == []


def test_a_file_without_rows_cannot_be_approved(console: Console) -> None:
    address, html = settled(console, send(console, HEADER.encode()))
    assert "No row can be loaded" in html
    assert "/load" not in html
    answer = console.post(f"{address}/load")
    assert (answer.status_code, "No row of it can be loaded" in answer.text) == (409, True)


def test_too_many_rows_are_said(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(the_jobs, "MOST_ROWS", 1)
    _, html = settled(console, send(console, roster(line(1), line(2))))
    assert "The file has 2 rows; at most 1 are taken" in html


def test_the_same_file_again_is_known_and_changes_nothing(console: Console) -> None:
    content = roster(line(1))
    address, _ = settled(console, send(console, content))
    settled(console, console.post(f"{address}/load"))
    _, html = settled(console, send(console, content))
    assert f"loaded Mon 3 Aug 2026 09:00 by {console.me.name}" in words(html)
    assert "1 unchanged" in words(html)


@pytest.fixture
def half(console: Console) -> str:
    """Ten people are stored for S1 and a day; a file with three of them waits for its yes."""
    scope = {"site": "S1", "first": "2026-08-10", "last": "10/08/2569"}
    address, _ = settled(console, send(console, roster(*(line(n) for n in range(10))), **scope))
    settled(console, console.post(f"{address}/load"))
    address, _ = settled(console, send(console, roster(*(line(n) for n in range(3))), **scope))
    return address


def test_what_the_file_leaves_out_is_cancelled_only_when_its_number_is_typed(
    console: Console, world: World, half: str
) -> None:
    shown = words(console.get(half).text)
    assert "7 of 10 appointments in this scope are not in the file" in shown
    assert "คนที่9 ทดสอบ" in shown
    for typed in ("", "6", "all", "²"):
        answer = console.post(f"{half}/load", missing=typed)
        assert (answer.status_code, "go back and type 7" in answer.text) == (409, True)
    assert len(world.all(Batch)) == 1
    _, html = settled(console, console.post(f"{half}/load", missing="7"))
    assert "7 cancelled, not in the file" in words(html)


def test_it_is_loaded_once_however_often_the_form_is_sent(console: Console, world: World) -> None:
    address, _ = settled(console, send(console, roster(line(1))))
    tokens = console.tokens()
    answers = [console.post(f"{address}/load", **tokens) for _ in range(2)]
    settled(console, answers[0])
    assert [one.status_code for one in answers] == [303, 303]
    late = console.post(f"{address}/load")
    assert (late.status_code, "not loaded twice" in late.text) == (409, True)
    assert len(world.all(Batch)) == 1


def test_a_check_of_an_earlier_day_has_to_be_made_again(console: Console, world: World) -> None:
    address, _ = settled(console, send(console, roster(line(1))))
    world.clock.advance_to(NINE + timedelta(days=1))
    assert "checked on an earlier day" in console.get(address).text
    assert "Check again" in console.post(f"{address}/load").text
    settled(console, console.post(f"{address}/check"))
    _, html = settled(console, console.post(f"{address}/load"))
    assert "It was loaded." in html


def test_a_file_that_changed_after_the_check_is_not_loaded(console: Console, world: World) -> None:
    address, _ = settled(console, send(console, roster(line(1))))
    next(path for path in kept_files(console) if path.suffix == ".csv").write_bytes(roster(line(7)))
    _, html = settled(console, console.post(f"{address}/load"))
    assert "The file changed after it was sent" in html
    assert world.all(Batch) == []


def test_a_file_that_is_not_wanted_is_removed(console: Console) -> None:
    address, _ = settled(console, send(console, roster(line(1))))
    assert console.post(f"{address}/cancel").headers["location"] == PATH
    assert kept_files(console) == []
    answer = console.get(address)
    assert (answer.status_code, "Send it again" in answer.text) == (404, True)


@pytest.mark.parametrize("wrong", ["0" * 32, "x", "..%2F..%2Fetc"])
def test_an_upload_that_is_not_there_is_said(console: Console, wrong: str) -> None:
    assert console.get(f"{PATH}/{wrong}").status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"site": "S9"}, "There is no such site"),
        ({"first": "2026-08-10", "last": "2026-08-09"}, "must not be before the first"),
        ({"first": "2026-08-10"}, "Give both"),
        ({"first": "someday", "last": "2026-08-09"}, "This is no date"),
        ({"default_time": "25:99"}, "This is no hour"),
    ],
)
def test_a_wrong_field_is_named_what_was_written_stays_and_nothing_is_kept(
    console: Console, fields: dict[str, str], said: str
) -> None:
    answer = send(console, roster(line(1)), **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert "choose the file again" in answer.text
    for name, value in fields.items():
        assert name == "site" or f'name="{name}"' in answer.text
        assert name == "site" or f'value="{value}"' in answer.text
    assert kept_files(console) == []


def test_without_a_file_one_is_asked_for(console: Console) -> None:
    assert "Choose a CSV file." in console.post(PATH).text


def test_before_there_are_sites_the_page_says_so(console: Console, world: World) -> None:
    with world.database.unit_of_work() as db:
        site = db.get(Site, "S1")
        db.delete(site)
    assert "No site is stored yet" in console.get(PATH).text


def test_what_was_loaded_is_listed_with_who_and_what(console: Console) -> None:
    assert "No file was loaded yet" in console.get(PATH).text
    address, _ = settled(console, send(console, roster(line(1), line(2)), site="S1"))
    waiting = words(console.get(PATH).text)
    assert "roster.csv" in waiting
    assert f"sent by {console.me.name}, Mon 3 Aug 2026 09:00" in waiting
    settled(console, console.post(f"{address}/load"))
    listed = words(console.get(PATH).text)
    assert f"Mon 3 Aug 2026 09:00 {console.me.name} S1 2 2 0 0 0 0" in listed
    assert "Waiting for a yes" not in listed


def test_a_manager_of_one_site_loads_for_that_site_only(console: Console, world: World) -> None:
    world.add(Site(code="S2", name="Other"))
    console.sign_in(Role.MANAGER, site="S2")
    _, html = settled(console, send(console, roster(line(1, site="S2"), line(2, site="S1")), site="S1"))
    assert "1 can be loaded" in words(html)
    assert "site_outside_scope" in html


def test_others_see_whose_file_it_is_and_another_sites_managers_do_not_see_it(console: Console, world: World) -> None:
    sender = console.me.name
    address, _ = settled(console, send(console, roster(line(1))))
    console.sign_in(Role.MANAGER)
    assert f"This file was sent by {sender}." in console.get(address).text
    console.sign_in(Role.MANAGER, site="S1")
    assert console.get(address).status_code == 404
    assert console.post(f"{address}/load").status_code == 404
    assert "roster.csv" not in console.get(PATH).text


def test_staff_may_not(console: Console) -> None:
    console.sign_in(Role.STAFF)
    assert console.get(PATH).status_code == 403
    assert send(console, roster(line(1))).status_code == 403
    assert kept_files(console) == []


def test_after_a_restart_the_file_is_checked_again(console: Console, world: World, serve) -> None:  # type: ignore[no-untyped-def]
    answer = send(console, roster(line(1)))
    settled(console, answer)
    again = serve()
    again.client.cookies.update(console.client.cookies)
    assert "1 can be loaded" in words(settled(again, answer)[1])


def test_a_name_with_markup_stays_text(console: Console) -> None:
    named = line(1).replace("คนที่1", "<script>x</script>")
    _, html = settled(console, send(console, roster(named), name="<script>f</script>.csv"))
    assert "<script>x" not in html
    assert "<script>f" not in html
    assert "<script>f" not in console.get(PATH).text


def a_body(size: int, boundary: bytes) -> bytes:
    head = b"--" + boundary + b'\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    return head + b"x" * size + b"\r\n--" + boundary + b"--\r\n"


@pytest.mark.parametrize("is_announced", [True, False])
def test_two_hundred_megabytes_are_answered_with_a_sentence_and_kept_nowhere(
    console: Console, is_announced: bool
) -> None:
    chunk, sent = b"x" * (1024 * 1024), 0

    def body():  # type: ignore[no-untyped-def]
        nonlocal sent
        yield a_body(0, b"b").split(b"\r\n--b--")[0]
        for _ in range(200):
            sent += len(chunk)
            yield chunk

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    if is_announced:
        headers["Content-Length"] = str(200 * len(chunk) + len(a_body(0, b"b").split(b"\r\n--b--")[0]))
    answer = console.client.post(PATH, content=body(), headers=headers, timeout=60)
    assert (answer.status_code, sent) == (413, 200 * len(chunk))
    assert "larger than 20 MB" in answer.text
    assert "default-src" in answer.headers["content-security-policy"]
    assert kept_files(console) == []


def test_a_file_of_the_largest_size_is_taken(console: Console) -> None:
    answer = send(console, b"a" * (20 * 1024 * 1024))
    assert answer.status_code == 303


def test_another_form_has_a_smaller_limit(console: Console) -> None:
    answer = console.post("/console/worklists/x", note="x" * 300_000)
    assert (answer.status_code, "too long" in answer.text) == (413, True)


def test_after_an_hour_a_file_nobody_approved_is_gone(console: Console) -> None:
    address, _ = settled(console, send(console, roster(line(1))))
    note = next(path for path in kept_files(console) if path.suffix == ".json")
    told = json.loads(note.read_text())
    long_ago = datetime.now(UTC) - timedelta(hours=1, minutes=1)
    note.write_text(json.dumps({**told, "at": long_ago.isoformat()}))
    for path in kept_files(console):
        os.utime(path, (long_ago.timestamp(), long_ago.timestamp()))
    assert "Waiting for a yes" not in console.get(PATH).text
    assert kept_files(console) == []
    assert console.get(address).status_code == 404


def test_a_manager_of_one_site_cannot_take_over_another_sites_person(console: Console, world: World) -> None:
    world.add(Site(code="S2", name="รพ.สต."))
    theirs = world.person(phone="+66812345678", surname="ใจดี", id_kind="thai_cid", id_value="1101700207030")
    console.sign_in(Role.MANAGER, site="S2")
    rows = (
        "id_number,name,surname,phone,site_code,vaccine,dose,appointment_date,appointment_time",
        "1101700207030,ปลอม,ปลอมแปลง,0898765432,S2,influenza,1,10/08/2569,09:30",
    )
    address, html = settled(console, send(console, "\n".join(rows).encode()))
    assert "1 rejected" in words(html)
    assert "this row fits somebody of another site" in words(html)
    assert theirs.name not in html
    assert console.post(f"{address}/load").status_code == 409
    assert console.get(f"/console/people/{theirs.id}").status_code == 404
    assert [(one.id, one.name) for one in world.all(Person)] == [(theirs.id, theirs.name)]
    assert [one.e164 for one in world.all(Phone)] == ["+66812345678"]
    assert world.all(Appointment) == []


def test_a_file_that_was_sent_is_kept_as_a_deed_without_its_name(console: Console) -> None:
    sent = send(console, roster(line(1)), name="สมชาย.csv")
    [deed] = [one for one in console.world.all(Audit) if one.verb == "uploaded"]
    assert (deed.kind, deed.staff) == ("batch", console.me.id)
    assert sent.headers["location"].endswith(deed.subject)
    assert "สมชาย" not in str(deed)
