"""The handsets' side of the network: people text, call, pick up, press and hang up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager
from datetime import datetime

from gateway.kit.clock import Clock
from gateway.sandbox.addresses import require_loopback
from gateway.sandbox.calling import InboundCall
from gateway.sandbox.chance import digest
from gateway.sandbox.errors import not_found
from gateway.sandbox.events import Listener, NetworkEvent
from gateway.sandbox.exchange import Account, Exchange
from gateway.sandbox.fetching import Fetch
from gateway.sandbox.habits import CallBehaviour, Press, decide_caller, decide_text
from gateway.sandbox.hands import Hands, HeldCall
from gateway.sandbox.handsets import Handset
from gateway.sandbox.listening import HungUp, PickedUp, Pressed, Spoke, Taken
from gateway.sandbox.profiles import Manner
from gateway.sandbox.resources import Call, CallOptions, Message, MessageStatus
from gateway.sandbox.screens import Screens
from gateway.sandbox.texting import InboundText, OutboundText
from gateway.sandbox.timeline import HandClock, Signal, Timeline

# Twilio's own default keywords, which it acts on by itself.
STOP_WORDS = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit"})
START_WORDS = frozenset({"start", "unstop"})


def unwatched(event: NetworkEvent) -> None:
    """Nobody watches."""


class Subscribers:
    """Every call and text there is, and what handsets do with them."""

    def __init__(
        self,
        clock: Clock,
        fetch: Fetch,
        seed: int | str,
        handsets: Iterable[Handset],
        account_sid: str,
        auth_token: str,
        *,
        inbound_sms_url: str = "",
        inbound_voice_url: str = "",
        inbound_status_url: str = "",
        on_event: Listener = unwatched,
    ) -> None:
        for url in (inbound_sms_url, inbound_voice_url, inbound_status_url):
            if url:
                require_loopback(url, "an inbound webhook")
        account = Account(account_sid, auth_token, inbound_sms_url, inbound_voice_url, inbound_status_url)
        self.account = account
        self._clock = clock
        self._timeline = Timeline(clock, fetch)
        self._lock = self._timeline.lock
        self._on_event = on_event
        self.hands = Hands(self._timeline, clock)
        self.screens = Screens()
        self._exchange = Exchange(account, seed, handsets, self._timeline, self.hands, self._heard)
        self._calls: dict[str, Call] = {}
        self._messages: dict[str, Message] = {}
        self._came_in: Counter[str] = Counter()
        self._opted_out: set[tuple[str, str]] = set()

    def text_from(self, number: str, to: str, body: str) -> str:
        """Let the handset `number` text `to`; returns the sid. STOP and START work as Twilio's keywords."""
        with self._lock:
            now = self._clock.now()
            message = Message(
                sid=self._uncounted_sid("SM", number),
                account_sid=self.account.sid,
                to=to,
                sender=number,
                handset=number,
                body=body,
                direction="inbound",
                created=now,
                status=MessageStatus.RECEIVED,
            )
            self._messages[message.sid] = message
            story = InboundText(self._exchange, message, self._obey_keyword(message), self._send_reply)
            message.process = self._timeline.start(story.run, now)
            return message.sid

    def call_from(
        self,
        number: str,
        to: str,
        keys: Iterable[str] | None = None,
        visitor: str = "",
        speaks: Iterable[float] | None = None,
    ) -> str:
        """Let the handset `number` call `to`; returns the sid.

        `keys` are pressed one entry a question ("" is silence); None leaves them to its habits, and a `visitor` has
        them in hand. `speaks` are the seconds spoken each time it is recorded (0 is silence), with # after them.
        """
        account = self.account
        if not account.inbound_voice_url:
            raise ValueError("this network has no address for incoming calls")
        with self._lock:
            handset = self._exchange.handset(number)
            nth = self._exchange.contacts(number).all + self._came_in[number]
            call = Call(
                sid=self._uncounted_sid("CA", number),
                account_sid=account.sid,
                to=to,
                sender=number,
                handset=number,
                direction="inbound",
                created=self._clock.now(),
                options=CallOptions(url=account.inbound_voice_url, status_callback=account.inbound_status_url),
            )
            behaviour = decide_caller(self._exchange.seed, handset, nth)
            if keys is not None:
                said = None if speaks is None else tuple(speaks)
                behaviour = CallBehaviour(Manner.PRESSES, presses=tuple(Press(key, 1.0) for key in keys), speaks=said)
            if visitor:
                behaviour = CallBehaviour(Manner.BY_HAND)
            hand = HandClock(call.created, self.hands.monotonic) if visitor else None
            self._calls[call.sid] = call
            story = InboundCall(self._exchange, call, behaviour)
            call.process = self._timeline.start(story.run, call.created, hand)
            if visitor:
                self.hands.keep(call, call.process, visitor)
            return call.sid

    def pick_up(self, sid: str) -> None:
        """A person answers the ringing call `sid`."""
        self._to_call(sid, PickedUp())

    def press(self, sid: str, keys: str) -> None:
        """A person presses `keys` in the call `sid`."""
        self._to_call(sid, Pressed(keys))

    def speak(self, sid: str, seconds: float) -> None:
        """A person says something in the call `sid`, `seconds` long; unless it is recorded just now, nobody hears."""
        self._to_call(sid, Spoke(seconds))

    def let_staff(self, sid: str, picks_up: bool) -> None:
        """Say whether the second leg of the call `sid`, which rings just now, is picked up."""
        self._to_call(sid, Taken(picks_up))

    def hang_up(self, sid: str) -> None:
        """A person hangs up the call `sid`, or declines it while it rings."""
        self._to_call(sid, HungUp("handset"))

    @property
    def lock(self) -> AbstractContextManager[bool]:
        """Guards everything on the network: take it to see and do two things as one."""
        return self._lock

    @property
    def clock(self) -> Clock:
        """Business time."""
        return self._clock

    @property
    def numbers(self) -> Collection[str]:
        """The number of every handset."""
        return self._exchange.numbers

    def handset(self, number: str) -> Handset:
        """The handset of `number`."""
        return self._exchange.handset(number)

    def mind_the_visitors(self) -> None:
        """Hang up for visitors whose page is gone; costs nothing where there is none."""
        self.hands.mind(self._pass_on, HungUp("handset"))

    def let_all_go(self) -> None:
        """Hang up for every visitor: the network is about to stop."""
        self.hands.let_all_go(self._pass_on, HungUp("handset"))

    def _pass_on(self, held: HeldCall, signal: Signal) -> None:
        self._signal(held.call, signal)

    def _heard(self, event: NetworkEvent) -> None:
        """Put what happened on the handset's screen, then tell whoever watches."""
        subject = self._calls.get(event.sid) or self._messages.get(event.sid)
        if subject is not None:
            self.screens.show(event.number, subject)
        self._on_event(event)

    def add_handset(self, handset: Handset) -> None:
        """Connect one more handset, or change the habits of a known one."""
        with self._lock:
            self._exchange.add(handset)

    def opt_out(self, number: str, sender: str) -> None:
        """Let texts from `sender` to `number` be refused with 21610 from now on."""
        with self._lock:
            self._opted_out.add((number, sender))

    def transcript(self, sid: str) -> list[tuple[datetime, str, str]]:
        """Return what was played, said and pressed in the call `sid`: (at, what, text)."""
        with self._lock:
            return [(heard.at, heard.what, heard.text) for heard in self._call(sid).transcript]

    def _send(self, message: Message) -> Message:
        handset = self._exchange.handset(message.to)
        contacts = self._exchange.contacts(message.to)
        behaviour = decide_text(self._exchange.seed, handset, contacts.all)
        self._messages[message.sid] = message
        story = OutboundText(self._exchange, message, behaviour, self.text_from)
        message.process = self._timeline.start(story.run, message.created)
        return message

    def _send_reply(self, to: str, sender: str, body: str) -> None:
        with self._lock:
            sid = self._uncounted_sid("SM", to)
            now = self._clock.now()
            self._send(Message(sid, self.account.sid, to, sender, to, body, "outbound-reply", now))

    def _obey_keyword(self, message: Message) -> str:
        word = message.body.strip().lower()
        pair = (message.sender, message.to)
        if word in STOP_WORDS:
            self._opted_out.add(pair)
            return "STOP"
        if word in START_WORDS:
            self._opted_out.discard(pair)
            return "START"
        return ""

    def _next_sid(self, kind: str, number: str, *, is_call: bool) -> str:
        """Count one more contact with `number` and name it.

        The instant is in it: a contact whose answer was lost is not in the count the next process begins with, and
        two resources of one sid would look like one to their owner.
        """
        nth = self._exchange.count_contact(number, is_call=is_call).all
        return kind + self._sid_digits("sid", kind, number, nth)

    def _uncounted_sid(self, kind: str, number: str) -> str:
        """Name what is no contact of ours with a handset: what it begins itself, and the answer in the same breath."""
        self._came_in[number] += 1
        return kind + self._sid_digits("uncounted", kind, number, self._came_in[number])

    def _sid_digits(self, *about: object) -> str:
        return digest(*about, self._exchange.seed, self._clock.now().isoformat())[:32]

    def _to_call(self, sid: str, signal: Signal) -> None:
        with self._lock:
            self._signal(self._call(sid), signal)

    def _signal(self, call: Call, signal: Signal) -> None:
        if call.process is not None and call.is_live:
            self._timeline.signal(call.process, signal)

    def _call(self, sid: str) -> Call:
        if sid not in self._calls:
            raise not_found()
        return self._calls[sid]

    def _message(self, sid: str) -> Message:
        if sid not in self._messages:
            raise not_found()
        return self._messages[sid]
