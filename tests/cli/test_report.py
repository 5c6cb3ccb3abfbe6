"""`gateway report rates` and `gateway export` as somebody types them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from typer.testing import CliRunner, Result

from gateway.cli import export, report
from gateway.dispatch.allowance import Limits
from gateway.dispatch.claims import Rules
from gateway.kit.clock import SteppedClock
from gateway.kit.phones import LineType
from gateway.plan.ladder import load_ladder
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.database import Database
from gateway.records.people import Person, PersonPhone, Phone
from gateway.records.places import Site
from gateway.records.status import AppointmentStatus, AttemptStatus, Channel
from tests.support.engines import opened

NOW = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    database = opened(tmp_path / "cli.db")
    with database.unit_of_work() as db:
        db.add(Site(code="S1", name="Site one"))
        db.add(Person(id="p1", language="th", name="Somsri", surname="Testing", created_at=NOW))
        db.add(Phone(id=1, e164="+66812345678", line_type=LineType.MOBILE))
        db.flush()
        one = {"id": "a1", "person": "p1", "site": "S1", "regimen": "hpv", "created_at": NOW}
        db.add(Appointment(**one, starts_at=NOW.replace(day=30), status=AppointmentStatus.CONFIRMED))
        db.add(PersonPhone(person="p1", phone=1))
        db.add(Attempt(id="t1", phone=1, channel=Channel.SMS, status=AttemptStatus.DELIVERED, created_at=NOW))
        db.flush()
        db.add(AttemptItem(attempt="t1", appointment="a1", person="p1", live=False))
    for module in (report, export):
        monkeypatch.setattr(module, "stored", lambda: SimpleNamespace(database=database, clock=SteppedClock(NOW)))
    yield database
    database.close()


def run(*words: str) -> Result:
    app = typer.Typer()
    app.add_typer(report.report_app, name="report")
    app.command("export")(export.export)
    return CliRunner().invoke(app, list(words))


@pytest.mark.usefixtures("database")
def test_the_rates_are_a_table_unless_asked_otherwise() -> None:
    found = run("report", "rates", "--by", "site,channel")
    assert found.exit_code == 0
    assert found.stdout.splitlines()[1].split() == ["S1", "sms", "1", "1", "1", "0", "0", "0", "100.0", "%"]
    assert found.stdout.splitlines()[-1].startswith("total")


@pytest.mark.usefixtures("database")
def test_the_rates_in_json_are_one_document() -> None:
    document = json.loads(run("report", "rates", "--by", "day", "--format", "json").stdout)
    assert document["rows"] == [
        {
            "day": "2026-11-30",
            "due": 1,
            "contacted": 1,
            "confirmed": 1,
            "moved": 0,
            "unanswered": 0,
            "other": 0,
            "rate": 1.0,
        }
    ]


@pytest.mark.usefixtures("database")
def test_the_rates_in_csv_have_a_header_and_obey_the_days() -> None:
    found = run("report", "rates", "--by", "site", "--from", "2026-12-01", "--to", "2026-12-02", "--format", "csv")
    assert found.stdout == "site,due,contacted,confirmed,moved,unanswered,other,rate\n"


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--by", "village"), "--by"),
        (("--by", ","), "--by"),
        (("--from", "30/11/2026"), "--from"),
        (("--from", "2026-12-02", "--to", "2026-12-01"), "--from"),
        (("--format", "xml"), "--format"),
    ],
)
def test_a_mistyped_option_is_named_and_ends_with_2(words: tuple[str, ...], named: str) -> None:
    found = run("report", "rates", *words)
    assert found.exit_code == 2
    assert named in found.stderr
    assert found.stdout == ""


@pytest.mark.usefixtures("database")
def test_an_export_is_one_json_object_a_line_without_name_or_number() -> None:
    found = run("export", "people")
    row = json.loads(found.stdout)
    assert (row["id"], row["phone"]) == ("p1", "+66 8• ••• •678")
    assert "Somsri" not in found.stdout
    assert "+66812345678" not in found.stdout


@pytest.mark.usefixtures("database")
def test_personal_csv_has_name_and_number() -> None:
    (row,) = csv.DictReader(io.StringIO(run("export", "people", "--format", "csv", "--personal").stdout))
    assert (row["name"], row["surname"], row["phone"]) == ("Somsri", "Testing", "+66812345678")


@pytest.mark.usefixtures("database")
def test_an_export_nobody_knows_ends_with_2() -> None:
    assert run("export", "secrets").exit_code == 2


@pytest.fixture
def planned(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three calls tomorrow evening at seven, and one line."""
    seven = datetime(2026, 11, 29, 12, tzinfo=UTC)
    with database.unit_of_work() as db:
        db.add_all(
            Reminder(appointment="a1", person="p1", purpose="reminder", step=f"s{n}", channel=Channel.VOICE,
                     due_at=seven, next_try_at=seven, expires_at=seven.replace(day=30))
            for n in range(60)
        )  # fmt: skip
    rules = Rules(load_ladder(), load_ladder().window(time(9), time(19, 30)), frozenset({"TH"}), "memory", False, "T")
    built = SimpleNamespace(
        database=database, clock=SteppedClock(NOW), rules=rules, limits=Limits(1, 1.0, 10.0),
        speech=SimpleNamespace(textable=lambda: frozenset({"th"})),
    )  # fmt: skip
    monkeypatch.setattr(report, "stored", lambda: built)


@pytest.mark.usefixtures("planned")
def test_tomorrows_forecast_says_what_the_lines_carry_and_how_many_would_do() -> None:
    said = run("report", "forecast").stdout
    assert "2026-11-29  calls: 1 lines carry 28 of 60; 3 are needed (0 elders; of the others 60 of 60" in said
    assert "texts: all 0 are carried" in said


@pytest.mark.usefixtures("planned")
def test_the_forecast_in_json_is_one_document_and_a_day_gone_by_has_none() -> None:
    document = json.loads(run("report", "forecast", "--day", "2026-11-29", "--json").stdout)
    assert document["calls"] | {"limit": "lines", "needed": 3, "carried": 28, "total": 60} == document["calls"]
    assert run("report", "forecast", "--day", "2026-11-27").exit_code == 2


@pytest.mark.usefixtures("planned")
def test_a_day_beyond_the_plan_is_refused_and_one_with_nothing_planned_says_so() -> None:
    refused = run("report", "forecast", "--day", "2026-12-13")
    assert (refused.exit_code, "only today and the 14 days after it" in refused.output) == (2, True)
    said = run("report", "forecast", "--day", "2026-12-12")
    assert (said.exit_code, said.stdout) == (
        0, "2026-12-12  no calls and no texts are planned (the gateway plans 14 days ahead)\n",
    )  # fmt: skip
