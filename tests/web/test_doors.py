"""The carrier's doors: what they read, how much of it, and what they say when they cannot."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.carriers.port import Rendered
from gateway.records.database import Conflict
from gateway.records.group_commit import GroupCommit, IsClosed, TooBusy
from gateway.records.house import Counter
from gateway.web.desk import Desk
from gateway.web.doors import LONGEST, MOST_FIELDS, Door, form_of
from tests.support.world import World

SIGNED = [(b"x-memory-signature", b"memory"), (b"content-type", b"application/x-www-form-urlencoded")]
text = st.text(alphabet="ab=&+%20;\x00Aก \r\n%2B%3D%zz%e0%b8%81", max_size=40)


@given(st.one_of(text.map(str.encode), st.binary(max_size=40)))
@example(b"a=1&b&=&&c==d&e=%e0%b8%81+%2B&a=2")
def test_a_form_is_read_as_the_standard_library_reads_it(body: bytes) -> None:
    assert form_of(body) == parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


def test_a_form_of_a_thousand_fields_is_nobodys() -> None:
    assert form_of(b"&".join([b"a=1"] * (MOST_FIELDS + 1))) == []


def ask(desk: Desk, work: Any, *bodies: bytes, headers: Any = SIGNED) -> tuple[int, dict[bytes, bytes], bytes]:
    """One request, its body in these parts."""
    parts = [{"type": "http.request", "body": one, "more_body": n < len(bodies) - 1} for n, one in enumerate(bodies)]
    sent: list[Any] = []
    scope = {"type": "http", "method": "POST", "path": "/x", "raw_path": b"/x", "query_string": b"", "headers": headers,
             "path_params": {}}  # fmt: skip

    async def receive() -> Any:
        return parts.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    writes = GroupCommit(desk.database)
    asyncio.run(Door(desk, writes, work)(scope, receive, send))
    writes.close()
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


def test_a_body_may_come_in_parts(desk: Desk) -> None:
    async def work(callback: Any, _: Any) -> Rendered:
        return Rendered("text/xml", repr(callback.form))

    status, headers, body = ask(desk, work, b"a=1", b"&b=", b"2")
    assert (status, body) == (200, b"[('a', '1'), ('b', '2')]")
    assert headers[b"content-type"] == b"text/xml; charset=utf-8"
    assert headers[b"x-content-type-options"] == b"nosniff"


def test_who_sends_too_much_is_refused_before_the_signature_is_looked_at(desk: Desk) -> None:
    assert ask(desk, None, b"x" * LONGEST, b"x", headers=[])[0] == 413


@pytest.mark.parametrize(
    "kind", [b"Application/X-WWW-Form-Urlencoded", b"APPLICATION/X-WWW-FORM-URLENCODED; charset=UTF-8"]
)
def test_the_kind_of_a_body_is_known_however_it_is_written(desk: Desk, kind: bytes) -> None:
    async def work(callback: Any, _: Any) -> Rendered:
        return Rendered("text/xml", repr(callback.form))

    assert ask(desk, work, b"a=1", headers=[SIGNED[0], (b"content-type", kind)])[2] == b"[('a', '1')]"


@pytest.mark.parametrize("came", [[], [{"type": "http.request", "body": b"a=", "more_body": True}]])
def test_who_breaks_off_is_not_answered_and_not_counted_as_a_forger(
    desk: Desk, world: World, came: list[dict[str, Any]]
) -> None:
    parts = [*came, {"type": "http.disconnect"}]
    scope = {"type": "http", "method": "POST", "path": "/x", "headers": [], "path_params": {}}
    sent: list[Any] = []

    async def receive() -> Any:
        return parts.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    writes = GroupCommit(desk.database)
    asyncio.run(Door(desk, writes, _never)(scope, receive, send))
    writes.close()
    assert (sent, parts, world.all(Counter)) == ([], [], [])


async def _never(*_: Any) -> Rendered:
    raise AssertionError("half a request was worked on")


@pytest.mark.parametrize(
    ("error", "status"), [(TooBusy(), 503), (IsClosed(), 503), (Conflict(), 503), (LookupError("ours"), 500)]
)
def test_what_could_not_be_written_is_to_be_asked_again(desk: Desk, error: Exception, status: int) -> None:
    async def work(_: Any, __: Any) -> Rendered:
        raise error

    answered, _, body = ask(desk, work, b"a=1")
    assert (answered, b"ours" in body) == (status, False)
