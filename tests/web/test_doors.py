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
from gateway.web.desk import Desk
from gateway.web.doors import LONGEST, MOST_FIELDS, Door, form_of

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
    ("error", "status"), [(TooBusy(), 503), (IsClosed(), 503), (Conflict(), 503), (LookupError("ours"), 500)]
)
def test_what_could_not_be_written_is_to_be_asked_again(desk: Desk, error: Exception, status: int) -> None:
    async def work(_: Any, __: Any) -> Rendered:
        raise error

    answered, _, body = ask(desk, work, b"a=1")
    assert (answered, b"ours" in body) == (status, False)
