"""Our TwiML is the SDK's, byte for byte."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from gateway.carriers.port import AskKey, DialNumber, HangUp, PlayClip, Record, Speak, Verb
from gateway.carriers.twilio.twiml import _NOT_XML, VOICES, TwimlRenderer


def _add(parent: Any, verb: Verb) -> None:
    match verb:
        case PlayClip(url):
            parent.play(url)
        case Speak(text, language, slowly):
            locale, voice = VOICES[language]
            parent.say(_NOT_XML.sub(" ", text), language=locale, voice=voice)
            if slowly:
                parent.pause(length=1)
        case AskKey():
            parent.append(_gather(verb))
        case Record():
            _record(parent, verb)
        case HangUp():
            parent.hangup()


def _gather(ask: AskKey) -> Gather:
    """Keys only: # and * are keys like others unless one finishes, and silence is posted, too (actionOnEmptyResult)."""
    gather = Gather(
        input="dtmf",
        num_digits=ask.digits,
        timeout=ask.seconds,
        finish_on_key=ask.finish,
        action_on_empty_result=True,
        action=ask.action_url,
        method="POST",
    )
    for prompt in ask.prompts:
        _add(gather, prompt)
    return gather


def _record(parent: Any, record: Record) -> None:
    """Twilio asks for no action after a recording in which nothing was heard, and goes on with the next verb.

    Its ends are not trimmed there: that is done here, where it is checked as well.
    """
    action = record.action_url
    parent.record(
        action=action,
        method="POST",
        timeout=record.silence,
        finish_on_key=record.finish,
        max_length=record.longest,
        play_beep=True,
        trim="do-not-trim",
    )
    parent.redirect(action, method="POST")


def _dial(dial: DialNumber, caller: str | None) -> Dial:
    """Our own number is shown: without callerId a call goes on under the number of the person in it."""
    dialled = Dial(
        action=dial.action_url,
        method="POST",
        timeout=dial.seconds,
        time_limit=dial.longest,
        caller_id=caller,
    )
    dialled.number(dial.number)
    return dialled


def as_the_sdk_writes(verbs: Sequence[Verb], caller: str | None) -> str:
    response = VoiceResponse()
    for verb in verbs:
        if isinstance(verb, DialNumber):
            response.append(_dial(verb, caller))
        else:
            _add(response, verb)
    return str(response)


letters = st.text(alphabet=st.one_of(st.sampled_from("&<>\"'\r\n\t\x00\x0b ]]>ก้💉"), st.characters()), max_size=20)
urls = st.text(alphabet="ab/?=&%;:.\"'<>#ก \t", max_size=20).map(lambda text: f"https://gw.example/{text}")
small = st.integers(0, 999)
words = st.builds(Speak, letters, st.sampled_from(sorted(VOICES)), st.booleans())
clips = st.builds(PlayClip, urls)
keys = st.sampled_from(["", "#", "*", "1#"])
asks = st.builds(AskKey, st.lists(words | clips, max_size=3).map(tuple), urls, small, small, keys)
records = st.builds(Record, urls, small, small, keys)
dials = st.builds(DialNumber, st.sampled_from(["+6654000901", "+12025550100"]), urls, small, small)
verbs = st.lists(words | clips | asks | records | dials | st.just(HangUp()), max_size=5)


@settings(max_examples=300, deadline=None)
@given(verbs, st.sampled_from([None, "+6620000000", ""]))
@example([], None)
@example([AskKey((), "https://gw.example/?a=1&b=2")], None)
@example([Speak("", "en", True)], None)
def test_it_is_what_the_sdk_writes(verbs: list[Verb], caller: str | None) -> None:
    assert TwimlRenderer(caller).render(verbs).body == as_the_sdk_writes(verbs, caller)


def test_an_empty_answer_is_what_the_sdk_writes() -> None:
    assert TwimlRenderer().empty().body == str(VoiceResponse())
