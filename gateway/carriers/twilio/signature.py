"""Twilio's signature: base64 of HMAC-SHA1 over the URL, then every form field's name and value in order.

The same answers as the SDK's `RequestValidator`, which `tests/carriers/twilio/test_signature.py` holds it against; that
one parses the URL twice, sorts the form twice and makes a key of the token each time, and the signature is what a
callback costs most.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterable
from hashlib import sha1
from typing import Final
from urllib.parse import urlparse

from twilio.request_validator import add_port, remove_port

_PLAIN_URL: Final = re.compile(r"(https?)(://[a-z0-9](?:[a-z0-9.-]*))(:[1-9][0-9]{0,3})?(/[!-:<>-\[\]-~]*|)", re.ASCII)
"""An address as ours are, in front of its query: lower-case host, no password, no `;` that urllib would take apart."""
_PORT: Final = {"https": ":443", "http": ":80"}


class Signature:
    """Checks signatures made with one token."""

    def __init__(self, token: str) -> None:
        self._mac = hmac.new(token.encode(), digestmod=sha1)

    def fits(self, url: str, form: Iterable[tuple[str, str]], signature: str) -> bool:
        """Whether `signature` was made for this URL, with or without its port, and these fields.

        Raises what the SDK raises (ValueError for a port that is none, UnicodeError for a lone surrogate).
        """
        given, fields = signature.encode(), signed_fields(form).encode()
        without, with_port = both_urls(url)
        # Both are always worked out: how long it takes must not tell which one came near.
        is_without = hmac.compare_digest(self._signed(without, fields), given)
        is_with = hmac.compare_digest(self._signed(with_port, fields), given)
        return is_without or is_with

    def _signed(self, url: str, fields: bytes) -> bytes:
        mac = self._mac.copy()
        mac.update(url.encode())
        mac.update(fields)
        return base64.b64encode(mac.digest())


def signed_fields(form: Iterable[tuple[str, str]]) -> str:
    """The form as it is signed: by name and value, each pair once, with nothing between them."""
    return "".join([name + value for name, value in sorted(set(form))])


def both_urls(url: str) -> tuple[str, str]:
    """The URL without its port and with it: Twilio signs now one, now the other."""
    address, mark, query = url.partition("?")
    plain = _PLAIN_URL.fullmatch(address) if "#" not in url and (query or not mark) and query.isprintable() else None
    if plain is None or not query.isascii():
        parsed = urlparse(url)
        with_port = add_port(parsed)
        return remove_port(parsed), with_port
    scheme, host, port, path = plain.groups()
    rest = f"{path}{mark}{query}"
    return f"{scheme}{host}{rest}", f"{scheme}{host}{port or _PORT[scheme]}{rest}"
