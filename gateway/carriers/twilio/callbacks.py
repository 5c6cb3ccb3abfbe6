"""What Twilio sends us: is it Twilio's, and what does it say."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qs, parse_qsl, urlsplit

from gateway.carriers.port import CallbackRequest, CallEvent, CarrierStatus, InboundSms, Receipt
from gateway.carriers.twilio.errors import receipt_fault
from gateway.carriers.twilio.signature import Signature
from gateway.carriers.twilio.statuses import FAILURES, OF_CALL, OF_MESSAGE
from gateway.kit.phones import mask

SIGNATURE_HEADER: Final = "x-twilio-signature"
BODY_HASH: Final = "bodySHA256"

_NUMBER_FIELDS: Final = frozenset({"From", "To", "Caller", "Called", "ForwardedFrom"})
_NUMBER: Final = re.compile(r"\+\d{7,15}")
_RECORDING: Final = re.compile(r"RE[0-9a-f]{32}", re.ASCII)
_HUNG_UP: Final = "hangup"
"""What stands in Digits when a recording ended because the caller put the phone down."""

_WAS_TAKEN: Final = frozenset({"completed", "answered"})
"""How a dialled call ended that somebody took; the others are busy, no-answer, failed and canceled."""


class TwilioCallbacks:
    """Reads Twilio's webhooks. Signatures are HMAC-SHA1 by the account's token, the present one or the previous."""

    name = "twilio"

    def __init__(self, auth_token: str, previous_auth_token: str | None = None) -> None:
        tokens = (auth_token, previous_auth_token)
        self._signatures = [Signature(token) for token in tokens if token and token.strip()]

    def verify(self, request: CallbackRequest) -> bool:
        """Whether the request is signed by the carrier; never raises.

        There is no time in the signature: a genuine request can be sent again for ever, and must not count twice.
        """
        try:
            return self._is_signed(request)
        except (
            Exception
        ):  # a hostile port, a lone surrogate, a host that is none: reading it raises; to us it is unsigned
            return False

    def sms_receipt(self, request: CallbackRequest) -> Receipt | None:
        """The receipt in a text's status callback; None when it says nothing we know."""
        fields = _fields(request)
        carrier_id = fields.get("MessageSid") or fields.get("SmsSid")
        status = OF_MESSAGE.get(fields.get("MessageStatus") or fields.get("SmsStatus", ""))
        if not carrier_id or status is None:
            return None
        return _receipt(carrier_id, status, fields)

    def call_receipt(self, request: CallbackRequest) -> Receipt | None:
        """The receipt in a call's status callback; None when it says nothing we know.

        A call a machine took counts as such when it has ended, not before: that status is final, and the line is still
        in use.
        """
        fields = _fields(request)
        carrier_id, status = fields.get("CallSid"), OF_CALL.get(fields.get("CallStatus", ""))
        if not carrier_id or status is None:
            return None
        if status is CarrierStatus.COMPLETED and _machine_answered(fields):
            status = CarrierStatus.MACHINE
        return _receipt(carrier_id, status, fields)

    def inbound_sms(self, request: CallbackRequest) -> InboundSms | None:
        """The text in an inbound-message callback; None when it is not one."""
        fields = _fields(request)
        carrier_id = fields.get("MessageSid") or fields.get("SmsSid")
        if not carrier_id or not fields.get("From") or "Body" not in fields:
            return None
        return InboundSms(carrier_id, fields["From"], fields.get("To", ""), fields["Body"])

    def call_event(self, request: CallbackRequest) -> CallEvent | None:
        """What a call asks or brings; None when it is not a call's request."""
        fields = _fields(request)
        carrier_id = fields.get("CallSid")
        if not carrier_id:
            return None
        return CallEvent(
            carrier_id,
            caller=fields.get("From", ""),
            called=fields.get("To", ""),
            inbound=fields.get("Direction") == "inbound",
            digits=None if fields.get("Digits") == _HUNG_UP else fields.get("Digits"),
            recording_url=fields.get("RecordingUrl") or None,
            recording=_recording(fields),
            recording_seconds=_whole(fields.get("RecordingDuration", "")) or 0,
            hung_up=fields.get("Digits") == _HUNG_UP,
            dialled=fields["DialCallStatus"] in _WAS_TAKEN if fields.get("DialCallStatus") else None,
            dialled_seconds=_whole(fields.get("DialCallDuration", "")),
        )

    def _is_signed(self, request: CallbackRequest) -> bool:
        signature = _header(request.headers, SIGNATURE_HEADER)
        if not signature or not _body_is_covered(request):
            return False
        form = request.form if _is_post(request) else ()
        return any(one.fits(request.url, form, signature) for one in self._signatures)


def _is_post(request: CallbackRequest) -> bool:
    return request.method.upper() == "POST"


def _body_is_covered(request: CallbackRequest) -> bool:
    """Whether the signature speaks for the body: by the form in it, or by the body's hash in the signed URL."""
    if not request.body or (_is_post(request) and request.form):
        return True
    hashes = parse_qs(urlsplit(request.url).query).get(BODY_HASH, [])
    return len(hashes) == 1 and hmac.compare_digest(
        hashlib.sha256(request.body).hexdigest().encode(), hashes[0].lower().encode()
    )


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")


def _fields(request: CallbackRequest) -> dict[str, str]:
    """The first value of each field of what the signature covers: a POST's form, or a GET's query."""
    pairs: Sequence[tuple[str, str]] = request.form
    if not _is_post(request):
        pairs = _query(request.url)
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields.setdefault(name, value)
    return fields


def _query(url: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(url).query, keep_blank_values=True)
    except ValueError:
        return []


def _receipt(carrier_id: str, status: CarrierStatus, fields: Mapping[str, str]) -> Receipt:
    fault, code = receipt_fault(fields.get("ErrorCode"))
    if status not in FAILURES:
        fault = None
    elif fault is None:
        fault, code = receipt_fault(f"sip {fields.get('SipResponseCode', 'none')}")
    return Receipt(carrier_id, status, _sequence(fields), fault, code, _masked(fields))


def _sequence(fields: Mapping[str, str]) -> int:
    number = _whole(fields.get("SequenceNumber", ""))
    return -1 if number is None else number


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _recording(fields: Mapping[str, str]) -> str | None:
    """The recording by its name alone: where it is fetched is ours to say, whatever address a callback bears."""
    name = fields.get("RecordingSid") or fields.get("RecordingUrl", "").rpartition("/")[2]
    return name if _RECORDING.fullmatch(name) else None


def _machine_answered(fields: Mapping[str, str]) -> bool:
    answered_by = fields.get("AnsweredBy", "")
    return answered_by == "fax" or answered_by.startswith("machine_")


def _masked(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields fit to be stored beside the attempt: numbers masked, wherever they stand."""
    return {
        name: _mask(value) if name in _NUMBER_FIELDS else _NUMBER.sub(_mask_found, value) if "+" in value else value
        for name, value in fields.items()
    }


def _mask_found(found: re.Match[str]) -> str:
    return _mask(found[0])


_mask: Final = lru_cache(maxsize=10_000)(mask)
"""One attempt's receipts bear the same few numbers again and again."""
