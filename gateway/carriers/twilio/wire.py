"""The one place where bytes go to Twilio: bounded, never repeated, and it knows whether anything was written.

No create of Twilio's has an idempotency key, so a second POST may be a second call to an 80-year-old. The SDK's own
client waits for ever and lets network errors through as they are (facts: twilio-python 9.13.0).
"""

from __future__ import annotations

import http.client
import logging
import threading
import time
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from gateway.carriers.port import CarrierError, Fault
from gateway.carriers.twilio.client import TwilioSettings, reaches_people
from gateway.carriers.twilio.errors import refusal, unclear

_NETWORK_ERRORS = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError)


def build_client(settings: TwilioSettings) -> Any:
    """Return the SDK's client (untyped) for this account; one for all threads."""
    _keep_urls_out_of_logs()
    # A non-empty environment: an empty one makes the SDK read os.environ, where TWILIO_EDGE rewrites the host.
    client = Client(
        settings.account_sid, settings.auth_token, http_client=WireClient(settings), environment={"TWILIO_EDGE": ""}
    )
    client.api.base_url = settings.address
    return client


def _keep_urls_out_of_logs() -> None:
    """Lists are asked for by number, and these loggers print the URL: twilio at INFO, urllib3 at DEBUG and WARNING."""
    logging.getLogger("twilio").setLevel(logging.WARNING)
    logging.getLogger("twilio.http_client").setLevel(logging.WARNING)
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)


class _Progress(threading.local):
    """Whether this thread's request has begun to go out."""

    written = False


_progress = _Progress()


class _Watched(HTTPConnection):
    """Notes the moment after which a request may have arrived."""

    def connect(self) -> None:
        try:
            super().connect()
        finally:  # names, TCP, TLS and a proxy's CONNECT are not yet the request
            _progress.written = False

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        _progress.written = True
        super().send(data)


class _WatchedTls(_Watched, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTls


class _Adapter(HTTPAdapter):
    """Pools of watched connections."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
        return manager


class WireClient(HttpClient):  # type: ignore[misc]  # the SDK has no types
    """The SDK's HTTP client, ours: explicit time-outs, no retries, no redirects, no cookies, no logging."""

    def __init__(self, settings: TwilioSettings) -> None:
        super().__init__(logging.getLogger("twilio.http_client"), False, settings.read_timeout)
        self._address = settings.address
        self._timeouts = (settings.connect_timeout, settings.read_timeout)
        self._session = _session(settings)

    def close(self) -> None:
        """Give back the connections that were kept open."""
        self._session.close()

    def request(
        self,
        method: str,
        uri: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """Send one request once and return a 2xx answer; raises CarrierError for everything else.

        `timeout` and `allow_redirects` are the SDK's and not heeded: ours are in the settings, and a redirected POST is
        a repeated one.
        """
        writes = method.upper() != "GET"
        if not uri.startswith(f"{self._address}/"):  # edge, region or a page's link led elsewhere
            raise CarrierError(Fault.MISCONFIGURED, code="address")
        request = requests.Request(method.upper(), uri, params=params, data=data, headers=headers, auth=auth)
        answer = self._send(request, writes)
        if isinstance(answer, CarrierError):
            raise answer
        if not 200 <= answer.status_code < 300:
            raise refusal(answer.status_code, answer.text, answer.headers, writes=writes)
        return Response(answer.status_code, answer.text, answer.headers)

    def fetch(self, uri: str, *, auth: tuple[str, str], largest: int) -> bytes:
        """Return the content at `uri`, `largest` bytes at most; raises CarrierError for everything but a 2xx.

        It is read piece by piece: what is announced as small may be large, and what trickles in must not hold a worker.
        """
        if not uri.startswith(f"{self._address}/"):
            raise CarrierError(Fault.MISCONFIGURED, code="address")
        give_up = time.monotonic() + self._timeouts[1]
        answer = self._send(requests.Request("GET", uri, auth=auth), writes=False, whole=False)
        if isinstance(answer, CarrierError):
            raise answer
        content = _pieces(answer, largest, give_up)
        if isinstance(content, CarrierError):
            raise content
        if not 200 <= answer.status_code < 300:
            raise refusal(answer.status_code, content.decode("utf-8", "replace"), answer.headers, writes=False)
        return content

    def _send(self, request: requests.Request, writes: bool, *, whole: bool = True) -> requests.Response | CarrierError:
        """Return the answer or what went wrong; nothing is raised here, so that no URL hangs on to our error."""
        _progress.written = False
        try:
            prepared = self._session.prepare_request(request)
            route = self._session.merge_environment_settings(str(prepared.url), {}, False, None, None)
            options = {**route, "stream": not whole}
            answer = self._session.send(prepared, timeout=self._timeouts, allow_redirects=False, **options)
        except _NETWORK_ERRORS as error:
            if _progress.written:
                return unclear(type(error).__name__, writes=writes)
            return CarrierError(Fault.NOT_CONNECTED, code=type(error).__name__)
        answer.encoding = "utf-8"
        return answer


def _pieces(answer: requests.Response, largest: int, give_up: float) -> bytes | CarrierError:
    """The body, or what went wrong; nothing is raised here either. The connection is given back."""
    content = bytearray()
    try:
        for piece in answer.iter_content(64 * 1024):
            content += piece
            if len(content) > largest:
                return CarrierError(Fault.REJECTED, permanent=True, code="too large")
            if time.monotonic() > give_up:
                return CarrierError(Fault.UNKNOWN, code="too slow")
    except _NETWORK_ERRORS as error:
        return CarrierError(Fault.UNKNOWN, code=type(error).__name__)
    finally:
        answer.close()
    return bytes(content)


def _session(settings: TwilioSettings) -> requests.Session:
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.trust_env = reaches_people(settings.address)  # no proxy between us and this machine
    adapter = _Adapter(pool_connections=2, pool_maxsize=settings.connections, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
