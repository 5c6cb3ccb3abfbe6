"""The handset's side of a call: time that passes at the ear, keys that are pressed, and the end of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.sandbox.habits import CallBehaviour
from gateway.sandbox.timeline import Process, Signal, Steps, pause
from gateway.sandbox.twiml import Gather, Record


@dataclass(frozen=True)
class PickedUp(Signal):
    """A person holding the handset answers."""


@dataclass(frozen=True)
class Pressed(Signal):
    """A person holding the handset presses `keys`."""

    keys: str


@dataclass(frozen=True)
class Spoke(Signal):
    """A person holding the handset says something, `seconds` long."""

    seconds: float


@dataclass(frozen=True)
class Taken(Signal):
    """Who holds the first handset says whether the second one, which rings, is picked up."""

    picks_up: bool


@dataclass(frozen=True)
class HungUp(Signal):
    """The call is to end: `by` handset or rest."""

    by: str


@dataclass(frozen=True)
class SentTo(Signal):
    """The creator sends the live call to another document: an address, or the document itself."""

    url: str = ""
    method: str = "POST"
    twiml: str = ""


class CallOver(Exception):
    """The call ends here: `by` handset, document, time_limit or rest."""

    def __init__(self, by: str) -> None:
        super().__init__(by)
        self.by = by


class Redirected(Exception):
    """The creator redirected the live call."""

    def __init__(self, to: SentTo) -> None:
        super().__init__("redirected")
        self.to = to


@dataclass(frozen=True)
class _Plan:
    at: datetime
    keys: str
    hangs_up: bool


@dataclass
class Utterance:
    """What was recorded so far: `seconds` from the first word to the last, and the key that ended it."""

    seconds: float = 0.0
    key: str = ""


class Ear:
    """Who holds the handset, from the answer on: waits as long as they would and presses what they would."""

    def __init__(self, process: Process, behaviour: CallBehaviour, time_limit: float) -> None:
        self._process = process
        self._behaviour = behaviour
        self._limit = process.at + timedelta(seconds=time_limit)
        leaves = behaviour.leaves_after
        self._leaves = None if leaves is None else process.at + timedelta(seconds=leaves)
        self._questions = 0
        self._plan: _Plan | None = None

    def listen(self, seconds: float) -> Steps[None]:
        """Let `seconds` pass; keys pressed meanwhile are lost. Raises CallOver or Redirected."""
        end = self._process.at + timedelta(seconds=seconds)
        while self._process.at < end:
            yield from self._until(end)

    def hear_question(self, prompt_seconds: float) -> None:
        """A Gather begins: decide what to press and when, `prompt_seconds` being how long its prompt lasts."""
        press = self._behaviour.press(self._questions)
        self._questions += 1
        self._plan = None
        if not press.keys and not press.hangs_up:
            return
        # Somebody who knows the menu presses in the middle of it.
        after = prompt_seconds * 0.6 if press.early else prompt_seconds + press.wait
        self._plan = _Plan(self._process.at + timedelta(seconds=after), press.keys, press.hangs_up)

    def key_within(self, seconds: float) -> Steps[str]:
        """Return what is pressed within `seconds`, at the moment it is; "" when nothing is."""
        end = self._process.at + timedelta(seconds=seconds)
        plan = self._plan
        pressed = yield from self._until(min(end, plan.at) if plan else end)
        if pressed:
            return pressed
        if plan is None or self._process.at < plan.at:
            return ""
        self._plan = None
        if plan.hangs_up:
            raise CallOver("handset")
        return plan.keys

    def told_within(self, seconds: float) -> Steps[bool | None]:
        """Return whether the second leg is picked up, as soon as that is chosen; None when nobody chose."""
        end = self._process.at + timedelta(seconds=seconds)
        while True:
            heard = yield from self._heard(end)
            if heard is None or isinstance(heard, Taken):
                return heard.picks_up if heard else None

    def speak(self, said: Utterance, verb: Record, words: float | None, grace: float) -> Steps[None]:
        """Be recorded, which is noted in `said` as it goes on, so that a call that breaks leaves what was said.

        `words` is how long one speaks by habit, who then presses the finish key if there is one; None: by hand, with
        `grace` seconds more to begin. Raises CallOver or Redirected.
        """
        end = self._process.at + timedelta(seconds=verb.max_length)
        heard: Signal | None = Spoke(words) if words else None
        while self._process.at < end:
            if isinstance(heard, Spoke):
                heard = yield from self._say(said, heard, end)
            elif isinstance(heard, Pressed) and set(heard.keys) & set(verb.finish_on_key):
                said.key = next(key for key in heard.keys if key in verb.finish_on_key)
                return
            else:
                quiet_until = self._process.at + timedelta(seconds=verb.timeout + grace)
                heard = yield from self._heard(min(end, quiet_until))
                if heard is None:
                    return

    def _say(self, said: Utterance, words: Spoke, end: datetime) -> Steps[Signal | None]:
        began, before = self._process.at, said.seconds
        try:
            heard = yield from self._heard(min(end, began + timedelta(seconds=words.seconds)))
        finally:
            said.seconds = before + (self._process.at - began).total_seconds()
        return heard

    def _until(self, end: datetime) -> Steps[str]:
        """Wait until `end` or until a person presses; who speaks while nobody records is not heard."""
        while True:
            heard = yield from self._heard(end)
            if not isinstance(heard, Spoke | Taken):
                return heard.keys if isinstance(heard, Pressed) else ""

    def _heard(self, end: datetime) -> Steps[Signal | None]:
        """Wait until `end` or until a person presses or speaks.

        Ends the call when patience or the time limit runs out first.
        """
        stop = min(filter(None, (end, self._leaves, self._limit)))
        signal = yield from pause((stop - self._process.at).total_seconds())
        match signal:
            case Pressed() | Spoke() | Taken():
                return signal
            case HungUp(by=by):
                raise CallOver(by)
            case SentTo():
                raise Redirected(signal)
        if self._process.at >= self._limit:
            raise CallOver("time_limit")
        if self._leaves is not None and self._process.at >= self._leaves:
            raise CallOver("handset")
        return None


def gathered(typed: str, gather: Gather) -> tuple[str, bool]:
    """Return the digits `gather` takes from `typed`, and whether it is finished by them.

    The finishing key works only after a digit; what is typed beyond numDigits is lost, as on the network.
    """
    finish = gather.finish_on_key
    digits = typed.lstrip(finish) if finish else typed
    ends = min((at for at, key in enumerate(digits) if key in finish), default=None)
    if ends is not None and (gather.num_digits is None or ends <= gather.num_digits):
        return digits[:ends], True
    if gather.num_digits is not None and len(digits) >= gather.num_digits:
        return digits[: gather.num_digits], True
    return digits, False
