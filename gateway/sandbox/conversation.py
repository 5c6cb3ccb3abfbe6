"""A call once it is answered: documents are fetched, their verbs are done, until somebody hangs up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urljoin

from gateway.sandbox.chance import between
from gateway.sandbox.events import EventKind
from gateway.sandbox.exchange import Exchange, common_form
from gateway.sandbox.fetching import HTTP_FAILURE
from gateway.sandbox.habits import CallBehaviour, decide_call
from gateway.sandbox.listening import CallOver, Ear, Redirected, SentTo, Utterance, gathered
from gateway.sandbox.profiles import Manner
from gateway.sandbox.resources import Announced, Call, Heard, Programme
from gateway.sandbox.signing import Form
from gateway.sandbox.sounds import speech_seconds
from gateway.sandbox.timeline import Process, Steps
from gateway.sandbox.twiml import (
    BadDocument,
    Dial,
    Gather,
    Hangup,
    Pause,
    Play,
    Prompt,
    Record,
    Redirect,
    Say,
    Unknown,
    Verb,
    read_document,
)

MAX_DOCUMENTS = 50  # in a row, without anybody hearing or saying anything meanwhile
BEEP = 1.0  # seconds of tone before a recording
APPLICATION_ERROR = "We are sorry, an application error has occurred. Goodbye."
# What Twilio cannot speak (facts/twilio.md §3): it says nothing and warns.
UNSPOKEN = ("bn-BD", "my-MM", "km-KH", "lo-LA", "ne-NP")
UNSPOKEN_WARNING = 13512
# What a visitor's page may be late with a prompt and with a key, in seconds: on a telephone there is no such delay.
GRACE = 2.0
RINGS_IN_HAND = 12.0  # seconds in which a visitor who holds the handset may choose whether the second leg is taken
TALKS_IN_HAND = 5.0  # seconds it then talks: nobody speaks on it, and a minute of silence is long


@dataclass(frozen=True)
class Page:
    """The document to go on with: an address to ask with `form`, or the document itself in `twiml`."""

    url: str
    method: str = "POST"
    form: Form = ()
    twiml: str = ""
    is_fallback: bool = False


@dataclass(frozen=True)
class Cue:
    """A prompt ready to be heard."""

    what: EventKind
    text: str
    seconds: float


class Conversation:
    """One answered call."""

    def __init__(self, exchange: Exchange, call: Call, behaviour: CallBehaviour, process: Process) -> None:
        self._exchange = exchange
        self._call = call
        self._behaviour = behaviour
        self._process = process
        self._ear = Ear(process, behaviour, call.options.time_limit)
        self._url = call.options.url
        self._recordings = 0

    def run(self, opening: Sequence[Verb] | BadDocument | None = None) -> Steps[str]:
        """Play it to its end and return who ended it; `opening` is a first document that was asked for already."""
        page = first_page(self._call)
        at_once = 0
        while at_once < MAX_DOCUMENTS:
            before = self._process.at
            try:
                verbs = yield from self._document(page, opening)
                following = yield from self._perform(verbs)
            except CallOver as over:
                return over.by
            except Redirected as redirected:
                following = self._page_of(redirected.to)
            if following is None:
                return "document"
            page, opening = following, None
            at_once = at_once + 1 if self._process.at == before else 0
        self._warn(HTTP_FAILURE, f"more than {MAX_DOCUMENTS} documents")
        return "document"

    def _document(self, page: Page, known: Sequence[Verb] | BadDocument | None = None) -> Steps[Sequence[Verb]]:
        """Fetch and read `page`; when that fails the fallback page is tried once, then the apology is said."""
        verbs = known
        try:
            if verbs is None:
                verbs = yield from read_page(self._exchange, self._call, page)
            if isinstance(verbs, BadDocument):
                raise verbs
        except BadDocument as bad:
            self._warn(bad.code, str(bad))
            return (yield from self._instead_of(page, bad.code))
        if page.url:
            self._url = page.url
        return verbs

    def _instead_of(self, page: Page, code: int) -> Steps[Sequence[Verb]]:
        options = self._call.options
        if not options.fallback_url or page.is_fallback:
            return (Say(APPLICATION_ERROR, "en-US"), Hangup())
        blame = (("ErrorCode", str(code)), ("ErrorUrl", page.url))
        return (yield from self._document(Page(options.fallback_url, options.fallback_method, blame, is_fallback=True)))

    def _perform(self, verbs: Sequence[Verb]) -> Steps[Page | None]:
        for verb in _in_runs(verbs):
            page: Page | None = None
            match verb:
                case tuple():
                    yield from self._prompts(verb)
                case Hangup():
                    return None
                case Redirect(url=url, method=method):
                    return self._page(url, method)
                case Gather():
                    page = yield from self._gather(verb)
                case Record():
                    page = yield from self._record(verb)
                case Dial():
                    page = yield from self._dial(verb)
                case _:
                    self._skip(verb)
            if page is not None:
                return page
        return None

    def _prompts(self, verbs: Sequence[Prompt]) -> Steps[None]:
        for cue in (yield from self._cues(verbs)):
            self._note(cue.what, cue.text)
            yield from self._ear.listen(cue.seconds)

    def _cues(self, verbs: Sequence[Prompt]) -> Steps[list[Cue]]:
        """Get prompts ready and announce them, so that a page can play them one after another without a gap."""
        cues = []
        for verb in verbs:
            cues.append((yield from self._cue(verb)))  # noqa: PERF401 - no comprehension can yield
        before = self._call.programme
        ahead = tuple(Announced(cue.what.value, cue.text, cue.seconds) for cue in cues)
        self._call.programme = Programme(before.number + 1 if before else 1, self._process.at, ahead)
        return cues

    def _cue(self, verb: Prompt) -> Steps[Cue]:
        match verb:
            case Pause(seconds=seconds):
                return Cue(EventKind.PLAYED, "", seconds)
            case Say(text=text, loop=loop):
                if verb.language in UNSPOKEN:
                    self._warn(UNSPOKEN_WARNING, f"Say has no voice for {verb.language}")
                    return Cue(EventKind.SAID, "", 0.0)
                return Cue(EventKind.SAID, text, loop * speech_seconds(text))
            case Play(digits=digits) if digits:
                return Cue(EventKind.PLAYED, digits, 0.5 * len(digits))
        url = urljoin(self._url, verb.url)
        seconds = yield from self._exchange.seconds_of(url, self._call, self._process)
        return Cue(EventKind.PLAYED, url, verb.loop * seconds)

    def _gather(self, verb: Gather) -> Steps[Page | None]:
        typed = yield from self._first_key(verb)
        digits, is_finished = gathered(typed, verb)
        while typed and not is_finished:
            more = yield from self._ear.key_within(verb.timeout + self._grace)
            if not more:
                break
            typed += more
            digits, is_finished = gathered(typed, verb)
        if typed and self._call.programme is not None:
            self._call.programme.is_cut = True
        self._note(EventKind.PRESSED if typed else EventKind.SILENT, typed)
        if not digits and not verb.action_on_empty:
            return None
        return self._page(verb.action or self._url, verb.method, (("Digits", digits), ("msg", "Gather End")))

    def _first_key(self, verb: Gather) -> Steps[str]:
        """Play the prompts until a key cuts them short, then wait as long as the verb says."""
        cues = yield from self._cues(verb.prompts)
        if self._call.programme is not None:
            self._call.programme.takes_many = verb.num_digits != 1
        self._ear.hear_question(sum(cue.seconds for cue in cues))
        for cue in cues:
            self._note(cue.what, cue.text)
            typed = yield from self._ear.key_within(cue.seconds)
            if typed:
                return typed
        return (yield from self._ear.key_within(verb.timeout + self._grace))

    def _record(self, verb: Record) -> Steps[Page | None]:
        """A person says a few words, a machine fills the whole length; a recording of nothing is none.

        Whoever hangs up meanwhile is recorded up to there, and the action is told so; nobody hears its answer.
        """
        self._recordings += 1
        said, action = Utterance(), verb.action or self._url
        yield from self._ear.listen(BEEP if verb.beeps else 0.0)
        self._call.is_recorded = True
        self._note(EventKind.TONE, "")
        try:
            yield from self._ear.speak(said, verb, self._words(verb), self._grace)
        except CallOver:
            if said.seconds:
                page = self._page(action, verb.method, self._recorded(said, "hangup"))
                with suppress(BadDocument):
                    yield from read_page(self._exchange, self._call, page)
            raise
        finally:
            self._call.is_recorded = False
        if not said.seconds:
            return None
        return self._page(action, verb.method, self._recorded(said, said.key or self._finish(verb)))

    def _words(self, verb: Record) -> float | None:
        """How long who holds the handset speaks now, in seconds; None: as they please."""
        behaviour, seed = self._behaviour, self._exchange.seed
        if behaviour.speaks is not None:
            return behaviour.speaks[self._recordings - 1] if self._recordings <= len(behaviour.speaks) else 0.0
        match behaviour.manner:
            case Manner.BY_HAND:
                return None
            case Manner.VOICEMAIL:
                return verb.max_length
        return between(2.0, 9.0, "record", seed, self._call.sid, self._recordings)

    def _finish(self, verb: Record) -> str:
        """Who was told what to say was told how to end it, too."""
        return "#" if self._behaviour.speaks is not None and "#" in verb.finish_on_key else ""

    def _recorded(self, said: Utterance, ended_by: str) -> Form:
        recording = self._exchange.keep_recording(self._call, self._recordings, self._process.at, said.seconds)
        self._note(EventKind.RECORDED, f"{said.seconds:.0f}")
        return (
            ("RecordingUrl", f"http://127.0.0.1/sandbox{recording.path}"),
            ("RecordingSid", recording.sid),
            ("RecordingDuration", str(recording.duration)),
            ("Digits", ended_by),
        )

    def _dial(self, verb: Dial) -> Steps[Page | None]:
        """The second leg in short: the other handset answers as its habits say, talks a little and hangs up."""
        exchange = self._exchange
        other = exchange.handset(verb.number)
        # No contact of the account's own: counted here, it would be missing from the next process's count.
        behaviour = decide_call(f"{exchange.seed} {self._call.sid}", other, exchange.contacts(verb.number).calls + 1)
        self._note(EventKind.DIALLED, other.label)
        chosen = yield from self._choice(min(behaviour.ring, verb.timeout))
        status, talked = "no-answer", 0.0
        if chosen is None and behaviour.manner in (Manner.BUSY, Manner.OFF):
            status = "busy" if behaviour.manner is Manner.BUSY else "failed"
        elif chosen or (chosen is None and behaviour.answers and behaviour.ring <= verb.timeout):
            status, talked = "completed", between(20.0, 60.0, "talk", exchange.seed, self._call.sid)
        self._note(EventKind.CONNECTED if talked else EventKind.UNTAKEN, "")
        if talked:
            yield from self._ear.listen(min(talked, TALKS_IN_HAND) if self._process.hand is not None else talked)
            self._note(EventKind.LEFT, "")
        if verb.action is None:
            return None
        form = (("DialCallStatus", status), ("DialCallDuration", f"{talked:.0f}"))
        return self._page(verb.action, verb.method, form)

    def _choice(self, rings: float) -> Steps[bool | None]:
        """Let the second leg ring `rings` seconds; whoever holds the handset may say whether it is taken.

        None: nobody did, and it is taken or not by its habits.
        """
        if self._process.hand is None:
            yield from self._ear.listen(rings)
            return None
        self._call.is_dialling = True
        try:
            return (yield from self._ear.told_within(RINGS_IN_HAND))
        finally:
            self._call.is_dialling = False

    @property
    def _grace(self) -> float:
        return GRACE if self._process.hand is not None else 0.0

    def _skip(self, verb: Verb) -> None:
        what = verb.what if isinstance(verb, Unknown) else type(verb).__name__
        self._warn(12200, f"{what} is passed over")

    def _page(self, url: str, method: str, form: Form = ()) -> Page:
        return Page(urljoin(self._url, url), method, form)

    def _page_of(self, to: SentTo) -> Page:
        return Page(to.url or self._url, to.method, twiml=to.twiml)

    def _note(self, what: EventKind, text: str) -> None:
        self._call.transcript.append(Heard(self._process.at, what.value, text))
        self._exchange.emit(self._process.at, what, self._call, text)

    def _warn(self, code: int, why: str) -> None:
        self._exchange.emit(self._process.at, EventKind.WARNING, self._call, f"{code} {why}")


def _in_runs(verbs: Sequence[Verb]) -> Iterator[Verb | tuple[Prompt, ...]]:
    """Give the verbs in order, with prompts that follow one another in one piece."""
    for are_prompts, some in groupby(verbs, lambda verb: isinstance(verb, Prompt)):
        if are_prompts:
            yield tuple(verb for verb in some if isinstance(verb, Prompt))
        else:
            yield from some


def first_page(call: Call) -> Page:
    """Return where the call begins."""
    return Page(call.options.url, call.options.method, twiml=call.options.twiml)


def read_page(exchange: Exchange, call: Call, page: Page) -> Steps[Sequence[Verb]]:
    """Fetch `page` as Twilio asks for a call's document, and read it; raises BadDocument."""
    if page.twiml:
        return read_document(page.twiml.encode())
    form = voice_form(call) + page.form
    got = yield from exchange.ask_here(exchange.webhook(page.url, page.method, form))
    if not got.is_ok:
        raise BadDocument(got.failure, f"the document could not be fetched ({got.status})")
    return read_document(got.body, got.content_type)


def voice_form(call: Call) -> Form:
    """Return the fields of every request about a call."""
    return (
        ("CallSid", call.sid),
        *common_form(call),
        ("Called", call.to),
        ("Caller", call.sender),
        ("CallStatus", call.status.value),
        ("Direction", call.direction),
    )
