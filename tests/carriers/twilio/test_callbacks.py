"""Twilio's webhooks: whose they are and what they say."""

from __future__ import annotations

import hashlib
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from gateway.carriers.port import CallbackRequest, CarrierStatus, Fault, InboundSms
from gateway.carriers.twilio.callbacks import TwilioCallbacks
from tests.carriers.contract import TO

READER = TwilioCallbacks("12345")
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = (
    ("CallSid", "CA1234567890ABCDE"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
    ("Caller", "+14158675309"),
)
DUPLICATES = (("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234"))
JSON = b'{"property": "value", "boolean": true}'
JSON_URL = f"{URL}&bodySHA256={hashlib.sha256(JSON).hexdigest()}"
SIGNED = "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def post(
    form: tuple[tuple[str, str], ...] = FORM, signature: str | None = SIGNED, url: str = URL, body: bytes = b""
) -> CallbackRequest:
    return CallbackRequest("POST", url, {"X-Twilio-Signature": signature} if signature is not None else {}, form, body)


def said(**fields: str) -> CallbackRequest:
    return post(tuple(fields.items()), None)


@pytest.mark.parametrize(
    ("url", "form", "signature"),
    [
        (URL, FORM, SIGNED),
        (URL, FORM, "kvajT1Ptam85bY51eRf/AJRuM3w="),
        (URL.replace(".com", ".com:443"), FORM, SIGNED),
        (URL.replace("https", "http"), FORM, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        (URL.replace("https://mycompany.com", "http://mycompany.com:80"), FORM, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        (URL.replace("https://mycompany.com", "http://mycompany.com:1234"), FORM, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        (URL, DUPLICATES, "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
        (URL, tuple(reversed(DUPLICATES)), "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
    ],
)
def test_twilios_own_vectors_are_genuine(url: str, form: tuple[tuple[str, str], ...], signature: str) -> None:
    assert READER.verify(post(form, signature, url))


@pytest.mark.parametrize(
    "request_",
    [
        post(signature=None),
        post(signature=""),
        post(signature="x"),
        post(signature="ลายเซ็น"),
        post(signature=SIGNED.swapcase()),
        post(form=FORM[:-1]),
        post(form=(*FORM, ("Extra", "1"))),
        post(form=(*FORM[:1], ("Digits", "1"), *FORM[2:])),
        post(url=URL.replace("foo=1", "foo=2")),
        post(url=URL.replace("https", "http")),
        post(url=URL.replace(".com", ".com:99999")),
        post(url=URL.replace(".com", ".com:port")),
        post(url="http://[::1"),
        post(url=""),
        post(form=(("\ud800", "\udfff"),)),
        CallbackRequest("GET", URL, {"X-Twilio-Signature": SIGNED}, FORM),
    ],
)
def test_anything_else_is_not_genuine_and_does_not_raise(request_: CallbackRequest) -> None:
    assert not READER.verify(request_)


def test_the_header_is_found_in_any_case() -> None:
    assert READER.verify(CallbackRequest("POST", URL, {"x-twilio-signature": SIGNED}, FORM))


def test_blank_values_and_padding_are_part_of_what_is_signed() -> None:
    form = (("Digits", ""), ("Body", "  1 "), ("CallSid", "CA1"))
    signature = RequestValidator("12345").compute_signature(URL, dict(form))

    assert READER.verify(post(form, signature))
    assert not READER.verify(post((("Body", "1"), ("CallSid", "CA1")), signature))


def test_the_previous_token_is_accepted_while_tokens_are_rotated() -> None:
    assert TwilioCallbacks("new", "12345").verify(post())
    assert not TwilioCallbacks("new").verify(post())


@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_token_signs_nothing(empty: str) -> None:
    """Whoever knows that a token is empty could otherwise sign for it."""
    signature = RequestValidator(empty).compute_signature(URL, dict(FORM))

    assert not TwilioCallbacks("12345", empty).verify(post(signature=signature))


def test_a_json_body_is_covered_by_its_hash() -> None:
    assert READER.verify(post((), "a9nBmqA0ju/hNViExpshrM61xv4=", JSON_URL, JSON))


@pytest.mark.parametrize("body", [JSON + b" ", b"\xff\xfe", b"{}"])
def test_another_body_under_the_same_hash_is_not_genuine(body: bytes) -> None:
    assert not READER.verify(post((), "a9nBmqA0ju/hNViExpshrM61xv4=", JSON_URL, body))


def test_a_body_the_signature_does_not_speak_of_is_not_genuine() -> None:
    signature = RequestValidator("12345").compute_signature(URL, {})

    assert READER.verify(post((), signature))
    assert not READER.verify(post((), signature, body=JSON))


def test_a_get_is_signed_by_its_url_and_read_from_its_query() -> None:
    url = f"{URL}&CallSid=CA1&Digits="
    signature = RequestValidator("12345").compute_signature(url, {})
    request = CallbackRequest("GET", url, {"X-Twilio-Signature": signature}, (("Digits", "1"), ("CallSid", "CA2")))

    assert READER.verify(request)
    event = READER.call_event(request)
    assert event is not None
    assert (event.carrier_id, event.digits) == ("CA1", "")


names = st.text("abcAB[]1 ", min_size=1, max_size=4)
pairs = st.lists(st.tuples(names, st.text(st.characters(exclude_categories=["Cs"]), max_size=5)), max_size=8)


@given(pairs, st.randoms())
def test_what_twilio_signs_is_genuine_in_whatever_order_it_arrives(form: list[tuple[str, str]], random: Random) -> None:
    distinct = {name: [value for key, value in form if key == name] for name, _ in form}

    class MultiDict(dict[str, list[str]]):
        def getlist(self, name: str) -> list[str]:
            return self[name]

    signature = RequestValidator("12345").compute_signature(URL, MultiDict(distinct))
    random.shuffle(form)

    assert READER.verify(post(tuple(form), signature))


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("queued", CarrierStatus.SUBMITTED),
        ("accepted", CarrierStatus.SUBMITTED),
        ("sending", CarrierStatus.SUBMITTED),
        ("sent", CarrierStatus.SENT),
        ("delivered", CarrierStatus.DELIVERED),
        ("read", CarrierStatus.DELIVERED),
        ("undelivered", CarrierStatus.UNDELIVERED),
        ("failed", CarrierStatus.FAILED),
        ("canceled", CarrierStatus.CANCELLED),
    ],
)
def test_a_texts_status_is_read(word: str, status: CarrierStatus) -> None:
    receipt = READER.sms_receipt(said(MessageSid="SM1", SmsSid="SM1", MessageStatus=word, SmsStatus=word, New="field"))

    assert receipt is not None
    assert (receipt.carrier_id, receipt.status, receipt.seq) == ("SM1", status, -1)


@pytest.mark.parametrize("word", ["received", "partially_delivered", "DELIVERED", ""])
def test_a_texts_status_unknown_to_us_is_none(word: str) -> None:
    assert READER.sms_receipt(said(MessageSid="SM1", MessageStatus=word)) is None


def test_a_failed_text_tells_why() -> None:
    receipt = READER.sms_receipt(said(MessageSid="SM1", MessageStatus="undelivered", ErrorCode="30003"))

    assert receipt is not None
    assert (receipt.fault, receipt.code) == (Fault.UNREACHABLE, "30003")


def test_a_failed_text_without_a_code_is_unknown_not_fine() -> None:
    receipt = READER.sms_receipt(said(MessageSid="SM1", MessageStatus="failed"))

    assert receipt is not None
    assert receipt.fault is Fault.UNKNOWN


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("queued", CarrierStatus.SUBMITTED),
        ("initiated", CarrierStatus.SUBMITTED),
        ("ringing", CarrierStatus.RINGING),
        ("in-progress", CarrierStatus.IN_PROGRESS),
        ("completed", CarrierStatus.COMPLETED),
        ("busy", CarrierStatus.BUSY),
        ("no-answer", CarrierStatus.NO_ANSWER),
        ("failed", CarrierStatus.FAILED),
        ("canceled", CarrierStatus.CANCELLED),
    ],
)
def test_a_calls_status_is_read_with_its_place_in_the_order(word: str, status: CarrierStatus) -> None:
    receipt = READER.call_receipt(said(CallSid="CA1", CallStatus=word, SequenceNumber="2"))

    assert receipt is not None
    assert (receipt.carrier_id, receipt.status, receipt.seq) == ("CA1", status, 2)


@pytest.mark.parametrize("number", ["", "-1", "two", "๒", "9" * 400])
def test_an_order_that_is_no_number_is_none_given(number: str) -> None:
    receipt = READER.call_receipt(said(CallSid="CA1", CallStatus="ringing", SequenceNumber=number))

    assert receipt is not None
    assert receipt.seq == -1


@pytest.mark.parametrize("who", ["machine_start", "machine_end_beep", "machine_end_other", "fax"])
def test_a_call_a_machine_took_is_a_machines_when_it_has_ended(who: str) -> None:
    ended = READER.call_receipt(said(CallSid="CA1", CallStatus="completed", AnsweredBy=who))
    under_way = READER.call_receipt(said(CallSid="CA1", CallStatus="in-progress", AnsweredBy=who))

    assert ended is not None
    assert ended.status is CarrierStatus.MACHINE
    assert under_way is not None
    assert under_way.status is CarrierStatus.IN_PROGRESS


@pytest.mark.parametrize("who", ["human", "unknown", ""])
def test_a_call_nobody_proved_a_machines_is_completed(who: str) -> None:
    receipt = READER.call_receipt(said(CallSid="CA1", CallStatus="completed", AnsweredBy=who))

    assert receipt is not None
    assert receipt.status is CarrierStatus.COMPLETED


def test_a_failed_call_keeps_the_networks_code_for_staff() -> None:
    receipt = READER.call_receipt(said(CallSid="CA1", CallStatus="failed", SipResponseCode="404"))

    assert receipt is not None
    assert (receipt.fault, receipt.code) == (Fault.UNKNOWN, "sip 404")


def test_a_receipt_keeps_what_was_said_but_no_number() -> None:
    fields = {"CallSid": "CA1", "CallStatus": "busy", "From": "+6620000000", "To": TO, "Called": TO, "Caller": "1",
              "SipRequestUri": f"sip:{TO}@example.com", "Timestamp": "Sat, 21 Nov 2026 02:00:00 +0000"}  # fmt: skip

    receipt = READER.call_receipt(said(**fields))

    assert receipt is not None
    assert receipt.raw.keys() == fields.keys()
    assert receipt.raw["Timestamp"] == fields["Timestamp"]
    assert "81234" not in str(receipt.raw)


def test_a_text_to_us_is_read_as_it_was_typed() -> None:
    request = said(MessageSid="SM9", From=TO, To="+6620000000", Body=" ๑ ", SmsStatus="received", NumMedia="0")

    assert READER.inbound_sms(request) == InboundSms("SM9", TO, "+6620000000", " ๑ ")
    assert READER.sms_receipt(request) is None


def test_an_empty_text_to_us_is_a_text() -> None:
    assert READER.inbound_sms(said(MessageSid="SM9", From=TO, To="+6620000000", Body="")) is not None


def test_a_status_is_no_text_to_us() -> None:
    assert READER.inbound_sms(said(MessageSid="SM1", From="TAMNAT", To=TO, MessageStatus="sent")) is None


def test_silence_is_told_from_not_having_been_asked() -> None:
    asked = READER.call_event(said(CallSid="CA1", From="+6620000000", To=TO, Direction="outbound-api", Digits=""))
    answered = READER.call_event(said(CallSid="CA1", From="+6620000000", To=TO, Direction="outbound-api"))

    assert asked is not None
    assert answered is not None
    assert (asked.digits, answered.digits) == ("", None)


def test_a_call_to_us_is_told_from_one_of_ours() -> None:
    theirs = READER.call_event(said(CallSid="CA1", From=TO, To="+6620000000", Direction="inbound"))

    assert theirs is not None
    assert (theirs.caller, theirs.called, theirs.inbound) == (TO, "+6620000000", True)


def test_a_recording_comes_with_its_address() -> None:
    event = READER.call_event(said(CallSid="CA1", RecordingUrl="https://api.twilio.com/rec/RE1"))

    assert event is not None
    assert event.recording_url == "https://api.twilio.com/rec/RE1"


def test_a_recording_goes_by_its_name_and_never_by_an_address_a_callback_bears() -> None:
    name = "RE" + "0f" * 16
    event = READER.call_event(
        said(
            CallSid="CA1",
            Digits="#",
            RecordingSid=name,
            RecordingDuration="3",
            RecordingUrl="http://169.254.169.254/x",
        )
    )

    assert event is not None
    assert (event.recording, event.recording_seconds, event.digits, event.hung_up) == (name, 3, "#", False)


@pytest.mark.parametrize("address", ["http://evil.example/../RE1", "RE" + "0" * 31, "x/RE" + "G" * 32, ""])
def test_what_is_no_recordings_name_is_no_recording(address: str) -> None:
    event = READER.call_event(said(CallSid="CA1", RecordingUrl=address))

    assert event is not None
    assert event.recording is None


def test_an_older_callback_names_the_recording_at_the_end_of_its_address() -> None:
    name = "RE" + "0f" * 16
    event = READER.call_event(said(CallSid="CA1", RecordingUrl=f"https://api.twilio.com/Recordings/{name}"))

    assert event is not None
    assert event.recording == name


def test_who_hangs_up_while_recorded_pressed_no_key() -> None:
    event = READER.call_event(said(CallSid="CA1", Digits="hangup", RecordingSid="RE" + "0" * 32))

    assert event is not None
    assert (event.digits, event.hung_up) == (None, True)


@pytest.mark.parametrize(
    ("status", "was_taken"),
    [
        ("completed", True),
        ("answered", True),
        ("busy", False),
        ("no-answer", False),
        ("failed", False),
        ("canceled", False),
        ("", None),
    ],
)
def test_the_end_of_a_dialled_call_says_whether_somebody_took_it(status: str, was_taken: bool | None) -> None:
    event = READER.call_event(said(CallSid="CA1", DialCallStatus=status))

    assert event is not None
    assert event.dialled is was_taken


@pytest.mark.parametrize(("said_to_last", "seconds"), [("7", 7), ("", None), ("-1", None), ("7.5", None)])
def test_the_end_of_a_dialled_call_says_how_long_it_was(said_to_last: str, seconds: int | None) -> None:
    event = READER.call_event(said(CallSid="CA1", DialCallStatus="completed", DialCallDuration=said_to_last))

    assert event is not None
    assert event.dialled_seconds == seconds
