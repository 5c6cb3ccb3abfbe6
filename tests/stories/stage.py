"""A whole house on one machine: roster files go in, telephones ring, and the stories read what came of it.

Time is moved, never slept. Nothing is read from the environment, and every identifier follows from a seed, so that a
story ends the same every time it is told.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from gateway.app import create_app
from gateway.cli.serving import listen, serving
from gateway.cli.tick import PASSES, run_passes
from gateway.kit.clock import BANGKOK, SteppedClock, bangkok_day, in_utc
from gateway.kit.ids import seeded_ids
from gateway.kit.phones import LineType, parse_phone
from gateway.records.house import Switch
from gateway.roster.check import check_roster
from gateway.roster.files import rules_for
from gateway.roster.load import LoadReport, load_roster
from gateway.roster.places import PlacesReport, load_sessions, load_sites
from gateway.roster.prepare import LoadRequest
from gateway.roster.readers.csv import read_csv_file
from gateway.sandbox.faults import Faults
from gateway.sandbox.handsets import Handset, Line
from gateway.sandbox.rest import sandbox_app
from gateway.sandbox.signing import SIGNATURE_HEADER, twilio_signature
from gateway.settings import CarrierName, Settings
from gateway.wiring import SANDBOX, WEBHOOKS, House, data_dir
from gateway.wiring.house import SANDBOX_NUMBER, sandbox_account
from tests.stories.then import Then
from tests.stories.wire import Wire
from tests.support.engines import migrated_url

FRIDAY = "2026-07-24 15:00"  # the clerk hands in the file; the stories' appointments lie in the weeks after it
HOURS = ("09:05", "11:35", "13:30", "17:40", "19:05")
"""When a simulated day is looked at; the ladder calls at 9:00, 10:00 and 17:30, each spread over 90 minutes."""

_SITE_HEADER = "รหัส,ชื่อ,ชื่อย่อ,สถานที่,ตำบล,อำเภอ,จังหวัด,เบอร์โทร"
_SESSION_HEADER = "รหัสหน่วยบริการ,วัคซีน,วันที่,ช่วงเวลา,เวลาเริ่ม,เวลาสิ้นสุด,จำนวนที่นั่ง"
_PARTS = {"morning": ("เช้า", "08:30", "12:00"), "afternoon": ("บ่าย", "13:00", "16:00")}


class ExplicitSettings(Settings):
    """Settings from what is said here alone: what the tester's shell exports must not change a story."""

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Leave out the environment."""
        return (init_settings,)


@dataclass
class Stage(Then):
    """Use it as a context manager; `folder` is its own. What it can see is in `Then`."""

    folder: Path
    begins: str = FRIDAY
    seed: str = "story"
    settings: dict[str, Any] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        """Build the house; nobody lives in it yet, and its telephones ring only once a tick comes."""
        self._open = ExitStack()
        self._handsets: dict[str, str] = {}
        self._is_serving = False
        (self.folder / "templates" / "sample").mkdir(parents=True)
        (self.folder / "templates" / "messages").symlink_to(data_dir("templates") / "messages")
        self._write_handsets()
        self._listener = listen(0)
        self.clock = SteppedClock(instant(self.begins))
        self.house = House(
            ExplicitSettings(**self._settings()),
            clock=self.clock,
            public_url=f"http://127.0.0.1:{self._listener.getsockname()[1]}",
        )

    def __enter__(self) -> Stage:
        """Let identifiers follow from the seed."""
        self._open.callback(self._listener.close)
        self._open.callback(self.house.close)
        self._open.enter_context(seeded_ids(self.seed))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up everything."""
        self._open.close()

    # given

    def given_a_site(self, code: str = "S1", *, district: str = "เมือง", tambon: str = "เวียง") -> None:
        """A clinic, from the file a hospital would send."""
        row = f"{code},โรงพยาบาลตัวอย่าง {code},รพ.ตัวอย่าง,หอประชุม,{tambon},{district},ลำปาง,054-000-901"
        _expect_clean(load_sites(self.house.database, read_csv_file(self._file("sites", _SITE_HEADER, row))))

    def given_a_session_with_seats(
        self, day: str, part: str, seats: int, *, vaccine: str = "influenza", site: str = "S1"
    ) -> None:
        """A morning (08:30) or an afternoon (13:00) with so many seats; loaded again with another number it changes."""
        word, starts, ends = _PARTS[part]
        row = f"{site},{vaccine},{day},{word},{starts},{ends},{seats}"
        table = read_csv_file(self._file("sessions", _SESSION_HEADER, row))
        today = bangkok_day(self.clock.now())
        _expect_clean(load_sessions(self.house.database, table, regimens=self.house.regimens, today=today))

    def given_a_roster(
        self,
        text: str,
        *,
        site: str = "S1",
        complete_for: tuple[str, str] | None = None,
        encoding: str = "utf-8-sig",
    ) -> LoadReport:
        """Load a roster file at this site; `complete_for` names the days of which it leaves nobody out."""
        path = self._file("roster", *(line.strip() for line in text.strip().splitlines()), encoding=encoding)
        first, last = map(date.fromisoformat, complete_for) if complete_for else (None, None)
        now, house = self.clock.now(), self.house
        rules = rules_for(
            house.database,
            now=now,
            recognise_language=house.languages.recognise,
            regimens=house.regimens,
            site=site,
            scope_from=first,
            scope_to=last,
        )
        request = LoadRequest(now, house.regimens, _sha(path), site=site, scope_from=first, scope_to=last)
        return load_roster(house.database, check_roster(read_csv_file(path), rules), request)

    def given_a_handset(self, number: str, habits: str) -> None:
        """A telephone that does what habits.toml says of `habits`, from now on."""
        parsed = parse_phone(number)
        self._handsets[parsed.e164] = habits
        self._write_handsets()
        if self._is_serving:
            self._connect(parsed.e164)

    def given_no_texts_in(self, language: str) -> None:
        """As if nobody had written a word in it."""
        folder = self.folder / "templates" / "messages"
        folder.unlink()
        shutil.copytree(data_dir("templates") / "messages", folder, ignore=shutil.ignore_patterns(f"{language}.*"))

    def given_no_voice_in(self, *languages: str) -> None:
        """As if nobody had written what a call in them says."""
        folder = self.folder / "voice_prompts"
        if not folder.exists():
            shutil.copytree(self.house.prompts_dir, folder)
            self.house.prompts_dir = folder
        for language in languages:
            shutil.rmtree(folder / language)

    def given_it_is(self, at: str) -> None:
        """Move the clock on; nothing happens meanwhile, as when nobody had started the gateway."""
        self.clock.advance_to(instant(at))

    def given_the_switch(self, name: str, *, is_on: bool) -> None:
        """As `gateway pause` and `gateway resume` turn it."""
        with self.house.database.unit_of_work() as db:
            db.merge(Switch(name=name, is_on=is_on, at=self.clock.now()))

    # when

    def when_it_is(self, at: str, only: Collection[str] = PASSES) -> dict[str, Any]:
        """One tick at this Bangkok hour, as `gateway tick --at … --only …` does it; returns what dispatch did."""
        self._serve()
        now = instant(at)
        self.clock.advance_to(now)
        report = run_passes(self.house, now, tuple(only), on_sandbox=True)
        return dict(report.get("dispatch", {}))

    def when_the_days_pass(self, first: str, last: str, hours: Iterable[str] = HOURS) -> None:
        """Ticks at the usual hours of every day from `first` to `last`, as far as they are still to come."""
        for at in (f"{day} {hour}" for day in days(first, last) for hour in hours):
            if instant(at) >= self.clock.now():
                self.when_it_is(at)

    def when_the_fortnight_passes(self) -> None:
        """The week before the stories' appointments and the week in which they lie."""
        self.when_the_days_pass("2026-07-27", "2026-08-09")

    def when_a_person_texts(self, number: str, body: str) -> None:
        """A handset texts us."""
        self._serve()
        self.house.network.text_from(parse_phone(number).e164, SANDBOX_NUMBER, body)
        self.house.network.play_until_idle()

    def when_a_person_calls_back(
        self, number: str, keys: Sequence[str], *, speaks: Sequence[float] | None = None
    ) -> str:
        """A handset calls us and presses `keys`, one a question; returns the call's id.

        `speaks` are the seconds it speaks each time it is recorded.
        """
        sid = self.when_a_person_begins_to_call(number, keys, speaks=speaks)
        self.house.network.play_until_idle()
        return sid

    def when_a_person_begins_to_call(
        self, number: str, keys: Sequence[str] = (), *, speaks: Sequence[float] | None = None
    ) -> str:
        """The same, but nothing of it has happened yet; returns the call's id."""
        self._serve()
        return self.house.network.call_from(parse_phone(number).e164, SANDBOX_NUMBER, list(keys), speaks=speaks)

    def when_the_carrier_posts(self, path: str, *, signature: str | None = None, **form: str) -> httpx.Response:
        """A webhook as Twilio would post it, or with a `signature` of somebody's own ("": none)."""
        self._serve()
        url = f"{self.house.public_url}{WEBHOOKS}{path}"
        genuine = twilio_signature(sandbox_account(self.house.settings)[1], url, form.items())
        signed = {SIGNATURE_HEADER: genuine if signature is None else signature} if signature != "" else {}
        return httpx.post(url, data=form, headers=signed, trust_env=False)

    @contextmanager
    def while_the_carrier_is_not_heard(self) -> Iterator[None]:
        """Within the block nothing the carrier would tell us arrives: no receipt, no call that asks what to say."""
        self._serve()
        self.wire.drops_webhooks = True
        yield
        self.wire.drops_webhooks = False

    def given_the_next_submissions_vanish(self, how_many: int) -> None:
        """They are lost on their way: the carrier never sees them, and we never hear."""
        self._serve()
        self.wire.loses_creates = how_many

    def _settings(self) -> dict[str, Any]:
        said: dict[str, Any] = {
            "database_url": migrated_url(self.folder / "story.db"),
            "carrier": CarrierName.SANDBOX,
            "audio_dir": self.folder / "audio",
            "templates_dir": self.folder / "templates",
            "seed": self.seed,
            "calls_per_second": 10.0,
            "sms_per_second": 90.0,  # parts: thirty texts of three
        }
        return said | self.settings

    def _serve(self) -> None:
        """Webhooks and the telephone network behind one real server; the network with this story's faults."""
        if self._is_serving:
            return
        app = create_app(self.house, with_network=False)
        app.mount(SANDBOX, sandbox_app(self.house.network, self.faults))
        self.wire = Wire(app)
        self._open.enter_context(serving(self.wire, self._listener))
        self._is_serving = True
        for number in self._handsets:  # those of people who are not on record yet are strangers to the network
            self._connect(number)

    def _connect(self, number: str) -> None:
        line: Line = "mobile" if parse_phone(number).line_type is LineType.MOBILE else "landline"
        self.house.network.add_handset(Handset(number, habits=self._handsets[number], line=line))

    def _file(self, kind: str, *lines: str, encoding: str = "utf-8-sig") -> Path:
        path = self.folder / f"{kind}.csv"
        path.write_text("\n".join(lines) + "\n", encoding=encoding)
        return path

    def _write_handsets(self) -> None:
        rows = [f"{number},,{habits}" for number, habits in self._handsets.items()]
        (self.folder / "templates" / "sample" / "handsets.csv").write_text("\n".join(["number,label,habits", *rows]))


def instant(text: str) -> datetime:
    """Read "2026-08-03 10:30" as Bangkok's clock shows it."""
    return in_utc(datetime.fromisoformat(text).replace(tzinfo=BANGKOK))


def days(first: str, last: str) -> Iterator[date]:
    """Every day from `first` to `last`."""
    day = date.fromisoformat(first)
    while day <= date.fromisoformat(last):
        yield day
        day += timedelta(days=1)


def _sha(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _expect_clean(report: PlacesReport) -> None:
    assert not report.rejected, [issue.message for issue in report.issues]
