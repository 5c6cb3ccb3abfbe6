"""What a call looks like when it leaves for Twilio."""

from __future__ import annotations

import pytest

from gateway.carriers.port import CarrierError, Fault
from gateway.carriers.twilio import TwilioCarrier, connect
from tests.carriers.conftest import settings_for
from tests.carriers.contract import TAKEN_AT, TO, call_to
from tests.carriers.standin import StandIn, refuses


def test_a_call_carries_its_addresses_and_limits(carrier: TwilioCarrier, stand_in: StandIn) -> None:
    order = call_to()
    carrier.voice.place_call(order)

    sent = stand_in.posts[0]
    assert (sent.field("To"), sent.field("From"), sent.field("Url")) == (TO, "+6620000000", order.answer_url)
    assert (sent.field("Timeout"), sent.field("TimeLimit")) == ("30", "840")
    assert sent.field("StatusCallback") == f"{order.status_url}#rc=5&rp=all&rt=4000"
    assert sent.field("FallbackUrl") == order.fallback_url


def test_every_step_of_a_call_is_reported(carrier: TwilioCarrier, stand_in: StandIn) -> None:
    carrier.voice.place_call(call_to())

    assert stand_in.posts[0].fields("StatusCallbackEvent") == ["initiated", "ringing", "answered", "completed"]


def test_no_machine_is_listened_for_because_the_silence_loses_elders(carrier: TwilioCarrier, stand_in: StandIn) -> None:
    carrier.voice.place_call(call_to())

    assert not [name for name in stand_in.posts[0].names if "Machine" in name or "Amd" in name]


def test_a_trunk_of_our_own_is_named_where_there_is_one(stand_in: StandIn) -> None:
    connect(settings_for(stand_in, byoc_trunk_sid="BY1")).voice.place_call(call_to())

    assert stand_in.posts[0].field("Byoc") == "BY1"


def test_without_a_trunk_none_is_named(carrier: TwilioCarrier, stand_in: StandIn) -> None:
    carrier.voice.place_call(call_to())

    assert "Byoc" not in stand_in.posts[0].names


@pytest.mark.parametrize(
    ("fallback", "method"),
    [
        ("https://gw.example/webhooks/twilio/voice/fallback/a1", "POST"),
        ("https://static.example/sorry.xml", "GET"),
    ],
)
def test_a_fallback_elsewhere_is_fetched_as_a_file(
    carrier: TwilioCarrier, stand_in: StandIn, fallback: str, method: str
) -> None:
    carrier.voice.place_call(call_to(fallback=fallback))

    assert stand_in.posts[0].field("FallbackMethod") == method


def test_without_a_caller_number_nothing_is_sent(stand_in: StandIn) -> None:
    with pytest.raises(CarrierError) as caught:
        connect(settings_for(stand_in, voice_from=None)).voice.place_call(call_to())

    assert caught.value.fault is Fault.MISCONFIGURED
    assert stand_in.seen == []


def test_stopping_a_call_ends_it_even_when_somebody_answered(carrier: TwilioCarrier, stand_in: StandIn) -> None:
    call = carrier.voice.place_call(call_to())

    carrier.voice.cancel_call(call.carrier_id)

    assert stand_in.posts[1].form == [("Status", "completed")]


def test_a_refusal_to_stop_for_another_reason_is_an_error(carrier: TwilioCarrier, stand_in: StandIn) -> None:
    call = carrier.voice.place_call(call_to())
    stand_in.then(refuses(401, 20003))

    with pytest.raises(CarrierError) as caught:
        carrier.voice.cancel_call(call.carrier_id)
    assert caught.value.fault is Fault.MISCONFIGURED


@pytest.mark.parametrize("carrier_id", ["", "../Messages/SM1", "CA1?x=1", "CA 1"])
def test_what_is_no_id_never_becomes_part_of_an_address(
    carrier: TwilioCarrier, stand_in: StandIn, carrier_id: str
) -> None:
    with pytest.raises(CarrierError):
        carrier.voice.cancel_call(carrier_id)
    assert stand_in.seen == []


def test_a_search_asks_by_number_alone(carrier: TwilioCarrier, stand_in: StandIn) -> None:
    carrier.voice.find_calls(TO, TAKEN_AT)

    assert stand_in.seen[0].query == {"To": TO, "PageSize": "50"}
