"""What calls and texts have in common: who is who, signed webhooks, receipts in order, the length of a sound."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode, urlsplit, urlunsplit

from gateway.sandbox.addresses import is_loopback
from gateway.sandbox.chance import digest
from gateway.sandbox.events import EventKind, Listener, NetworkEvent
from gateway.sandbox.fetching import HTTP_FAILURE, FetchRequest, FetchResponse, Method
from gateway.sandbox.hands import Hands
from gateway.sandbox.handsets import Handset, stranger
from gateway.sandbox.resources import API_VERSION, Call, Message, Recording
from gateway.sandbox.signing import IDEMPOTENCY_HEADER, SIGNATURE_HEADER, Form, twilio_signature
from gateway.sandbox.sounds import NOT_A_SOUND, is_sound, sound_seconds
from gateway.sandbox.timeline import Process, Steps, Timeline, ask

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Account:
    """Whose network it is, and where what comes in is reported (empty: nowhere)."""

    sid: str
    auth_token: str
    inbound_sms_url: str = ""
    inbound_voice_url: str = ""
    inbound_status_url: str = ""


@dataclass(frozen=True)
class Contacts:
    """How often one handset was contacted: `all` numbers its contacts, `calls` the calls among them."""

    all: int
    calls: int


class Exchange:
    """The shared parts of one network; everything but fetching happens under `timeline.lock`."""

    def __init__(
        self,
        account: Account,
        seed: int | str,
        handsets: Iterable[Handset],
        timeline: Timeline,
        hands: Hands,
        listener: Listener,
    ) -> None:
        self.account = account
        self.seed = seed
        self.timeline = timeline
        self.hands = hands
        self._listener = listener
        self._handsets: dict[str, Handset] = {}
        self._contacts: dict[str, Contacts] = {}
        self._receipts: dict[str, deque[FetchRequest]] = {}
        self._sound_seconds: dict[str, float] = {}
        self._requests = 0
        self.recordings: dict[str, Recording] = {}
        for handset in handsets:
            self.add(handset)

    def add(self, handset: Handset) -> None:
        """Connect `handset`, in place of one of the same number; no contact is uncounted, lest a sid come twice."""
        known = self._contacts.pop(handset.number, Contacts(0, 0))
        self._handsets[handset.number] = handset
        fresh = self.contacts(handset.number)
        self._contacts[handset.number] = Contacts(max(known.all, fresh.all), max(known.calls, fresh.calls))

    @property
    def numbers(self) -> Collection[str]:
        """The numbers of every connected handset."""
        return self._handsets.keys()

    def handset(self, number: str) -> Handset:
        """Return the handset of `number`; one nobody announced has typical habits."""
        return self._handsets.get(number) or stranger(number)

    def contacts(self, number: str) -> Contacts:
        """Return how often `number` was contacted so far."""
        if number not in self._contacts:
            before = self.handset(number)
            calls = before.contacts_so_far if before.calls_so_far is None else before.calls_so_far
            self._contacts[number] = Contacts(before.contacts_so_far, calls)
        return self._contacts[number]

    def count_contact(self, number: str, *, is_call: bool) -> Contacts:
        """Count one more contact with `number` and return how many there were, this one included."""
        before = self.contacts(number)
        self._contacts[number] = Contacts(before.all + 1, before.calls + is_call)
        return self._contacts[number]

    def keep_recording(self, call: Call, nth: int, at: datetime, seconds: float) -> Recording:
        """Keep what was said in `call` when it was recorded for the `nth` time, `seconds` long."""
        sid = "RE" + digest("recording", call.sid, nth)[:32]
        recording = Recording(sid, self.account.sid, call.sid, at, seconds)
        self.recordings[sid] = recording
        return recording

    def emit(self, at: datetime, kind: EventKind, subject: Call | Message, detail: str = "") -> None:
        """Tell the listener."""
        label = self.handset(subject.handset).label
        try:
            self._listener(NetworkEvent(at, kind, subject.handset, subject.sid, label, detail))
        except Exception:  # a feed that breaks must not end the call it watches
            log.exception("whoever watches the sandbox network failed")

    def webhook(self, url: str, method: str, form: Form) -> FetchRequest:
        """Return a signed request; a GET carries the form in its URL."""
        self._requests += 1
        # The instant is in it, because the count begins anew with the process and a token must not.
        token = digest("request", self.seed, self._requests, self.timeline.now().isoformat(), url, form)[:32]
        if method == "GET":
            url, form = _with_query(url, form), ()
        verb: Method = "GET" if method == "GET" else "POST"
        signature = twilio_signature(self.account.auth_token, url, form)
        return FetchRequest(verb, url, form, {SIGNATURE_HEADER: signature, IDEMPOTENCY_HEADER: token})

    def ask_here(self, request: FetchRequest) -> Steps[FetchResponse]:
        """Fetch `request` when it is on this machine; any other address is a failed fetch and never leaves."""
        if not is_loopback(request.url):
            return FetchResponse(0, error=HTTP_FAILURE)
        return (yield from ask(request))

    def post_receipt(self, subject: Call | Message, url: str, method: str, form: Form, at: datetime) -> None:
        """Send a status callback beside the story itself; those of one `subject` go one after the other.

        One of a call in a visitor's hand goes by that call's clock: it is due although business time stands.
        """
        line = self._receipts.setdefault(subject.sid, deque())
        line.append(self.webhook(url, method, form))
        if len(line) == 1:
            hand = subject.process.hand if subject.process is not None else None
            self.timeline.start(lambda process: self._deliver(subject, process), at, hand)

    def seconds_of(self, url: str, subject: Call | Message, process: Process) -> Steps[float]:
        """Return how long the sound at `url` plays, fetching it the first time; 0 with a warning when it cannot be."""
        if url in self._sound_seconds:
            return self._sound_seconds[url]
        got = yield from self.ask_here(self.webhook(url, "GET", ()))
        if not got.is_ok:
            self.emit(process.at, EventKind.WARNING, subject, f"{got.failure} sound not found")
            return 0.0
        if not is_sound(got.content_type):
            self.emit(process.at, EventKind.WARNING, subject, f"{NOT_A_SOUND} not a sound")
            return 0.0
        self._sound_seconds[url] = sound_seconds(got.body, got.content_type)
        return self._sound_seconds[url]

    def _deliver(self, subject: Call | Message, process: Process) -> Steps[None]:
        line = self._receipts[subject.sid]
        while line:
            got = yield from self.ask_here(line[0])
            status = dict(line.popleft().form)
            if not got.is_ok:
                word = status.get("CallStatus") or status.get("MessageStatus", "")
                self.emit(process.at, EventKind.CALLBACK_LOST, subject, f"{word} {got.failure}".strip())
        del self._receipts[subject.sid]


def common_form(subject: Call | Message) -> Form:
    """Return the fields every webhook about `subject` carries."""
    return (
        ("AccountSid", subject.account_sid),
        ("ApiVersion", API_VERSION),
        ("From", subject.sender),
        ("To", subject.to),
    )


def _with_query(url: str, form: Form) -> str:
    if not form:
        return url
    parts = urlsplit(url)
    query = "&".join(filter(None, [parts.query, urlencode(form)]))
    return urlunsplit(parts._replace(query=query))
