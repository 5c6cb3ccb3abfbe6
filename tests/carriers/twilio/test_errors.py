"""The error table and what it makes of an answer."""

from __future__ import annotations

import pytest

from gateway.carriers.port import Fault
from gateway.carriers.twilio.errors import error_table, parse_table, receipt_fault, refusal

HEAD = 'source = "https://x/{code}"\nas_of = 2026-11-21\n'
ROW = '[[code]]\ncode = 1\nfault = "blocked"\npermanent = true\nwhere = "both"\nbasis = "doc"\nnote = ""\n'


@pytest.mark.parametrize(
    ("status", "code", "fault", "permanent"),
    [
        (401, 20003, Fault.MISCONFIGURED, False),
        (400, 21211, Fault.BAD_NUMBER, True),
        (400, 21217, Fault.BAD_NUMBER, True),
        (400, 21401, Fault.MISCONFIGURED, False),
        (400, 21408, Fault.MISCONFIGURED, False),
        (400, 21606, Fault.MISCONFIGURED, False),
        (400, 21610, Fault.OPTED_OUT, True),
        (400, 21611, Fault.THROTTLED, False),
        (400, 21614, Fault.NOT_MOBILE, True),
        (400, 21635, Fault.NOT_MOBILE, True),
        (400, 20429, Fault.THROTTLED, False),
        (429, None, Fault.THROTTLED, False),
        (401, None, Fault.MISCONFIGURED, False),
        (404, None, Fault.MISCONFIGURED, False),
        (400, 99999, Fault.REJECTED, True),
        (400, None, Fault.REJECTED, True),
        (400, 30003, Fault.REJECTED, True),
    ],
)
def test_a_refusal_is_read_by_its_code(status: int, code: int | None, fault: Fault, permanent: bool) -> None:
    body = f'{{"code": {code}}}' if code else ""

    error = refusal(status, body, {}, writes=True)

    assert (error.fault, error.permanent, error.in_doubt) == (fault, permanent, False)


@pytest.mark.parametrize("status", [302, 307, 408, 500, 502, 503, 504])
def test_what_is_no_clear_no_is_in_doubt(status: int) -> None:
    assert refusal(status, '{"code": 21211}', {}, writes=True).in_doubt


def test_an_error_in_the_form_of_rfc_9457_is_read_as_well() -> None:
    body = '{"type": "https://x", "title": "Too many", "status": 400, "code": 21610}'

    assert refusal(400, body, {}, writes=True).fault is Fault.OPTED_OUT


@pytest.mark.parametrize(
    ("value", "seconds"), [("3", 3.0), ("", 0.0), ("-1", 0.0), ("soon", 0.0), ("999999", 3600.0), ("๓", 0.0)]
)
def test_a_retry_after_is_heeded_within_an_hour(value: str, seconds: float) -> None:
    assert refusal(429, "", {"Retry-After": value}, writes=True).retry_after == seconds


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("30003", Fault.UNREACHABLE),
        ("30005", Fault.BAD_NUMBER),
        ("30006", Fault.NOT_MOBILE),
        ("30007", Fault.FILTERED),
        ("30036", Fault.EXPIRED),
        ("21610", Fault.OPTED_OUT),
        ("99999", Fault.UNKNOWN),
        ("21611", Fault.UNKNOWN),
        ("not a code", Fault.UNKNOWN),
        ("๓๐", Fault.UNKNOWN),
    ],
)
def test_a_failed_delivery_is_read_by_its_code(code: str, fault: Fault) -> None:
    assert receipt_fault(code)[0] is fault


@pytest.mark.parametrize("code", [None, "", "0", 0])
def test_no_code_is_no_fault(code: object) -> None:
    assert receipt_fault(code) == (None, "")


def test_a_channel_wrongly_set_up_costs_no_reminder_for_good() -> None:
    table = error_table()

    misconfigured = [row for row in table.codes.values() if row.fault is Fault.MISCONFIGURED]
    assert misconfigured
    assert not any(row.permanent for row in misconfigured)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (ROW, "source"),
        (HEAD + ROW + ROW, "code 1 "),
        (HEAD + ROW.replace("blocked", "sulking"), "code 1.*sulking"),
        (HEAD + ROW.replace("true", '"yes"'), "code 1.*permanent"),
        (HEAD + ROW.replace('where = "both"\n', ""), "code 1.*where"),
        (HEAD + ROW.replace('"doc"', '"hearsay"'), "code 1.*hearsay"),
        (HEAD + ROW.replace("code = 1", 'code = "1"'), "code '1'"),
    ],
)
def test_a_table_with_a_slip_names_the_file_and_the_entry(text: str, named: str) -> None:
    with pytest.raises(ValueError, match=rf"errors\.toml.*{named}"):
        parse_table(text)
