"""The life of calls and texts: states, receipts, who may do what to them."""

from __future__ import annotations

from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
from twilio.request_validator import RequestValidator

from gateway.sandbox.errors import RestError
from gateway.sandbox.fetching import FetchResponse
from gateway.sandbox.handsets import Handset

BASE = "http://127.0.0.1:8000"
NUMBER, SENDER, TOKEN = "+66812345678", "+6620000000", "sandbox-token"
ALL_EVENTS = {"StatusCallbackEvent": "initiated ringing answered completed"}


def test_a_call_reports_its_states_in_order_and_never_the_first(make_world):
    world = make_world()
    world.call(**ALL_EVENTS)
    world.network.play_until_idle()
    assert world.web.statuses() == ["initiated", "ringing", "in-progress", "completed"]
    assert [form["SequenceNumber"] for form in world.web.forms("/status")] == ["0", "1", "2", "3"]


def test_only_the_end_is_reported_unless_more_is_asked_for(make_world):
    world = make_world()
    world.call()
    world.network.play_until_idle()
    assert world.web.statuses() == ["completed"]


def test_a_receipt_bears_twilios_fields_and_time(make_world):
    world = make_world("silent")
    world.web.answers["/answer"] = FetchResponse(200, "text/xml", b"<Response><Pause length='7'/></Response>")
    world.call()
    world.network.play_until_idle()
    (form,) = world.web.forms("/status")
    assert (form["CallbackSource"], form["CallDuration"]) == ("call-progress-events", "7")
    at, _ = world.web.asked[-1]
    assert parsedate_to_datetime(form["Timestamp"]) == at.replace(microsecond=0)


@pytest.mark.parametrize(
    ("habits", "status"), [("busy", "busy"), ("never_answers", "no-answer"), ("off", "failed"), ("silent", "completed")]
)
def test_a_call_ends_as_the_handset_makes_it_end(make_world, habits, status):
    world = make_world(habits)
    sid = world.call()
    assert world.network.get_call(sid)["status"] == "queued"
    world.network.play_until_idle()
    assert world.network.get_call(sid)["status"] == status
    assert world.web.statuses() == [status]


def test_a_call_nobody_answers_rings_as_long_as_its_timeout(make_world):
    world = make_world("never_answers")
    world.call(Timeout="25")
    start = world.clock.now()
    world.network.play_until_idle()
    assert world.clock.now() - start == timedelta(seconds=27)


@pytest.mark.parametrize("status", ["canceled", "completed"])
def test_a_ringing_call_can_be_called_off_and_says_so(make_world, status):
    world = make_world("never_answers")
    sid = world.call()
    world.network.play_until(world.clock.now() + timedelta(seconds=10))
    assert world.network.live_calls == 1
    world.network.update_call(sid, {"Status": status})
    world.network.play_until_idle()
    assert world.web.statuses() == ["canceled"]
    assert world.network.live_calls == 0


def test_a_call_in_progress_is_ended_by_completed_but_not_by_canceled(make_world):
    world = make_world("silent")
    world.web.answers["/answer"] = FetchResponse(200, "text/xml", b"<Response><Pause length='300'/></Response>")
    sid = world.call()
    world.network.play_until(world.clock.now() + timedelta(seconds=60))
    world.network.update_call(sid, {"Status": "canceled"})
    world.network.run_due()
    assert world.network.get_call(sid)["status"] == "in-progress"
    world.network.update_call(sid, {"Status": "completed"})
    world.network.run_due()
    assert world.network.get_call(sid)["status"] == "completed"


def test_an_ended_call_takes_no_more_orders(make_world):
    world = make_world("busy")
    sid = world.call()
    world.network.play_until_idle()
    with pytest.raises(RestError) as refused:
        world.network.update_call(sid, {"Status": "completed"})
    assert refused.value.code == 21220


def test_every_webhook_is_signed_as_twilio_signs(make_world):
    world = make_world()
    world.web.answers["/answer"] = FetchResponse(
        200, "text/xml", b"<Response><Gather action='/turn?n=1#rc=2' numDigits='1'/></Response>"
    )
    world.call(**ALL_EVENTS)
    world.network.play_until_idle()
    validator = RequestValidator(TOKEN)
    assert len(world.web.asked) == 6
    for _, request in world.web.asked:
        url = request.url.partition("#")[0]
        assert validator.validate(url, dict(request.form), request.headers["X-Twilio-Signature"])


def test_every_webhook_has_a_token_of_its_own(make_world):
    world = make_world()
    world.call(**ALL_EVENTS)
    world.network.play_until_idle()
    tokens = [request.headers["I-Twilio-Idempotency-Token"] for _, request in world.web.asked]
    assert len(set(tokens)) == len(tokens) == 5


def test_a_text_is_sent_and_delivered_and_its_first_state_is_not_reported(make_world):
    world = make_world()
    sid = world.text()
    assert world.network.get_message(sid)["status"] == "queued"
    world.network.play_until_idle()
    assert world.web.statuses() == ["sent", "delivered"]
    assert world.network.get_message(sid)["status"] == "delivered"


def test_a_text_to_a_switched_off_handset_reports_its_error(make_world):
    world = make_world("off")
    world.text()
    world.network.play_until_idle()
    last = world.web.forms("/status")[-1]
    assert (last["MessageStatus"], last["ErrorCode"]) == ("undelivered", "30003")


def test_a_text_by_a_messaging_service_begins_as_accepted(make_world):
    world = make_world()
    sid = world.text(MessagingServiceSid="MG" + "0" * 32)
    assert world.network.get_message(sid)["status"] == "accepted"


def test_a_text_that_is_too_late_for_its_validity_is_undelivered(make_world):
    world = make_world("always_answers_1")
    world.text(ValidityPeriod="1")
    world.network.play_until_idle()
    assert world.web.forms("/status")[-1]["ErrorCode"] == "30001"


def test_a_scheduled_text_waits_and_can_be_withdrawn(make_world):
    world = make_world()
    at = (world.clock.now() + timedelta(hours=1)).isoformat()
    sid = world.text(SendAt=at, ScheduleType="fixed", MessagingServiceSid="MG" + "0" * 32)
    world.network.play_until(world.clock.now() + timedelta(minutes=30))
    assert world.network.get_message(sid)["status"] == "scheduled"
    assert world.network.update_message(sid, {"Status": "canceled"})["status"] == "canceled"
    world.network.play_until_idle()
    assert world.web.statuses() == ["canceled"]


@pytest.mark.parametrize(
    ("send_at", "service", "code"),
    [
        ("2026-06-01T02:04:00Z", "MG1", 35115),
        ("2026-07-30T02:00:00Z", "MG1", 35115),
        ("2026-06-01T05:00:00", "MG1", 35114),
        ("tomorrow", "MG1", 35114),
        ("2026-06-01T05:00:00Z", "", 35118),
    ],
)
def test_a_text_is_scheduled_only_within_twilios_bounds(make_world, send_at, service, code):
    with pytest.raises(RestError) as refused:
        make_world().text(SendAt=send_at, ScheduleType="fixed", MessagingServiceSid=service)
    assert refused.value.code == code


def test_a_text_on_its_way_cannot_be_withdrawn_but_blanked(make_world):
    world = make_world()
    sid = world.text()
    with pytest.raises(RestError) as refused:
        world.network.update_message(sid, {"Status": "canceled"})
    assert refused.value.code == 30409
    assert world.network.update_message(sid, {"Body": ""})["body"] == ""


def test_a_person_texts_back_after_a_while(make_world):
    world = make_world("replies_2", inbound_sms_url=f"{BASE}/inbound")
    world.text()
    world.network.play_until_idle()
    (form,) = world.web.forms("/inbound")
    assert (form["Body"], form["From"], form["To"]) == ("2", NUMBER, SENDER)


def test_nobody_texts_back_to_a_sender_of_letters(make_world):
    world = make_world("replies_2", inbound_sms_url=f"{BASE}/inbound")
    world.text(From="TAMNAT")
    world.network.play_until_idle()
    assert world.web.forms("/inbound") == []


def test_an_incoming_text_can_be_answered_in_the_same_breath(make_world, reply):
    world = make_world(inbound_sms_url=f"{BASE}/inbound")
    world.web.answers["/inbound"] = reply("<Message>thank you</Message>")
    world.network.text_from(NUMBER, SENDER, "1")
    world.network.play_until_idle()
    newest = world.network.list_messages(to=NUMBER)[0]
    assert (newest["body"], newest["direction"], newest["status"]) == ("thank you", "outbound-reply", "delivered")


def test_after_stop_texts_are_refused_until_start(make_world):
    world = make_world(inbound_sms_url=f"{BASE}/inbound")
    world.network.text_from(NUMBER, SENDER, "Stop")
    with pytest.raises(RestError) as refused:
        world.text()
    assert refused.value.code == 21610
    world.network.text_from(NUMBER, SENDER, "START")
    assert world.text().startswith("SM")


def test_an_incoming_call_asks_for_its_document_while_it_rings(make_world, reply):
    world = make_world(inbound_voice_url=f"{BASE}/voice", inbound_status_url=f"{BASE}/status")
    world.web.answers["/voice"] = reply("<Gather numDigits='1' action='/turn'/>")
    world.network.call_from(NUMBER, SENDER, keys=["3"])
    world.network.play_until_idle()
    assert [(form["CallStatus"], form["Direction"]) for form in world.web.forms("/voice")] == [("ringing", "inbound")]
    assert [form["Digits"] for form in world.web.forms("/turn")] == ["3"]
    assert world.web.statuses() == ["completed"]


def test_an_incoming_call_can_be_rejected_unheard(make_world, reply):
    world = make_world(inbound_voice_url=f"{BASE}/voice")
    world.web.answers["/voice"] = reply("<Reject reason='busy'/>")
    sid = world.network.call_from(NUMBER, SENDER)
    world.network.play_until_idle()
    assert world.network.get_call(sid)["status"] == "busy"
    assert "answered" not in world.kinds()


def test_a_webhook_may_create_a_call_while_it_is_being_asked(make_world):
    world = make_world()

    def answer(request):
        world.text(Body="from inside")
        return FetchResponse(200, "text/xml", b"<Response/>")

    world.web.answers["/answer"] = answer
    world.call()
    world.network.play_until_idle()
    assert world.network.list_messages()[0]["body"] == "from inside"
    assert world.network.is_idle


def test_a_receipt_that_nobody_takes_is_seen_to_be_lost(make_world):
    world = make_world("busy")
    world.web.answers["/status"] = FetchResponse(503)
    world.call()
    world.network.play_until_idle()
    assert [event.detail for event in world.events if event.kind == "callback_lost"] == ["busy 11200"]


@pytest.mark.parametrize(
    "address", ["http://example.com/x", "ftp://127.0.0.1/x", "http://127.0.0.1.example.com/", "/x"]
)
def test_no_address_but_this_machines_is_accepted(make_world, address):
    world = make_world()
    with pytest.raises(RestError) as refused:
        world.call(Url=address)
    assert refused.value.code == 21205
    with pytest.raises(ValueError, match="address of this machine"):
        make_world(inbound_sms_url=address)


def test_sids_follow_from_seed_number_and_count(make_world):
    def sids(seed, before=0):
        world = make_world(seed=seed, handset=Handset(NUMBER, contacts_so_far=before))
        return [world.call(), world.text(), world.call()]

    assert sids(1) == sids(1)
    assert set(sids(1)).isdisjoint(sids(2))
    assert sids(1, before=2)[0] == sids(1)[2]


def test_a_count_that_is_short_after_a_restart_repeats_no_sid(make_world):
    before, after = make_world(), make_world()
    after.clock.advance_to(before.clock.now() + timedelta(minutes=5))
    assert before.call() != after.call()


def test_an_answer_in_the_same_breath_is_no_contact_of_its_own(make_world, reply):
    plain, answering = make_world(), make_world(inbound_sms_url=f"{BASE}/inbound")
    answering.web.answers["/inbound"] = reply("<Message>thank you</Message>")
    answering.network.text_from(NUMBER, SENDER, "1")
    answering.network.run_due()
    assert plain.call() == answering.call()


def test_a_handset_whose_habits_change_keeps_its_count(make_world):
    world = make_world()
    first = world.call()
    world.network.add_handset(Handset(NUMBER, habits="busy"))
    second = world.call()
    world.network.play_until_idle()
    assert first != second
    assert [world.network.get_call(sid)["status"] for sid in (first, second)] == ["completed", "busy"]


def test_the_same_seed_plays_the_same_events_and_webhooks(make_world):
    def story():
        world = make_world("typical", seed=11, inbound_sms_url=f"{BASE}/inbound", inbound_voice_url=f"{BASE}/voice")
        for line in range(30):
            number = f"+6681{line:07}"
            world.call(To=number, **ALL_EVENTS)
            world.text(To=number)
        world.network.play_until_idle()
        return world.events, world.web.asked

    first, second = story(), story()
    assert first == second
    assert len(first[0]) > 100


def test_a_late_clock_does_not_stretch_a_call(make_world):
    world = make_world(seed=1)
    world.web.answers["/answer"] = FetchResponse(200, "text/xml", b"<Response><Pause length='7'/></Response>")
    sid = world.call(**ALL_EVENTS)
    world.clock.advance_to(world.clock.now() + timedelta(hours=2))
    world.network.run_due()
    assert world.web.statuses() == ["initiated", "ringing", "in-progress", "completed"]
    assert world.network.get_call(sid)["duration"] == "7"


def test_time_up_to_an_instant_leaves_the_rest_for_later(make_world):
    world = make_world("never_answers")
    world.call(Timeout="30")
    end = world.clock.now() + timedelta(seconds=10)
    world.network.play_until(end)
    assert world.clock.now() == end
    assert world.network.next_event_at() > end
    assert not world.network.is_idle
