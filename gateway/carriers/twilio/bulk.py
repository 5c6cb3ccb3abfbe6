"""Many submissions side by side: the SDK's asynchronous client on a loop in a thread of its own.

A text costs the SDK half the time it costs with a thread for each (facts/twilio.md §8), and the gateway waits for all.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

import aiohttp
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from gateway.carriers.port import CarrierError, Fault, Submission
from gateway.carriers.twilio.client import TwilioSettings, reaches_people
from gateway.carriers.twilio.errors import refusal, unclear
from gateway.kit.deadline import Deadline

AT_ONCE: Final = 16  # more bring nothing but 429s; Twilio answers 20429 to some hundred at once
_FORM: Final = "application/x-www-form-urlencoded"
_ERRORS: Final = (aiohttp.ClientError, TimeoutError, OSError, ValueError)

T = TypeVar("T")
Result = Submission | CarrierError


class Bulk:
    """Runs submissions of one account; begins its thread when it is first used, and ends with `close`."""

    def __init__(self, settings: TwilioSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: Any = None
        self._http: _AsyncWire | None = None

    def run(
        self, orders: Sequence[T], submit: Callable[[Any, T], Awaitable[Submission]], within: float
    ) -> list[Result]:
        """Submit each order by `submit(client, order)`, AT_ONCE at a time; what came of each, in their order.

        Nothing is begun after `within` seconds, nor when the carrier has said when to come back: those are returned
        as not sent.
        """
        if not orders:
            return []
        return asyncio.run_coroutine_threadsafe(self._all(orders, submit, within), self._started()).result()

    def close(self) -> None:
        """Give back the connections and end the thread."""
        with self._lock:
            loop, http = self._loop, self._http
            self._loop = self._client = self._http = None
        if loop is not None and http is not None:
            asyncio.run_coroutine_threadsafe(http.close(), loop).result(5)
            loop.call_soon_threadsafe(loop.stop)

    async def _all(
        self, orders: Sequence[T], submit: Callable[[Any, T], Awaitable[Submission]], within: float
    ) -> list[Result]:
        client = self._ready_client()
        results: list[Result] = [CarrierError(Fault.NOT_CONNECTED, code="too slow")] * len(orders)
        give_up, waiting, told = Deadline(within), iter(range(len(orders))), list[CarrierError]()

        async def work() -> None:
            for place in waiting:
                if told:
                    results[place] = told[0]
                elif not give_up.is_over():
                    results[place] = found = await _ask(submit, client, orders[place])
                    if isinstance(found, CarrierError) and found.fault is Fault.THROTTLED and found.retry_after > 0:
                        told.append(found)

        await asyncio.gather(*(work() for _ in range(min(self._at_once, len(orders)))))
        return results

    @property
    def _at_once(self) -> int:
        return min(AT_ONCE, self._settings.connections)

    def _ready_client(self) -> Any:
        """The SDK's client; made on the loop, where its session has to live."""
        if self._client is None:
            settings = self._settings
            self._http = _AsyncWire(settings, self._at_once)
            # A non-empty environment, as in `wire.build_client`.
            self._client = Client(
                settings.account_sid, settings.auth_token, http_client=self._http, environment={"TWILIO_EDGE": ""}
            )
            self._client.api.base_url = settings.address
        return self._client

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=_turn, args=(self._loop,), name="submit", daemon=True).start()
            return self._loop


def _turn(loop: asyncio.AbstractEventLoop) -> None:
    """Turn until stopped."""
    try:
        loop.run_forever()
    finally:
        loop.close()


async def _ask(submit: Callable[[Any, T], Awaitable[Submission]], client: Any, order: T) -> Result:
    """What came of it; nothing is raised, so that no number hangs on to our error (`errors.ask`)."""
    try:
        return await submit(client, order)
    except CarrierError as error:
        return error.with_traceback(None)
    except Exception as error:  # a 2xx that is no JSON: whatever the SDK makes of it
        return unclear(type(error).__name__, writes=True)


class _AsyncWire(AsyncHttpClient):  # type: ignore[misc]  # the SDK has no types
    """The SDK's asynchronous HTTP client, ours: as `wire.WireClient`. To be made on the loop."""

    def __init__(self, settings: TwilioSettings, at_once: int) -> None:
        super().__init__(logging.getLogger("twilio.async_http_client"), True, settings.read_timeout)
        self.logger.setLevel(logging.WARNING)  # it prints URLs at INFO
        self._address = settings.address
        trace = aiohttp.TraceConfig()
        trace.on_request_headers_sent.append(_note_written)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=at_once),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=reaches_people(settings.address),  # no proxy between us and this machine
            trace_configs=[trace],
            timeout=aiohttp.ClientTimeout(
                total=settings.connect_timeout + settings.read_timeout,
                sock_connect=settings.connect_timeout,
                sock_read=settings.read_timeout,
            ),
        )

    async def close(self) -> None:
        """Give back the connections that were kept open."""
        await self._session.close()

    async def request(
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
        """Send one request once and return a 2xx answer; raises CarrierError for everything else."""
        if not uri.startswith(f"{self._address}/"):
            raise CarrierError(Fault.MISCONFIGURED, code="address")
        found = await self._send(method.upper(), uri, data, dict(headers or {}), auth)
        if isinstance(found, CarrierError):
            raise found
        return found

    async def _send(
        self,
        method: str,
        uri: str,
        data: dict[str, Any] | None,
        headers: dict[str, str],
        auth: tuple[str, str] | None,
    ) -> Response | CarrierError:
        """Return the answer or what went wrong; aiohttp repeats no POST, and follows no redirect here."""
        progress = SimpleNamespace(written=False)
        headers["Content-Type"] = _FORM
        if auth:
            headers["Authorization"] = "Basic " + b64encode(":".join(auth).encode()).decode()
        body = urlencode({key: value for key, value in (data or {}).items() if value is not None}, doseq=True)
        try:
            async with self._session.request(
                method, uri, data=body.encode(), headers=headers, allow_redirects=False, trace_request_ctx=progress
            ) as answer:  # fmt: skip
                text = (await answer.read()).decode("utf-8", "replace")
        except _ERRORS as error:
            if progress.written:
                return unclear(type(error).__name__, writes=True)
            return CarrierError(Fault.NOT_CONNECTED, code=type(error).__name__)
        if not 200 <= answer.status < 300:
            return refusal(answer.status, text, answer.headers, writes=True)
        return Response(answer.status, text, answer.headers)


async def _note_written(_session: Any, context: Any, _params: Any) -> None:
    """From here on a request may have arrived; connecting and TLS are not yet the request."""
    context.trace_request_ctx.written = True
