"""Signing in and out, and the way back to what somebody was doing."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import Depends, FastAPI
from sqlmodel import select

from gateway.records.people import Person
from gateway.records.staffing import Audit, Note, Role, Staff, StaffSession
from gateway.staff import passwords
from gateway.staff.accounts import add_account, disable_account
from gateway.staff.sessions import IDLE
from gateway.web.console.gate import COOKIE, LANGUAGE_COOKIE, Posted
from gateway.web.console.kept import LARGEST, pack, unpack
from tests.web.console.conftest import Console, hidden

NURSE, PASSWORD = "nurse@hospital.example", "rice-field-2026"
SIGN_IN = "/console/sign-in"
URLENCODED = "application/x-www-form-urlencoded"
Serve = Callable[..., Console]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hash with little work: that much of it is done is tested where passwords are."""
    passwords._nobodys_hash.cache_clear()
    monkeypatch.setattr(passwords, "_hasher", lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    yield
    passwords._nobodys_hash.cache_clear()


@pytest.fixture
def door(serve: Serve) -> Console:
    """The house with one account, and nobody signed in."""
    console = serve()
    make_account(console)
    return console


def make_account(console: Console, email: str = NURSE, role: Role = Role.MANAGER) -> Staff:
    with console.house.database.unit_of_work() as db:
        return add_account(db, email, role, PASSWORD, at=datetime.now(UTC))


def knock(console: Console, password: str = PASSWORD, *, email: str = NURSE, **more: Any) -> httpx.Response:
    return console.client.post(SIGN_IN, data={"email": email, "password": password, **more})


def said(answer: httpx.Response) -> str:
    """What a reader sees of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text.split("<main")[-1])).split())


def expire(console: Console) -> None:
    """Let every session end, as two hours without use do."""
    with console.house.database.unit_of_work() as db:
        for session in db.exec(select(StaffSession)).all():
            session.expires_at = datetime.now(UTC) - timedelta(seconds=1)
            db.add(session)


def add_note_route(console: Console) -> Person:
    """A page of the console that takes a note, as real ones do."""
    person = console.world.person()
    desk, gate = console.desk, console.house.gate

    def write(posted: Posted = Depends(gate.form())) -> Any:  # noqa: B008  # as pages are written
        def work(db: Any) -> str:
            db.add(Note(person=person.id, text=posted.fields["text"], at=desk.clock.now()))
            return "/console/audit"

        return gate.once(posted, work)

    app: FastAPI = console.app
    app.post("/console/a-note")(write)
    return person


def test_the_right_password_leads_to_the_page_that_was_asked_for(door: Console) -> None:
    asked = door.get("/console/audit?day=2026-08-03&page=2")
    assert asked.status_code == 303
    page = door.follow(asked)
    assert page.status_code == 200
    answer = knock(door, next=hidden(page.text, "next"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/audit?day=2026-08-03&page=2")
    assert "Sign in" not in said(door.follow(answer))


def test_the_cookie_can_be_read_by_no_script_and_goes_to_no_other_site(door: Console) -> None:
    cookie = knock(door).headers["set-cookie"]
    token = cookie.split(";")[0].removeprefix(f"{COOKIE}=")
    assert len(token) >= 43
    flags = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert flags == {"httponly", "path=/", "samesite=lax"}


def test_by_https_the_cookie_is_never_sent_in_the_clear(serve: Serve) -> None:
    console = serve()
    make_account(console)
    console.house.gate.secure = True  # as wiring sets it where the public address is https
    assert "secure" in knock(console).headers["set-cookie"].lower()


def test_a_new_token_at_each_sign_in_and_the_old_one_is_over(door: Console) -> None:
    knock(door)
    old = door.client.cookies[COOKIE]
    knock(door)
    assert door.client.cookies[COOKIE] != old
    assert len(door.world.all(StaffSession)) == 1


def test_a_token_that_was_put_into_the_browser_beforehand_is_not_taken(door: Console) -> None:
    door.client.cookies.set(COOKIE, "of-the-attacker", domain="127.0.0.1", path="/")
    cookie = knock(door).headers["set-cookie"]
    assert "of-the-attacker" not in cookie


def test_wrong_and_unknown_are_answered_alike(door: Console) -> None:
    wrong, unknown = knock(door, "wrong-password"), knock(door, email="nobody@hospital.example")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert said(wrong) == said(unknown)
    assert "not right" in said(wrong)
    assert COOKIE not in wrong.headers.get("set-cookie", "")
    assert f'value="{NURSE}"' in wrong.text, "the address need not be typed again"
    assert "wrong-password" not in wrong.text


def test_a_disabled_account_is_answered_like_a_wrong_password(door: Console) -> None:
    with door.house.database.unit_of_work() as db:
        disable_account(db, NURSE, at=datetime.now(UTC))
    answer = knock(door)
    assert (answer.status_code, said(answer)) == (401, said(knock(door, email="nobody@hospital.example")))


@pytest.mark.parametrize("fields", [{}, {"email": NURSE}, {"password": PASSWORD}, {"email": " ", "password": PASSWORD}])
def test_an_empty_field_is_said(door: Console, fields: dict[str, str]) -> None:
    answer = door.client.post(SIGN_IN, data=fields)
    assert answer.status_code == 422
    assert "Enter both" in said(answer)


def test_the_tenth_wrong_password_is_told_how_long_to_wait_and_so_is_the_right_one(door: Console) -> None:
    answers = [knock(door, f"wrong-password-{n}") for n in range(10)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 5
    for told in (answers[-1], knock(door)):
        assert told.status_code == 429
        assert re.search(r"Wait 15 minutes .* gateway users reset", said(told))
        assert 0 < int(told.headers["retry-after"]) <= 900
    door.client.headers["Accept-Language"] = "th"
    assert "รออีก 15 นาที" in said(knock(door))


@pytest.mark.parametrize("trusted", ["", "10.9.9.9", "10.0.0.0/8"])
def test_what_the_sender_says_of_its_address_is_not_believed(serve: Serve, trusted: str) -> None:
    door = serve(trusted_proxies=trusted)
    make_account(door)
    for n in range(50):
        door.client.post(SIGN_IN, data={"email": f"guess{n}@x.th", "password": "x"},
                         headers={"X-Forwarded-For": f"10.0.0.{n}"})  # fmt: skip
    assert knock(door).status_code == 429


@pytest.mark.parametrize("trusted", ["127.0.0.1", "10.9.9.9, 127.0.0.0/8"])
def test_what_a_proxy_of_ours_says_of_the_address_counts(serve: Serve, trusted: str) -> None:
    door = serve(trusted_proxies=trusted)
    make_account(door)
    guesser, nurse = ({"X-Forwarded-For": address} for address in ("203.0.113.9", "203.0.113.10"))
    for n in range(50):
        door.client.post(SIGN_IN, data={"email": f"guess{n}@x.th", "password": "x"}, headers=guesser)
    right = {"email": NURSE, "password": PASSWORD}
    assert door.client.post(SIGN_IN, data=right, headers=guesser).status_code == 429
    # What a browser wrote into the header itself stands before what the proxy wrote, and is not believed.
    forged = {"X-Forwarded-For": f"10.1.2.3, {guesser['X-Forwarded-For']}"}
    assert door.client.post(SIGN_IN, data=right, headers=forged).status_code == 429
    assert door.client.post(SIGN_IN, data=right, headers=nurse).status_code == 303


@pytest.mark.parametrize(
    "onward",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "/console\\@evil.example",
     "/console/\nLocation: https://evil.example", "/console/\r\nSet-Cookie: a=b", "javascript:alert(1)", "",
     "console/today", "/consolex.evil", "/consoleevil", "/console/%0d\r", "http:///console", "/sandboxes",
     " /console/today", "/console/\u2028", "/console/../../evil", "/healthz"],
)  # fmt: skip
def test_the_way_on_leads_nowhere_but_to_pages_of_ours(door: Console, onward: str) -> None:
    assert hidden(door.get(SIGN_IN, params={"next": onward}).text, "next") == "/console"
    answer = knock(door, next=onward)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")
    assert door.get(SIGN_IN, params={"next": onward}).headers["location"] == "/console"


@pytest.mark.parametrize("onward", ["/console", "/console/today?day=2026-08-03", "/sandbox", "/console/people/0f"])
def test_pages_of_ours_are_led_to(door: Console, onward: str) -> None:
    assert knock(door, next=onward).headers["location"] == onward


@pytest.mark.parametrize(
    ("asked", "arrives"),
    [
        ("/console/today", "/console/studio"),
        ("/console", "/console/studio"),
        ("/console/studios", "/console/studio"),
        ("/console/studio/nod?phrase=bye", "/console/studio/nod?phrase=bye"),
        ("/console/studio/pin", "/console/studio/pin"),
    ],
)
def test_a_speaker_arrives_in_the_studio_whatever_page_led_to_sign_in(door: Console, asked: str, arrives: str) -> None:
    make_account(door, "kham@village.example", Role.SPEAKER)
    answer = knock(door, email="kham@village.example", next=asked)
    assert (answer.status_code, answer.headers["location"]) == (303, arrives)
    assert door.follow(answer).status_code == 200
    assert door.get("/console/sign-in", params={"next": asked}).headers["location"] == arrives


def test_who_is_signed_in_already_is_led_on(console: Console) -> None:
    answer = console.get(f"{SIGN_IN}?next=/console/health")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/health")


def test_signing_out_ends_the_session_itself_not_only_the_cookie(console: Console) -> None:
    token = console.client.cookies[COOKIE]
    answer = console.post("/console/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, SIGN_IN)
    assert COOKIE not in console.client.cookies
    console.client.cookies.set(COOKIE, token, domain="127.0.0.1", path="/")
    assert console.get("/console/audit").headers["location"].startswith(SIGN_IN)


def test_signing_out_twice_is_no_accident(console: Console) -> None:
    console.post("/console/sign-out")
    answer = console.client.post("/console/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, SIGN_IN)


def test_signing_out_asks_for_the_forms_own_word(console: Console) -> None:
    assert console.post("/console/sign-out", csrf="wrong", once="x").status_code == 409
    assert len(console.world.all(StaffSession)) == 1


def test_a_page_asked_for_after_the_session_ended_leads_back_to_it(console: Console) -> None:
    expire(console)
    make_account(console)
    answer = console.get("/console/audit?page=3")
    page = console.follow(answer)
    assert "Your session ended" in said(page)
    assert knock(console, next=hidden(page.text, "next")).headers["location"] == "/console/audit?page=3"


def test_who_was_never_here_is_not_told_of_an_end(door: Console) -> None:
    assert "ended" not in said(door.follow(door.get("/console/audit")))


def test_a_part_that_follows_what_happens_is_told_in_a_word(console: Console) -> None:
    expire(console)
    answer = console.get("/console/audit", headers={"X-Live": "1"})
    assert (answer.status_code, answer.headers["content-type"]) == (401, "text/plain; charset=utf-8")
    assert "Your session ended" in answer.text


def test_what_was_being_sent_is_kept_shown_and_sent_after_signing_in(console: Console) -> None:
    person, text = add_note_route(console), "เรียกรถ ก่อน 8 โมง\n<b>&\"' ค่ะ"
    make_account(console)
    old = console.tokens()
    expire(console)
    lost = console.client.post("/console/a-note", data={**old, "text": text}, headers={"Referer": "/console/audit?a=1"})
    assert lost.status_code == 401
    assert "What you wrote is kept" in said(lost)
    assert (console.world.all(Note), old["csrf"] in lost.text) == ([], False)

    back = knock(console, kept=hidden(lost.text, "kept"), next=hidden(lost.text, "next"))
    assert back.status_code == 200
    assert "What you wrote is still here: send it now?" in said(back)
    assert "Text เรียกรถ ก่อน 8 โมง <b>&\"' ค่ะ" in said(back)
    assert "<b>&" not in back.text
    assert 'action="/console/a-note"' in back.text
    assert 'href="/console/audit?a=1"' in back.text

    form = back.text.split('action="/console/a-note"')[1]
    fields = {name: hidden(form, name) for name in ("csrf", "once", "text")}
    assert console.client.post("/console/a-note", data=fields).status_code == 303
    [note] = console.world.all(Note)
    assert (note.text, note.person) == (text, person.id)


def test_what_is_kept_survives_a_wrong_password_and_a_change_of_language(door: Console) -> None:
    kept = pack("/console/a-note", [("text", "ยังอยู่")])
    wrong = knock(door, "wrong-password", kept=kept, next="/console/audit")
    assert (wrong.status_code, hidden(wrong.text, "kept")) == (401, kept)
    thai = door.client.post(SIGN_IN, data={"language": "th", "kept": kept, "next": "/console/audit", "email": NURSE})
    assert "สิ่งที่กรอกไว้ยังอยู่ครบ" in said(thai)
    assert (hidden(thai.text, "kept"), hidden(thai.text, "next")) == (kept, "/console/audit")
    assert thai.cookies[LANGUAGE_COOKIE] == "th"


def test_a_file_cannot_be_kept_and_that_is_said(console: Console) -> None:
    add_note_route(console)
    tokens = console.tokens()
    expire(console)
    files = {"sheet": ("roster.csv", b"hn,name", "text/csv")}
    answer = console.client.post("/console/a-note", data={**tokens, "text": "hello"}, files=files)
    assert answer.status_code == 401
    assert "choose it again" in said(answer)
    assert "roster.csv" not in answer.text


def test_no_password_is_ever_kept(console: Console) -> None:
    add_note_route(console)
    expire(console)
    answer = console.client.post(
        "/console/a-note", data={"text": "a", "password": "secret-1", "newPassword": "secret-2"}
    )
    assert answer.status_code == 401
    assert "secret" not in answer.text


def test_what_is_too_long_to_keep_is_said_before_it_is_lost(console: Console) -> None:
    add_note_route(console)
    expire(console)
    answer = console.client.post("/console/a-note", data={f"text{n}": "x" * 30_000 for n in range(3)})
    assert answer.status_code == 401
    assert "copy it before you sign in" in said(answer)
    assert 'name="kept"' not in answer.text


def test_as_much_as_may_be_kept_travels_through_sign_in(door: Console) -> None:
    kept = pack("/console/a-note", [("text", "ก" * (LARGEST // 3 - 40))])
    assert len(kept.encode()) > LARGEST - 200
    assert knock(door, kept=kept).status_code == 200


@pytest.mark.parametrize(
    "kept",
    ["", "{}", "[]", "null", "nonsense", '{"to": "/console/x"}', '{"to": "/console/x", "fields": [["a"]]}',
     '{"to": "/console/x", "fields": [["a", 1]]}', '{"to": "/console/x", "fields": {"a": "b"}}',
     '{"to": "https://evil.example/console/", "fields": []}', '{"to": "//evil.example", "fields": []}',
     '{"to": "/console", "fields": []}', '{"to": "/webhooks/twilio/sms/inbound", "fields": []}',
     '{"to": "/sandbox/clock", "fields": []}', '{"to": "/console/\\u2028x", "fields": []}',
     '{"to": "/console/x", "fields": [["a", "\\ud800"]]}', "[" * 20_000, '{"to": "/console/../x", "fields": []}',
     json.dumps({"to": "/console/x", "fields": [["a", "x" * LARGEST]]})],
)  # fmt: skip
def test_what_a_hand_was_at_is_not_shown(door: Console, kept: str) -> None:
    answer = knock(door, kept=kept, next="/console/audit")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/audit")


def test_what_is_packed_is_unpacked_as_it_was_but_for_words_of_the_old_session() -> None:
    fields = [("a", "1"), ("a", "2"), ("csrf", "x"), ("once", "y"), ("b", "\r\n ก"), ("password", "z")]
    kept = unpack(pack("/console/x?y=1", fields))
    assert kept is not None
    assert (kept.to, kept.fields) == ("/console/x?y=1", (("a", "1"), ("a", "2"), ("b", "\r\n ก")))


def test_a_password_is_in_no_log_and_on_no_page(door: Console, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    pages = [knock(door, "wrong-password-17"), knock(door), door.get("/console/audit")]
    assert all(word not in page.text for page in pages for word in (PASSWORD, "wrong-password-17"))
    logged = "".join(record.getMessage() for record in caplog.records if not record.name.startswith("http"))  # not ours
    assert all(word not in logged for word in (PASSWORD, "wrong-password-17", door.client.cookies[COOKIE]))
    assert all(PASSWORD not in str(deed) for deed in door.world.all(Audit))


def test_coming_and_going_are_kept(door: Console) -> None:
    knock(door)
    door.post("/console/sign-out")
    assert [(deed.verb, deed.kind) for deed in door.world.all(Audit)] == [
        ("signed_in", "staff"),
        ("signed_out", "staff"),
    ]


@pytest.mark.parametrize(("language", "title"), [("th", "เข้าสู่ระบบ"), ("en", "Sign in")])
def test_a_language_is_chosen_for_a_year_and_leads_back(door: Console, language: str, title: str) -> None:
    answer = door.client.post("/console/language", data={"language": language},
                              headers={"Referer": f"{door.house.public_url}{SIGN_IN}?next=/console/audit"})  # fmt: skip
    assert (answer.status_code, answer.headers["location"]) == (303, f"{SIGN_IN}?next=/console/audit")
    cookie = answer.headers["set-cookie"].lower()
    assert all(flag in cookie for flag in (f"{LANGUAGE_COOKIE}={language}", "samesite=lax", "max-age=31536000"))
    door.client.headers["Accept-Language"] = "en" if language == "th" else "th"
    page = door.get(SIGN_IN).text
    assert f'<html lang="{language}">' in page
    assert f"<h1>{title}</h1>" in page


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("th-TH,th;q=0.9", "th"),
        ("en-GB,en;q=0.8", "en"),
        ("my,en;q=0.5", "en"),
        ("", "th"),
        ("fr", "th"),
        (",;,", "th"),
    ],
)
def test_unchosen_it_is_the_browsers_or_thai(door: Console, accepted: str, language: str) -> None:
    assert f'<html lang="{language}">' in door.get(SIGN_IN, headers={"Accept-Language": accepted}).text


@pytest.mark.parametrize("language", ["", "fr", "th\r\nX: y", "<b>"])
def test_a_language_that_is_none_changes_nothing(door: Console, language: str) -> None:
    answer = door.client.post("/console/language", data={"language": language})
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")
    assert "set-cookie" not in answer.headers


def test_a_language_can_be_chosen_by_a_link(door: Console) -> None:
    assert door.get("/console/language?language=en").cookies[LANGUAGE_COOKIE] == "en"


@pytest.mark.parametrize("path", [SIGN_IN, "/console/sign-out", "/console/language"])
@pytest.mark.parametrize(
    "header", [("Origin", "https://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site")]
)
def test_another_site_cannot_sign_anybody_in_or_out(console: Console, path: str, header: tuple[str, str]) -> None:
    make_account(console)
    before = console.world.all(StaffSession)
    fields = {"email": NURSE, "password": PASSWORD, "language": "th", **console.tokens()}
    answer = console.client.post(path, data=fields, headers=dict([header]))
    assert answer.status_code == 409
    assert "came from another website" in said(answer)
    assert "set-cookie" not in answer.headers
    assert len(console.world.all(StaffSession)) == len(before)


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"\xff\xfe\x00", URLENCODED), (b"x" * 270_000, URLENCODED), (b"a=1&" * 2000, URLENCODED),
     (b"email=%00&password=%ff", URLENCODED), (b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
     (b"x", "multipart/form-data"), (b"{}", "application/json")],
)  # fmt: skip
def test_a_body_that_is_no_form_gets_a_sentence(door: Console, body: bytes, kind: str) -> None:
    answer = door.client.post(SIGN_IN, content=body, headers={"Content-Type": kind})
    assert answer.status_code in (401, 409, 413, 422)
    assert "<h1>" in answer.text


def lie_idle(console: Console) -> datetime:
    """Let ninety minutes go by without a click; returns when the session ends."""
    with console.house.database.unit_of_work() as db:
        session = db.exec(select(StaffSession)).one()
        session.seen_at = datetime.now(UTC) - timedelta(minutes=90)
        session.expires_at = session.seen_at + IDLE
        db.add(session)
        return session.expires_at


def test_a_session_lasts_while_it_is_used(console: Console) -> None:
    lie_idle(console)
    console.get("/console/audit")
    [session] = console.world.all(StaffSession)
    assert session.expires_at - datetime.now(UTC) > IDLE - timedelta(minutes=1)


@pytest.mark.parametrize("path", ["/console/today/board", "/console/health/pulse", "/console/worklists/counts"])
def test_a_page_that_is_only_left_open_is_no_use_of_a_session(console: Console, path: str) -> None:
    """It asks for news every two seconds: whoever walked away from it would never be signed out."""
    ends = lie_idle(console)
    assert console.get(path, headers={"X-Live": "1"}).status_code == 200
    assert [session.expires_at for session in console.world.all(StaffSession)] == [ends]
    expire(console)
    assert console.get(path, headers={"X-Live": "1"}).status_code == 401
