"""TwiML as the network plays it, in virtual time."""

from __future__ import annotations

import struct
from datetime import timedelta

import pytest

from gateway.sandbox.fetching import FetchRequest, FetchResponse
from gateway.sandbox.habits import decide_call
from gateway.sandbox.handsets import Handset

ASK = '<Gather numDigits="1" timeout="5" action="/turn/1"><Play>/audio/ask.wav</Play></Gather>'
ASK_EMPTY = ASK.replace("<Gather", '<Gather actionOnEmptyResult="true"')


def wav(seconds: float) -> FetchResponse:
    data = bytes(int(8000 * seconds))
    form = struct.pack("<IHHIIHH", 16, 7, 1, 8000, 8000, 1, 8)
    head = b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + form
    return FetchResponse(200, "audio/wav", head + b"data" + struct.pack("<I", len(data)) + data)


@pytest.fixture
def play(make_world, reply):
    """Play one call with the documents given by path; returns the world afterwards."""

    def run(habits="always_answers_1", options=None, **pages):
        world = make_world(habits)
        world.web.answers["/audio/ask.wav"] = wav(4)
        for name, page in pages.items():
            path = "/" + name.replace("_", "/")
            world.web.answers[path] = page if isinstance(page, FetchResponse) or callable(page) else reply(page)
        world.sid = world.call(**(options or {}))
        world.network.play_until_idle()
        return world

    return run


def transcript(world):
    return [(what, text) for _, what, text in world.network.transcript(world.sid)]


def test_a_pressed_key_is_posted_to_the_action_with_twilios_fields(play):
    world = play(answer=ASK, turn_1="<Say>thank you</Say>")
    (form,) = world.web.forms("/turn/1")
    assert form["Digits"] == "1"
    assert form["CallSid"] == world.sid
    assert {"AccountSid", "From", "To", "CallStatus", "Direction", "ApiVersion"} <= set(form)
    assert (form["CallStatus"], form["Direction"]) == ("in-progress", "outbound-api")


def test_what_was_played_and_pressed_is_kept_in_order(play):
    world = play(answer=ASK, turn_1="<Say>thank you</Say>")
    assert transcript(world) == [
        ("played", "http://127.0.0.1:8000/audio/ask.wav"),
        ("pressed", "1"),
        ("said", "thank you"),
    ]


def test_a_sound_is_fetched_once_and_lasts_as_long_as_it_is(play):
    world = play("silent", answer="<Play loop='2'>/audio/ask.wav</Play><Play>/audio/ask.wav</Play>")
    assert len(world.web.to("/audio/ask.wav")) == 1
    assert world.network.get_call(world.sid)["duration"] == "12"


def test_silence_falls_through_to_the_next_verb(play):
    world = play("silent", answer=ASK + "<Redirect>/again</Redirect>")
    assert world.web.forms("/turn/1") == []
    assert len(world.web.forms("/again")) == 1


def test_silence_is_posted_as_empty_digits_when_asked_for(play):
    world = play("silent", answer=ASK_EMPTY)
    assert [form["Digits"] for form in world.web.forms("/turn/1")] == [""]


def test_silence_lasts_the_prompt_and_the_timeout(play):
    world = play("silent", answer=ASK_EMPTY)
    at = {request.url.rpartition("8000")[2]: when for when, request in world.web.asked}
    assert at["/turn/1"] - at["/answer"] == timedelta(seconds=9)


def test_missing_the_first_prompt_answers_the_second(play):
    world = play("misses_first", answer=ASK_EMPTY, turn_1=ASK.replace("/turn/1", "/turn/2"))
    assert [form["Digits"] for form in world.web.forms("/turn/1")] == [""]
    assert [form["Digits"] for form in world.web.forms("/turn/2")] == ["1"]


def test_somebody_who_knows_the_menu_presses_in_the_middle_of_it(make_world, reply):
    eager = next(
        handset
        for handset in (Handset(f"+6681{n:07}") for n in range(1000))
        if decide_call(7, handset, 1).press(0).early and decide_call(7, handset, 1).manner == "presses"
    )
    world = make_world(handset=eager)
    world.web.answers["/answer"] = reply(ASK)
    world.web.answers["/audio/ask.wav"] = wav(10)
    world.call(To=eager.number)
    world.network.play_until_idle()
    at = {request.url.rpartition("8000")[2]: when for when, request in world.web.asked}
    assert at["/turn/1"] - at["/answer"] == timedelta(seconds=6)


def test_a_gather_without_action_posts_to_the_current_address(play, reply):
    def answer(request: FetchRequest) -> FetchResponse:
        return reply("<Hangup/>") if "Digits" in dict(request.form) else reply("<Gather numDigits='1'/>")

    assert [form.get("Digits") for form in play(answer=answer).web.forms("/answer")] == [None, "1"]


def test_relative_addresses_are_read_against_the_document_they_stand_in(play):
    world = play(answer="<Redirect>deep/one</Redirect>", deep_one="<Redirect>two?x=1</Redirect>")
    assert [request.url for request in world.web.to("/deep/two")] == ["http://127.0.0.1:8000/deep/two?x=1"]


def test_a_get_carries_its_fields_in_the_address(play):
    world = play(answer="<Redirect method='GET'>/next?x=1</Redirect>")
    (request,) = world.web.to("/next")
    assert (request.method, request.form) == ("GET", ())
    assert f"x=1&CallSid={world.sid}" in request.url


def test_a_voicemail_presses_nothing_and_the_call_completes(play):
    world = play("voicemail", answer=ASK + ASK + ASK + ASK)
    assert world.web.forms("/turn/1") == []
    assert world.network.get_call(world.sid)["status"] == "completed"


def test_somebody_who_hangs_up_early_ends_the_call_in_the_middle_of_a_prompt(play):
    world = play("hangs_up", answer="<Pause length='60'/><Redirect>/never</Redirect>")
    assert world.web.forms("/never") == []
    assert [event.detail for event in world.events if event.kind == "hung_up"] == ["handset"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (FetchResponse(500), "11200"),
        (FetchResponse(0, error=11205), "11205"),
        (FetchResponse(200, "application/json", b"{}"), "12300"),
        (FetchResponse(200, "text/xml", b"<Response><Say>"), "12100"),
        (FetchResponse(200, "text/xml", b"<Other/>"), "12200"),
        (FetchResponse(200, "text/xml", b"<!DOCTYPE x><Response/>"), "12100"),
        (FetchResponse(200, "text/xml", b"<Response>" + b" " * 70_000 + b"</Response>"), "11750"),
    ],
)
def test_a_document_that_fails_is_replaced_by_the_fallback_which_is_told_why(play, answer, code):
    world = play(answer=answer, options={"FallbackUrl": "http://127.0.0.1:8000/fallback"})
    (form,) = world.web.forms("/fallback")
    assert (form["ErrorCode"], form["ErrorUrl"]) == (code, "http://127.0.0.1:8000/answer")


def test_without_a_fallback_the_caller_hears_an_apology_and_the_call_completes(play):
    world = play(answer=FetchResponse(500))
    assert ("said", "We are sorry, an application error has occurred. Goodbye.") in transcript(world)
    assert world.network.get_call(world.sid)["status"] == "completed"


def test_a_failing_fallback_is_not_asked_again(play):
    world = play(
        answer=FetchResponse(500),
        fallback=FetchResponse(500),
        options={"FallbackUrl": "http://127.0.0.1:8000/fallback"},
    )
    assert len(world.web.to("/fallback")) == 1


def test_a_webhook_that_blows_up_is_a_failed_document(play):
    def explode(request: FetchRequest) -> FetchResponse:
        raise RuntimeError("boom")

    assert ("said", "We are sorry, an application error has occurred. Goodbye.") in transcript(play(answer=explode))


def test_a_document_elsewhere_is_never_asked_for(play):
    world = play(answer="<Redirect>http://example.com/x</Redirect>")
    assert all(request.url.startswith("http://127.0.0.1:8000/") for _, request in world.web.asked)
    assert "warning" in world.kinds()


def test_a_circle_of_redirects_ends(play):
    world = play(answer="<Redirect>/answer</Redirect>")
    assert len(world.web.to("/answer")) == 50
    assert world.network.get_call(world.sid)["status"] == "completed"


def test_the_time_limit_ends_the_call(play):
    world = play("silent", answer="<Pause length='600'/>", options={"TimeLimit": "30"})
    assert world.network.get_call(world.sid)["duration"] == "30"
    assert [event.detail for event in world.events if event.kind == "hung_up"] == ["time_limit"]


def test_a_recording_is_posted_with_its_length(play):
    world = play(answer="<Record action='/recorded' maxLength='20'/>")
    (form,) = world.web.forms("/recorded")
    assert form["RecordingSid"].startswith("RE")
    assert 1 <= int(form["RecordingDuration"]) <= 20


def test_a_dialled_number_reports_how_it_went(play):
    world = play(
        answer="<Dial action='/dialled' timeLimit='900' callerId='+6620000000'><Number>+66898765432</Number></Dial>"
    )
    (form,) = world.web.forms("/dialled")
    assert form["DialCallStatus"] in {"completed", "busy", "no-answer", "failed"}
    leg = [kind for kind in world.kinds() if kind in ("dialled", "connected", "untaken")]
    assert leg == ["dialled", "connected" if form["DialCallStatus"] == "completed" else "untaken"]


@pytest.mark.parametrize("verb", ["<Enqueue/>", "<Say loop='x'>a</Say>", "<Reject/>"])
def test_a_verb_that_has_no_place_is_warned_of_and_passed_over(play, verb):
    world = play(answer=f"{verb}<Redirect>/next</Redirect>")
    assert len(world.web.to("/next")) == 1
    assert "warning" in world.kinds()


@pytest.mark.parametrize("sound", [FetchResponse(404), FetchResponse(200, "text/html", b"<p>")])
def test_a_missing_sound_is_warned_of_and_the_call_goes_on(play, sound):
    world = play(answer="<Play>/gone.wav</Play><Redirect>/next</Redirect>", **{"gone.wav": sound})
    assert len(world.web.to("/next")) == 1
    assert "warning" in world.kinds()


def test_burmese_cannot_be_said(play):
    world = play(answer="<Say language='my-MM'>mingalaba</Say>")
    assert any(event.kind == "warning" and event.detail.startswith("13512") for event in world.events)


def test_inline_twiml_needs_no_address(make_world):
    world = make_world()
    world.call(Url="", Twiml="<Response><Say>hello</Say></Response>")
    world.network.play_until_idle()
    assert world.web.to("/answer") == []
    assert "said" in world.kinds()


def test_a_live_call_can_be_sent_elsewhere(make_world, reply):
    world = make_world("silent")
    world.web.answers["/answer"] = reply("<Pause length='100'/>")
    sid = world.call()
    world.network.play_until(world.clock.now() + timedelta(seconds=40))
    world.network.update_call(sid, {"Url": "http://127.0.0.1:8000/elsewhere"})
    world.network.play_until_idle()
    assert len(world.web.to("/elsewhere")) == 1


def test_a_person_at_the_handset_answers_and_presses_by_hand(make_world, reply):
    world = make_world("by_hand")
    world.web.answers["/answer"] = reply("<Gather timeout='5' action='/turn'/>")
    sid = world.call()
    world.network.play_until(world.clock.now() + timedelta(seconds=10))
    world.network.pick_up(sid)
    world.network.run_due()
    world.network.press(sid, "1")
    world.network.run_due()
    world.network.press(sid, "2")
    world.network.press(sid, "#")
    world.network.run_due()
    world.network.play_until_idle()
    assert [form["Digits"] for form in world.web.forms("/turn")] == ["12"]
