"""The carrier in memory: what unit tests lean on."""

from __future__ import annotations

import json

import pytest

from gateway.carriers.memory import SIGNATURE_HEADER, MemoryCarrier
from gateway.carriers.port import (
    AskKey,
    CallbackRequest,
    CarrierError,
    CarrierStatus,
    Fault,
    PlayClip,
    Receipt,
)
from tests.carriers.contract import TAKEN_AT, TO, call_to, text_to


def form(**fields: str) -> CallbackRequest:
    return CallbackRequest("POST", "https://gw.example/x", {}, tuple(fields.items()))


def test_orders_are_kept_as_they_came() -> None:
    carrier, text, call = MemoryCarrier(), text_to(), call_to()

    carrier.send_sms(text)
    carrier.place_call(call)

    assert (carrier.orders, carrier.texts, carrier.calls) == ([text, call], [text], [call])


def test_failures_come_in_turn_and_then_end() -> None:
    carrier = MemoryCarrier()
    carrier.fail_next(CarrierError(Fault.THROTTLED))
    carrier.fail_next(CarrierError(Fault.BAD_NUMBER, permanent=True))

    for fault in (Fault.THROTTLED, Fault.BAD_NUMBER):
        with pytest.raises(CarrierError, match=fault.value):
            carrier.send_sms(text_to())

    assert carrier.send_sms(text_to()).status is CarrierStatus.SUBMITTED
    assert len(carrier.orders) == 1


def test_an_order_in_doubt_can_have_gone_out_all_the_same() -> None:
    carrier = MemoryCarrier(now=lambda: TAKEN_AT)
    carrier.fail_next(CarrierError(Fault.IN_DOUBT, in_doubt=True), taken=True)

    with pytest.raises(CarrierError):
        carrier.send_sms(text_to())

    assert len(carrier.find_sms(TO, TAKEN_AT)) == 1


def test_it_says_that_it_reaches_people_where_told() -> None:
    assert MemoryCarrier(reaches_people=True).sms.reaches_people


def test_a_cancelled_call_is_noted_and_shows() -> None:
    carrier = MemoryCarrier(now=lambda: TAKEN_AT)
    call = carrier.place_call(call_to())

    carrier.cancel_call(call.carrier_id)

    assert carrier.cancelled == [call.carrier_id]
    assert carrier.find_calls(TO, TAKEN_AT)[0].status is CarrierStatus.CANCELLED


def test_a_callback_is_genuine_by_the_secret_in_its_header() -> None:
    carrier = MemoryCarrier(secret="s3")

    assert carrier.verify(CallbackRequest("POST", "https://gw.example/x", {SIGNATURE_HEADER.lower(): "s3"}))
    assert not carrier.verify(CallbackRequest("POST", "https://gw.example/x", {SIGNATURE_HEADER: "s4"}))


def test_a_receipt_is_read_from_a_plain_form() -> None:
    fields = {"id": "SM1", "status": "undelivered", "seq": "3", "fault": "unreachable", "code": "9"}

    assert MemoryCarrier().sms_receipt(form(**fields)) == Receipt(
        "SM1", CarrierStatus.UNDELIVERED, 3, Fault.UNREACHABLE, "9", fields
    )


def test_a_text_and_a_key_are_read_from_a_plain_form() -> None:
    carrier = MemoryCarrier()
    text = carrier.inbound_sms(form(id="SM1", **{"from": TO}, to="1", body="1"))
    event = carrier.call_event(form(id="CA1", **{"from": TO}, to="1", digits="", inbound="yes"))

    assert text is not None
    assert event is not None
    assert (text.sender, text.body) == (TO, "1")
    assert (event.caller, event.digits, event.inbound) == (TO, "", True)


def test_a_response_can_be_read_back_from_its_json() -> None:
    body = json.loads(MemoryCarrier().render([AskKey((PlayClip("https://x/a.wav"),), "https://x/1")]).body)

    assert body[0]["verb"] == "AskKey"
    assert body[0]["prompts"] == [{"verb": "PlayClip", "url": "https://x/a.wav"}]
