"""What the console's pages work with; built by wiring, handed to every page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.care.hotline_waits import HotlineRules
from gateway.care.regimens import Regimens
from gateway.dispatch.allowance import Limits
from gateway.dispatch.outbox import Rules
from gateway.dispatch.prepare import Speech
from gateway.kit.clock import Clock
from gateway.languages.table import LanguageTable
from gateway.records.database import Database
from gateway.voice.assets import ClipStore

if TYPE_CHECKING:
    from gateway.web.console.frame import Pages
    from gateway.web.console.gate import Gate


@dataclass(frozen=True, slots=True)
class ConsoleDesk:
    """`uploads` is the folder for files that wait for approval; `live` says that sending is switched on.

    `audio_dir` holds what callers left as spoken messages; `hotline` says when callers are answered, and how many.
    """

    database: Database
    clock: Clock
    regimens: Regimens
    languages: LanguageTable
    speech: Speech
    rules: Rules
    limits: Limits
    clips: ClipStore
    gate: Gate
    pages: Pages
    uploads: Path
    audio_dir: Path
    hotline: HotlineRules
    live: bool
    on_sandbox: bool

    @property
    def carrier_name(self) -> str:
        """Who carries."""
        return self.rules.carrier

    @property
    def reaches_people(self) -> bool:
        """Whether what is sent rings real telephones."""
        return self.rules.reaches_people
