"""The account owner's side of the network: what REST asks for, in Twilio's resources and with Twilio's refusals."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from gateway.sandbox.calling import OutboundCall
from gateway.sandbox.errors import bad_request, not_found
from gateway.sandbox.forms import Formlike, call_options, posted, read_call, read_message
from gateway.sandbox.habits import decide_call
from gateway.sandbox.listening import HungUp, SentTo
from gateway.sandbox.resources import Call, CallStatus, Message, MessageStatus, Recording
from gateway.sandbox.subscribers import Subscribers
from gateway.sandbox.texting import Canceled
from gateway.sandbox.utterance import utterance

Resource = dict[str, object]
Kept = TypeVar("Kept", Call, Message)


class Owner(Subscribers):
    """Creates, shows, lists and changes calls and texts."""

    def create_message(self, form: Formlike) -> Resource:
        """Accept a text and return its resource; raises RestError in Twilio's codes.

        A text to a landline is refused here with 21614, as Twilio's page on Thailand says; habits with the fate
        30006 are the carrier that finds it out later.
        """
        with self._lock:
            asked = read_message(posted(form), self._clock.now())
            if self._exchange.handset(asked.to).line == "landline":
                raise bad_request(21614, "'To' number is not a valid mobile number")
            if (asked.to, asked.sender) in self._opted_out:
                raise bad_request(21610, "Attempt to send to unsubscribed recipient")
            return self._send(
                Message(
                    sid=self._next_sid("SM", asked.to, is_call=False),
                    account_sid=self.account.sid,
                    to=asked.to,
                    sender=asked.sender,
                    handset=asked.to,
                    body=asked.body,
                    direction="outbound-api",
                    created=self._clock.now(),
                    status=_first_status(asked.service_sid, asked.send_at),
                    status_callback=asked.status_callback,
                    service_sid=asked.service_sid,
                    validity=asked.validity,
                    send_at=asked.send_at,
                )
            ).to_json()

    def create_call(self, form: Formlike) -> Resource:
        """Accept a call and return its resource, queued; raises RestError in Twilio's codes."""
        with self._lock:
            asked = read_call(posted(form))
            call = Call(
                sid=self._next_sid("CA", asked.to, is_call=True),
                account_sid=self.account.sid,
                to=asked.to,
                sender=asked.sender,
                handset=asked.to,
                direction="outbound-api",
                created=self._clock.now(),
                options=asked.options,
            )
            contacts = self._exchange.contacts(asked.to)
            handset = self._exchange.handset(asked.to)
            behaviour = decide_call(self._exchange.seed, handset, contacts.all, contacts.calls)
            self._calls[call.sid] = call
            story = OutboundCall(self._exchange, call, behaviour, self.call_from)
            call.process = self._timeline.start(story.run, call.created)
            return call.to_json()

    def get_message(self, sid: str) -> Resource:
        """Return the resource of one text; raises RestError 20404."""
        with self._lock:
            return self._message(sid).to_json()

    def get_call(self, sid: str) -> Resource:
        """Return the resource of one call; raises RestError 20404."""
        with self._lock:
            return self._call(sid).to_json()

    def list_messages(self, to: str = "", sender: str = "") -> list[Resource]:
        """Return the texts, newest first, filtered by either end."""
        with self._lock:
            return [one.to_json() for one in _newest(self._messages.values(), to, sender)]

    def list_calls(self, to: str = "", sender: str = "", status: str = "") -> list[Resource]:
        """Return the calls, newest first, filtered by either end and by status."""
        with self._lock:
            calls = _newest(self._calls.values(), to, sender)
            return [one.to_json() for one in calls if not status or one.status == status]

    def get_recording(self, sid: str) -> Resource:
        """Return the resource of one recording; raises RestError 20404."""
        with self._lock:
            return self._recording(sid).to_json()

    def get_sound(self, sid: str) -> bytes:
        """Return the sound of one recording as a WAV; raises RestError 20404."""
        with self._lock:
            recording = self._recording(sid)
        return utterance(recording.sid, recording.seconds)

    def delete_recording(self, sid: str) -> None:
        """Forget one recording; raises RestError 20404."""
        with self._lock:
            del self._exchange.recordings[self._recording(sid).sid]

    def _recording(self, sid: str) -> Recording:
        if sid not in self._exchange.recordings:
            raise not_found()
        return self._exchange.recordings[sid]

    def update_message(self, sid: str, form: Formlike) -> Resource:
        """Withdraw a scheduled text (Status=canceled) or blank its body (Body=); raises RestError."""
        with self._lock:
            form = posted(form)
            message = self._message(sid)
            if form.get("Status") == "canceled":
                if message.status is not MessageStatus.SCHEDULED or message.process is None:
                    raise bad_request(30409, "This message cannot be canceled")
                message.status = MessageStatus.CANCELED
                self._timeline.signal(message.process, Canceled())
            if form.has("Body"):
                if form.get("Body"):
                    raise bad_request(20009, "The body can only be blanked")
                message.body = ""
            return message.to_json()

    def update_call(self, sid: str, form: Formlike) -> Resource:
        """End a live call (Status=completed, or canceled before the answer) or send it elsewhere (Url, Twiml)."""
        with self._lock:
            form = posted(form)
            call = self._call(sid)
            if not call.is_live:
                raise bad_request(21220, "Call is not in-progress. Cannot redirect.")
            status = form.get("Status")
            if status not in ("", "completed", "canceled"):
                raise bad_request(21218, "Invalid Status")
            if status == "completed" or (status == "canceled" and call.status is not CallStatus.IN_PROGRESS):
                self._signal(call, HungUp("rest"))
            elif not status:
                options = call_options(form)
                self._signal(call, SentTo(options.url, options.method, options.twiml))
            return call.to_json()


def _first_status(service_sid: str, send_at: datetime | None) -> MessageStatus:
    if send_at is not None:
        return MessageStatus.SCHEDULED
    return MessageStatus.ACCEPTED if service_sid else MessageStatus.QUEUED


def _newest(kept: Iterable[Kept], to: str, sender: str) -> list[Kept]:
    found = [one for one in kept if (not to or one.to == to) and (not sender or one.sender == sender)]
    return found[::-1]
