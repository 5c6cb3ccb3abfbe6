"""Every step a call can take: from each state it can reach, with every key, silence, hang-up and every answer.

States are told apart by value, without what only counts: the counters that bound a call are set back to nothing after
each step, and each state is stepped from with its counters at nothing, with each of them used up, and with all of them.
So a walk meets more than a call can reach, never less. That every call ends is shown beside it: see `bounds.counted`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import combinations
from typing import Final

from gateway.calls.another_day import MOST_CHANGES, MOST_LOOKS, MOST_LOST
from gateway.calls.flow import (
    Answered,
    Ask,
    CallFacts,
    CallState,
    CheckPin,
    Command,
    Dial,
    Dialled,
    Event,
    FindHours,
    FindLanguages,
    FindPhrase,
    FindSeats,
    FindStaff,
    Flow,
    Held,
    Hold,
    HoursFound,
    KeepMessage,
    KeepNumber,
    Keys,
    LanguagesFound,
    MessageKept,
    NumberKept,
    Offer,
    OpenHours,
    Phrase,
    PhraseFound,
    PinChecked,
    PutDown,
    RecordPhrase,
    SeatsFound,
    Settle,
    Settled,
    Speaker,
    SpeakIn,
    Spoken,
    SpokenIn,
    StaffFound,
    Subject,
    Take,
    Taken,
)
from gateway.calls.steps import MOST_ASIDES, MOST_MISSES, MOST_REPEATS, Node
from gateway.kit.answers import Answer

NOW: Final = datetime(2026, 7, 24, 3, 0, tzinfo=UTC)
STARTS: Final = datetime(2026, 7, 26, 2, 0, tzinfo=UTC)
FACTS: Final = CallFacts("th", NOW, appointment="a1", starts_at=STARTS, site="LP01")
OFFERS: Final = tuple(Offer(f"s{n}", STARTS + timedelta(days=n)) for n in (1, 2))
ELSEWHERE: Final = Offer("far", STARTS + timedelta(days=4), "site.LP02")
ODD: Final = Offer("odd", STARTS + timedelta(minutes=7))  # a time there is no clip for
SPEAKER: Final = Speaker("s1", "nod")
KEYS: Final = (*(str(n) for n in range(10)), "*", "#", "", "101", "one", "123456")
BOTH: Final = ("morning", "afternoon")
LANGUAGES: Final = ("nod", "tts", "my", "en")
EIGHT: Final = OpenHours("site.LP01", time(8, 30), time(16, 30))

_SEATS: Final = (
    SeatsFound(()),
    SeatsFound(OFFERS, BOTH, has_later=True),
    SeatsFound(OFFERS, BOTH[:1], has_later=True),
    SeatsFound((OFFERS[0], ELSEWHERE), BOTH[1:]),
    SeatsFound((ODD,), has_later=True),
    SeatsFound((ODD, OFFERS[0])),
)
_FEW_SEATS: Final = (SeatsFound(()), SeatsFound(OFFERS[:1]))
_COUNTERS: Final = {
    "misses": MOST_MISSES,
    "repeats": MOST_REPEATS,
    "asides": MOST_ASIDES,
    "changes": MOST_CHANGES,
    "looks": MOST_LOOKS,
    "lost": MOST_LOST,
}


@dataclass(frozen=True, slots=True)
class Edge:
    """One step of a call."""

    before: CallState
    event: Event
    after: CallState
    commands: tuple[Command, ...]


@dataclass(frozen=True, slots=True)
class World:
    """What surrounds a call. A poor one has few seats, and counters that are never used up but all at once, for calls
    of many people, whose states are many; in a silent one there is no second language to be spoken."""

    is_rich: bool = True
    speaks: bool = True
    counts: bool = True  # whether counters may be used up

    def answers(self, state: CallState, asked: Command) -> tuple[Event, ...]:
        """Whatever may follow what was asked of the phone or the house."""
        match asked:
            case Ask():
                return (*map(Keys, KEYS), PutDown())
            case RecordPhrase():
                return (Spoken(), Keys(""), PutDown())
            case Dial():
                return (Dialled(True), Dialled(False), PutDown())
            case FindSeats():
                return _SEATS if self.is_rich else _FEW_SEATS
            case Hold(offers):
                sizes = range(len(offers) + 1)
                return tuple(Held(held) for size in sizes for held in combinations(offers, size))
            case Take(offer):
                moved = Taken(offer.starts_at, 7, "moved")
                return (Taken(None), moved, Taken(ODD.starts_at, None, "moved")) if self.is_rich else (moved,)
            case FindLanguages():
                some = LanguagesFound(LANGUAGES if self.is_rich else LANGUAGES[:1])
                return (LanguagesFound(()), some) if self.speaks else (LanguagesFound(()),)
            case SpeakIn():
                return (SpokenIn(None), SpokenIn(state.facts))
        return _SIMPLE[type(asked)]


_SIMPLE: Final[Mapping[type, tuple[Event, ...]]] = {
    FindStaff: (StaffFound(True), StaffFound(False)),
    KeepMessage: (MessageKept(),),
    KeepNumber: (NumberKept(True), NumberKept(False)),
    FindHours: (HoursFound(()), HoursFound((EIGHT,))),
    CheckPin: (PinChecked(None), PinChecked(SPEAKER)),
    FindPhrase: (PhraseFound(None), PhraseFound(Phrase(1, "bye"))),
    Settle: (Settled(),),
}


def walk(
    flows: Mapping[str, Flow], first: CallState, world: World, *, stop: Callable[[CallState], bool] = lambda _: False
) -> list[Edge]:
    """Every step from `first` on; states for which `stop` holds are not stepped from."""
    edges: list[Edge] = []
    waiting: list[tuple[CallState, tuple[Event, ...]]] = [(first, (Answered(),))]
    seen: set[tuple[CallState, tuple[Event, ...]]] = set()
    while waiting:
        here = waiting.pop()
        if here in seen or stop(here[0]):
            continue
        seen.add(here)
        for before in variants(here[0], world):
            flow = flows[before.flow]
            for event in here[1]:
                after, commands = flow.step(before, event)
                edges.append(Edge(before, event, after, commands))
                follow = _awaited(after, commands, world)
                if follow:
                    waiting.append((plain(after), follow))
    return edges


def _awaited(state: CallState, commands: tuple[Command, ...], world: World) -> tuple[Event, ...]:
    """The answers to the last thing that was asked; what was settled before it changes nothing."""
    asked = [one for one in commands if isinstance(one, Ask | RecordPhrase | Dial) or type(one) in _ASKED]
    return world.answers(state, asked[-1]) if asked else ()


_ASKED: Final = frozenset({*_SIMPLE, FindSeats, Hold, Take, FindLanguages, SpeakIn})


def plain(state: CallState) -> CallState:
    """The state without what only counts; of what was noted, what the call goes by."""
    facts = replace(state.facts, is_slow=False)
    if facts.appointment == "moved":
        facts = replace(facts, starts_at=OFFERS[0].starts_at, place="")
    goes_by = (one if one in (Answer.STAFF, Answer.RIDE) else Answer.UNCLEAR for one in state.noted)
    return replace(
        state,
        facts=facts,
        misses=0,
        repeats=0,
        asides=0,
        changes=0,
        looks=min(state.looks, 1),
        lost=0,
        turns=0,
        noted=tuple(sorted(set(goes_by))),
        after=None,
        part=state.part and BOTH[0],
    )


def variants(state: CallState, world: World) -> Iterator[CallState]:
    """The state with nothing used up, each counter used up, and all."""
    yield state
    if not world.counts:
        return
    slow = replace(state.facts, is_slow=True)
    yield replace(state, facts=slow, **_COUNTERS)  # type: ignore[arg-type]
    if world.is_rich and state.node not in (Node.LANGUAGE, Node.SPEAKING, Node.MESSAGE, Node.KEEPING):
        yield replace(state, misses=1, facts=slow)
        for name, most in _COUNTERS.items():
            yield replace(state, **{name: most})  # type: ignore[arg-type]


def household(count: int, **same: object) -> CallFacts:
    """A telephone of so many people, each with a name and an hour of their own unless said otherwise."""
    subjects = tuple(
        replace(
            Subject(
                f"p{n}",
                (f"a{n}",),
                STARTS + timedelta(minutes=15 * n),
                purpose="second_dose" if n == 1 else "reminder",
                dose_number=1 + n,
                site="LP01",
                name=f"name.{n:012x}",
            ),
            **same,  # type: ignore[arg-type]
        )
        for n in range(count)
    )
    return CallFacts("th", NOW, subjects=subjects)


def on_days_of_their_own(count: int, **same: object) -> CallFacts:
    """The same people, each a day later than the one before."""
    facts = household(count, **same)
    subjects = (replace(one, starts_at=one.starts_at + timedelta(days=n)) for n, one in enumerate(facts.subjects))
    return replace(facts, subjects=tuple(subjects))
