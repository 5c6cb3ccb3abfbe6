"""Twilio's words for how far a text or a call got, in ours."""

from __future__ import annotations

from typing import Final

from gateway.carriers.port import CarrierStatus

OF_MESSAGE: Final[dict[str, CarrierStatus]] = {
    "scheduled": CarrierStatus.SUBMITTED,
    "accepted": CarrierStatus.SUBMITTED,
    "queued": CarrierStatus.SUBMITTED,
    "sending": CarrierStatus.SUBMITTED,
    "sent": CarrierStatus.SENT,
    "delivered": CarrierStatus.DELIVERED,
    "read": CarrierStatus.DELIVERED,
    "undelivered": CarrierStatus.UNDELIVERED,
    "failed": CarrierStatus.FAILED,
    "canceled": CarrierStatus.CANCELLED,
}

OF_CALL: Final[dict[str, CarrierStatus]] = {
    "queued": CarrierStatus.SUBMITTED,
    "initiated": CarrierStatus.SUBMITTED,
    "ringing": CarrierStatus.RINGING,
    "in-progress": CarrierStatus.IN_PROGRESS,
    "completed": CarrierStatus.COMPLETED,
    "busy": CarrierStatus.BUSY,
    "no-answer": CarrierStatus.NO_ANSWER,
    "failed": CarrierStatus.FAILED,
    "canceled": CarrierStatus.CANCELLED,
}

FAILURES: Final = frozenset({CarrierStatus.UNDELIVERED, CarrierStatus.FAILED})
"""The statuses that want a reason."""
