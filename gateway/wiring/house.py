"""The house: every room of it, made from Settings.

A House is cheap to make and builds each room when it is first asked for, so that `gateway roster check` need not load
a carrier's library.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.calls.flow import Flow
from gateway.calls.hotline import Hotline
from gateway.calls.news_call import NewsCall
from gateway.calls.reminder_call import ReminderCall
from gateway.calls.studio_call import StudioCall
from gateway.care.hotline_waits import HotlineRules
from gateway.care.regimens import Regimens, load_regimens
from gateway.dispatch.allowance import Limits
from gateway.dispatch.callbacks import Callbacks
from gateway.dispatch.messages import Messages, Recordings
from gateway.dispatch.outbox import Outbox, Rules
from gateway.dispatch.prepare import Speech
from gateway.dispatch.reconcile import Reconciler
from gateway.dispatch.sender import Sender
from gateway.dispatch.takes import Takes
from gateway.kit.clock import Clock, RealClock
from gateway.kit.opening_hours import read_hours
from gateway.kit.phones import e164_of
from gateway.languages.table import LanguageTable, load_languages
from gateway.plan.ladder import Ladder, load_ladder
from gateway.plan.window import Window
from gateway.records.database import Database
from gateway.records.group_commit import GroupCommit
from gateway.settings import CarrierName, Settings
from gateway.voice.prompts import Scripts
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.frame import Pages
from gateway.web.console.gate import Gate
from gateway.web.console.words import Words
from gateway.web.desk import Desk
from gateway.wiring.library import Library
from gateway.wording.catalogue import Catalogue

if TYPE_CHECKING:  # the carrier's library and the sandbox cost a start a third of a second; most commands need neither
    from gateway.carriers.twilio import TwilioCarrier
    from gateway.sandbox.fetching import HttpFetcher
    from gateway.sandbox.handsets import Handset
    from gateway.sandbox.network import PhoneNetwork

WEBHOOKS = "/webhooks/twilio"
SANDBOX = "/sandbox"
SANDBOX_NUMBER = "+6620000000"  # a number, not a name: handsets text and call back to it


class MovedClockError(Exception):
    """A carrier that reaches people was asked to work with a clock that is not the wall clock (law 9)."""


class House:
    """Every room, built once. `clock` is business time; `public_url` is where carriers find us."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None, public_url: str | None = None) -> None:
        self.settings = settings
        self.clock: Clock = clock or RealClock()
        self.public_url = (public_url or settings.public_url).rstrip("/")
        self.simulated = clock is not None

    @cached_property
    def database(self) -> Database:
        """The records."""
        return Database(self.settings.database_url)

    @cached_property
    def writes(self) -> GroupCommit:
        """Where carriers' requests are written together."""
        return GroupCommit(self.database)

    @cached_property
    def languages(self) -> LanguageTable:
        """Languages and dialects."""
        return load_languages()

    @cached_property
    def regimens(self) -> Regimens:
        """Vaccination series."""
        return load_regimens()

    @cached_property
    def ladder(self) -> Ladder:
        """The steps by which people are reminded."""
        return load_ladder()

    @cached_property
    def window(self) -> Window:
        """The hours and days on which people may be contacted."""
        settings = self.settings
        return self.ladder.window(settings.window_opens, settings.window_closes, settings.holidays)

    @cached_property
    def clips(self) -> Library:
        """Sound by content, edits of texts, and who approved which."""
        return Library(self.database, self.settings.audio_dir, self.clock)

    @cached_property
    def catalogue(self) -> Catalogue:
        """Texts."""
        folder = data_dir("templates", self.settings.templates_dir) / "messages"
        return Catalogue(folder, self.languages, self.clips.edited_messages)

    @cached_property
    def prompts_dir(self) -> Path:
        """Where the scripts of calls are."""
        return data_dir("voice_prompts", self.settings.voice_prompts_dir)

    @cached_property
    def carrier(self) -> TwilioCarrier:
        """Who carries; raises MovedClockError when it reaches people and the clock is not the wall clock."""
        from gateway.carriers.twilio import TwilioSettings, connect

        settings = self.settings
        sandbox = settings.carrier is CarrierName.SANDBOX
        account, token = sandbox_account(settings) if sandbox else (settings.twilio_account_sid, _token(settings))
        old = settings.twilio_auth_token_old
        carrier = connect(
            TwilioSettings(
                account_sid=account,
                auth_token=token,
                previous_auth_token=old.get_secret_value() if old else None,
                base_url=settings.twilio_base_url or (f"{self.public_url}{SANDBOX}" if sandbox else None),
                sms_from=settings.twilio_sms_from or (SANDBOX_NUMBER if sandbox else None),
                messaging_service_sid=settings.twilio_messaging_service_sid or None,
                voice_from=settings.twilio_voice_from or (SANDBOX_NUMBER if sandbox else None),
                byoc_trunk_sid=settings.twilio_byoc_trunk_sid or None,
                sms_two_way=settings.is_two_way,
                read_timeout=settings.twilio_timeout,
            )
        )
        if sandbox and carrier.reaches_people:
            raise ValueError("GATEWAY_PUBLIC_URL: expected an address of this machine, such as http://127.0.0.1:8000")
        if carrier.reaches_people and self.simulated:
            raise MovedClockError("this carrier reaches people: it works by the wall clock only")
        return carrier

    @cached_property
    def speech(self) -> Speech:
        """What is needed to put an appointment into words."""
        return Speech(
            languages=self.languages,
            catalogue=self.catalogue,
            scripts=Scripts(self.prompts_dir, self.clips.edited_prompts),
            clips=self.clips,
            regimens=self.regimens,
            may_use_drafts=not self.carrier.reaches_people,
            may_use_placeholders=self.settings.carrier is CarrierName.SANDBOX,
            carrier_speaks=self.carrier.renderer.can_speak,
            is_two_way=self.settings.is_two_way,
            hotline=self.settings.hotline_number,
            approved_texts=self.clips.approved_texts,
        )

    @cached_property
    def rules(self) -> Rules:
        """What every claim respects."""
        settings = self.settings
        return Rules(
            ladder=self.ladder,
            window=self.window,
            countries=settings.country_list,
            carrier=self.carrier.name,
            reaches_people=self.carrier.reaches_people,
            sender=settings.twilio_messaging_service_sid or settings.twilio_sms_from or SANDBOX_NUMBER,
            cost_per_call=settings.call_cost,
            cost_per_segment=settings.sms_cost,
        )

    @cached_property
    def flows(self) -> dict[str, Flow]:
        """The kinds of call, by name."""
        flows: tuple[Flow, ...] = (ReminderCall(), Hotline(), StudioCall(), NewsCall())
        return {flow.name: flow for flow in flows}

    @cached_property
    def limits(self) -> Limits:
        """Lines, rates and money."""
        settings = self.settings
        return Limits(settings.lines, settings.calls_per_second, settings.sms_per_second, settings.daily_budget)

    @cached_property
    def sender(self) -> Sender:
        """One pass of it hands due reminders to the carrier."""
        settings = self.settings
        return Sender(
            database=self.database,
            outbox=Outbox(self.speech, self.rules, self.flows[ReminderCall.name], self.flows),
            sms=self.carrier.sms,
            voice=self.carrier.voice,
            clock=self.clock,
            limits=self.limits,
            public_url=self.public_url,
            webhook_prefix=WEBHOOKS,
            fallback_url=settings.voice_fallback_url,
            live=settings.live,
            workers=1 if self.simulated else 8,
        )

    @cached_property
    def hotline(self) -> HotlineRules:
        """When calls to us are answered, and how many; days off are those of the window."""
        settings = self.settings
        hours = read_hours(settings.hotline_hours, self.window.holidays)
        ours = (settings.hotline_number, settings.twilio_voice_from, settings.twilio_sms_from)
        numbers = frozenset(filter(None, map(e164_of, ours)))
        if settings.carrier is CarrierName.SANDBOX:
            numbers |= {SANDBOX_NUMBER}
        return HotlineRules(settings.hotline_lines, hours, settings.hotline_calls_per_hour, numbers)

    @cached_property
    def callbacks(self) -> Callbacks:
        """One pass of it calls back who called the hotline in vain."""
        settings = self.settings
        return Callbacks(
            database=self.database,
            rules=self.rules,
            hotline=self.hotline,
            voice=self.carrier.voice,
            clock=self.clock,
            limits=self.limits,
            webhooks=f"{self.public_url}{WEBHOOKS}",
            can_speak=lambda language: self.speech.voices.of(language) is not None,
            fallback_url=settings.voice_fallback_url,
            live=settings.live,
        )

    @cached_property
    def reconciler(self) -> Reconciler:
        """One pass of it asks the carrier about what is in doubt."""
        workers = 1 if self.simulated else 8
        return Reconciler(self.database, self.rules, self.carrier.sms, self.carrier.voice, self.clock, workers)

    @cached_property
    def takes(self) -> Recordings:
        """One pass of it takes in what was recorded by telephone: speakers' phrases, and callers' messages."""
        recordings = self.carrier.recordings
        return Recordings(
            Takes(self.database, self.clock, recordings, self.speech.scripts, self.clips),
            Messages(self.database, self.clock, recordings, self.settings.audio_dir),
        )

    @cached_property
    def desk(self) -> Desk:
        """What the webhooks answer with."""
        return Desk(
            database=self.database,
            clock=self.clock,
            reader=self.carrier.callbacks,
            renderer=self.carrier.renderer,
            recordings=self.carrier.recordings,
            speech=self.speech,
            rules=self.rules,
            regimens=self.regimens,
            flows=self.flows,
            public_url=self.public_url,
            webhook_prefix=WEBHOOKS,
            pin_key=self.secret_key,
            hotline=self.hotline,
            live=self.settings.live,
            steady=self.clips.steady,
        )

    @cached_property
    def network(self) -> PhoneNetwork:
        """The sandbox's telephones: every number on record, with the habits the sample names and the rest typical."""
        from gateway.sandbox.network import PhoneNetwork

        account, token = sandbox_account(self.settings)
        phones = self.handsets()
        return PhoneNetwork(
            self.clock,
            self._fetcher,
            self.settings.seed,
            phones,
            account,
            token,
            inbound_sms_url=f"{self.public_url}{WEBHOOKS}/sms/inbound",
            inbound_voice_url=f"{self.public_url}{WEBHOOKS}/voice/inbound",
            inbound_status_url=f"{self.public_url}{WEBHOOKS}/voice/status/inbound",
        )

    def handsets(self) -> list[Handset]:
        """The sandbox's telephones as they are on record now."""
        from gateway.wiring.handsets import handsets

        with self.database.reading() as db:
            return handsets(db, data_dir("templates", self.settings.templates_dir) / "sample" / "handsets.csv")

    @cached_property
    def templates_dir(self) -> Path:
        """Where texts and pages are; a clinic's own folder may hold texts alone: then those that ship."""
        chosen = data_dir("templates", self.settings.templates_dir)
        return chosen if (chosen / "console").is_dir() else data_dir("templates")

    @property
    def secret_key(self) -> bytes:
        """What tokens and PINs are hashed with."""
        secret = self.settings.secret_key
        return secret.get_secret_value().encode() if secret else b""

    @cached_property
    def gate(self) -> Gate:
        """The console's door."""
        words = Words(self.templates_dir / "console" / "words")
        return Gate(self.database, words, key=self.secret_key, secure=self.public_url.startswith("https://"))

    @cached_property
    def console(self) -> ConsoleDesk:
        """What the staff's pages work with."""
        on_sandbox = self.settings.carrier is CarrierName.SANDBOX
        pages = Pages(
            self.templates_dir,
            self.gate.words,
            database=self.database,
            clock=self.clock,
            languages=self.languages,
            on_sandbox=on_sandbox,
        )
        return ConsoleDesk(
            database=self.database,
            clock=self.clock,
            regimens=self.regimens,
            languages=self.languages,
            speech=self.speech,
            rules=self.rules,
            limits=self.limits,
            clips=self.clips,
            gate=self.gate,
            pages=pages,
            uploads=self.settings.audio_dir.parent / "uploads",
            audio_dir=self.settings.audio_dir,
            hotline=self.hotline,
            live=self.settings.live,
            on_sandbox=on_sandbox,
        )

    @cached_property
    def _fetcher(self) -> HttpFetcher:
        from gateway.sandbox.fetching import HttpFetcher

        return HttpFetcher()

    def close(self) -> None:
        """Give back what is open, once what carriers told us is written; a room that was never built stays unbuilt."""
        for room in ("writes", "carrier", "_fetcher", "database"):
            if room in self.__dict__:
                self.__dict__[room].close()


def data_dir(name: str, chosen: Path | None = None) -> Path:
    """The folder of data: the one named in the settings and no other, else the wheel's, else the checkout's."""
    if chosen is not None and not chosen.is_dir():
        raise FileNotFoundError(f"GATEWAY_{name.upper()}_DIR: the folder {chosen} was not found")
    package = Path(__file__).parent.parent
    for folder in (chosen, package / "_data" / name, package.parent / name):
        if folder is not None and folder.is_dir():
            return folder
    raise FileNotFoundError(f"the folder {name}/ was not found: name it with GATEWAY_{name.upper()}_DIR")


def sandbox_account(settings: Settings) -> tuple[str, str]:
    """The sandbox's account and token: made up from the seed, and good for nothing outside this machine."""
    digest = hashlib.sha256(f"sandbox:{settings.seed}".encode()).hexdigest()
    return f"AC{digest[:32]}", digest[32:64]


def _token(settings: Settings) -> str:
    return settings.twilio_auth_token.get_secret_value() if settings.twilio_auth_token else ""
