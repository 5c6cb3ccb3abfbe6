"""Settings of a Twilio account, and whom an address reaches."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gateway.carriers.twilio import TwilioSettings, connect
from gateway.carriers.twilio.client import reaches_people


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:4410",
        "http://127.0.0.1:4410/",
        "https://127.8.9.10",
        "http://localhost:8000",
        "HTTP://LOCALHOST",
        "http://[::1]:4410",
        "http://127.0.0.1:8000/sandbox",
    ],
)
def test_a_plain_loopback_address_reaches_nobody(url: str) -> None:
    assert not reaches_people(url)


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "https://api.twilio.com",
        "http://127.0.0.1@evil.example",
        "http://127.0.0.1:80@evil.example",
        "http://evil.example\\@127.0.0.1",
        "http://evil.example#@127.0.0.1",
        "http://user:pass@127.0.0.1",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://notlocalhost",
        "http://127.0.0.999",
        "http://127.1",
        "http://2130706433",
        "http://0.0.0.0",
        "http://10.0.0.1",
        "http://[::1].example.com",
        "http://[::2]",
        "ftp://127.0.0.1",
        "127.0.0.1",
        " http://127.0.0.1",
        "http://127.0.0.1\n",
        "http://127.0.0.1:4410/../x?y#z",
    ],
)
def test_any_other_address_is_taken_to_reach_people(url: str | None) -> None:
    assert reaches_people(url)


def test_every_part_of_a_carrier_agrees_on_whom_it_reaches() -> None:
    carrier = connect(TwilioSettings("AC1", "t"))

    assert carrier.reaches_people
    assert carrier.sms.reaches_people
    assert carrier.voice.reaches_people


def test_tokens_do_not_show_in_a_repr() -> None:
    settings = TwilioSettings("AC1", "secret-one", previous_auth_token="secret-two")

    assert "secret" not in repr(settings) + repr(connect(settings))


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"account_sid": ""}, "account_sid"),
        ({"auth_token": " "}, "auth_token"),
        ({"base_url": "127.0.0.1:4410"}, "base_url"),
        ({"read_timeout": 0}, "read_timeout"),
        ({"connections": 0}, "connections"),
    ],
)
def test_wrong_settings_are_refused_by_name(wrong: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        TwilioSettings(**({"account_sid": "AC1", "auth_token": "t"} | wrong))


def test_importing_the_carrier_does_not_import_the_rest_client() -> None:
    code = "import sys, gateway.carriers.twilio; sys.exit('twilio.rest' in sys.modules or 'requests' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
