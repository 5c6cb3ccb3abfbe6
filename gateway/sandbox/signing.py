"""Twilio's webhook signature, made here rather than by Twilio's library: the sandbox must not share its mistakes.

Source: facts/twilio.md §4, with the vectors that tests/sandbox/test_signing.py checks.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import urldefrag

SIGNATURE_HEADER = "X-Twilio-Signature"
IDEMPOTENCY_HEADER = "I-Twilio-Idempotency-Token"

Form = tuple[tuple[str, str], ...]


def twilio_signature(auth_token: str, url: str, form: Iterable[tuple[str, str]] = ()) -> str:
    """Return base64(HMAC-SHA1(auth_token, url without fragment + each distinct name and value in byte order)).

    A GET is signed with an empty `form`: its parameters stand in the URL.
    """
    text = urldefrag(url).url + "".join(name + value for name, value in sorted(set(form)))
    mac = hmac.new(auth_token.encode(), text.encode(), hashlib.sha1)
    return base64.b64encode(mac.digest()).decode()
