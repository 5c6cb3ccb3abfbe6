"""What to do when an attempt ended, or could not begin. Pure: decides, touches nothing."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from gateway.carriers.port import CarrierError, Fault
from gateway.records.status import AttemptStatus, Channel

FIRST_LOOK = timedelta(minutes=2)  # callbacks for an accepted POST arrive within seconds; two minutes is patient
NEXT_LOOK = timedelta(minutes=3)
LOOKS = 2
ERRORS_BEFORE_POISON = 8


class Next(StrEnum):
    """What becomes of the reminder."""

    WAIT = "wait"  # it arrived; an answer may come
    TRY_AGAIN = "try_again"  # nobody there, or a passing fault: the ladder says when
    OTHER_CHANNEL = "other_channel"  # this channel will not work for this person
    LATER = "later"  # never went out: the same attempt's worth, some seconds on
    LOOK = "look"  # in doubt
    ALARM = "alarm"  # nothing will go out until somebody mends the settings


_PASSING = frozenset({Fault.UNREACHABLE, Fault.UNKNOWN, Fault.EXPIRED, Fault.THROTTLED, Fault.NOT_CONNECTED})


def until_next_look(looks: int) -> timedelta:
    """How long to wait after the `looks`-th look: 3 minutes, then doubling, half a day at most."""
    return min(timedelta(hours=12), NEXT_LOOK * (1 << min(max(looks - 1, 0), 8)))


def after_error(error: CarrierError) -> Next:
    """What a failed submission means for its reminder."""
    if error.in_doubt:
        return Next.LOOK
    if error.fault is Fault.MISCONFIGURED:
        return Next.ALARM
    if error.fault in (Fault.THROTTLED, Fault.NOT_CONNECTED):
        return Next.LATER
    return Next.OTHER_CHANNEL if error.permanent else Next.TRY_AGAIN


def after_final(channel: Channel, status: AttemptStatus, fault: Fault | None) -> Next:
    """What a final status means for a reminder that nobody has answered.

    A completed call is not a yes, and not a no: voicemail completes, too. So it counts as nobody there.
    """
    if channel is Channel.SMS and status in (AttemptStatus.DELIVERED, AttemptStatus.COMPLETED):
        return Next.WAIT
    if fault is not None and fault not in _PASSING:
        return Next.OTHER_CHANNEL
    return Next.TRY_AGAIN


def wait_after_error(errors: int, retry_after: float = 0.0) -> timedelta:
    """How long to leave a reminder alone after its `errors`-th failed submission: 5 s doubling, at most 10 minutes."""
    doubled: float = 5.0 * 2.0 ** min(max(errors - 1, 0), 7)
    return timedelta(seconds=max(retry_after, min(600.0, doubled)))
