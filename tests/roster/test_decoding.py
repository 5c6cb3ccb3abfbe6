"""Encodings of facts/thailand.md §4."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.roster.decoding import decode
from gateway.roster.table import ReadError

THAI = "ชื่อ,นามสกุล\nสมชาย,ใจดี\nทองคำ,แสนสุข\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp874", "tis-620"])
def test_a_thai_file_reads_the_same_in_every_encoding(encoding: str) -> None:
    assert decode(THAI.encode(encoding)).text == THAI


def test_one_thai_word_in_windows_874_is_enough() -> None:
    assert decode("name\nสมชาย\n".encode("cp874")).text == "name\nสมชาย\n"


def test_a_windows_874_word_that_is_also_valid_utf_8_stays_thai() -> None:
    word = "รก"
    assert word.encode("cp874").decode("utf-8") == "á"
    assert decode(f"name\n{word}\n".encode("cp874")).text == f"name\n{word}\n"


def test_a_latin_name_with_an_accent_stays_latin() -> None:
    assert decode("name\nJosé Muñoz\n".encode()).text == "name\nJosé Muñoz\n"


@pytest.mark.parametrize("text", ["name\nအောင်\n", "name\nສົມ\n", "name\nសុខ\n", "name\nNguyễn Thị Hạnh\n"])
def test_names_of_the_neighbours_are_kept(text: str) -> None:
    assert decode(text.encode()).text == text


def test_smart_quotes_and_dashes_of_windows_874_are_read() -> None:
    assert decode("ชื่อ\n“สมชาย” – ใจดี…\n".encode("cp874")).text == "ชื่อ\n“สมชาย” – ใจดี…\n"


def test_thai_encoded_twice_is_repaired_and_said_so() -> None:
    twice = "".join(
        char if char == "\n" else bytes([byte]).decode("cp874") if byte not in range(0x81, 0xA0) else chr(byte)
        for char in "ชื่อ\nสมชาย ใจดี\n"
        for byte in char.encode()
    )
    decoded = decode(twice.encode())
    assert (decoded.text, decoded.repaired) == ("ชื่อ\nสมชาย ใจดี\n", True)


def test_thai_words_with_the_letters_of_the_damage_are_left_alone() -> None:
    text = "ชื่อ\nเธอ เนตร เนียน\n"
    assert (decode(text.encode()).text, decode(text.encode()).repaired) == (text, False)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b" \r\n \n", "file_empty"),
        (b"PK\x03\x04rest", "file_is_excel"),
        (b"\xd0\xcf\x11\xe0rest", "file_is_excel"),
        (b"%PDF-1.7", "file_is_pdf"),
        (b"<html><table>", "file_is_web_page"),
        (b"name\nab\0c\n", "nul_bytes"),
        ("name\nJosé\nCôte d'Ivoire\nMüller\n".encode("cp1252"), "encoding_unknown"),
        (b"name\n\x81\x82\xfe\xff\n", "encoding_unknown"),
    ],
)
def test_what_is_not_a_readable_text_is_refused_in_both_languages(data: bytes, code: str) -> None:
    with pytest.raises(ReadError) as caught:
        decode(data)
    assert caught.value.code == code
    assert caught.value.message_th
    assert caught.value.message_en


@given(st.text(alphabet=st.characters(min_codepoint=0x0E01, max_codepoint=0x0E2E), min_size=2, max_size=30))
def test_any_thai_text_survives_utf_8(word: str) -> None:
    text = f"ชื่อผู้ป่วย\nสมชาย ใจดี แสนสุข ทองคำ\n{word}\n"
    assert decode(text.encode()).text == text
