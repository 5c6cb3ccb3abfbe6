"""Real-time running, on a clock that runs a thousand times as fast."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

from gateway.kit.clock import DemoClock
from gateway.sandbox.fetching import FetchRequest, FetchResponse
from gateway.sandbox.handsets import Handset
from gateway.sandbox.loop import NetworkLoop
from gateway.sandbox.network import PhoneNetwork

BASE = "http://127.0.0.1:8000"
SLOW, QUICK = "+66811111111", "+66822222222"


def eventually(is_so, seconds: float = 60.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.01)
    return False


def call(network: PhoneNetwork, number: str, path: str) -> str:
    form = {"To": number, "From": "+6620000000", "Url": BASE + path, "StatusCallback": f"{BASE}/status"}
    events = {"StatusCallbackEvent": "initiated ringing answered completed"}
    return str(network.create_call(form | events)["sid"])


def build(fetch) -> tuple[PhoneNetwork, NetworkLoop]:
    clock = DemoClock(datetime(2026, 6, 1, 2, tzinfo=UTC), speed=1000)
    handsets = [Handset(number, habits="always_answers_1") for number in (SLOW, QUICK)]
    network = PhoneNetwork(clock, fetch, 1, handsets, "AC1", "t")
    return network, NetworkLoop(network, clock)


def test_one_slow_webhook_does_not_hold_up_another_call() -> None:
    released = threading.Event()

    def fetch(request: FetchRequest) -> FetchResponse:
        if "/slow" in request.url:
            released.wait(5)
        return FetchResponse(200, "text/xml", b"<Response/>")

    network, loop = build(fetch)
    loop.start()
    slow, quick = call(network, SLOW, "/slow"), call(network, QUICK, "/quick")
    try:
        assert eventually(lambda: network.get_call(quick)["status"] == "completed")
        assert network.get_call(slow)["status"] == "in-progress"
        released.set()
        assert eventually(lambda: network.is_idle)
        assert network.get_call(slow)["status"] == "completed"
    finally:
        released.set()
        loop.stop()


def test_the_receipts_of_one_call_stay_in_order_on_several_threads() -> None:
    heard: dict[str, list[str]] = {}

    def fetch(request: FetchRequest) -> FetchResponse:
        form = dict(request.form)
        if "/status" in request.url:
            heard.setdefault(form["CallSid"], []).append(form["CallStatus"])
        return FetchResponse(200, "text/xml", b"<Response/>")

    network, loop = build(fetch)
    loop.start()
    sids = [call(network, QUICK, "/answer") for _ in range(20)]
    try:
        assert eventually(lambda: network.is_idle)
    finally:
        loop.stop()
    assert heard == {sid: ["initiated", "ringing", "in-progress", "completed"] for sid in sids}


def test_a_listener_that_fails_does_not_stop_the_network() -> None:
    def listener(event) -> None:
        if event.number == SLOW:
            raise RuntimeError("the feed broke")

    clock = DemoClock(datetime(2026, 6, 1, 2, tzinfo=UTC), speed=1000)
    handsets = [Handset(number, habits="always_answers_1") for number in (SLOW, QUICK)]
    answer = FetchResponse(200, "text/xml", b"<Response/>")
    network = PhoneNetwork(clock, lambda request: answer, 1, handsets, "AC1", "t", on_event=listener)
    loop = NetworkLoop(network, clock)
    loop.start()
    broken, whole = call(network, SLOW, "/answer"), call(network, QUICK, "/answer")
    try:
        assert eventually(lambda: network.get_call(whole)["status"] == "completed")
        assert eventually(lambda: network.get_call(broken)["status"] == "completed")
    finally:
        loop.stop()


def test_a_stopped_loop_plays_nothing_more() -> None:
    network, loop = build(lambda request: FetchResponse(200, "text/xml", b"<Response/>"))
    loop.start()
    loop.start()
    loop.stop()
    sid = call(network, QUICK, "/answer")
    time.sleep(0.1)
    assert network.get_call(sid)["status"] == "queued"
    assert not loop.is_running
