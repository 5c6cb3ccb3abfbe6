"""The door of the console as a whole: every page of it, whoever wrote it, asks who is there."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import Depends
from sqlmodel import SQLModel, col, select, update

from gateway.records.database import Database
from gateway.records.house import Switch
from gateway.records.staffing import Role, Staff
from gateway.web.console.gate import COOKIE, Posted, local_path
from gateway.web.console.trouble import Refused
from tests.support.routes import calls, routes
from tests.web.console.conftest import Console, hidden

FOR_ANYBODY = {"/console/sign-in", "/console/sign-out", "/console/language"}
LEADS_ON = {"/console", "/console/"}  # to the page of today, which asks
FOR_MANAGERS = ("/console/rosters", "/console/health/pause", "/console/health/resume")
FOR_ADMINS = ("/console/audit",)
FOR_SPEAKERS = ("/console/studio",)
DEEDS_OF_MANAGERS = ("/close", "/closed", "/edit")
LEAST_ROUTES = 40


def pages(console: Console) -> Iterator[tuple[str, str, str]]:
    """(path, method, address) of everything below /console."""
    for path, route in routes(console.app):
        if path == "/console" or path.startswith("/console/"):
            for method, url in calls(path, route):
                yield path, method, url


def guarded(console: Console) -> list[tuple[str, str, str]]:
    return [page for page in pages(console) if page[0] not in FOR_ANYBODY | LEADS_ON]


def needs(path: str) -> Role:
    """The least role that may see a page; closing a session is a page of its own below it."""
    if path in FOR_ADMINS:
        return Role.ADMIN
    if path.startswith(FOR_SPEAKERS):
        return Role.MANAGER if path.endswith("/sheet") else Role.SPEAKER
    return Role.MANAGER if path.startswith(FOR_MANAGERS) or path.endswith(DEEDS_OF_MANAGERS) else Role.STAFF


def said(answer: httpx.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text.split("<main")[-1])).split())


def stored(database: Database) -> str:
    """Every row of every table that a page might change."""
    with database.reading() as db:
        tables = SQLModel.metadata.sorted_tables
        return "\n".join(f"{table.name} {row}" for table in tables for row in db.connection().execute(select(table)))


@contextmanager
def nothing_changes(console: Console) -> Iterator[None]:
    before = stored(console.house.database)
    yield
    assert stored(console.house.database) == before


def add_switch_route(console: Console, role: Role = Role.STAFF) -> None:
    """A page of the console that turns a switch, as real ones do."""
    gate = console.house.gate

    def turn(posted: Posted = Depends(gate.form(role))) -> Any:  # noqa: B008  # as pages are written
        def work(db: Any) -> str:
            switch = db.get(Switch, "test") or Switch(name="test", at=console.house.clock.now())
            switch.is_on = not switch.is_on
            db.add(switch)
            if posted.fields.get("fail"):
                raise Refused("common.trouble.missing", back="/console/today")
            return f"/console/today?done={switch.name}"

        return gate.once(posted, work)

    console.app.post("/console/a-switch")(turn)


def is_on(console: Console) -> bool:
    return any(switch.is_on for switch in console.world.all(Switch) if switch.name == "test")


def test_without_a_session_every_page_leads_to_sign_in_and_every_form_to_the_same(console: Console) -> None:
    add_switch_route(console)
    console.client.cookies.clear()
    looked_at = 0
    with nothing_changes(console):
        for _, method, url in guarded(console):
            looked_at += 1
            answer = console.client.request(method, url, data={"text": "x"} if method == "POST" else None)
            if method == "POST":
                assert answer.status_code == 401, (method, url, answer.status_code)
                assert "Sign in" in said(answer)
            else:
                assert answer.status_code == 303, (method, url, answer.status_code)
                assert answer.headers["location"].startswith("/console/sign-in?next=%2Fconsole")
    assert looked_at >= LEAST_ROUTES


def test_a_made_up_cookie_is_no_session(console: Console) -> None:
    for wrong in ("x", "0" * 64, "%00", "'; drop table staff"):
        console.client.cookies.clear()
        console.client.cookies.set(COOKIE, wrong, domain="127.0.0.1", path="/")
        for _, method, url in guarded(console):
            if method == "GET":
                assert console.client.get(url).status_code == 303, url


def test_the_first_page_leads_to_today_which_asks_who_is_there(console: Console) -> None:
    console.client.cookies.clear()
    for start in ("/", "/console", "/console/"):
        answer = console.get(start)
        while answer.headers["location"] in ("/console", "/console/today"):
            answer = console.follow(answer)
        assert answer.headers["location"].startswith("/console/sign-in")


@pytest.mark.parametrize("role", list(Role))
def test_what_a_role_may_not_do_is_said_in_a_sentence(console: Console, role: Role) -> None:
    ranks = list(Role)
    console.sign_in(role)
    refused = 0
    for path, method, url in guarded(console):
        if ranks.index(needs(path)) <= ranks.index(role):
            continue
        refused += 1
        with nothing_changes(console):
            answer = console.client.request(method, url, data=console.tokens() if method == "POST" else None)
        assert answer.status_code == 403, (method, url, answer.status_code)
        assert f"This is for the role “{needs(path).value.capitalize()}" in said(answer)
        assert "Go back" in said(answer)
    assert bool(refused) == (role is not Role.ADMIN)


def test_every_page_asks_for_the_role_it_should(console: Console) -> None:
    """None forgets to ask: with the least role that may, nobody is refused for it."""
    for role in Role:
        console.sign_in(role)
        for path, method, url in guarded(console):
            if needs(path) is role and method == "GET":
                assert console.client.get(url).status_code != 403, url


@pytest.mark.parametrize("token", [None, "", "wrong", "ก", "0" * 32])
def test_no_form_is_taken_without_its_sessions_own_word(console: Console, token: str | None) -> None:
    add_switch_route(console)
    console.sign_in(Role.ADMIN)
    fields = {"once": "x", "text": "x", "email": "a@b"} | ({} if token is None else {"csrf": token})
    looked_at = 0
    with nothing_changes(console):
        for path, method, url in guarded(console):
            if method != "POST":
                continue
            looked_at += 1
            answer = console.client.post(url, data=fields)
            assert answer.status_code == 409, (path, answer.status_code)
            assert "Nothing has been stored" in said(answer)
    assert looked_at >= 15


def test_the_word_of_another_session_is_not_taken_but_what_was_written_is_shown_again(console: Console) -> None:
    """A form half written in one window, signed in anew in another, and sent from the first."""
    add_switch_route(console)
    fields = console.tokens() | {"text": "เรียกรถก่อน 8 โมง", "password": "not-this"}
    console.sign_in()
    answer = console.client.post("/console/a-switch", data=fields)
    assert (answer.status_code, is_on(console)) == (409, False)
    assert "Text เรียกรถก่อน 8 โมง" in said(answer)
    assert "not-this" not in answer.text
    form = answer.text.split('action="/console/a-switch"')[1]
    assert console.client.post("/console/a-switch", data={n: hidden(form, n) for n in ("csrf", "once", "text")})
    assert is_on(console)


def test_what_is_too_long_to_be_shown_again_is_refused_with_a_sentence(console: Console) -> None:
    add_switch_route(console)
    fields = console.tokens() | {f"text{n}": "x" * 30_000 for n in range(3)}
    console.sign_in()
    answer = console.client.post("/console/a-switch", data=fields)
    assert (answer.status_code, is_on(console)) == (409, False)
    assert "Nothing was changed" in said(answer)


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"}, {"Origin": ""},
     {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}],
)  # fmt: skip
def test_a_form_from_another_site_is_refused_even_with_the_right_word(
    console: Console, headers: dict[str, str]
) -> None:
    add_switch_route(console)
    console.sign_in(Role.ADMIN)
    tokens = console.tokens()
    with nothing_changes(console):
        for path, method, url in guarded(console):
            if method == "POST":
                answer = console.client.post(url, data=tokens, headers=headers)
                assert (answer.status_code, "another website" in said(answer)) == (409, True), path


def test_a_form_from_our_own_page_is_taken(console: Console) -> None:
    add_switch_route(console)
    headers = {"Origin": console.house.public_url, "Sec-Fetch-Site": "same-origin"}
    answer = console.client.post("/console/a-switch", data=console.tokens(), headers=headers)
    assert (answer.status_code, is_on(console)) == (303, True)


def test_the_same_form_sent_twice_does_one_thing_and_leads_to_the_same_place(console: Console) -> None:
    add_switch_route(console)
    tokens = console.tokens()
    answers = [console.client.post("/console/a-switch", data=tokens) for _ in range(2)]
    assert [(answer.status_code, answer.headers["location"]) for answer in answers] == [
        (303, "/console/today?done=test")
    ] * 2
    assert is_on(console)


def test_a_double_click_does_one_thing(console: Console) -> None:
    add_switch_route(console)
    tokens, led = console.tokens(), []
    cookies = dict(console.client.cookies)

    def click() -> None:
        with httpx.Client(base_url=console.house.public_url, trust_env=False, cookies=cookies) as client:
            led.append(client.post("/console/a-switch", data=tokens).headers["location"])

    clicks = [threading.Thread(target=click) for _ in range(6)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join(60)
    assert (len(led), len(set(led)), is_on(console)) == (6, 1, True)


def test_a_form_without_its_own_word_is_refused(console: Console) -> None:
    add_switch_route(console)
    tokens = console.tokens() | {"once": ""}
    assert console.client.post("/console/a-switch", data=tokens).status_code == 409
    assert not is_on(console)


def test_what_is_refused_half_way_leaves_nothing_and_can_be_sent_again(console: Console) -> None:
    add_switch_route(console)
    tokens = console.tokens()
    refused = console.client.post("/console/a-switch", data=tokens | {"fail": "1"})
    assert (refused.status_code, is_on(console)) == (409, False)
    assert 'href="/console/today"' in refused.text
    console.client.post("/console/a-switch", data=tokens)
    assert is_on(console)


def test_a_disabled_account_is_out_with_its_next_click(console: Console) -> None:
    add_switch_route(console)
    tokens = console.tokens()
    with console.house.database.unit_of_work() as db:
        db.exec(update(Staff).where(col(Staff.id) == console.me.id).values(disabled_at=console.house.clock.now()))
    assert console.client.post("/console/a-switch", data=tokens).status_code == 401
    assert console.get("/console/audit").status_code == 303
    assert not is_on(console)


def test_every_answer_of_the_console_tells_the_browser_what_it_may_not_do(console: Console) -> None:
    console.sign_in(Role.ADMIN)
    seen: set[int] = set()
    for path, method, url in [*pages(console), ("-", "GET", "/console/nothing-here")]:
        answer = console.client.request(method, url, data={"text": "x"} if method == "POST" else None)
        policy = answer.headers["content-security-policy"]
        seen.add(answer.status_code)
        assert "default-src 'none'" in policy, path
        assert "script-src 'self';" in policy, path
        assert "unsafe" not in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert answer.headers["referrer-policy"] == "same-origin", path
        assert any(word in answer.headers["cache-control"] for word in ("no-store", "no-cache")), path
        assert answer.status_code < 500, (method, url)
    assert {200, 303, 404, 409} <= seen


def test_no_page_holds_a_script_a_style_or_a_handler_of_its_own(console: Console) -> None:
    """The policy would refuse them, and the page would be broken."""
    console.sign_in(Role.ADMIN)
    looked_at = 0
    for _, method, url in pages(console):
        html = console.client.get(url).text if method == "GET" else ""
        if "<html" not in html:
            continue
        looked_at += 1
        assert not re.search(r"<script(?![^>]*\bsrc=)", html), url
        assert not re.search(r"<style|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:", html), url
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", html), url
    assert looked_at >= 10


def test_a_page_that_is_not_there_gets_a_sentence_and_a_way_back(console: Console) -> None:
    answer = console.get("/console/nothing-here")
    assert answer.status_code == 404
    assert "There is no such page" in said(answer)
    assert 'href="/console"' in answer.text


def test_static_files_ask_nobody_and_lead_to_no_other_folder(console: Console) -> None:
    console.client.cookies.clear()
    assert console.get("/static/console.css").status_code == 200
    for path in ("/static/../messages/reminder/th.txt", "/static/%2e%2e/console/base.html", "/static/", "/static/x"):
        assert console.get(path).status_code in (404, 405), path
    shipped = {file.suffix for file in Path(console.house.templates_dir, "static").iterdir()}
    assert shipped <= {".css", ".js", ".svg", ".png", ".woff2"}


@pytest.mark.parametrize("path", ["/console", "/console/people/0f?a=b&c=//d", "/sandbox", "/sandbox/x", "/console/"])
def test_a_path_of_ours_is_kept(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize("path", ["/", "//x", "/console\\x", "/console/\t", "/console/..", "/Console", "/console.evil"])
def test_any_other_becomes_the_first_page(path: str) -> None:
    assert local_path(path) == "/console"
