"""What every carrier owes the house: one table of cases, run on each of them by test_contract.py.

A new carrier adds a stage to test_contract.py and nothing here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from gateway.carriers.port import CallOrder, Carrier, CarrierError, Fault, Found, SmsOrder, Submission

TO = "+66812345678"
OTHER = "+66898765432"
TAKEN_AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
"""When a stage's carrier takes what it takes."""


class Situation(StrEnum):
    """What the carrier and the network between us do with the next submission."""

    TAKES_IT = "takes_it"
    BAD_NUMBER = "bad_number"
    THROTTLES = "throttles"
    MISCONFIGURED = "misconfigured"
    NO_CONNECTION = "no_connection"
    HANGS = "hangs"  # took it, and says nothing
    CUTS = "cuts"  # took it, and the connection breaks before the answer
    FAILS_AFTER_TAKING = "fails_after_taking"
    FAILS_BEFORE_TAKING = "fails_before_taking"
    REDIRECTS = "redirects"


@dataclass(frozen=True)
class Case:
    """A situation and what the carrier has to make of it. `requests` is how often the wire was used: never twice."""

    situation: Situation
    fault: Fault | None = None
    permanent: bool = False
    in_doubt: bool = False
    went_out: bool = False
    requests: int = 1


CASES = (
    Case(Situation.TAKES_IT, went_out=True),
    Case(Situation.BAD_NUMBER, Fault.BAD_NUMBER, permanent=True),
    Case(Situation.THROTTLES, Fault.THROTTLED),
    Case(Situation.MISCONFIGURED, Fault.MISCONFIGURED),
    Case(Situation.NO_CONNECTION, Fault.NOT_CONNECTED, requests=0),
    Case(Situation.HANGS, Fault.IN_DOUBT, in_doubt=True, went_out=True),
    Case(Situation.CUTS, Fault.IN_DOUBT, in_doubt=True, went_out=True),
    Case(Situation.FAILS_AFTER_TAKING, Fault.IN_DOUBT, in_doubt=True, went_out=True),
    Case(Situation.FAILS_BEFORE_TAKING, Fault.IN_DOUBT, in_doubt=True),
    Case(Situation.REDIRECTS, Fault.IN_DOUBT, in_doubt=True),
)


AWAY = (
    Situation.THROTTLES,
    Situation.MISCONFIGURED,
    Situation.NO_CONNECTION,
    Situation.FAILS_BEFORE_TAKING,
    Situation.REDIRECTS,
)
"""Situations in which nothing is to be had from the carrier, and nothing forgotten there."""


@dataclass
class Stage:
    """A carrier with the means to put it into each situation and to count what reached it.

    `requests` is None for a carrier that has no wire. `end` ends a call from the other side. `record` leaves a sound
    with the carrier and returns its name; `recordings` is how many lie there.
    """

    carrier: Carrier
    prepare: Callable[[Situation], None]
    requests: Callable[[], int] | None
    end: Callable[[str], None]
    record: Callable[[bytes], str]
    recordings: Callable[[], int]


class Kind(StrEnum):
    """The two things a carrier takes."""

    TEXT = "text"
    CALL = "call"


def submit(stage: Stage, kind: Kind, to: str = TO) -> Submission:
    """Hand in one order of this kind."""
    if kind is Kind.TEXT:
        return stage.carrier.sms.send_sms(text_to(to))
    return stage.carrier.voice.place_call(call_to(to))


def submit_all(stage: Stage, kind: Kind, numbers: Sequence[str]) -> list[Submission | CarrierError]:
    """Hand in orders of this kind together."""
    if kind is Kind.TEXT:
        return stage.carrier.sms.send_all([text_to(one) for one in numbers], within=30.0)
    return stage.carrier.voice.place_all([call_to(one) for one in numbers], within=30.0)


def find(stage: Stage, kind: Kind, since: datetime = TAKEN_AT, to: str = TO) -> Sequence[Found]:
    """Look for what went to a number."""
    if kind is Kind.TEXT:
        return stage.carrier.sms.find_sms(to, since)
    return stage.carrier.voice.find_calls(to, since)


def text_to(to: str = TO, body: str = "นัดฉีดวัคซีน Q17", valid_for: timedelta = timedelta(hours=2)) -> SmsOrder:
    """A text that asks nothing special."""
    return SmsOrder("a1", to, body, "https://gw.example/webhooks/twilio/sms/status/a1", valid_for)


def call_to(to: str = TO, fallback: str = "https://gw.example/webhooks/twilio/voice/fallback/a1") -> CallOrder:
    """A call that asks nothing special."""
    base = "https://gw.example/webhooks/twilio/voice"
    return CallOrder("a1", to, f"{base}/answer/a1", f"{base}/status/a1", fallback)
