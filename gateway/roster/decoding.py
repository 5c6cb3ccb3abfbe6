"""From bytes to letters, for files whose makers never heard of encodings (facts/thailand.md §4, tried there).

Not charset-normalizer: it read one Thai word in Windows-874 as Japanese. The rule is: a byte order mark; strict UTF-8;
Windows-874. Then the letters must be such as a Thai hospital writes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from gateway.roster.table import ReadError

_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_MAGIC: Final = (
    (b"PK\x03\x04", "file_is_excel"),
    (b"\xd0\xcf\x11\xe0", "file_is_excel"),
    (b"%PDF", "file_is_pdf"),
    (b"\x1f\x8b", "file_is_binary"),
    (b"\x89PNG", "file_is_binary"),
    (b"\xff\xd8\xff", "file_is_binary"),
    (b"GIF8", "file_is_binary"),
    (b"7z\xbc\xaf", "file_is_binary"),
    (b"Rar!", "file_is_binary"),
    (b"\x7fELF", "file_is_binary"),
    (b"SQLite format 3", "file_is_binary"),
)
_NEIGHBOURS: Final = re.compile("[\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff]")  # Thai, Lao, Burmese, Khmer
_STRANGE: Final = re.compile(
    "[^\t\n\r\x20-\x7e\x80-\u024f\u0300-\u036f\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u19e0-\u19ff"
    "\u1e00-\u1eff\u2000-\u20cf\u2100-\u27bf\ua9e0-\uaa7f\ufeff\uff00-\uffef]"
)
_FOREIGN: Final = re.compile("[^\x00-\x7f]")
_RUN: Final = re.compile("[^\x00-\x7f]+")
_MIXED_WORD: Final = re.compile("[A-Za-z][\u0e00-\u0e7f]|[\u0e00-\u0e7f][A-Za-z]")
_MARK: Final = re.compile("[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]")
_ORPHAN: Final = re.compile("(?:^|[^\u0e01-\u0e4e])[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]", re.MULTILINE)
_TWICE: Final = re.compile("เ[ธน].", re.DOTALL)
_TWICE_SHARE: Final = 0.6  # Thai has words with เธ and เน, but no text is made of them
_STRANGE_SHARE: Final = 0.1
_ORPHAN_SHARE: Final = 0.1
# Counting bytes takes a hundredth of the time of looking at letters, and a province's list has a hundred million.
_ORDINARY: Final = bytes([0x09, 0x0A, 0x0D, *range(0x20, 0x7F), *range(0x80, 0xC0)])
"""Every byte but controls and those with which a foreign letter begins in UTF-8."""
_THAI_BLOCK: Final = (b"\xe0\xb8", b"\xe0\xb9")  # how U+0E00-0E7F begin in UTF-8


@dataclass(frozen=True, slots=True)
class Decoded:
    """The letters, how they were written, and whether they had been encoded twice."""

    text: str
    encoding: str
    repaired: bool = False


def decode(data: bytes) -> Decoded:
    """Return the text of a file; raises ReadError when it is no text, or text that cannot be trusted."""
    refuse_other_formats(data)
    text, encoding = _letters(data)
    if "\0" in text:
        raise ReadError("nul_bytes")
    mended = text if encoding.startswith("utf-8") and _is_surely_once(data, text) else _mend(text)
    return Decoded(mended, encoding, repaired=mended != text)


def refuse_other_formats(data: bytes) -> None:
    """Raise ReadError when the file is a workbook, a PDF, a picture … or nothing at all, whatever its name."""
    if not data.strip():
        raise ReadError("file_empty")
    for magic, code in _MAGIC:
        if data.startswith(magic):
            raise ReadError(code)
    if re.match(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|table|\?xml)", data[:200], re.IGNORECASE):
        raise ReadError("file_is_web_page")


def _letters(data: bytes) -> tuple[str, str]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data, encoding), encoding
    if b"\0" in data[:4096]:
        return _utf16_without_mark(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _windows(data), "cp874"
    if _is_surely_thai(data):
        return text, "utf-8"
    # One Thai word in fifty is, in Windows-874, valid UTF-8 of some other script.
    if _FOREIGN.search(text) and not _NEIGHBOURS.search(text) and _is_windows(data):
        return _windows(data), "cp874"
    return _expected(text), "utf-8"


def _strictly(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
        return text if encoding == "utf-8-sig" and _is_surely_thai(data) else _expected(text)
    except UnicodeDecodeError as error:
        raise ReadError("encoding_unknown") from error


def _is_surely_thai(utf8: bytes) -> bool:
    """Whether nearly all that is foreign is Thai: `_expected` lets such a text pass, and it is not Windows-874."""
    thai = _thai_letters(utf8)
    strange_at_most = len(utf8.translate(None, _ORDINARY)) - thai
    return thai > 0 and strange_at_most <= thai * _STRANGE_SHARE


def _is_surely_once(utf8: bytes, text: str) -> bool:
    """Whether the marks of a text that was encoded twice are so few that `_is_twice` would say no."""
    return 3 * (text.count("เธ") + text.count("เน")) < _TWICE_SHARE * _thai_letters(utf8)


def _thai_letters(utf8: bytes) -> int:
    return sum(map(utf8.count, _THAI_BLOCK))


def _expected(text: str) -> str:
    foreign = len(_FOREIGN.findall(text))
    strange = len(_STRANGE.findall(text.replace("\0", "")))
    if foreign and strange > foreign * _STRANGE_SHARE:
        raise ReadError("encoding_unknown")
    return text


def _utf16_without_mark(data: bytes) -> tuple[str, str]:
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and not _STRANGE.search(text[:2000]):
            return text, encoding
    raise ReadError("nul_bytes")


def _windows(data: bytes) -> str:
    try:
        text = data.decode("cp874")
    except UnicodeDecodeError as error:
        raise ReadError("encoding_unknown") from error
    # A vowel or tone mark that stands on nothing: the file is in some Western or Chinese encoding.
    if len(_ORPHAN.findall(text)) > _ORPHAN_SHARE * len(_MARK.findall(text)):
        raise ReadError("encoding_unknown")
    return text


def _is_windows(data: bytes) -> bool:
    """Whether Windows-874 gives Thai words; "José" gives a Thai letter in the middle of a Latin word."""
    try:
        return _MIXED_WORD.search(_windows(data)) is None
    except ReadError:
        return False


def _mend(text: str) -> str:
    """Undo UTF-8 that was read as Windows-874 and stored again: "เธชเธก" is "สม"."""
    if not _is_twice(text):
        return text
    mended = _RUN.sub(lambda run: _once(run.group()), text)
    if _is_twice(mended):
        raise ReadError("encoding_damaged")
    return mended


def _is_twice(text: str) -> bool:
    foreign = len(_FOREIGN.findall(text))
    return foreign > 0 and 3 * len(_TWICE.findall(text)) >= _TWICE_SHARE * foreign


def _once(run: str) -> str:
    try:
        # Windows keeps the bytes that 874 leaves undefined as control characters of the same value.
        return b"".join(_byte(char) for char in run).decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return run


def _byte(char: str) -> bytes:
    return bytes([ord(char)]) if "\x80" <= char <= "\x9f" else char.encode("cp874")
