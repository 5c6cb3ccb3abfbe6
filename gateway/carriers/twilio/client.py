"""What we know of a Twilio account, and whether what we send there reaches people."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import Final

TWILIO_API: Final = "https://api.twilio.com"

_LOOPBACK_URL: Final = re.compile(
    r"https?://(?P<host>localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?(?:/[A-Za-z0-9/_-]*)?", re.IGNORECASE
)


@dataclass(frozen=True)
class TwilioSettings:
    """One Twilio account and how we reach it. Tokens never show in a repr.

    `previous_auth_token` is accepted in signatures while tokens are rotated. `base_url` None means Twilio itself.
    Texts go out by `messaging_service_sid`, else from `sms_from`; calls from `voice_from`, through `byoc_trunk_sid`
    if set. Time-outs are seconds. Raises ValueError naming the field that is wrong.
    """

    account_sid: str
    auth_token: str = field(repr=False)
    previous_auth_token: str | None = field(default=None, repr=False)
    base_url: str | None = field(default=None, repr=False)
    sms_from: str | None = None
    messaging_service_sid: str | None = None
    voice_from: str | None = None
    byoc_trunk_sid: str | None = None
    sms_two_way: bool = False
    connect_timeout: float = 5.0
    read_timeout: float = 20.0
    connections: int = 32

    def __post_init__(self) -> None:
        """Refuse what could only fail later, in the middle of a night's calls."""
        if not self.account_sid.strip() or not self.auth_token.strip():
            raise ValueError("account_sid and auth_token are needed")  # an empty token would let anyone sign
        if self.base_url and not re.match(r"https?://[^/]", self.base_url, re.IGNORECASE):
            raise ValueError("base_url must begin with http:// or https:// and name a host")
        if min(self.connect_timeout, self.read_timeout) <= 0 or self.connections < 1:
            raise ValueError("connect_timeout, read_timeout and connections must be above 0")

    @property
    def address(self) -> str:
        """The base of every request's URL, without a slash at its end."""
        return (self.base_url or TWILIO_API).rstrip("/")


def reaches_people(base_url: str | None) -> bool:
    """Whether requests to `base_url` may end at a person's phone: everything but a plain loopback address.

    What is allowed is spelt out whole, because two URL parsers differ in `http://evil.example\\@127.0.0.1`, and the one
    that decides here need not be the one that connects.
    """
    match = _LOOPBACK_URL.fullmatch(base_url or "")
    if match is None:
        return True
    host = match["host"].strip("[]")
    if host.lower() == "localhost":
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:  # 127.0.0.999
        return True
