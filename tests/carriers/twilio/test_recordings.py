"""What was recorded in calls, fetched from Twilio and forgotten there."""

from __future__ import annotations

import base64
import time

import pytest

from gateway.carriers.port import CarrierError, Fault
from gateway.carriers.twilio import TwilioCarrier, connect
from gateway.carriers.twilio.recordings import LARGEST
from tests.carriers.conftest import SID, TOKEN, settings_for
from tests.carriers.standin import Seen, StandIn, _Handler

NAME = "RE" + "a" * 32


def test_it_is_asked_for_at_our_own_account_with_our_own_token(stand_in: StandIn, carrier: TwilioCarrier) -> None:
    stand_in.recordings[NAME] = b"RIFF"

    carrier.recordings.fetch(NAME)
    carrier.recordings.delete(NAME)

    folder = f"/2010-04-01/Accounts/{SID}/Recordings/{NAME}"
    assert [(seen.method, seen.path) for seen in stand_in.seen] == [
        ("GET", f"{folder}.wav"),
        ("DELETE", f"{folder}.json"),
    ]
    given = {seen.headers["authorization"] for seen in stand_in.seen}
    assert given == {"Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()}


@pytest.mark.parametrize(
    "name", ["", "RE1", "../" + NAME, NAME + "/x", "http://evil.example/" + NAME, NAME.upper(), NAME + "\n", "๐" * 34]
)
def test_what_is_no_name_is_never_asked_for(stand_in: StandIn, carrier: TwilioCarrier, name: str) -> None:
    for deed in (carrier.recordings.fetch, carrier.recordings.delete):
        with pytest.raises(CarrierError) as caught:
            deed(name)
        assert caught.value.permanent

    assert stand_in.seen == []


def test_what_is_too_large_is_not_read_to_its_end(stand_in: StandIn, carrier: TwilioCarrier) -> None:
    stand_in.recordings[NAME] = b"x" * (LARGEST + 1)

    with pytest.raises(CarrierError) as caught:
        carrier.recordings.fetch(NAME)

    assert (caught.value.code, caught.value.permanent) == ("too large", True)


def test_what_trickles_in_is_given_up(stand_in: StandIn) -> None:
    def trickles(handler: _Handler, seen: Seen) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(LARGEST))
        handler.end_headers()
        handler.close_connection = True
        while not stand_in.released.wait(0.02):
            handler.wfile.write(b"x" * 65536)  # more than one piece at a time, or none would be seen

    stand_in.then(trickles)
    began = time.monotonic()

    with pytest.raises(CarrierError) as caught:
        connect(settings_for(stand_in, read_timeout=0.2)).recordings.fetch(NAME)

    assert caught.value.code == "too slow"
    assert time.monotonic() - began < 5


def test_what_breaks_off_is_an_error_and_in_no_doubt(stand_in: StandIn, carrier: TwilioCarrier) -> None:
    def breaks_off(handler: _Handler, seen: Seen) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "4096")
        handler.end_headers()
        handler.wfile.write(b"RIFF")
        handler.close_connection = True

    stand_in.then(breaks_off)

    with pytest.raises(CarrierError) as caught:
        carrier.recordings.fetch(NAME)

    assert (caught.value.fault, caught.value.in_doubt) == (Fault.UNKNOWN, False)
    assert NAME not in repr(caught.value.__context__)
