"""What the web needs to answer: built by wiring, handed to every route."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from gateway.calls.flow import Flow
from gateway.care.hotline_waits import HotlineRules
from gateway.care.regimens import Regimens
from gateway.carriers.port import CallbackReader, CallRenderer, RecordingStore
from gateway.dispatch.outbox import Rules
from gateway.dispatch.prepare import Speech
from gateway.kit.clock import Clock
from gateway.records.database import Database


@dataclass(frozen=True, slots=True)
class Desk:
    """One carrier's callbacks are read and answered with these; `pin_key` is what speakers' PINs are hashed with.

    `hotline` says when calls to us are answered, and how many; `live` that sending is switched on.
    """

    database: Database
    clock: Clock
    reader: CallbackReader
    renderer: CallRenderer
    recordings: RecordingStore
    speech: Speech
    rules: Rules
    regimens: Regimens
    flows: Mapping[str, Flow]
    public_url: str
    webhook_prefix: str
    pin_key: bytes
    hotline: HotlineRules = field(default_factory=HotlineRules)
    live: bool = False
    steady: Callable[[], AbstractContextManager[None]] = nullcontext
    """Within the block, what may be said is looked up once: a batch of calls is of one moment."""
