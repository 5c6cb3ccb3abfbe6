"""Webhook addresses: only this machine's, and the connection override that may follow the '#'."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import parse_qsl, urldefrag, urlsplit

HARD_LIMIT_MS = 15_000


def is_loopback(url: str) -> bool:
    """Say whether `url` is an http(s) address on this machine; the sandbox calls no other."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not host:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def require_loopback(url: str, what: str) -> None:
    """Raise ValueError naming `what` when `url` is not on this machine."""
    if not is_loopback(url):
        raise ValueError(f"{what} must be an address of this machine: the sandbox calls no other")


@dataclass(frozen=True)
class Override:
    """How Twilio reaches one webhook: milliseconds, retries and what is retried (facts/twilio.md §1)."""

    connect_ms: int = 5_000
    read_ms: int = HARD_LIMIT_MS
    total_ms: int = HARD_LIMIT_MS
    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})

    def retries_on(self, failure: str) -> bool:
        """Say whether `failure` (4xx, 5xx, ct or rt) is tried again."""
        return failure in self.policy or "all" in self.policy


def read_override(url: str) -> Override:
    """Read `#rc=3&rp=ct,5xx&rt=4000` from `url`; a value outside Twilio's range or unreadable is its default."""
    given = dict(parse_qsl(urldefrag(url).fragment))
    plain = Override()
    policy = frozenset(filter(None, given.get("rp", "ct").split(",")))
    return Override(
        connect_ms=_within(given.get("ct"), 100, 10_000, plain.connect_ms),
        read_ms=_within(given.get("rt"), 100, HARD_LIMIT_MS, plain.read_ms),
        total_ms=_within(given.get("tt"), 100, HARD_LIMIT_MS, plain.total_ms),
        retries=_within(given.get("rc"), 0, 5, plain.retries),
        policy=policy,
    )


def _within(text: str | None, low: int, high: int, default: int) -> int:
    if text is None or not text.isascii() or not text.isdigit():
        return default
    return int(text) if low <= int(text) <= high else default
