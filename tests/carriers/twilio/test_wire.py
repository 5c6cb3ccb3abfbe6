"""The wire: bounded, never repeated, silent."""

from __future__ import annotations

import logging
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.carriers.port import CarrierError, Fault
from gateway.carriers.twilio import TwilioCarrier, TwilioSettings, connect
from gateway.carriers.twilio.errors import refusal
from tests.carriers.conftest import SID, TOKEN, settings_for
from tests.carriers.contract import TAKEN_AT, TO, call_to, text_to
from tests.carriers.standin import (
    Behaviour,
    StandIn,
    answers,
    as_twilio,
    hangs,
    redirects,
    refuses,
    resets,
)


def failing_text(carrier: TwilioCarrier) -> CarrierError:
    with pytest.raises(CarrierError) as caught:
        carrier.sms.send_sms(text_to())
    return caught.value


def test_the_account_signs_in_with_its_sid_and_token(carrier: TwilioCarrier, stand_in: StandIn) -> None:
    carrier.sms.send_sms(text_to())

    assert stand_in.seen[0].path == f"/2010-04-01/Accounts/{SID}/Messages.json"
    assert stand_in.seen[0].headers["authorization"].startswith("Basic ")


def test_an_edge_in_the_environment_does_not_move_the_request_elsewhere(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_EDGE", "singapore")
    monkeypatch.setenv("TWILIO_REGION", "us1")

    connect(settings_for(stand_in)).sms.send_sms(text_to())

    assert len(stand_in.posts) == 1


def test_a_proxy_in_the_environment_does_not_take_what_is_meant_for_this_machine(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    connect(settings_for(stand_in)).sms.send_sms(text_to())

    assert len(stand_in.posts) == 1


def test_a_proxy_that_lets_nothing_through_has_surely_not_sent(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes went to the proxy, but none of them were the text."""
    monkeypatch.setenv("HTTPS_PROXY", stand_in.url)
    monkeypatch.setenv("https_proxy", stand_in.url)

    error = failing_text(connect(settings_for(stand_in, base_url="https://twilio.invalid")))

    assert (error.fault, error.code) == (Fault.NOT_CONNECTED, "ProxyError")


def test_a_retry_after_is_passed_on(carrier: TwilioCarrier, stand_in: StandIn) -> None:
    stand_in.then(refuses(429, 20429, Retry_After="7"))

    assert failing_text(carrier).retry_after == 7.0


def test_an_accepted_answer_that_cannot_be_read_is_in_doubt(carrier: TwilioCarrier, stand_in: StandIn) -> None:
    stand_in.then(answers(200, "<html>please sign in to the hospital's network</html>"))

    assert failing_text(carrier).in_doubt


@pytest.mark.parametrize("body", ["{}", ""])
def test_an_accepted_answer_without_an_id_is_in_doubt(carrier: TwilioCarrier, stand_in: StandIn, body: str) -> None:
    stand_in.then(answers(201, body))

    assert failing_text(carrier).in_doubt


def test_an_unreadable_list_is_an_error_that_leaves_nothing_in_doubt(carrier: TwilioCarrier, stand_in: StandIn) -> None:
    stand_in.then(answers(200, "{}"))

    with pytest.raises(CarrierError) as caught:
        carrier.sms.find_sms(TO, TAKEN_AT)
    assert (caught.value.fault, caught.value.in_doubt) == (Fault.UNKNOWN, False)


def test_a_list_that_hangs_leaves_nothing_in_doubt(stand_in: StandIn) -> None:
    carrier = connect(settings_for(stand_in, read_timeout=0.2))
    stand_in.then(lambda _handler, _seen: stand_in.released.wait(10) and None)

    with pytest.raises(CarrierError) as caught:
        carrier.sms.find_sms(TO, TAKEN_AT)
    assert (caught.value.fault, caught.value.in_doubt) == (Fault.UNKNOWN, False)


def test_a_list_is_one_request_even_when_twilio_offers_more_pages(carrier: TwilioCarrier, stand_in: StandIn) -> None:
    carrier.sms.send_sms(text_to())

    carrier.sms.find_sms(TO, TAKEN_AT)

    assert [seen.method for seen in stand_in.seen] == ["POST", "GET"]


def test_a_name_that_does_not_resolve_is_surely_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    error = failing_text(connect(TwilioSettings("AC1", "t", base_url="https://no-such-host.invalid", sms_from="X")))

    assert (error.fault, error.in_doubt) == (Fault.NOT_CONNECTED, False)


def test_a_server_that_speaks_no_tls_is_surely_not_sent(stand_in: StandIn) -> None:
    error = failing_text(connect(settings_for(stand_in, base_url=stand_in.url.replace("http://", "https://"))))

    assert (error.fault, error.in_doubt) == (Fault.NOT_CONNECTED, False)
    assert stand_in.posts == []


@pytest.fixture
def deaf_address() -> Iterator[str]:
    """A port whose queue of connections is full: connecting hangs."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        with socket.create_connection(server.getsockname()), socket.socket() as second:
            second.setblocking(False)
            second.connect_ex(server.getsockname())
            yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_connection_that_is_never_set_up_is_surely_not_sent(stand_in: StandIn, deaf_address: str) -> None:
    error = failing_text(connect(settings_for(stand_in, base_url=deaf_address, connect_timeout=0.2)))

    assert (error.fault, error.in_doubt) == (Fault.NOT_CONNECTED, False)


def test_a_connection_kept_open_that_dies_under_a_post_is_in_doubt(carrier: TwilioCarrier, stand_in: StandIn) -> None:
    carrier.sms.send_sms(text_to())
    stand_in.then(resets)

    assert failing_text(carrier).in_doubt
    assert len(stand_in.posts) == 2


def test_a_refused_connection_after_a_good_one_is_surely_not_sent(carrier: TwilioCarrier, stand_in: StandIn) -> None:
    """What a thread wrote for an earlier request says nothing of this one."""
    stand_in.then(answers(201, '{"sid": "SM1", "status": "queued"}', Connection="close"))
    carrier.sms.send_sms(text_to())
    stand_in.stop_listening()

    assert failing_text(carrier).fault is Fault.NOT_CONNECTED


def test_many_threads_send_at_once_each_over_a_connection_of_its_own(carrier: TwilioCarrier, stand_in: StandIn) -> None:
    together = threading.Barrier(8)

    def send() -> str:
        together.wait(5)
        return carrier.sms.send_sms(text_to()).carrier_id

    with ThreadPoolExecutor(8) as pool:
        ids = [future.result() for future in [pool.submit(send) for _ in range(8)]]

    assert len(ids) == len(stand_in.posts) == 8


def test_a_cookie_is_not_kept(carrier: TwilioCarrier, stand_in: StandIn) -> None:
    stand_in.then(answers(201, '{"sid": "SM1", "status": "queued"}', **{"Set-Cookie": "a=b"}))
    for _ in range(2):
        carrier.sms.send_sms(text_to())

    assert all("cookie" not in seen.headers for seen in stand_in.seen)


TROUBLES: list[Behaviour] = [
    refuses(400, 21211),
    refuses(500, 20500),
    refuses(429, 20429),
    redirects,
    answers(200, "<html>"),
    resets,
    hangs,
    as_twilio,
]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_no_number_and_no_token_shows_in_a_log_or_an_error(
    stand_in: StandIn, trouble: Behaviour, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    carrier = connect(settings_for(stand_in, read_timeout=0.3))
    said = []
    for ask in (lambda: carrier.sms.send_sms(text_to()), lambda: carrier.voice.place_call(call_to())):
        stand_in.then(trouble)
        said += what_it_says(ask)
    stand_in.then(refuses(400, 20404) if trouble in (hangs, resets) else trouble)
    said += what_it_says(lambda: carrier.sms.find_sms(TO, TAKEN_AT))

    said += [f"{record.getMessage()} {record.exc_text}" for record in caplog.records]
    assert not [text for text in said if "812345678" in text or TOKEN in text]


def what_it_says(ask: Callable[[], object]) -> list[str]:
    """All an error lets slip, its causes and contexts included."""
    try:
        ask()
    except CarrierError as error:
        return [*traceback.format_exception(error), repr(error.__context__), repr(error.__cause__), repr(error.args)]
    return []


@given(
    status=st.integers(100, 599),
    body=st.one_of(st.text(max_size=50), st.just('{"code": 21211}'), st.just('{"code": "x"}'), st.just("[" * 3000)),
    retry=st.text(max_size=8),
    writes=st.booleans(),
)
def test_every_answer_that_is_no_yes_has_one_meaning(status: int, body: str, retry: str, writes: bool) -> None:
    error = refusal(status, body, {"Retry-After": retry}, writes=writes)

    assert error.in_doubt == (error.fault is Fault.IN_DOUBT)
    assert not (error.in_doubt and (error.permanent or not writes))
    assert 0 <= error.retry_after <= 3600
    if status >= 500 and writes:
        assert error.in_doubt
