"""What no text of ours may hold, because a swindler's would.

Since November 2025 Thai state agencies may not text links, and people are told that any such link is fraud
(facts/evidence.md: trust and law). So: no link, no citizen's number, no word about money or codes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from gateway.kit.digits import to_ascii_digits

_LINK: Final = re.compile(
    r"https?:|www\.|[a-z0-9-]+\.(?:com|net|org|info|biz|link|page|site|app|me|ly|gl|gd|cc|io|co|th|mm|kh|la|vn)\b",
    re.IGNORECASE,
)
_CITIZEN_NUMBER: Final = re.compile(r"(?<!\d)(?:\d{13}|\d[ -]\d{4}[ -]\d{5}[ -]\d{2}[ -]\d)(?!\d)")

CARRIER_WORDS: Final = re.compile(
    r"\b(?:stop|stopall|stop all|unsubscribe|cancel|end|quit|revoke|optout|opt-out|arret|unstop|start|help|info)\b",
    re.IGNORECASE,
)
"""Words that carriers answer by themselves (twilio.com, "opt-out keywords"): offered as replies they never reach us."""

MONEY_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "th": ("เงิน", "บาท", "โอน", "บัญชี", "รหัส", "ธนาคาร", "ชำระ", "ค่าธรรมเนียม", "บัตรเครดิต", "พาสเวิร์ด"),
    "en": ("money", "baht", "pay", "payment", "fee", "bank", "account", "password", "passcode", "code", "pin", "card"),
    "my": ("ငွေ", "ဘဏ်", "စကားဝှက်", "ကုဒ်", "ဘတ်"),
    "km": ("លុយ", "ប្រាក់", "ធនាគារ", "កូដ", "ពាក្យសម្ងាត់", "បាត"),
    "lo": ("ເງິນ", "ທະນາຄານ", "ບັນຊີ", "ລະຫັດ", "ບາດ", "ໂອນ"),
    "vi": ("tiền", "ngân hàng", "mật khẩu", "tài khoản", "chuyển khoản", "mã", "phí", "thanh toán", "baht"),
}
"""Words of money and secrets, by language; `OTP` counts in all. Nobody fluent has read my, km, lo and vi yet."""

_LATIN: Final = frozenset({"en", "vi"})  # written with spaces: only whole words count ("codeine" asks for no code)


def has_link(text: str) -> bool:
    """Whether the text holds an address somebody could tap."""
    return _LINK.search(text) is not None


def has_citizen_number(text: str) -> bool:
    """Whether the text holds 13 digits in a row, or in the groups of a Thai card, in any script."""
    return _CITIZEN_NUMBER.search(to_ascii_digits(text)) is not None


def money_words(text: str, language: str) -> tuple[str, ...]:
    """Return the words of money and secrets in the text: those of its language, and the English ones."""
    words = [*MONEY_WORDS.get(language, ()), *MONEY_WORDS["en"], "otp"]
    return tuple(dict.fromkeys(word for word in words if _says(text, word, language)))


def _says(text: str, word: str, language: str) -> bool:
    if language not in _LATIN and not word.isascii():
        return word in text
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None
