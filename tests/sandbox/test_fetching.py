"""Webhooks over real HTTP: retries as the connection override says, and never off this machine."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sandbox.addresses import Override, is_loopback, read_override
from gateway.sandbox.fetching import FetchRequest, HttpFetcher


class Server:
    """Answers with what is left in `answers`: a status, or an exception to raise."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(int(str(answer)), content=b"<Response/>", headers={"content-type": "text/xml"})


def fetch(server: Server, fragment: str = "", form: tuple[tuple[str, str], ...] = (("Body", "สวัสดี & 1"),)):
    with httpx.Client(transport=httpx.MockTransport(server)) as client:
        request = FetchRequest("POST", f"http://127.0.0.1:8000/hook?a=1{fragment}", form, {"X-Twilio-Signature": "s"})
        return HttpFetcher(client)(request)


def test_a_form_is_posted_with_its_headers_and_without_the_fragment() -> None:
    server = Server(200)
    got = fetch(server, "#rc=3&rp=all")
    (request,) = server.asked
    assert got.is_ok
    assert str(request.url) == "http://127.0.0.1:8000/hook?a=1"
    assert request.content == b"Body=%E0%B8%AA%E0%B8%A7%E0%B8%B1%E0%B8%AA%E0%B8%94%E0%B8%B5+%26+1"
    assert request.headers["x-twilio-signature"] == "s"


@pytest.mark.parametrize(
    ("fragment", "answers", "times", "error"),
    [
        ("", [httpx.ConnectError("no"), 200], 2, None),
        ("", [httpx.ConnectError("no"), httpx.ConnectError("no")], 2, 11205),
        ("", [500], 1, None),
        ("", [httpx.ReadTimeout("slow")], 1, 11200),
        ("#rc=0", [httpx.ConnectError("no")], 1, 11205),
        ("#rc=3&rp=5xx", [500, 503, 200], 3, None),
        ("#rc=2&rp=5xx", [500, 500, 500], 3, None),
        ("#rc=5&rp=all", [httpx.ReadTimeout("slow"), 404, 200], 3, None),
        ("#rc=5&rp=4xx", [404, 500], 2, None),
    ],
)
def test_what_is_tried_again_follows_the_override(fragment, answers, times, error) -> None:
    server = Server(*answers)
    got = fetch(server, fragment)
    assert len(server.asked) == times
    assert got.error == error


def test_an_address_elsewhere_is_not_asked() -> None:
    server = Server(200)
    with httpx.Client(transport=httpx.MockTransport(server)) as client:
        got = HttpFetcher(client)(FetchRequest("POST", "http://example.com/hook"))
    assert (got.is_ok, server.asked) == (False, [])


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8000/x", True),
        ("https://localhost/x", True),
        ("http://[::1]:80/x", True),
        ("http://127.9.9.9/", True),
        ("http://127.0.0.1@example.com/", False),
        ("http://localhost.example.com/", False),
        ("http://192.168.0.1/", False),
        ("file:///etc/passwd", False),
        ("http://127.0.0.1:99999/", False),
        ("http://[::1/", False),
        ("", False),
    ],
)
def test_only_this_machine_is_loopback(url: str, expected: bool) -> None:
    assert is_loopback(url) is expected


@given(st.text(max_size=40))
def test_an_override_that_cannot_be_read_is_twilios_default(text: str) -> None:
    rules = read_override("http://127.0.0.1/#" + text)
    assert 0 <= rules.retries <= 5
    assert 100 <= rules.read_ms <= 15_000


def test_an_override_out_of_range_is_twilios_default() -> None:
    assert read_override("http://127.0.0.1/#rc=9&ct=50&rt=99999") == Override()


def test_a_number_in_an_address_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with httpx.Client(transport=httpx.MockTransport(Server(200))) as client:
        HttpFetcher(client)(FetchRequest("GET", "http://127.0.0.1/x?To=%2B66812345678"))
    assert "66812345678" not in caplog.text
