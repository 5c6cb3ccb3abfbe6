"""The upper rooms, wired to a World and its carrier in memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from functools import lru_cache
from pathlib import Path

from gateway.calls.hotline import Hotline
from gateway.calls.news_call import NewsCall
from gateway.calls.reminder_call import ReminderCall
from gateway.calls.studio_call import StudioCall
from gateway.care.regimens import load_regimens
from gateway.dispatch.allowance import Limits
from gateway.dispatch.outbox import Outbox, Rules
from gateway.dispatch.prepare import Speech
from gateway.dispatch.reconcile import Reconciler
from gateway.dispatch.sender import Sender
from gateway.languages.table import load_languages
from gateway.plan.ladder import load_ladder
from gateway.voice.prompts import Script, load_scripts
from gateway.web.desk import Desk
from gateway.wiring import data_dir
from gateway.wording.catalogue import Catalogue
from tests.support.clips import MemoryClips
from tests.support.world import World

PREFIX = "/webhooks/memory"
PIN_KEY = b"a key of tests"


@lru_cache(maxsize=1)
def shipped_catalogue() -> Catalogue:
    """The texts that ship."""
    return Catalogue(data_dir("templates") / "messages", load_languages())


@lru_cache(maxsize=1)
def shipped_scripts() -> Mapping[str, Script]:
    """The scripts that ship."""
    return load_scripts(data_dir("voice_prompts"))


def speech(folder: Path, **more: object) -> Speech:
    """Words and placeholder sound, drafts allowed, two-way."""
    values: dict[str, object] = {
        "languages": load_languages(),
        "catalogue": shipped_catalogue(),
        "scripts": shipped_scripts(),
        "clips": MemoryClips(folder / "audio"),
        "regimens": load_regimens(),
        "may_use_drafts": True,
        "may_use_placeholders": True,
        "carrier_speaks": lambda language: False,
        "is_two_way": True,
        "hotline": "",
    }
    return Speech(**(values | more))  # type: ignore[arg-type]


def rules(world: World, **more: object) -> Rules:
    """The shipped ladder, 09:00-19:30, Thailand only."""
    values: dict[str, object] = {
        "ladder": load_ladder(),
        "window": load_ladder().window(time(9, 0), time(19, 30)),
        "countries": frozenset({"TH"}),
        "carrier": world.carrier.name,
        "reaches_people": world.carrier.reaches_people,
        "sender": "Tamnat",
        "cost_per_call": 0.10,
        "cost_per_segment": 0.025,
    }
    return Rules(**(values | more))  # type: ignore[arg-type]


def sender(world: World, folder: Path, *, limits: Limits | None = None, said: Speech | None = None,
           ruled: Rules | None = None, live: bool = False) -> Sender:  # fmt: skip
    """A sender with ten lines and no haste."""
    words = said or speech(folder)
    return Sender(
        database=world.database,
        outbox=Outbox(words, ruled or rules(world), ReminderCall(), {NewsCall.name: NewsCall()}),
        sms=world.carrier,
        voice=world.carrier,
        clock=world.clock,
        limits=limits or Limits(lines=10, calls_per_second=10, sms_per_second=30),
        public_url="http://gateway.test",
        webhook_prefix=PREFIX,
        live=live,
    )


def reconciler(world: World) -> Reconciler:
    """Looks again at the carrier in memory."""
    return Reconciler(world.database, rules(world), world.carrier, world.carrier, world.clock)


def desk(world: World, folder: Path) -> Desk:
    """What the webhooks answer with."""
    words = speech(folder)
    return Desk(
        database=world.database,
        clock=world.clock,
        reader=world.carrier,
        renderer=world.carrier,
        recordings=world.carrier,
        speech=words,
        rules=rules(world),
        regimens=words.regimens,
        flows={flow.name: flow for flow in (ReminderCall(), Hotline(), StudioCall(), NewsCall())},
        public_url="http://gateway.test",
        webhook_prefix=PREFIX,
        pin_key=PIN_KEY,
    )
