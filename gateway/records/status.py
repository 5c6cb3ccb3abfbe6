"""States and the moves between them, as data.

Moves of reminders, appointments, tasks and visits are ours. An attempt's status is the carrier's word: it comes late,
twice and out of order, so it is ranked, and counts only when it ranks higher than what is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Channel(StrEnum):
    """How a person is contacted."""

    SMS = "sms"
    VOICE = "voice"
    VISIT = "visit"  # a village health volunteer knocks on the door


class ReminderStatus(StrEnum):
    """Our intention to contact a person at one step by one channel."""

    PLANNED = "planned"
    CLAIMED = "claimed"  # an attempt exists and is about to be submitted
    SENT = "sent"
    ANSWERED = "answered"
    UNANSWERED = "unanswered"
    SUPPRESSED = "suppressed"  # an answer, a stop or staff made it needless
    CANCELLED = "cancelled"  # its appointment went away
    EXPIRED = "expired"  # too late to be of use; never sent late
    FAILED = "failed"


class AttemptStatus(StrEnum):
    """How far one submission to a carrier got."""

    QUEUED = "queued"  # the row is written, the carrier not yet asked
    SUBMITTED = "submitted"
    SENT = "sent"
    RINGING = "ringing"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    DELIVERED = "delivered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    MACHINE = "machine"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


class AppointmentStatus(StrEnum):
    """What was agreed with the person."""

    BOOKED = "booked"
    CONFIRMED = "confirmed"
    MOVED = "moved"  # closed; a new row took its place
    CANCELLED = "cancelled"
    KEPT = "kept"
    MISSED = "missed"


class TaskKind(StrEnum):
    """What a person on the staff must do."""

    CALLBACK = "callback"
    RIDE = "ride"
    UNREACHED = "unreached"
    UNMATCHED = "unmatched"  # a receipt or reply that belongs to nothing we know
    IN_DOUBT = "in_doubt"
    POISON = "poison"  # a row that could not be worked on
    QUESTION = "question"
    MATCH = "match"  # two records may be one person
    NO_SEAT = "no_seat"  # a dose falls due and no session inside its interval has a seat
    NO_PROMPT = "no_prompt"  # nothing to say in this person's language
    MESSAGE = "message"  # somebody left a spoken message
    REGISTER = "register"  # somebody without an appointment would like to be vaccinated


class TaskStatus(StrEnum):
    """Whether a task waits."""

    OPEN = "open"
    DONE = "done"


class VisitStatus(StrEnum):
    """Where a volunteer's visit stands."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class BatchStatus(StrEnum):
    """Where a roster file stands."""

    CHECKED = "checked"
    LOADED = "loaded"


class AssetStatus(StrEnum):
    """Whether a text or a clip may reach people."""

    DRAFT = "draft"
    APPROVED = "approved"  # by two people
    RETURNED = "returned"  # the second person found something wrong
    RETIRED = "retired"  # another took its place


class RideStatus(StrEnum):
    """Where a wish to be fetched stands."""

    ASKED = "asked"
    ARRANGED = "arranged"  # staff know who fetches them and when; the person is told
    CANCELLED = "cancelled"  # not needed any more: another day, another way, not coming


class WaitStatus(StrEnum):
    """Where somebody stands who called while the hotline was closed or all its lines were taken."""

    WAITING = "waiting"
    CALLING = "calling"  # the call back is on its way
    DONE = "done"  # they were spoken to, or called again themselves and got through
    GIVEN_UP = "given_up"  # nobody picked up, or it became too late: staff have a task


class MessageKind(StrEnum):
    """Why somebody left a spoken message."""

    STAFF = "staff"  # wanted a person, and none could be reached
    QUESTION = "question"  # a question or a complaint
    REGISTER = "register"  # their name, after a number was keyed


class TakeStatus(StrEnum):
    """Where what was spoken into a telephone stands: a speaker's phrase, or somebody's message."""

    SPOKEN = "spoken"  # the speaker has not said yet whether it is good
    KEPT = "kept"  # to be fetched from the carrier
    STORED = "stored"
    REFUSED = "refused"  # silent, too loud, too short; or the carrier lost it
    DISCARDED = "discarded"  # spoken again


RANK: Mapping[AttemptStatus, int] = {
    AttemptStatus.QUEUED: 0,
    AttemptStatus.SUBMITTED: 1,
    AttemptStatus.SENT: 2,
    AttemptStatus.RINGING: 3,
    AttemptStatus.IN_PROGRESS: 4,
    AttemptStatus.BUSY: 9,
    AttemptStatus.NO_ANSWER: 9,
    AttemptStatus.MACHINE: 9,
    AttemptStatus.UNDELIVERED: 9,
    AttemptStatus.FAILED: 9,
    AttemptStatus.CANCELLED: 9,
    AttemptStatus.COMPLETED: 9,
    AttemptStatus.DELIVERED: 10,
}
FINAL_RANK = 9
FINAL_ATTEMPTS = frozenset(status for status, rank in RANK.items() if rank >= FINAL_RANK)


def receipt_counts(known: AttemptStatus, heard: AttemptStatus) -> bool:
    """Whether a receipt saying `heard` changes an attempt known as `known`.

    Final never leaves, except that delivered beats undelivered: a handset that was off when asked may come on.
    """
    if known in FINAL_ATTEMPTS:
        return known is AttemptStatus.UNDELIVERED and heard is AttemptStatus.DELIVERED
    return RANK[heard] > RANK[known]


_R, _A, _T, _V = ReminderStatus, AppointmentStatus, TaskStatus, VisitStatus
_S, _K = AssetStatus, TakeStatus
_RIDE, _W = RideStatus, WaitStatus
_OUT = {_R.SUPPRESSED, _R.CANCELLED, _R.EXPIRED, _R.FAILED}

# A table a machine: words of two machines are equal as strings (TaskStatus.OPEN == VisitStatus.OPEN).
MOVES: Mapping[type[StrEnum], Mapping[StrEnum, frozenset[StrEnum]]] = {
    ReminderStatus: {
        _R.PLANNED: frozenset({_R.CLAIMED, *_OUT}),
        _R.CLAIMED: frozenset({_R.SENT, _R.PLANNED, *_OUT}),
        _R.SENT: frozenset({_R.ANSWERED, _R.UNANSWERED, _R.PLANNED, *_OUT}),
    },
    AppointmentStatus: {
        _A.BOOKED: frozenset({_A.CONFIRMED, _A.MOVED, _A.CANCELLED, _A.KEPT, _A.MISSED}),
        _A.CONFIRMED: frozenset({_A.BOOKED, _A.MOVED, _A.CANCELLED, _A.KEPT, _A.MISSED}),
    },
    TaskStatus: {_T.OPEN: frozenset({_T.DONE}), _T.DONE: frozenset({_T.OPEN})},
    VisitStatus: {_V.OPEN: frozenset({_V.DONE, _V.CANCELLED})},
    AssetStatus: {
        _S.DRAFT: frozenset({_S.APPROVED, _S.RETURNED, _S.RETIRED}),
        _S.APPROVED: frozenset({_S.DRAFT, _S.RETIRED}),
        _S.RETURNED: frozenset({_S.DRAFT, _S.RETIRED}),
        _S.RETIRED: frozenset({_S.DRAFT, _S.APPROVED}),  # the same content again; its two approvals still hold
    },
    TakeStatus: {
        _K.SPOKEN: frozenset({_K.KEPT, _K.DISCARDED}),
        _K.KEPT: frozenset({_K.STORED, _K.REFUSED}),
    },
    RideStatus: {
        _RIDE.ASKED: frozenset({_RIDE.ARRANGED, _RIDE.CANCELLED}),
        _RIDE.ARRANGED: frozenset({_RIDE.ASKED, _RIDE.CANCELLED}),
    },
    WaitStatus: {
        _W.WAITING: frozenset({_W.CALLING, _W.DONE, _W.GIVEN_UP}),
        _W.CALLING: frozenset({_W.WAITING, _W.DONE, _W.GIVEN_UP}),
    },
}
# Only staff take these back, and only what they did themselves a minute ago: a late key press on a cancelled
# appointment must not bring it to life. A table a machine, as above.
_WAS_LIVE = frozenset({_A.BOOKED, _A.CONFIRMED})
UNDOING: Mapping[type[StrEnum], Mapping[StrEnum, frozenset[StrEnum]]] = {
    AppointmentStatus: {
        _A.CONFIRMED: frozenset({_A.BOOKED}),
        _A.MOVED: _WAS_LIVE,  # only while nobody has heard of the new day
        _A.CANCELLED: _WAS_LIVE,
        _A.KEPT: _WAS_LIVE,
        _A.MISSED: _WAS_LIVE,
    },
    ReminderStatus: {_R.SUPPRESSED: frozenset({_R.PLANNED, _R.SENT})},
    VisitStatus: {_V.CANCELLED: frozenset({_V.OPEN})},
    RideStatus: {
        _RIDE.CANCELLED: frozenset({_RIDE.ASKED, _RIDE.ARRANGED}),
        _RIDE.ARRANGED: frozenset({_RIDE.ASKED}),
    },
}
OPEN_REMINDERS = (_R.PLANNED, _R.CLAIMED, _R.SENT)
LIVE_APPOINTMENTS = (_A.BOOKED, _A.CONFIRMED)


def may_move(current: StrEnum, wanted: StrEnum) -> bool:
    """Whether `current` may become `wanted`, both of one machine; a state that nothing leaves simply has no moves."""
    if type(current) is not type(wanted):
        return False
    return wanted in MOVES.get(type(current), {}).get(current, frozenset())


def may_undo(current: StrEnum, wanted: StrEnum) -> bool:
    """Whether staff who brought something to `current` may take it back to `wanted`, both of one machine."""
    if type(current) is not type(wanted):
        return False
    return wanted in UNDOING.get(type(current), {}).get(current, frozenset())
