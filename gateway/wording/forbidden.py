"""What no text of ours may hold, because a swindler's would.

Since November 2025 Thai state agencies may not text links, and people are told that any such link is fraud
(facts/evidence.md: trust and law). So: no link, no citizen's number, no word about money or codes. Every look is
taken at the text as it is read (`plain`), and no setting turns one off.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from gateway.kit.digits import to_ascii_digits
from gateway.wording.plain import joined, latin, seen, squeezed, unfigured
from gateway.wording.wordlists import CARRIER_WORDS, IDENTITY_WORDS, MONEY_WORDS, SWINDLERS_WORDS, Words

__all__ = [
    "MONEY_WORDS",
    "carrier_words",
    "has_address",
    "has_citizen_number",
    "has_link",
    "has_other_number",
    "identity_words",
    "is_no_name",
    "loud_signs",
    "money_words",
    "says",
    "swindlers_words",
]

_TOP: Final = (
    "com|net|org|info|biz|link|page|site|app|me|ly|gl|gd|cc|io|co|th|mm|kh|la|vn|asia|online|shop|xyz|top|club|store"
    "|live|tk|click|icu|vip|gov|dev|ink|one|work|website|space|ru|cn|su|pw|ws"
)
_LINK: Final = re.compile(
    rf"(?:h\s*[tx]\s*[tx]\s*p|ftp)s?\s*:|://|\bwww\s*\.|[^\s.,/]\.(?:{_TOP})\b|[^\s.,/]\s+\.\s*(?:{_TOP})\b"
    rf"|[^\s.,/]\s*\.\s*(?:{_TOP})\s*/|[^\s.,/]\s*[\[({{<]\s*(?:\.|dot)\s*[\])}}>]\s*[a-z]"
    rf"|[^\s.,/]\s+dot\s+[a-z]{{2,}}|ดอ[ทต]\s*(?:คอม|โก|เน็ต|ไทย|(?:{_TOP}|go)\b)"
    rf"|จุด\s*(?:คอม(?![\u0e00-\u0e7f])|(?:{_TOP})\b)"
    r"|(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])"
)
"""Any letter may stand before the dot: "หมอพร้อม.com" is tapped like a Latin name."""
_BLOCKS: Final = ((0x20, 0x7F), (0x0E00, 0x0F00), (0x1000, 0x10A0), (0x1780, 0x1800))  # and Thai, Lao, Burmese, Khmer


def _is_familiar(letter: str) -> bool:
    """Whether `latin` makes of it what it is, in small; ำ and ຳ, written as one, are two letters to it."""
    return letter in "ำຳ" or latin(f"x{letter}x") == f"x{to_ascii_digits(letter).lower()}x"


_FAMILIAR: Final = re.compile(
    f"[\n{re.escape(''.join(one for block in _BLOCKS for one in map(chr, range(*block)) if _is_familiar(one)))}]*"
)
_PIECES: Final = ("//", "ftp", "www", "dot", "[", "(", "{", "<", "ดอท", "ดอต", "จุด")
_DOTTED: Final = re.compile(rf"\.\s*(?:{_TOP})|\.\d{{1,3}}\.")
_LETTER_BY_LETTER: Final = re.compile(r"\s[\w./]\s+[\w./]\s")
_LONG: Final = re.compile(r"\d[\d\s.,/_\-]{12}")
"""Each alternative of `_LINK` and of `_CITIZEN_NUMBER` needs one of these, or an h and a p before a colon; so does
whatever `joined_dots` puts together."""
_ADDRESS: Final = re.compile(r"[a-z0-9]\.[a-z]{2,}|@\s*[a-z0-9_]|\.(?:ไทย|คอม)(?![\u0e00-\u0e7f])")
_GAP: Final = r"[\s.,/_\-\u2010-\u2015]{0,3}"
_CITIZEN_NUMBER: Final = re.compile(
    rf"(?<!\d)(?:\d{{13}}|\d{_GAP}\d{{4}}{_GAP}\d{{5}}{_GAP}\d{{2}}{_GAP}\d|\d(?:[\s.,/_\-]\d){{12}})(?!\d)"
)
_OTHER_NUMBER: Final = re.compile(
    rf"[+0](?:{_GAP}\d){{6,}}|\d(?:{_GAP}\d){{7,}}|\d{{5,}}|(?<!\d)\d(?:[ -]\d){{4,}}(?!\d)"
)
_DIALLED: Final = re.compile(r"(?:โทร|เบอร์|\bcall|\btel|\bphone|\bgọi|\bđt|ဖုန်း|ហៅ|ໂທ)[\s.:]*\d(?:[\s-]?\d){2,}")
_LONG_NUMBER: Final = re.compile(r"\d(?:[\s.,\-\u2010-\u2015]{0,2}\d){4,}")
_SHORT_BAHT: Final = re.compile(r"\d\s*บ(?![\u0e00-\u0e7f])")
_AMOUNT: Final = re.compile(
    r"\d[\d.,]*\s*(?:บาท|กีบ|ກີບ|ບາດ|ကျပ်|ဘတ်|ដុល្លារ|រៀល|đồng\b|đ\b|baht\b|thb\b|usd\b|dollars?\b|kyats?\b|kip\b)"
    r"|(?<![^\W\d_])(?:usd|thb|mmk|lak|khr|vnd|baht)\s*\d|[$฿₫៛₭€£]"
)
"""A sum: "300 บ." is one, "13.30 น." is an hour. Currency signs need no figure. In a name "หมู่ 5 บ." is a village."""
_DEFINITE_CARRIER_WORDS: Final[Words] = {
    "en": ("stop", "stopall", "stop all", "unsubscribe", "cancel", "quit", "optout", "opt-out", "unstop")
}
"""Those of the carrier's words that are part of no name; "West End" and "Info Center" are places."""
_REPLY_WITH: Final = re.compile(r"(?:ตอบ|\breply(?:\s+with)?)\s*[\"'“]?\s*[a-z]{2,}")
_LATIN_LETTERS: Final = re.compile(r"[^\W\d_]+")
_SIGNS: Final = frozenset({"So", "Sk", "Me"})  # emoji, arrows, stars, keycaps


def has_link(text: str) -> bool:
    """Whether the text holds an address somebody could tap, however it is written."""
    shown = latin(text)
    return _LINK.search(shown) is not None or _LINK.search(joined_dots(shown)) is not None


def is_surely_harmless(text: str) -> bool:
    """Whether the text has no link and no citizen's number, told by one quick look; False says nothing.

    Only for letters of which `latin` makes nothing else, so that what is looked for need not be unwrapped first.
    """
    if _FAMILIAR.fullmatch(text) is None:
        return False
    small = text.lower()
    if any(piece in small for piece in _PIECES) or ("h" in small and "p" in small):
        return False
    return not (_DOTTED.search(small) or _LETTER_BY_LETTER.search(small) or _LONG.search(small))


def has_address(text: str) -> bool:
    """Whether the text holds a link or anything written like one: two words with a dot and no blank between them."""
    return has_link(text) or _ADDRESS.search(latin(text)) is not None


def has_citizen_number(text: str) -> bool:
    """Whether the text holds 13 digits in a row, one by one, or in the groups of a Thai card, in any script."""
    return _CITIZEN_NUMBER.search(seen(text)) is not None


def has_other_number(text: str) -> bool:
    """Whether the text brings a number that could be dialled; a template's only one is {phone}."""
    shown = seen(text)
    return _OTHER_NUMBER.search(shown) is not None or _DIALLED.search(shown) is not None


def money_words(text: str) -> tuple[str, ...]:
    """Return the words of money and secrets in the text, and its sums, in any language of ours."""
    sums = tuple(found.group() for sums in (_AMOUNT, _SHORT_BAHT) for found in sums.finditer(seen(text)))
    return tuple(dict.fromkeys((*says(text, MONEY_WORDS), *sums)))


def identity_words(text: str) -> tuple[str, ...]:
    """Return the words in the text for papers and numbers of a citizen."""
    return says(text, IDENTITY_WORDS)


def swindlers_words(text: str) -> tuple[str, ...]:
    """Return the words in the text that belong into no name of a person or place."""
    return says(text, SWINDLERS_WORDS)


def is_no_name(text: str) -> bool:
    """Whether this is no name of a person or place: it leads somewhere, gives a number, or asks for something.

    Fewer words are looked for than in a text of ours. Bank and Pin are people, หนองเงิน is a village and โอนอ่อน a
    surname: a syllable of money refused would leave everybody of that name without texts. What no name holds is a
    link, an @, five figures in a row, a sum, a whole word that carriers swallow, and the phrases of `SWINDLERS_WORDS`.
    """
    shown = seen(text)
    patterns = (_LONG_NUMBER, _DIALLED, _AMOUNT, _REPLY_WITH)
    if has_link(text) or "@" in shown or any(pattern.search(shown) for pattern in patterns):
        return True
    return bool(swindlers_words(text) or says(text, _DEFINITE_CARRIER_WORDS))


def carrier_words(text: str) -> tuple[str, ...]:
    """Return the words that a carrier would answer by itself."""
    return says(text, CARRIER_WORDS)


def says(text: str, words: Words) -> tuple[str, ...]:
    """Return which of these words a reader finds in the text: small or capital, spaced out, in look-alike letters."""
    shown, plain, tight = seen(text), latin(text), squeezed(text)
    views = tuple(dict.fromkeys((shown, joined(shown), plain, joined(plain), *unfigured(plain))))
    found = (word for code in words for word in words[code] if _says(word, views, tight))
    return tuple(dict.fromkeys(found))


def loud_signs(text: str) -> tuple[str, ...]:
    """Return exclamation marks, emoji and words in capitals."""
    signs = [letter for letter in text if unicodedata.category(letter) in _SIGNS or "!" in _plain_sign(letter)]
    words = [word for word in _LATIN_LETTERS.findall(unicodedata.normalize("NFKC", text)) if _is_shouted(word)]
    return tuple(dict.fromkeys((*signs, *words)))


def joined_dots(text: str) -> str:
    """Return the text with letters, dots and slashes that were written one by one put together: "b i t . l y / 3"."""
    return re.sub(r"(?<!\w)(?:[\w./]\s+){3,}[\w./]+", lambda found: re.sub(r"\s+", "", found.group()), text)


def _says(word: str, views: tuple[str, ...], tight: str) -> bool:
    pattern, bare = _looked_for(word)
    return any(pattern.search(view) for view in views) if pattern else bare in tight


def _is_spaced_script(word: str) -> bool:
    return all(letter < "\u0370" or "\u1e00" <= letter <= "\u1eff" for letter in word)


@lru_cache(maxsize=1024)
def _looked_for(word: str) -> tuple[re.Pattern[str] | None, str]:
    """How a word is found: as a whole word where blanks stand between words, else as the letters it is made of."""
    if not _is_spaced_script(word):
        return None, squeezed(word)
    parts = r"[\s_-]*".join(re.escape(part) for part in re.split(r"[\s-]+", seen(word)))
    return re.compile(rf"(?<![^\W\d_]){parts}(?![^\W\d_])"), ""  # a figure or _ ends a word: "stop2end"


def _plain_sign(letter: str) -> str:
    return unicodedata.normalize("NFKC", letter)


def _is_shouted(word: str) -> bool:
    return len(word) >= 4 and word.isupper()
