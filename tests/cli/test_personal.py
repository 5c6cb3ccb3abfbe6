"""No command shows a whole number, an identity or a surname without --personal; nor does a log."""

from __future__ import annotations

import io
import logging
import re
import shutil
from pathlib import Path

import pytest
from sqlmodel import select

from gateway.cli import context, tick
from gateway.records.database import Database
from gateway.records.people import Person, Phone
from gateway.records.staffing import Audit
from gateway.reports.exports import What
from gateway.wiring import data_dir
from tests.cli.conftest import Gateway, forget
from tests.support.engines import copied, url_of

SAMPLE = data_dir("templates") / "sample"


@pytest.fixture(scope="module")
def morning(sample_file: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The sample after its first morning, when texts and calls went out and were answered; and all that was logged."""
    file, logged = tmp_path_factory.mktemp("played") / "gateway.db", io.StringIO()
    copied(sample_file, file)
    handlers, level = logging.root.handlers[:], logging.root.level
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GATEWAY_DATABASE_URL", url_of(file))
        patch.setenv("GATEWAY_AUDIO_DIR", str(file.parent / "audio"))
        forget()
        context.settings()  # sets up logging, which is then made to tell everything
        logging.basicConfig(level=logging.DEBUG, stream=logged, force=True)
        tick.run_tick(tick.parse_instant("2026-08-03T09:00", "--at"))
        forget()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    return file, logged.getvalue()


@pytest.fixture(scope="module")
def played_file(morning: tuple[Path, str]) -> Path:
    return morning[0]


@pytest.fixture
def played(played_file: Path, tmp_path: Path) -> Path:
    return copied(played_file, tmp_path / "gateway.db")


@pytest.fixture(scope="module")
def secrets(played_file: Path) -> set[str]:
    """Every number in both spellings, every identity and hospital number, every surname of the sample."""
    database = Database(url_of(played_file))
    with database.reading() as db:
        numbers = list(db.exec(select(Phone.e164)))
        people = db.exec(select(Person)).all()
    database.close()
    found = {number.lstrip("+") for number in numbers} | {"0" + number[3:] for number in numbers if "+66" in number}
    for one in people:
        found |= {joined(text) for text in (one.surname, one.id_value, one.hn) if text and len(text) > 3}
    assert len(found) > 1500
    return found


def joined(text: str) -> str:
    """Digits that were set apart, as in 080-000-0886, put together."""
    return re.sub(r"(?<=\d)[ -](?=\d)", "", text)


def shown(text: str, secrets: set[str]) -> set[str]:
    """Which of these stand in the text; ids of rows are hexadecimal, hold any digits and are taken out first."""
    plain = joined(re.sub(r"\b[0-9a-f]{32,64}\b", "", text))
    words = set(re.findall(r"[0-9]+|[^\W\d_]+", plain)) | set(re.findall(r"[^\s,:;\"'·|│()\[\]{}<>]+", plain))
    return secrets & words


COMMANDS = [
    ("roster", "check", str(SAMPLE / "roster.csv")),
    ("roster", "check", str(SAMPLE / "roster.csv"), "--json"),
    ("sites", "load", str(SAMPLE / "sites.csv")),
    ("sessions", "load", str(SAMPLE / "sessions.csv")),
    ("sample", "load"),
    ("report", "rates"),
    ("report", "rates", "--by", "site", "--format", "json"),
    *(("export", what.value) for what in What),
    *(("export", what.value, "--format", "csv") for what in What),
    ("messages", "check"),
    ("prompts", "check"),
    ("db", "check"),
    ("doctor",),
    ("pause",),
    ("resume",),
    ("tick", "--at", "2026-08-03T12:00", "--only", "plan,sweep,reconcile"),
]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(Path(word).name for word in words))
def test_a_command_shows_nobody(
    gateway: Gateway, played: Path, secrets: set[str], words: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        found = gateway(*words)
    assert found.stdout + found.stderr
    assert shown(found.stdout + found.stderr, secrets) == set()
    assert shown(caplog.text, secrets) == set()


def test_a_morning_logs_nobody(morning: tuple[Path, str], secrets: set[str]) -> None:
    """Every line of every library, before our own last net under numbers: the net is for what we did not foresee."""
    assert morning[1]
    assert shown(morning[1], secrets) == set()


def test_loading_a_roster_shows_nobody(gateway: Gateway, secrets: set[str], tmp_path: Path) -> None:
    shutil.copy(SAMPLE / "roster.csv", tmp_path / "roster.csv")
    for noun in ("sites", "sessions"):
        gateway(noun, "load", str(SAMPLE / f"{noun}.csv"))
    found = gateway("roster", "load", str(tmp_path / "roster.csv"), "--yes")
    assert "rows can be loaded" in found.stderr
    assert shown(found.stdout + found.stderr, secrets) == set()


def test_with_personal_an_export_shows_people(gateway: Gateway, played: Path, secrets: set[str]) -> None:
    assert len(shown(gateway("export", "people", "--personal").stdout, secrets)) > 1000


def test_that_people_were_exported_is_kept_with_how_many(gateway: Gateway, played: Path) -> None:
    lines = {what: gateway("export", what, "--personal").stdout.splitlines() for what in ("people", "replies")}
    gateway("export", "people")
    database = Database(url_of(played))
    with database.reading() as db:
        deeds = db.exec(select(Audit).where(Audit.verb == "exported")).all()
    database.close()
    assert [(one.staff, one.kind, one.subject, one.after) for one in deeds] == [
        (None, "page", f"{what} --personal", {"rows": len(found)}) for what, found in lines.items()
    ]
    assert len(lines["people"]) > 100
