"""Our own check of a signature answers as the SDK's does, whatever is sent."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.datastructures import ImmutableMultiDict
from twilio.request_validator import RequestValidator

from gateway.carriers.port import CallbackRequest
from gateway.carriers.twilio.callbacks import TwilioCallbacks
from gateway.carriers.twilio.signature import Signature, both_urls

TOKEN, OLD = "12345", "the token of before"
Form = list[tuple[str, str]]

letters = st.one_of(
    st.text(alphabet="abzABZ019 %&=+-_.~/?#:;@[]\\\"'<>\t\r\n\x00\x7f", max_size=12),
    st.text(max_size=8),
    st.sampled_from(["", " ", "ก", "น้ำ", "é", "é", "\ufeff", "\ud800", "💉", "a" * 300]),
)
names = st.one_of(st.sampled_from(["CallSid", "From", "To", "Digits", "digits", "Sid", "SidAccount", ""]), letters)
forms = st.lists(st.tuples(names, letters), max_size=8)
hosts = st.sampled_from(
    ["gw.example.org", "GW.Example.ORG", "127.0.0.1", "[::1]", "[::1", "user:pw@host", "host.", "h", "", "ไทย.th", "-x"]
)
ports = st.sampled_from(
    ["", ":", ":0", ":00", ":80", ":443", ":0443", ":8443", ":65535", ":65536", ":99999", ":port", ":4４3", ": 80"]
)
paths = st.one_of(
    st.sampled_from(["", "/", "//", "/sms/status/a", "/a;", "/a;b", "/a;b;c", "/%41", "/ก", "/a b", "/..", "/[x]"]),
    letters.map(lambda text: f"/{text}"),
)
queries = st.one_of(st.sampled_from(["", "?", "??", "?a=1", "?a=1&a=2", "?=&;", "?a#b", "#", "#a", "?turn=1", "?a?b"]),
                    letters.map(lambda text: f"?{text}"))  # fmt: skip
schemes = st.sampled_from(["https", "http", "HTTPS", "Http", "ftp", "", " https", "https:"])
urls = st.one_of(st.builds("{}://{}{}{}{}".format, schemes, hosts, ports, paths, queries), letters)


class Multi:
    """A form as the SDK reads one with repeated fields."""

    def __init__(self, form: Form) -> None:
        self._form = form

    def __iter__(self) -> Any:
        return iter([name for name, _ in self._form])

    def __len__(self) -> int:
        return len(self._form)

    def getlist(self, name: str) -> list[str]:
        return [value for key, value in self._form if key == name]


def answered(check: Callable[[], bool]) -> bool | str:
    try:
        return check()
    except ValueError:  # also UnicodeError: both are "not signed" to who asks
        return "raised"


def check_as_the_sdk(url: str, form: Form, signature: str) -> None:
    ours = answered(lambda: Signature(TOKEN).fits(url, form, signature))
    theirs = answered(lambda: RequestValidator(TOKEN).validate(url, Multi(form), signature))
    assert (ours is True) == (theirs is True), (ours, theirs)


def signed(url: str, form: Form, token: str = TOKEN) -> str | None:
    try:
        return str(RequestValidator(token).compute_signature(url, Multi(form)))
    except ValueError:
        return None


def variants(url: str) -> list[str]:
    """The URL as one of the two sides might have it."""
    made = [url, url.replace("://", "://x", 1), url + "?", url.replace(":443", ""), url.replace(":80", "", 1)]
    head, mark, tail = url.partition("://")
    host, slash, rest = tail.partition("/")
    made += [f"{head}{mark}{host}:{port}{slash}{rest}" for port in (80, 443, 8443)]
    return [*made, url.lower(), url.rstrip("?#")]


@settings(max_examples=400, deadline=None)
@given(urls, forms, forms, st.integers(0, 10))
@example("https://h/a;", [("a", "b")], [], 0)
@example("https://h:0/", [], [], 0)
@example("https://h/a?", [], [], 0)
def test_it_says_of_every_signature_what_the_sdk_says(url: str, form: Form, other: Form, which: int) -> None:
    made_for = variants(url)[which % len(variants(url))]
    for signature in filter(None, (signed(made_for, form), signed(url, other), signed(url, form, OLD))):
        check_as_the_sdk(url, form, signature)
        check_as_the_sdk(url, [*reversed(form)], signature)
        check_as_the_sdk(url, [*form, *form[:1]], signature)
        check_as_the_sdk(url, form, signature[:-1])
        check_as_the_sdk(url, form, signature.swapcase())


@settings(max_examples=150, deadline=None)
@given(urls, forms, st.one_of(letters, st.binary(max_size=24).map(lambda raw: base64.b64encode(raw).decode())))
def test_nonsense_for_a_signature_is_refused_by_both(url: str, form: Form, signature: str) -> None:
    check_as_the_sdk(url, form, signature)


@settings(max_examples=300, deadline=None)
@given(urls)
def test_the_two_forms_of_an_address_are_those_of_the_sdk(url: str) -> None:
    from urllib.parse import urlparse

    from twilio.request_validator import add_port, remove_port

    try:
        parsed = urlparse(url)
        theirs: object = (remove_port(parsed), add_port(parsed))
    except ValueError:
        theirs = "raised"
    assert answered(lambda: both_urls(url)) == theirs  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize(
    "url", ["https://gw.example.org/webhooks/twilio/sms/status/abc", "http://127.0.0.1:8000/x?a=1"]
)
def test_a_form_as_it_is_posted_is_found_genuine(url: str) -> None:
    form = [("From", "+66 81"), ("To", ""), ("Body", "ไปค่ะ"), ("To", "+1"), ("To", "+1")]
    theirs = RequestValidator(TOKEN).compute_signature(url, ImmutableMultiDict(form))
    assert Signature(TOKEN).fits(url, form, theirs)


def test_the_token_of_before_is_taken_while_it_is_known() -> None:
    url, form = "https://gw.example.org/x", [("a", "1")]
    request = CallbackRequest("POST", url, {"x-twilio-signature": signed(url, form, OLD) or ""}, form, b"")
    assert TwilioCallbacks(TOKEN, OLD).verify(request)
    assert not TwilioCallbacks(TOKEN).verify(request)
