"""The signature, held against Twilio's own validator."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData
from twilio.request_validator import RequestValidator

from gateway.sandbox.signing import twilio_signature

TOKEN = "12345"
TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12)
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
    ("Caller", "+14158675309"),
]


def test_twilios_published_vector_is_met() -> None:
    assert twilio_signature(TOKEN, URL, FORM) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_a_name_given_several_times_is_signed_with_each_distinct_value() -> None:
    form = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")]
    assert twilio_signature(TOKEN, URL, form) == "IK+Dwps556ElfBT0I3Rgjkr1wJU="


def test_the_fragment_is_not_signed() -> None:
    assert twilio_signature(TOKEN, URL + "#rc=3&rp=all", FORM) == twilio_signature(TOKEN, URL, FORM)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=8), st.text(alphabet="abc/0%2", max_size=10))
def test_twilios_validator_accepts_every_form_we_sign(form: list[tuple[str, str]], path: str) -> None:
    url = f"http://127.0.0.1:8000/{path}?turn=2"
    assert RequestValidator(TOKEN).validate(url, FormData(form), twilio_signature(TOKEN, url, form))


@given(st.lists(st.tuples(TEXT, TEXT), max_size=4))
def test_another_token_is_not_accepted(form: list[tuple[str, str]]) -> None:
    assert not RequestValidator("other").validate(URL, FormData(form), twilio_signature(TOKEN, URL, form))
