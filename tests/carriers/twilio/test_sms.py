"""What a text looks like when it leaves for Twilio."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.carriers.port import CarrierError, CarrierStatus, Fault
from gateway.carriers.twilio import TwilioCarrier, connect
from gateway.carriers.twilio.sms import _validity
from tests.carriers.conftest import settings_for
from tests.carriers.contract import TAKEN_AT, TO, text_to
from tests.carriers.standin import StandIn


def test_a_text_carries_these_fields_and_no_others(carrier: TwilioCarrier, stand_in: StandIn) -> None:
    order = text_to()
    carrier.sms.send_sms(order)

    sent = stand_in.posts[0]
    assert sent.names == {"To", "From", "Body", "StatusCallback", "ValidityPeriod"}
    assert (sent.field("To"), sent.field("From"), sent.field("Body")) == (TO, "TAMNAT", order.body)
    assert sent.field("ValidityPeriod") == "7200"


def test_receipts_are_asked_for_again_when_we_are_slow(carrier: TwilioCarrier, stand_in: StandIn) -> None:
    carrier.sms.send_sms(text_to())

    assert stand_in.posts[0].field("StatusCallback") == f"{text_to().status_url}#rc=5&rp=all&rt=4000"


def test_a_messaging_service_takes_the_place_of_the_sender(stand_in: StandIn) -> None:
    connect(settings_for(stand_in, messaging_service_sid="MG1")).sms.send_sms(text_to())

    assert stand_in.posts[0].field("MessagingServiceSid") == "MG1"
    assert "From" not in stand_in.posts[0].names


def test_without_a_sender_nothing_is_sent(stand_in: StandIn) -> None:
    with pytest.raises(CarrierError) as caught:
        connect(settings_for(stand_in, sms_from="")).sms.send_sms(text_to())

    assert caught.value.fault is Fault.MISCONFIGURED
    assert stand_in.seen == []


@given(st.timedeltas(min_value=timedelta(days=-2), max_value=timedelta(days=30)))
def test_a_text_is_valid_for_what_twilio_allows_and_never_longer_than_asked(asked: timedelta) -> None:
    given_seconds = _validity(asked)

    assert 1 <= given_seconds <= 36_000
    assert given_seconds == 1 or given_seconds <= asked.total_seconds()


def test_a_search_asks_by_number_alone(carrier: TwilioCarrier, stand_in: StandIn) -> None:
    carrier.sms.find_sms(TO, TAKEN_AT)

    assert stand_in.seen[0].query == {"To": TO, "PageSize": "50"}


def test_a_text_of_the_same_second_is_found(carrier: TwilioCarrier) -> None:
    """Twilio's dates are whole seconds; ours are not."""
    carrier.sms.send_sms(text_to())

    assert len(carrier.sms.find_sms(TO, TAKEN_AT + timedelta(milliseconds=900))) == 1


def test_a_found_text_tells_how_far_it_got_and_why_no_further(carrier: TwilioCarrier, stand_in: StandIn) -> None:
    carrier.sms.send_sms(text_to())
    stand_in.messages[0] |= {"status": "undelivered", "error_code": 30003}

    found = carrier.sms.find_sms(TO, TAKEN_AT)[0]

    assert (found.status, found.fault) == (CarrierStatus.UNDELIVERED, Fault.UNREACHABLE)


def test_a_found_text_without_a_date_is_kept_to_be_looked_at(carrier: TwilioCarrier, stand_in: StandIn) -> None:
    carrier.sms.send_sms(text_to())
    stand_in.messages[0]["date_created"] = None

    assert [found.at for found in carrier.sms.find_sms(TO, TAKEN_AT)] == [None]


def test_a_found_text_in_a_state_unknown_to_us_was_at_least_taken(carrier: TwilioCarrier, stand_in: StandIn) -> None:
    carrier.sms.send_sms(text_to())
    stand_in.messages[0]["status"] = "teleported"

    assert carrier.sms.find_sms(TO, TAKEN_AT)[0].status is CarrierStatus.SUBMITTED
