"""The page of rates: picture, table and sheet of the same rows; what is asked wrongly is said beside the form."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, time, timedelta
from html import unescape

import httpx
import pytest

from gateway.kit.clock import at_bangkok
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem
from gateway.records.places import Site
from gateway.records.staffing import Audit, Role
from gateway.records.status import AppointmentStatus, AttemptStatus, Channel
from gateway.web.console.gate import LANGUAGE_COOKIE
from gateway.web.console.rates import MOST_ROWS
from tests.web.console.conftest import Console

TODAY = date(2026, 8, 3)
CONFIRMED = AppointmentStatus.CONFIRMED
MONDAY, TUESDAY = "Mon 3 Aug 2026", "Tue 4 Aug 2026"
BURMESE, THAI = "မြန်မာ · Burmese", "ไทย · Thai"
OURS = "โรงพยาบาลตัวอย่าง"


def asked(console: Console, *, site: str = "S1", day: date = TODAY, language: str = "th", times: int = 1,
          status: AppointmentStatus = AppointmentStatus.BOOKED, is_contacted: bool = True) -> None:  # fmt: skip
    """People with an appointment on a day, who were texted or not."""
    world = console.world
    for _ in range(times):
        person = world.person(language=language)
        made = Appointment(person=person.id, site=site, regimen="influenza", starts_at=at_bangkok(day, time(9, 30)),
                           created_at=world.clock.now(), status=status)  # fmt: skip
        if status is CONFIRMED:
            made.confirmed_by_staff = "s"
        world.add(made)
        if is_contacted:
            text = Attempt(phone=1, channel=Channel.SMS, status=AttemptStatus.DELIVERED, created_at=world.clock.now())
            world.add(text, AttemptItem(attempt=text.id, appointment=made.id, person=person.id, live=False))


def another_site(console: Console, name: str = "บ้านไกล", code: str = "S2") -> None:
    console.world.add(Site(code=code, name=name, short_name=name, name_en="Far"))


def table(html: str) -> list[list[str]]:
    """The cells of every row of the table, as they are read."""
    rows = re.findall(r"<tr[ >].*?</tr>", html, re.DOTALL)
    return [[words(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)] for row in rows]


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def in_thai(console: Console) -> None:
    console.client.cookies.set(LANGUAGE_COOKIE, "th", domain="127.0.0.1", path="/")


def sheet(answer: httpx.Response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def test_at_first_it_shows_sites_and_the_last_days_up_to_tomorrow(console: Console) -> None:
    asked(console, times=2, status=CONFIRMED, day=TODAY - timedelta(days=20))
    asked(console, day=TODAY + timedelta(days=1))
    asked(console, day=TODAY + timedelta(days=2))
    page = console.get("/console/rates").text
    assert 'id="from" name="from" type="date" value="2026-07-14"' in page
    assert 'id="to" name="to" type="date" value="2026-08-04"' in page
    head, row, total = table(page)
    assert head == ["Site", "Rate", "Due", "Contacted", "Confirmed", "Moved", "Other answer", "Unanswered"]
    assert row == ["โรงพยาบาลตัวอย่าง", "66.7 % few people", "3", "3", "2", "0", "0", "1"]
    assert total == ["Total", "66.7 %", "3", "3", "2", "0", "0", "1"]


def test_the_picture_and_the_table_say_the_same(console: Console) -> None:
    asked(console, times=6, status=CONFIRMED)
    asked(console, times=2)
    page = console.get("/console/rates").text
    picture = page[page.index('<svg class="chart"') : page.index("</figure>")]
    assert table(page)[1][:5] == ["โรงพยาบาลตัวอย่าง", "75.0 %", "8", "8", "6"]
    for shown in ("โรงพยาบาลตัวอย่าง", "6/8", "75.0 %"):
        assert f">{shown}</text>" in picture
    assert 'role="img"' in picture
    assert "8 contacted, 6 confirmed (75.0 %)" in picture


def test_who_was_not_contacted_is_a_dash_and_not_nought_per_cent(console: Console) -> None:
    asked(console, is_contacted=False)
    page = console.get("/console/rates").text
    assert table(page)[1][1:4] == ["–", "1", "0"]
    assert "0.0 %" not in page


@pytest.mark.parametrize(
    ("query", "heads", "keys"),
    [
        ("by=day", ["Day"], [[MONDAY], [TUESDAY]]),
        ("by=language", ["Language"], [[BURMESE], [THAI]]),
        ("by=channel", ["Channel"], [["Text"], ["Not contacted"]]),
        ("by=language,day", ["Language", "Day"], [[BURMESE, TUESDAY], [THAI, MONDAY]]),
        ("by=day&by=site", ["Day", "Site"], [[MONDAY, OURS], [TUESDAY, OURS]]),
        ("by=site&by=site", ["Site"], [[OURS]]),
    ],
)  # fmt: skip
def test_one_or_two_breakdowns_by_their_names(
    console: Console, query: str, heads: list[str], keys: list[list[str]]
) -> None:
    asked(console)
    asked(console, language="my", day=TODAY + timedelta(days=1), is_contacted=False)
    head, *rows, _ = table(console.get(f"/console/rates?{query}").text)
    assert head[: len(heads) + 1] == [*heads, "Rate"]
    assert sorted(row[: len(heads)] for row in rows) == sorted(keys)


def test_in_thai_days_are_of_the_buddhist_era_and_channels_have_thai_names(console: Console) -> None:
    asked(console)
    in_thai(console)
    row = table(console.get("/console/rates?by=day,channel").text)[1]
    assert row[:2] == ["จ. 3 ส.ค. 2569", "ข้อความ"]


def test_one_site_can_be_chosen_and_stays_chosen(console: Console) -> None:
    another_site(console)
    asked(console)
    asked(console, site="S2", times=2)
    page = console.get("/console/rates?by=site&site=S2").text
    assert [row[0] for row in table(page)] == ["Site", "Far", "Total"]
    assert '<option value="S2" selected>' in page


@pytest.mark.parametrize(
    ("query", "sentence", "kept"),
    [
        ("by=nonsense", "There is no breakdown by “nonsense”. Choose site, day, language or channel.", ""),
        ("by=<script>", "There is no breakdown by “&lt;script&gt;”", ""),
        ("by=site,day,language", "That is more than two breakdowns at once. Choose one or two.", ""),
        ("from=2026-08-09&to=2026-08-03", "The first day is after the last. Swap the two.", 'value="2026-08-09"'),
        ("from=2026-02-30", "“2026-02-30” is no day. Write it as 2026-08-03", 'value="2026-02-30"'),
        ("to=tomorrow", "“tomorrow” is no day.", 'value="tomorrow"'),
        ("from=2016-08-03&to=2026-08-03", "That is more than a year. Choose fewer days.", 'value="2016-08-03"'),
        ("site=S9", "There is no site “S9”, or it is not yours to see.", ""),
    ],
)
def test_what_is_asked_wrongly_is_said_with_what_to_do_and_the_form_is_kept(
    console: Console, query: str, sentence: str, kept: str
) -> None:
    asked(console)
    answer = console.get(f"/console/rates?{query}")
    assert answer.status_code == 400
    assert sentence in answer.text
    assert kept in answer.text
    assert "<form" in answer.text
    assert "<table" not in answer.text
    for path in ("/console/rates.csv", "/console/rates/figures"):
        refused = console.get(f"{path}?{query}")
        assert (refused.status_code, sentence.split("”")[-1] in refused.text) == (409, True)


def test_every_mistake_is_named_at_once_and_its_field_is_marked(console: Console) -> None:
    page = console.get("/console/rates?by=x&from=y").text
    assert "There is no breakdown by “x”" in page
    assert "“y” is no day" in page
    marked = re.findall(r'id="([\w-]+)"[^>]* aria-invalid="true" aria-describedby="trouble"', page)
    assert marked == ["by", "from"]


def test_a_day_at_the_edge_of_time_is_no_accident(console: Console) -> None:
    asked(console)
    for query in ("to=0001-01-01", "from=9999-12-31", "to=9999-12-31", "from=9999-12-31&to=9999-12-31"):
        answer = console.get(f"/console/rates?{query}")
        assert (answer.status_code, "is no day" in answer.text) == (400, True)


@pytest.mark.parametrize("written", ["2569-08-03", "3 ส.ค. 69", "03/08/2569", "2026-08-03"])
def test_a_day_is_read_as_people_write_it(console: Console, written: str) -> None:
    asked(console)
    asked(console, day=TODAY + timedelta(days=1))
    page = console.get("/console/rates", params={"by": "day", "from": written, "to": written}).text
    assert [row[0] for row in table(page)] == ["Day", MONDAY, "Total"]


def test_without_appointments_in_these_days_it_says_where_there_are_some(console: Console) -> None:
    asked(console, day=date(2026, 6, 1))
    page = console.get("/console/rates?from=2026-08-01&to=2026-08-09").text
    assert "No appointments in these days" in page
    assert "run from Mon 1 Jun 2026 to Mon 1 Jun 2026" in page
    link = unescape(re.findall(r'<a class="button" href="(/console/rates\?[^"]+)"', page)[0])
    assert table(console.get(link).text)[1][0] == "โรงพยาบาลตัวอย่าง"


def test_a_house_without_appointments_says_what_to_do(console: Console) -> None:
    page = console.get("/console/rates")
    assert page.status_code == 200
    assert "There are no appointments yet. Load a roster" in page.text


@pytest.mark.parametrize("part", ["site", "day", "language", "channel"])
def test_a_name_that_is_html_stays_text_in_table_and_picture(console: Console, part: str) -> None:
    another_site(console, "<script>alert(1)</script>", "S2")
    asked(console, site="S2", language="<i>x")
    in_thai(console)
    page = console.get(f"/console/rates?by={part}&by=site").text
    assert "<script>alert" not in page
    assert "<i>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_staff_of_one_site_see_it_alone_by_day(console: Console) -> None:
    another_site(console)
    asked(console)
    asked(console, site="S2", times=2)
    console.sign_in(Role.STAFF, site="S2")
    page = console.get("/console/rates").text
    assert [row[0] for row in table(page)] == ["Day", "Mon 3 Aug 2026", "Total"]
    assert table(page)[1][2] == "2"
    assert "ตัวอย่าง" not in page
    assert [row[0] for row in sheet(console.get("/console/rates.csv?by=site"))] == ["Site code", "S2"]


@pytest.mark.parametrize("code", ["S1", "S9"])
def test_another_site_and_no_site_at_all_are_refused_alike(console: Console, code: str) -> None:
    another_site(console)
    asked(console)
    console.sign_in(Role.STAFF, site="S2")
    answer = console.get(f"/console/rates?site={code}")
    assert answer.status_code == 400
    assert f"There is no site “{code}”, or it is not yours to see." in words(answer.text)
    assert "ตัวอย่าง" not in answer.text


def test_the_sheet_is_what_the_table_shows_with_codes_and_names(console: Console) -> None:
    asked(console, times=6, status=CONFIRMED)
    asked(console, times=2, language="my")
    answer = console.get("/console/rates.csv?by=site,language&from=2026-08-01&to=2026-08-05")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="tamnat-rates-2026-08-01-2026-08-05.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    head, first, second = sheet(answer)
    assert head == ["Site code", "Site", "Language code", "Language", "Due", "Contacted", "Confirmed", "Moved",
                    "Unanswered", "Other answer", "Rate (%)", "Remark"]  # fmt: skip
    assert first == [
        "S1",
        "โรงพยาบาลตัวอย่าง",
        "my",
        "မြန်မာ · Burmese",
        "2",
        "2",
        "0",
        "0",
        "2",
        "0",
        "0.0",
        "few people",
    ]
    assert second[2:] == ["th", "ไทย · Thai", "6", "6", "6", "0", "0", "0", "100.0", ""]


def test_a_site_named_like_a_formula_is_text_in_the_sheet(console: Console) -> None:
    another_site(console, "=1+1")
    asked(console, site="S2")
    in_thai(console)
    assert sheet(console.get("/console/rates.csv?by=site"))[1][1] == "'=1+1"


def test_taking_the_sheet_is_written_down_and_looking_is_not(console: Console) -> None:
    asked(console)
    console.get("/console/rates")
    assert console.world.all(Audit) == []
    console.get("/console/rates.csv?by=site&from=2026-08-01&to=2026-08-05&site=S1")
    (audit,) = console.world.all(Audit)
    assert isinstance(audit, Audit)
    assert (audit.staff, audit.verb, audit.kind, audit.subject) == (console.me.id, "exported", "page", "rates")
    assert audit.after == {"by": "site", "from": "2026-08-01", "to": "2026-08-05", "site": "S1"}


def test_the_link_to_the_sheet_asks_what_the_page_was_asked(console: Console) -> None:
    asked(console)
    page = console.get("/console/rates?by=day,language&site=S1").text
    link = unescape(re.findall(r'href="(/console/rates\.csv\?[^"]+)"', page)[0])
    assert [row[0] for row in sheet(console.get(link))] == ["Day", "2026-08-03"]


def test_the_figures_follow_and_are_silent_while_nothing_changes(console: Console) -> None:
    asked(console)
    page = console.get("/console/rates").text
    path = unescape(re.findall(r'data-live="([^"]+)" data-every="10"', page)[0])
    first = console.get(path)
    assert first.status_code == 200
    again = console.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.text) == (304, "")
    asked(console, status=CONFIRMED)
    after = console.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert table(after.text)[1][1:4] == ["50.0 % few people", "2", "2"]


def test_a_page_of_very_many_lines_is_cut_and_says_where_the_rest_is(console: Console) -> None:
    world = console.world
    world.add(*(Site(code=f"X{n:03}", name=f"X{n:03}") for n in range(MOST_ROWS + 1)))
    person = world.person()
    world.add(*(
        Appointment(person=person.id, site=f"X{n:03}", regimen=f"v{n}", starts_at=at_bangkok(TODAY, time(9)),
                    created_at=world.clock.now())
        for n in range(MOST_ROWS + 1)
    ))  # fmt: skip
    page = console.get("/console/rates?by=site").text
    assert len(table(page)) == MOST_ROWS + 2
    assert "1 more lines are not shown" in page
    assert len(page.encode()) < 300_000
    assert len(sheet(console.get("/console/rates.csv?by=site"))) == MOST_ROWS + 2


def test_who_is_not_signed_in_is_asked_to(console: Console) -> None:
    console.client.cookies.clear()
    for path in ("/console/rates", "/console/rates.csv"):
        assert console.get(path).headers["location"].startswith("/console/sign-in")
