"""How a text travels: queued, sent, delivered or not, and what the person texts back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from gateway.sandbox.events import EventKind
from gateway.sandbox.exchange import Exchange, common_form
from gateway.sandbox.habits import TextBehaviour
from gateway.sandbox.handsets import is_e164
from gateway.sandbox.resources import Message, MessageStatus
from gateway.sandbox.signing import Form
from gateway.sandbox.timeline import Process, Signal, Steps, pause
from gateway.sandbox.twiml import BadDocument, Reply, read_document

SECONDS_TO_SEND = 1.0
VALIDITY_EXCEEDED = 30001

# Sends a text a webhook's answer asks for: (to, from, body).
SendReply = Callable[[str, str, str], object]
# Lets a handset text us: (number, to, body).
TextBack = Callable[[str, str, str], object]


class Canceled(Signal):
    """The creator withdrew a scheduled message."""


class OutboundText:
    """One text to a handset."""

    def __init__(self, exchange: Exchange, message: Message, behaviour: TextBehaviour, text_back: TextBack) -> None:
        self._exchange = exchange
        self._message = message
        self._behaviour = behaviour
        self._text_back = text_back

    def run(self, process: Process) -> Steps[None]:
        """Play it: no callback for the first status, one for each later one."""
        message = self._message
        if message.send_at is not None:
            heard = yield from pause((message.send_at - process.at).total_seconds())
            if isinstance(heard, Canceled):
                self._report(MessageStatus.CANCELED, process.at)
                return
            self._report(MessageStatus.QUEUED, process.at)
        message.status = MessageStatus.SENDING
        yield from pause(SECONDS_TO_SEND)
        message.sent = process.at
        self._report(MessageStatus.SENT, process.at)
        self._exchange.emit(process.at, EventKind.TEXT_SENT, message)
        yield from self._arrive(process)

    def _arrive(self, process: Process) -> Steps[None]:
        behaviour = self._behaviour
        yield from pause(min(behaviour.delay, self._message.validity))
        if behaviour.delay > self._message.validity:
            self._fail(VALIDITY_EXCEEDED, process.at)
            return
        if behaviour.error_code is not None:
            self._fail(behaviour.error_code, process.at)
            return
        if behaviour.receipt:
            self._report(MessageStatus.DELIVERED, process.at)
            self._exchange.emit(process.at, EventKind.TEXT_DELIVERED, self._message)
        if behaviour.reply and self._can_be_answered():
            yield from pause(behaviour.reply_after)
            self._text_back(self._message.handset, self._message.sender, behaviour.reply)

    def _can_be_answered(self) -> bool:
        """A sender of letters cannot be texted back, and without an address nobody would hear it."""
        return is_e164(self._message.sender) and bool(self._exchange.account.inbound_sms_url)

    def _fail(self, code: int, at: datetime) -> None:
        self._message.error_code = code
        self._report(MessageStatus.UNDELIVERED, at)
        self._exchange.emit(at, EventKind.TEXT_UNDELIVERED, self._message, str(code))

    def _report(self, status: MessageStatus, at: datetime) -> None:
        message = self._message
        message.status = status
        if message.status_callback:
            self._exchange.post_receipt(message, message.status_callback, "POST", _status_form(message), at)


class InboundText:
    """One text from a handset to us, and the texts the answer asks for."""

    def __init__(self, exchange: Exchange, message: Message, opt_out: str, send_reply: SendReply) -> None:
        self._exchange = exchange
        self._message = message
        self._opt_out = opt_out
        self._send_reply = send_reply

    def run(self, process: Process) -> Steps[None]:
        """Report it to the account's address and do what the answer says."""
        message, exchange = self._message, self._exchange
        exchange.emit(process.at, EventKind.TEXTED, message, message.body)
        url = exchange.account.inbound_sms_url
        if not url:
            return
        got = yield from exchange.ask_here(exchange.webhook(url, "POST", self._form()))
        if not got.is_ok:
            exchange.emit(process.at, EventKind.CALLBACK_LOST, message, f"received {got.failure}")
            return
        if not got.body.strip():
            return
        try:
            verbs = read_document(got.body, got.content_type)
        except BadDocument as bad:
            exchange.emit(process.at, EventKind.WARNING, message, str(bad.code))
            return
        for verb in verbs:
            if isinstance(verb, Reply):
                self._send_reply(message.sender, message.to, verb.body)

    def _form(self) -> Form:
        message = self._message
        opted = (("OptOutType", self._opt_out),) if self._opt_out else ()
        return (
            ("MessageSid", message.sid),
            ("SmsSid", message.sid),
            ("SmsMessageSid", message.sid),
            ("SmsStatus", message.status.value),
            *common_form(message),
            ("Body", message.body),
            ("NumMedia", "0"),
            ("NumSegments", str(message.to_json()["num_segments"])),
            ("FromCountry", "TH" if message.sender.startswith("+66") else ""),
            *opted,
        )


def _status_form(message: Message) -> Form:
    code = message.error_code
    service = (("MessagingServiceSid", message.service_sid),) if message.service_sid else ()
    return (
        ("MessageSid", message.sid),
        ("SmsSid", message.sid),
        ("MessageStatus", message.status.value),
        ("SmsStatus", message.status.value),
        *common_form(message),
        *((("ErrorCode", str(code)),) if code is not None else ()),
        *service,
    )
