"""What a handset does on its nth contact: a pure function of the seed, its number and n.

Nothing else enters: neither the hour, nor the process, nor the order in which handsets are called, so that a run
can be cut anywhere and go on the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.sandbox.chance import between, fraction, pick
from gateway.sandbox.handsets import Handset
from gateway.sandbox.profiles import HANGS_UP, SILENCE, Manner, Profile, profile, scripted_keys

# More questions than any call here asks; what a handset would do at a further one is silence.
QUESTIONS = 16

_ANSWERS = frozenset(Manner) - {Manner.NO_ANSWER, Manner.BUSY, Manner.OFF}


@dataclass(frozen=True)
class Press:
    """What it does at one question: `keys` (empty: silence), `wait` seconds after the prompt, or before its end.

    `hangs_up` puts it down instead, at the same moment.
    """

    keys: str = ""
    wait: float = 2.0
    early: bool = False
    hangs_up: bool = False


@dataclass(frozen=True)
class CallBehaviour:
    """One call at the handset; seconds throughout.

    `leaves_after` counts from the answer (None: it stays until the other side hangs up); `calls_back_after` from
    the missed call (None: it does not). `speaks` is how long it speaks each time it is recorded, 0 for not at all
    (None: by chance).
    """

    manner: Manner
    ring: float = 10.0
    presses: tuple[Press, ...] = ()
    leaves_after: float | None = None
    calls_back_after: float | None = None
    speaks: tuple[float, ...] | None = None

    @property
    def answers(self) -> bool:
        """Whether it picks up by itself (a handset held by a person does not)."""
        return self.manner in _ANSWERS and self.manner is not Manner.BY_HAND

    def press(self, question: int) -> Press:
        """Return what it does at the question numbered `question`, from 0."""
        return self.presses[question] if question < len(self.presses) else Press()


@dataclass(frozen=True)
class TextBehaviour:
    """One text at the handset: its fate after `delay` seconds, and the answer `reply_after` seconds after its arrival.

    `error_code` set: undelivered; `receipt` False: nothing is ever heard after "sent".
    """

    delay: float
    error_code: int | None = None
    receipt: bool = True
    reply: str = ""
    reply_after: float = 0.0

    @property
    def arrives(self) -> bool:
        """Whether the person sees it."""
        return self.error_code is None


def decide_call(seed: int | str, handset: Handset, nth: int, call_number: int | None = None) -> CallBehaviour:
    """Say what `handset` does on its `nth` contact (from 1), which is its `call_number`th call (None: `nth`).

    The chance that it answers goes by the number of calls, as in the study it is taken from; everything else is
    drawn by contact. Raises ValueError for habits that habits.toml does not know.
    """
    habits = profile(handset.habits)
    about = ("call", seed, handset.number, nth)
    ring = between(*habits.ring, "ring", *about)
    if fraction("answers", *about) >= habits.answer_chance(call_number or nth):
        manner = Manner(pick(habits.unanswered, "unanswered", *about))
        return CallBehaviour(manner, ring, calls_back_after=_calls_back(habits, about))
    keys = scripted_keys(handset.habits)
    if keys is not None:
        return CallBehaviour(Manner.PRESSES, ring, tuple(Press(key) for key in keys))
    return _conversation(habits, Manner(pick(habits.answered, "answered", *about)), ring, about)


def decide_caller(seed: int | str, handset: Handset, nth: int) -> CallBehaviour:
    """Say what `handset` does when it calls us for the `nth` time: it is there, and presses as it would."""
    habits = profile(handset.habits)
    manner = Manner.BY_HAND if Manner.BY_HAND in habits.answered else Manner.PRESSES
    return _conversation(habits, manner, 0.0, ("caller", seed, handset.number, nth))


def decide_text(seed: int | str, handset: Handset, nth: int) -> TextBehaviour:
    """Say what becomes of the text that is the `nth` contact (from 1) of `handset`, and what it texts back."""
    habits = profile(handset.habits)
    about = ("text", seed, handset.number, nth)
    fate = pick(habits.text_fate, "fate", *about)
    delay = between(*habits.text_delay, "delay", *about)
    if fate not in ("delivered", "sent"):
        return TextBehaviour(delay, error_code=int(fate))
    reply = pick(habits.text_reply, "reply", *about)
    # Most answer within the half-hour or not at all; our assumption.
    return TextBehaviour(delay, None, fate == "delivered", reply, 60 * between(0.5, 25.0, "reply after", *about))


def _conversation(habits: Profile, manner: Manner, ring: float, about: tuple[object, ...]) -> CallBehaviour:
    match manner:
        case Manner.HANGS_UP:
            return CallBehaviour(manner, ring, leaves_after=between(1.0, 6.0, "leaves", *about))
        case Manner.VOICEMAIL:
            # A greeting, the tone and what the machine records before it has heard enough.
            return CallBehaviour(manner, max(ring, 15.0), leaves_after=between(12.0, 25.0, "leaves", *about))
        case Manner.SILENT | Manner.BY_HAND:
            return CallBehaviour(manner, ring)
    return CallBehaviour(manner, ring, presses=_presses(habits, manner, about))


def _presses(habits: Profile, manner: Manner, about: tuple[object, ...]) -> tuple[Press, ...]:
    keys = _keys(habits, manner, about)
    return tuple(_press(habits, key, question, about) for question, key in enumerate(keys))


def _keys(habits: Profile, manner: Manner, about: tuple[object, ...]) -> list[str]:
    """Return the key at each question: a person does not hear what is asked here, so one key leads to the next."""
    keys: list[str] = []
    if manner is Manner.WRONG_KEY:
        keys.append(pick(habits.wrong_key, "wrong key", *about))
    if manner is Manner.MISSES_FIRST:
        keys.append(SILENCE)
    keys.append(pick(habits.first_key, "first key", *about))
    while len(keys) < QUESTIONS and keys[-1] not in (SILENCE, HANGS_UP):
        keys.append(pick(habits.keys_after(keys[-1]), "next key", len(keys), *about))
    return keys


def _press(habits: Profile, key: str, question: int, about: tuple[object, ...]) -> Press:
    wait = between(*habits.pace, "pace", question, *about)
    early = fraction("early", question, *about) < habits.early
    return Press("" if key == HANGS_UP else key, wait, early and key not in (SILENCE, HANGS_UP), key == HANGS_UP)


def _calls_back(habits: Profile, about: tuple[object, ...]) -> float | None:
    if fraction("calls back", *about) >= habits.calls_back:
        return None
    return 60 * between(2.0, 20.0, "calls back after", *about)
