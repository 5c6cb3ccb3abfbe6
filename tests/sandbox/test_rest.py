"""Twilio's own SDK talks to the sandbox over real HTTP, and finds Twilio there."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import requests
import uvicorn
from fastapi import FastAPI
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from gateway.kit.clock import SteppedClock
from gateway.sandbox.faults import Faults
from gateway.sandbox.fetching import FetchRequest, FetchResponse
from gateway.sandbox.handsets import Handset
from gateway.sandbox.network import PhoneNetwork
from gateway.sandbox.rest import sandbox_app

ACCOUNT, TOKEN = "AC" + "1" * 32, "token"
NUMBER, LANDLINE, SENDER = "+66812345678", "+6653123456", "+6620000000"
HOOK = "http://127.0.0.1:9/hook"


def nobody(request: FetchRequest) -> FetchResponse:
    return FetchResponse(200, "text/xml", b"<Response/>")


class Site:
    """A network behind a real server; `faults` may be set by a test."""

    def __init__(self) -> None:
        self.clock = SteppedClock(datetime(2026, 6, 1, 2, tzinfo=UTC))
        handsets = [Handset(NUMBER, habits="always_answers_1")]
        self.network = PhoneNetwork(self.clock, nobody, 1, handsets, ACCOUNT, TOKEN)
        self.faults = Faults()
        app = FastAPI()
        app.mount("/sandbox", sandbox_app(self.network, self.faults))
        config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", lifespan="off", ws="none")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/sandbox"

    def client(self, token: str = TOKEN, timeout: float = 5) -> Client:
        client = Client(ACCOUNT, token, http_client=TwilioHttpClient(timeout=timeout, pool_connections=False))
        client.api.base_url = self.url
        return client

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(5)


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    site = Site()
    yield site
    site.stop()


@pytest.fixture
def site(running: Site) -> Iterator[Site]:
    yield running
    running.faults.__init__()
    running.network.play_until_idle()


def code_of(act) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as refused:
        act()
    return refused.value.status, refused.value.code


def test_a_text_is_created_fetched_and_listed(site: Site) -> None:
    messages = site.client().messages
    made = messages.create(to=NUMBER, from_=SENDER, body="สวัสดี", status_callback=f"{HOOK}#rc=3")
    assert (made.status, made.direction, made.num_segments, made.date_sent) == ("queued", "outbound-api", "1", None)
    assert made.date_created == site.clock.now().replace(microsecond=0)
    site.network.play_until_idle()
    assert messages(made.sid).fetch().status == "delivered"
    assert messages.list(to=NUMBER, limit=1)[0].body == "สวัสดี"


def test_a_call_is_created_fetched_and_listed(site: Site) -> None:
    calls = site.client().calls
    made = calls.create(
        to=NUMBER,
        from_=SENDER,
        url=HOOK,
        status_callback=HOOK,
        status_callback_event=["initiated", "ringing", "answered", "completed"],
        timeout=25,
    )
    assert (made.status, made.start_time, made.duration) == ("queued", None, None)
    site.network.play_until_idle()
    ended = calls(made.sid).fetch()
    assert (ended.status, ended._from, ended.direction) == ("completed", SENDER, "outbound-api")
    assert ended.start_time > made.date_created
    assert made.sid in [one.sid for one in calls.list(to=NUMBER, status="completed")]


def test_a_call_is_called_off_through_the_sdk(site: Site) -> None:
    calls = site.client().calls
    made = calls.create(to=NUMBER, from_=SENDER, url=HOOK)
    calls(made.sid).update(status="canceled")
    site.network.play_until_idle()
    assert calls(made.sid).fetch().status == "canceled"


def test_a_scheduled_text_is_withdrawn_through_the_sdk(site: Site) -> None:
    messages = site.client().messages
    made = messages.create(
        to=NUMBER,
        messaging_service_sid="MG" + "1" * 32,
        body="later",
        schedule_type="fixed",
        send_at=site.clock.now() + timedelta(hours=1),
    )
    assert made.status == "scheduled"
    assert messages(made.sid).update(status="canceled").status == "canceled"


def test_a_long_list_comes_in_pages_newest_first(site: Site) -> None:
    other = "+66899999999"
    made = [site.client().messages.create(to=other, from_=SENDER, body=str(n)).sid for n in range(5)]
    assert [one.sid for one in site.client().messages.list(to=other, page_size=2)] == made[::-1]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"to": "081", "from_": SENDER, "body": "x"}, 21211),
        ({"to": "", "from_": SENDER, "body": "x"}, 21604),
        ({"to": NUMBER, "from_": SENDER}, 21602),
        ({"to": NUMBER, "from_": SENDER, "body": "x" * 1601}, 21617),
        ({"to": NUMBER, "body": "x"}, 21603),
        ({"to": LANDLINE, "from_": SENDER, "body": "x"}, 21614),
        ({"to": NUMBER, "from_": SENDER, "body": "x", "status_callback": "https://example.com/"}, 21609),
    ],
)
def test_a_bad_text_is_refused_with_twilios_code(site: Site, asked: dict[str, str], code: int) -> None:
    assert code_of(lambda: site.client().messages.create(**asked)) == (400, code)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"url": "https://example.com/"}, 21205),
        ({}, 21205),
        ({"url": HOOK, "timeout": -1}, 20001),
        ({"url": HOOK, "status_callback_event": ["hummed"]}, 21626),
        ({"twiml": "x" * 4001}, 32018),
    ],
)
def test_a_bad_call_is_refused_with_twilios_code(site: Site, asked: dict[str, object], code: int) -> None:
    assert code_of(lambda: site.client().calls.create(to=NUMBER, from_=SENDER, **asked)) == (400, code)


def test_a_recipient_who_opted_out_is_refused(site: Site) -> None:
    site.network.opt_out("+66811111111", SENDER)
    act = site.client().messages.create
    assert code_of(lambda: act(to="+66811111111", from_=SENDER, body="x")) == (400, 21610)


def test_a_wrong_token_is_refused(site: Site) -> None:
    act = site.client("wrong").messages.create
    assert code_of(lambda: act(to=NUMBER, from_=SENDER, body="x")) == (401, 20003)


def test_another_account_is_refused_even_with_the_right_token(site: Site) -> None:
    address = f"{site.url}/2010-04-01/Accounts/AC{'9' * 32}/Messages.json"
    assert httpx.get(address, auth=(ACCOUNT, TOKEN)).status_code == 401


def test_no_credentials_at_all_are_refused(site: Site) -> None:
    answer = httpx.get(f"{site.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


def test_an_unknown_sid_is_not_found(site: Site) -> None:
    assert code_of(lambda: site.client().calls("CA" + "f" * 32).fetch()) == (404, 20404)


def test_an_unknown_path_is_not_found_in_twilios_form(site: Site) -> None:
    answer = httpx.get(f"{site.url}/2010-04-01/Nothing.json")
    assert (answer.status_code, answer.json()["code"]) == (404, 20404)


def test_every_second_create_is_throttled_and_not_processed(site: Site) -> None:
    site.faults.throttle_every = 2
    messages, number = site.client().messages, "+66822222222"
    messages.create(to=number, from_=SENDER, body="first")
    assert code_of(lambda: messages.create(to=number, from_=SENDER, body="second")) == (429, 20429)
    assert [one["body"] for one in site.network.list_messages(to=number)] == ["first"]


def test_an_answer_that_breaks_off_leaves_the_text_accepted(site: Site) -> None:
    site.faults.drop_response_after_accept = 1
    number = "+66833333333"
    with pytest.raises(requests.exceptions.RequestException):
        site.client().messages.create(to=number, from_=SENDER, body="in doubt")
    assert [one.body for one in site.client().messages.list(to=number)] == ["in doubt"]


def test_a_500_can_come_after_the_call_was_accepted(site: Site) -> None:
    site.faults.answer_500_after_accept = 1
    number = "+66844444444"
    assert code_of(lambda: site.client().calls.create(to=number, from_=SENDER, url=HOOK)) == (500, 20500)
    assert len(site.client().calls.list(to=number)) == 1


def test_an_answer_that_hangs_runs_into_the_senders_timeout(site: Site) -> None:
    site.faults.hang_seconds = 0.6
    number = "+66855555555"
    with pytest.raises(requests.exceptions.ReadTimeout):
        site.client(timeout=0.2).messages.create(to=number, from_=SENDER, body="in doubt")
    assert len(site.network.list_messages(to=number)) == 1


def test_what_was_recorded_is_shown_heard_and_deleted(site: Site) -> None:
    site.network.create_call({"To": NUMBER, "From": SENDER, "Twiml": "<Response><Record/></Response>"})
    site.network.play_until_idle()
    (name,) = site.network._exchange.recordings
    recording = site.client().recordings(name)
    shown = recording.fetch()
    assert (shown.sid, shown.source, shown.channels, shown.status) == (name, "RecordVerb", 1, "completed")
    address = f"{site.url}/2010-04-01/Accounts/{ACCOUNT}/Recordings/{name}.wav"
    assert httpx.get(address, trust_env=False).status_code == 401
    sound = httpx.get(address, auth=(ACCOUNT, TOKEN), trust_env=False)
    assert (sound.status_code, sound.headers["content-type"], sound.content[:4]) == (200, "audio/x-wav", b"RIFF")
    assert recording.delete() is True
    assert code_of(recording.fetch) == (404, 20404)
    assert code_of(recording.delete) == (404, 20404)
    assert httpx.get(address, auth=(ACCOUNT, TOKEN), trust_env=False).status_code == 404
