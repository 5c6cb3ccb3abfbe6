"""What each handset's screen shows: its texts and calls in the order in which they began, and when it last changed."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from gateway.sandbox.resources import Call, Message

KEPT = 30  # texts and calls a handset; a screen shows the last of them


@dataclass
class Screen:
    """One handset's screen; `changed` and `contacted` are numbers of changes, the later the larger."""

    entries: deque[Call | Message] = field(default_factory=lambda: deque(maxlen=KEPT))
    changed: int = 0
    contacted: int = 0

    @property
    def call(self) -> Call | None:
        """The call under way, or the last one."""
        return next((one for one in reversed(self.entries) if isinstance(one, Call)), None)

    @property
    def is_live(self) -> bool:
        """Whether it rings or a call is in progress."""
        call = self.call
        return call is not None and call.is_live


class Screens:
    """Every screen, by number; guarded by the network's lock."""

    def __init__(self) -> None:
        self._screens: dict[str, Screen] = {}
        self.version = 0

    def show(self, number: str, subject: Call | Message) -> None:
        """Something happened to `subject`, a call or text of the handset `number`."""
        screen = self._screens.setdefault(number, Screen())
        self.version += 1
        screen.changed = self.version
        if not any(one is subject for one in screen.entries):
            screen.entries.append(subject)
            screen.contacted = self.version

    def of(self, number: str) -> Screen:
        """The screen of `number`; one that nothing happened to is empty."""
        return self._screens.get(number) or Screen()

    @property
    def busy(self) -> dict[str, Screen]:
        """The screens something happened to."""
        return self._screens
