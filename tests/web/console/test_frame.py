"""What every page has: its language, its bands, its headers, and parts that are not sent again unchanged."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from starlette.requests import Request
from starlette.responses import Response

from gateway.kit.clock import in_utc
from gateway.records.house import Switch
from gateway.records.staffing import Role
from gateway.staff.audit import UNDO_FOR, write_audit
from gateway.web.console.dates import say_day
from gateway.web.console.gate import Visitor
from tests.web.console.conftest import Console

NOWHERE = "/console/there-is-no-such-page"


def a_deed(console: Console, *, undo_for: timedelta | None = UNDO_FOR, staff: str | None = None) -> str:
    with console.house.database.unit_of_work() as db:
        return write_audit(
            db, staff=staff or console.me.id, verb="confirmed", kind="appointment", subject="a1",
            now=console.world.clock.now(), undo_for=undo_for,
        ).id  # fmt: skip


def test_days_are_written_in_the_era_of_the_language() -> None:
    instant = in_utc(datetime(2026, 8, 3, 18, 0, tzinfo=UTC))  # one in the morning of the next day in Bangkok
    assert (say_day(instant, "th"), say_day(instant, "en")) == ("อ. 4 ส.ค. 2569", "Tue 4 Aug 2026")
    assert say_day(datetime(2027, 1, 3, tzinfo=UTC).date(), "th") == "อา. 3 ม.ค. 2570"


def test_a_missing_page_says_so_inside_the_frame(console: Console) -> None:
    answer = console.get(NOWHERE)
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
    assert console.me.email in answer.text


def test_an_address_of_no_page_elsewhere_stays_plain(console: Console) -> None:
    answer = console.get("/nowhere")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


def test_what_an_error_says_of_itself_is_passed_on_and_no_error_is_kept(console: Console) -> None:
    missing = console.get(f"/audio/{'0' * 64}.wav")
    assert (missing.status_code, missing.headers.get_list("cache-control")) == (404, ["no-store"])
    strange = console.client.put(f"/audio/{'0' * 64}.wav")
    assert (strange.status_code, strange.headers["cache-control"]) == (405, "no-store")
    assert strange.headers["allow"]
    assert console.get("/audio/..%2fsecret").headers["cache-control"] == "no-store"
    assert console.client.delete(NOWHERE).headers.get_list("cache-control") == ["no-store"]


def test_what_breaks_on_our_side_is_a_page_without_inner_matters(
    console: Console, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("+66812345678 is secret")

    monkeypatch.setattr("gateway.web.console.sign_in.sessions.close_session", breaks)
    answer = console.post("/console/sign-out")
    assert answer.status_code == 500
    assert "Something failed on our side" in answer.text
    assert "secret" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/console/sign-in", NOWHERE, "/console/audit"])
def test_every_page_forbids_what_it_does_not_need(console: Console, path: str) -> None:
    headers = console.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")
    assert headers["cache-control"] == "no-store"


def test_no_page_holds_a_script_or_a_style_of_its_own(console: Console) -> None:
    html = console.get(NOWHERE).text
    assert "<style" not in html
    assert " style=" not in html
    assert html.count("<script") == html.count('<script src="/static/')


def test_static_files_are_marked_by_content_and_may_be_kept(console: Console) -> None:
    address = console.desk.pages.asset("console.css")
    answer = console.get(address)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/css")
    assert "max-age" in answer.headers["cache-control"]
    assert console.get("/static/../settings.py").status_code == 404
    assert console.get("/static/%2e%2e/console/base.html").status_code == 404


def test_the_pause_is_told_on_every_page(console: Console) -> None:
    assert "Paused: nothing" not in console.get(NOWHERE).text
    console.world.add(Switch(name="pause", is_on=True, at=console.world.clock.now()))
    assert "Paused: nothing" in console.get(NOWHERE).text


def test_a_deed_is_told_with_the_way_back_to_its_doer_alone(console: Console) -> None:
    deed = a_deed(console)
    assert f'action="/console/undo/{deed}"' in console.get(f"{NOWHERE}?done={deed}").text
    console.sign_in(Role.STAFF)
    assert deed not in console.get(f"{NOWHERE}?done={deed}").text


def test_after_its_minute_a_deed_is_told_without_the_way_back(console: Console) -> None:
    deed = a_deed(console, undo_for=timedelta(seconds=-1))
    page = console.get(f"{NOWHERE}?done={deed}").text
    assert "/console/undo/" not in page
    assert 'data-undo="0"' in page


def test_a_part_that_did_not_change_is_not_sent_again_though_it_holds_forms(console: Console) -> None:
    first = _part(console, "one")
    again = _part(console, "one", first.headers["etag"])
    changed = _part(console, "two", first.headers["etag"])
    assert (first.status_code, again.status_code, changed.status_code) == (200, 304, 200)
    assert (bytes(again.body), b"two" in bytes(changed.body)) == (b"", True)


def test_each_form_of_a_page_has_a_word_of_its_own(console: Console) -> None:
    page = console.get(f"{NOWHERE}?done={a_deed(console)}").text
    words = re.findall(r'name="once" value="([^"]+)"', page)
    assert len(words) == len(set(words)) >= 2
    assert not [word for word in words if word.startswith("once-")]


def _part(console: Console, sentence: str, known: str = "") -> Response:
    visitor = _visitor(console)
    if known:
        visitor.request.scope["headers"].append((b"if-none-match", known.encode()))
    pages = console.desk.pages
    return pages.live(visitor, visitor.request, "trouble.html", sentence=sentence, back="/console", done=None)


def _visitor(console: Console) -> Visitor:
    cookie = "; ".join(f"{name}={value}" for name, value in console.client.cookies.items())
    scope = {
        "type": "http", "method": "GET", "path": "/console", "query_string": b"",
        "headers": [(b"cookie", cookie.encode()), (b"accept-language", b"en")],
    }  # fmt: skip
    visitor = console.desk.gate.visitor(Request(scope))
    assert visitor is not None
    return visitor
