"""What follows a failure or a final word of the carrier."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.carriers.port import CarrierError, Fault
from gateway.dispatch.retry import Next, after_error, after_final, wait_after_error
from gateway.records.status import AttemptStatus, Channel


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (CarrierError(Fault.IN_DOUBT, in_doubt=True), Next.LOOK),
        (CarrierError(Fault.THROTTLED), Next.LATER),
        (CarrierError(Fault.NOT_CONNECTED), Next.LATER),
        (CarrierError(Fault.MISCONFIGURED), Next.ALARM),
        (CarrierError(Fault.BAD_NUMBER, permanent=True), Next.OTHER_CHANNEL),
        (CarrierError(Fault.UNKNOWN), Next.TRY_AGAIN),
    ],
)
def test_an_error_at_submission_decides_what_comes_next(error: CarrierError, expected: Next) -> None:
    assert after_error(error) is expected


def test_a_delivered_text_waits_for_an_answer() -> None:
    assert after_final(Channel.SMS, AttemptStatus.DELIVERED, None) is Next.WAIT


def test_a_completed_call_without_a_key_is_tried_again_because_voicemail_completes_too() -> None:
    assert after_final(Channel.VOICE, AttemptStatus.COMPLETED, None) is Next.TRY_AGAIN


def test_a_handset_that_was_off_is_tried_again_and_a_landline_gets_a_call_instead() -> None:
    assert after_final(Channel.SMS, AttemptStatus.UNDELIVERED, Fault.UNREACHABLE) is Next.TRY_AGAIN
    assert after_final(Channel.SMS, AttemptStatus.UNDELIVERED, Fault.NOT_MOBILE) is Next.OTHER_CHANNEL


def test_waits_double_from_five_seconds_to_ten_minutes_unless_the_carrier_says_longer() -> None:
    waits = [wait_after_error(errors).total_seconds() for errors in range(1, 10)]
    assert waits[:4] == [5, 10, 20, 40]
    assert max(waits) == 600
    assert wait_after_error(1, retry_after=900) == timedelta(seconds=900)
