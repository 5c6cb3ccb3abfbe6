"""A stand-in for Twilio, and carriers set upon a stage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.carriers.twilio import TwilioCarrier, TwilioSettings, connect
from tests.carriers.standin import StandIn

SID = "AC" + "0" * 32
TOKEN = "token-of-tests-5f0d"


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    server = StandIn()
    yield server
    server.close()


@pytest.fixture
def settings(stand_in: StandIn) -> TwilioSettings:
    return settings_for(stand_in)


@pytest.fixture
def carrier(settings: TwilioSettings) -> TwilioCarrier:
    return connect(settings)


def settings_for(stand_in: StandIn, **changes: Any) -> TwilioSettings:
    values: dict[str, Any] = {
        "account_sid": SID,
        "auth_token": TOKEN,
        "base_url": stand_in.url,
        "sms_from": "TAMNAT",
        "voice_from": "+6620000000",
        "connect_timeout": 3,
        "read_timeout": 5,
    }
    return TwilioSettings(**(values | changes))
