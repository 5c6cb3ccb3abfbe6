"""A call from its first ring to its last receipt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from gateway.sandbox.conversation import Conversation, first_page, read_page, voice_form
from gateway.sandbox.events import EventKind
from gateway.sandbox.exchange import Exchange
from gateway.sandbox.habits import CallBehaviour
from gateway.sandbox.hands import RINGS_FOR
from gateway.sandbox.listening import HungUp, PickedUp
from gateway.sandbox.profiles import Manner
from gateway.sandbox.resources import CALLBACK_EVENTS, Call, CallStatus, rfc2822
from gateway.sandbox.signing import Form
from gateway.sandbox.timeline import Process, Steps, pause
from gateway.sandbox.twiml import BadDocument, Reject, Verb

SECONDS_TO_DIAL = 0.5
SECONDS_TO_RING = 1.5

# Lets a handset call us: (number, to).
CallBack = Callable[[str, str], object]


class _Line:
    """What both directions share: states, receipts and the end."""

    def __init__(self, exchange: Exchange, call: Call, behaviour: CallBehaviour) -> None:
        self._exchange = exchange
        self._call = call
        self._behaviour = behaviour

    def _talk(self, process: Process, opening: Sequence[Verb] | BadDocument | None = None) -> Steps[None]:
        call = self._call
        call.started = process.at
        self._move(CallStatus.IN_PROGRESS, process.at)
        self._exchange.emit(process.at, EventKind.ANSWERED, call)
        by = yield from Conversation(self._exchange, call, self._behaviour, process).run(opening)
        call.ended_by = by
        self._exchange.emit(process.at, EventKind.HUNG_UP, call, by)
        self._end(CallStatus.COMPLETED, process.at)

    def _end(self, status: CallStatus, at: datetime) -> None:
        self._call.ended = at
        self._move(status, at)
        self._exchange.emit(at, EventKind.CALL_ENDED, self._call, status.value)

    def _move(self, status: CallStatus, at: datetime) -> None:
        """Enter `status` and send the receipt the creator asked for; the resource never says "initiated"."""
        call, options = self._call, self._call.options
        if status is not CallStatus.INITIATED:
            call.status = status
        if not options.status_callback or CALLBACK_EVENTS[status] not in options.events:
            return
        form = self._receipt(status, at)
        call.sequence += 1
        self._exchange.post_receipt(call, options.status_callback, options.status_method, form, at)

    def _receipt(self, status: CallStatus, at: datetime) -> Form:
        call = self._call
        fields = dict(voice_form(call)) | {
            "CallStatus": status.value,
            "Timestamp": rfc2822(at),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(call.sequence),
        }
        if status is CallStatus.COMPLETED:
            fields |= {"CallDuration": str(call.duration), "Duration": str(-(-call.duration // 60))}
        if status is CallStatus.FAILED:
            fields["SipResponseCode"] = "480"
        return tuple(fields.items())


class OutboundCall(_Line):
    """A call to a handset."""

    def __init__(self, exchange: Exchange, call: Call, behaviour: CallBehaviour, call_back: CallBack) -> None:
        super().__init__(exchange, call, behaviour)
        self._call_back = call_back

    def run(self, process: Process) -> Steps[None]:
        """Play it: queued (in the create response), initiated, ringing, then what the handset does."""
        try:
            yield from self._run(process)
        finally:
            self._exchange.hands.end(self._call)

    def _run(self, process: Process) -> Steps[None]:
        refusal = yield from self._ring(process)
        if refusal is None:
            yield from self._talk(process)
            return
        self._end(refusal, process.at)
        self._exchange.hands.end(self._call)
        after = self._behaviour.calls_back_after
        if refusal is CallStatus.NO_ANSWER and after is not None and self._exchange.account.inbound_voice_url:
            yield from pause(after)
            self._call_back(self._call.handset, self._call.sender)

    def _ring(self, process: Process) -> Steps[CallStatus | None]:
        """Return how the call ended unanswered, None when it was answered."""
        if isinstance((yield from pause(SECONDS_TO_DIAL)), HungUp):
            return CallStatus.CANCELED
        self._move(CallStatus.INITIATED, process.at)
        if isinstance((yield from pause(SECONDS_TO_RING)), HungUp):
            return CallStatus.CANCELED
        visitor = self._exchange.hands.wanted_by(self._exchange.handset(self._call.handset))
        if visitor is not None:
            return (yield from self._ring_for(visitor, process))
        if (unreached := self._unreached()) is not None:
            return unreached
        self._move(CallStatus.RINGING, process.at)
        self._exchange.emit(process.at, EventKind.RINGING, self._call)
        return (yield from self._wait_for_answer())

    def _unreached(self) -> CallStatus | None:
        match self._behaviour.manner:
            case Manner.OFF:
                return CallStatus.FAILED
            case Manner.BUSY:
                return CallStatus.BUSY
        return None

    def _ring_for(self, visitor: str, process: Process) -> Steps[CallStatus | None]:
        """Ring for a visitor while time stands still; one who looks away leaves the call to the handset's habits."""
        self._exchange.hands.begin(self._call, process, visitor)
        self._move(CallStatus.RINGING, process.at)
        self._exchange.emit(process.at, EventKind.RINGING, self._call)
        signal = yield from pause(RINGS_FOR)
        if isinstance(signal, HungUp):
            self._behaviour = CallBehaviour(Manner.BY_HAND)  # who declined a call does not return it by habit
            return CallStatus.NO_ANSWER if signal.by == "handset" else CallStatus.CANCELED
        if isinstance(signal, PickedUp):
            self._behaviour = CallBehaviour(Manner.BY_HAND)
            return None
        self._exchange.hands.end(self._call)
        self._exchange.hands.forget(self._call)
        return self._unreached() or (yield from self._wait_for_answer())

    def _wait_for_answer(self) -> Steps[CallStatus | None]:
        timeout = self._call.options.timeout
        answers = self._behaviour.answers and self._behaviour.ring < timeout
        signal = yield from pause(self._behaviour.ring if answers else timeout)
        if isinstance(signal, HungUp):
            return CallStatus.NO_ANSWER if signal.by == "handset" else CallStatus.CANCELED
        return None if answers or isinstance(signal, PickedUp) else CallStatus.NO_ANSWER


class InboundCall(_Line):
    """A handset calls one of the account's numbers."""

    def run(self, process: Process) -> Steps[None]:
        """Play it: the document is asked for while it still rings, and may refuse the call."""
        try:
            yield from self._run(process)
        finally:
            self._exchange.hands.end(self._call)

    def _run(self, process: Process) -> Steps[None]:
        call = self._call
        call.status = CallStatus.RINGING
        self._exchange.emit(process.at, EventKind.CALLED_IN, call)
        try:
            verbs = yield from read_page(self._exchange, call, first_page(call))
        except BadDocument as bad:
            yield from self._talk(process, bad)
            return
        if verbs and isinstance(verbs[0], Reject):
            self._end(CallStatus.BUSY if verbs[0].reason == "busy" else CallStatus.NO_ANSWER, process.at)
            return
        yield from self._talk(process, verbs)
