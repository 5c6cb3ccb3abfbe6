"""How the network fetches a webhook or a sound: what it asks, what it hears, and the real thing over HTTP."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urldefrag, urlencode

import httpx

from gateway.sandbox.addresses import Override, is_loopback, read_override
from gateway.sandbox.signing import Form

Method = Literal["GET", "POST"]

# Twilio's own error codes for a URL it could not use.
HTTP_FAILURE = 11200
CONNECTION_FAILURE = 11205


@dataclass(frozen=True)
class FetchRequest:
    """One request of the network: `url` may end in a connection override after '#', which is never sent."""

    method: Method
    url: str
    form: Form = ()
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FetchResponse:
    """What came back; `error` is Twilio's code when nothing usable did (status 0 when there was no answer at all)."""

    status: int
    content_type: str = ""
    body: bytes = b""
    error: int | None = None

    @property
    def is_ok(self) -> bool:
        """A 2xx that arrived whole."""
        return self.error is None and 200 <= self.status < 300

    @property
    def failure(self) -> int:
        """Twilio's code for this failure."""
        return self.error or HTTP_FAILURE


Fetch = Callable[[FetchRequest], FetchResponse]


class HttpFetcher:
    """Fetches over HTTP within Twilio's 15 seconds, retrying as the URL's connection override says."""

    def __init__(self, client: httpx.Client | None = None) -> None:
        # trust_env off: a proxy from the environment would carry a loopback webhook off this machine.
        # httpx writes every address at INFO, and that of a GET holds both telephone numbers.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self._client = client or httpx.Client(trust_env=False, follow_redirects=False)

    def __call__(self, request: FetchRequest) -> FetchResponse:
        """Send `request`; failures come back as a FetchResponse with Twilio's error code, never as an exception."""
        if not is_loopback(request.url):
            return FetchResponse(0, error=HTTP_FAILURE)
        rules = read_override(request.url)
        deadline = time.monotonic() + rules.total_ms / 1000
        response, failure = self._once(request, rules, deadline)
        for _ in range(rules.retries):
            if not failure or not rules.retries_on(failure) or time.monotonic() >= deadline:
                break
            response, failure = self._once(request, rules, deadline)
        return response

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _once(self, request: FetchRequest, rules: Override, deadline: float) -> tuple[FetchResponse, str]:
        left = max(0.05, deadline - time.monotonic())
        timeout = httpx.Timeout(min(rules.read_ms / 1000, left), connect=min(rules.connect_ms / 1000, left))
        body = urlencode(request.form).encode() if request.method == "POST" else None
        headers = dict(request.headers)
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        try:
            got = self._client.request(
                request.method, urldefrag(request.url).url, content=body, headers=headers, timeout=timeout
            )
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return FetchResponse(0, error=CONNECTION_FAILURE), "ct"
        except httpx.HTTPError:
            return FetchResponse(0, error=HTTP_FAILURE), "rt"
        response = FetchResponse(got.status_code, got.headers.get("content-type", ""), got.content)
        return response, _failure_class(got.status_code)


def _failure_class(status: int) -> str:
    if status >= 500:
        return "5xx"
    return "4xx" if status >= 400 else ""
