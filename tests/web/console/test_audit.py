"""The page of who did what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from gateway.records.staffing import Audit, Role
from gateway.staff.audit import write_audit
from tests.support.world import NINE
from tests.web.console.conftest import Console

Did = Callable[..., Audit]


@pytest.fixture
def did(console: Console) -> Did:
    """Keep a deed of whoever is signed in, and become an administrator to read of it."""

    def keep(verb: str = "noted", **more: Any) -> Audit:
        values = {
            "staff": console.me.id,
            "kind": "switch",
            "subject": "pause",
            "now": console.house.clock.now(),
            **more,
        }
        with console.house.database.unit_of_work() as db:
            return write_audit(db, verb=verb, **values)

    return keep


def test_it_tells_who_did_what_and_when_with_before_and_after(console: Console, did: Did) -> None:
    nurse = console.me
    did("signed_out", kind="task", subject="t1", before={"status": "open"}, after={"status": "<script>"})
    console.sign_in(Role.ADMIN)
    page = console.get("/console/audit").text
    assert nurse.name in page
    assert "Signed out" in page
    assert "Mon 3 Aug 2026 09:00" in page
    assert "&#34;open&#34;" in page
    assert "<script>" not in page.replace("<script src", "")


def test_the_newest_is_on_top_even_within_one_instant_of_a_clock_that_stands(console: Console, did: Did) -> None:
    for verb in ("first_deed", "second_deed", "third_deed"):
        did(verb)
    console.sign_in(Role.ADMIN)
    rows = console.get("/console/audit").text.split("<tbody>")[1]
    assert rows.index("third deed") < rows.index("second deed") < rows.index("first deed")


def test_a_verb_without_words_is_shown_as_it_is_stored(console: Console, did: Did) -> None:
    did("polished_bell")
    console.sign_in(Role.ADMIN)
    assert "polished bell" in console.get("/console/audit").text


def test_pages_looked_at_are_shown_only_when_asked_for(console: Console, did: Did) -> None:
    did("viewed", kind="page", subject="the-page")
    did("searched", kind="page", subject="the-search")
    console.sign_in(Role.ADMIN)
    for subject, verb in (("the-page", "viewed"), ("the-search", "searched")):
        assert subject not in console.get("/console/audit").text
        assert subject in console.get("/console/audit?views=1").text
        assert subject in console.get(f"/console/audit?verb={verb}").text


@pytest.mark.parametrize("verb", ["searched", "uploaded", "exported"])
def test_what_is_looked_for_sent_and_taken_away_has_words(console: Console, did: Did, verb: str) -> None:
    did(verb, kind="page", subject="people")
    console.sign_in(Role.ADMIN)
    for language in ("en", "th"):
        console.client.headers["Accept-Language"] = language
        rows = console.get(f"/console/audit?verb={verb}").text.split("<tbody>")[1]
        assert "people" in rows
        assert f"<td>{verb}</td>" not in rows


def test_filters_by_person_of_staff_verb_and_day(console: Console, did: Did) -> None:
    nurse = console.me
    did(subject="by-nurse")
    did(staff=None, subject="by-command")
    did("other_deed", subject="other-verb")
    did(now=NINE + timedelta(days=1), subject="next-day")
    console.sign_in(Role.ADMIN)

    def shown(query: str) -> set[str]:
        html = console.get(f"/console/audit?{query}").text
        return {one for one in ("by-nurse", "by-command", "other-verb", "next-day") if one in html}

    assert shown(f"staff={nurse.id}") == {"by-nurse", "other-verb", "next-day"}
    assert shown("staff=-") == {"by-command"}
    assert shown("verb=other_deed") == {"other-verb"}
    assert shown(f"day={date(2026, 8, 4)}") == {"next-day"}
    assert shown(f"staff={nurse.id}&verb=noted&day=2026-08-03") == {"by-nurse"}


def test_a_day_is_bangkoks(console: Console, did: Did) -> None:
    did(now=NINE.replace(hour=17, minute=30), subject="after-midnight")  # 00:30 of the 4th in Bangkok
    console.sign_in(Role.ADMIN)
    assert "after-midnight" not in console.get("/console/audit?day=2026-08-03").text
    assert "after-midnight" in console.get("/console/audit?day=2026-08-04").text


def test_a_hundred_a_page(console: Console, did: Did) -> None:
    for n in range(101):
        did(subject=f"deed-{n:03}")
    console.sign_in(Role.ADMIN)
    first, second = (console.get(f"/console/audit?page={n}").text for n in (1, 2))
    assert (first.count("deed-"), second.count("deed-")) == (100, 1)
    assert "deed-000" in second
    assert "page=2" in first


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "page=9" * 9, "day=2026-02-30", "day=<b>", "day=",
                                   "staff=nobody", "verb=%00", "page=99999", "views=no"])  # fmt: skip
def test_a_strange_filter_is_no_accident(console: Console, did: Did, query: str) -> None:
    did()
    console.sign_in(Role.ADMIN)
    answer = console.get(f"/console/audit?{query}")
    assert answer.status_code == 200
    assert "<b>" not in answer.text.split('<form class="toolbar"')[1].split("</form>")[0]


def test_nothing_that_fits_says_what_to_do(console: Console) -> None:
    console.sign_in(Role.ADMIN)
    assert "As soon as somebody does something here" in console.get("/console/audit").text
    assert "Try another day or person" in console.get("/console/audit?day=2020-01-01").text


def test_an_administrator_of_one_site_sees_all(console: Console, did: Did) -> None:
    did(subject="everywhere")
    console.sign_in(Role.ADMIN, site="S1")
    assert "everywhere" in console.get("/console/audit").text


@pytest.mark.parametrize("role", [Role.STAFF, Role.MANAGER])
def test_it_is_for_administrators(console: Console, did: Did, role: Role) -> None:
    did(subject="not-yours")
    console.sign_in(role)
    answer = console.get("/console/audit")
    assert answer.status_code == 403
    assert "This is for the role" in answer.text
    assert "not-yours" not in answer.text


def test_whole_numbers_are_not_shown(console: Console, did: Did) -> None:
    did(kind="person", subject="p1", before={"phone": "+66812345678"}, after={"phone": "0898765432"})
    console.sign_in(Role.ADMIN)
    page = console.get("/console/audit").text
    assert "812345678" not in page
    assert "898765432" not in page
    assert "678" in page
