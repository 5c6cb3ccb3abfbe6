"""What a text may not hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.languages.table import load_languages
from gateway.wording.catalogue import Catalogue, Purpose
from gateway.wording.forbidden import MONEY_WORDS
from gateway.wording.lint import Rule, check_all, check_edit, lint

TEMPLATES = Path(__file__).parents[2] / "templates" / "messages"
CATALOGUE = Catalogue(TEMPLATES, load_languages())
GOOD = "{clinic}: {name} {day} {time} {place} {phone}"


def rules(body: str, *, neutral: bool = False) -> set[Rule]:
    return {finding.rule for finding in lint(body, neutral=neutral)}


def test_nothing_is_wrong_with_the_texts_we_ship() -> None:
    assert check_all(Catalogue(TEMPLATES, load_languages())) == []


def test_a_plain_text_passes() -> None:
    assert rules(GOOD) == set()


@pytest.mark.parametrize(
    "link", ["http://x", "https://moph.go.th/a", "www.x.y", "bit.ly/3", "lampang.go.th", "LINE.ME/x"]
)
def test_a_link_is_found(link: str) -> None:
    assert Rule.LINK in rules(f"{GOOD} {link}")


@pytest.mark.parametrize(
    "link",
    [
        "หมอพร้อม.com/x",
        "รพ.com",
        "หมอ.net/a",
        "moph dot go dot th",
        "หมอพร้อม . com",
        "ဆေး.com",
        "หมอดอทคอม",
        "หมอ จุด com",
    ],
)
def test_a_link_is_one_in_letters_of_any_script(link: str) -> None:
    assert Rule.LINK in rules(f"{GOOD} {link}")


@pytest.mark.parametrize(
    "way",
    ["แอดไลน์ @moph123", "@ moph123", "LINE ID: moph", "Line OA", "สแกนคิวอาร์", "QR", "WhatsApp", "โหลดแอป"],
)
def test_another_way_out_of_the_text_is_a_link(way: str) -> None:
    assert Rule.LINK in rules(f"{GOOD} {way}")


@pytest.mark.parametrize(
    "harmless",
    ["เวลา 09.00 น.", "รพ.สต.", "26.7.2026", "9:00am", "13.30 น.", "รพ. สต. ชั้น 2", "ต.ค. 69", "appointment", "Line up"],
)
def test_what_only_looks_like_a_link_passes(harmless: str) -> None:
    assert rules(f"{GOOD} {harmless}") == set()


@pytest.mark.parametrize("number", ["1101700207030", "1-1017-00207-03-0", "๑๑๐๑๗๐๐๒๐๗๐๓๐", "၁၁၀၁၇၀၀၂၀၇၀၃၀"])
def test_a_citizens_number_is_found_in_any_script(number: str) -> None:
    assert rules(f"{GOOD} {number}") == {Rule.CITIZEN_NUMBER}


def test_a_phone_number_beside_a_year_is_no_citizens_number() -> None:
    assert rules(f"{GOOD} 2026 034171200") == {Rule.OTHER_NUMBER}


@pytest.mark.parametrize("language", MONEY_WORDS)
def test_every_word_of_money_and_secrets_is_found(language: str) -> None:
    for word in MONEY_WORDS[language]:
        assert Rule.MONEY_WORD in rules(f"{GOOD} {word} ")


@pytest.mark.parametrize(
    "word",
    [
        "OTP", "Password", "โอน", "500 ฿", "$5", "៛", "ตังค์", "300 บ.", "๓๐๐ บ", "PromptPay", "prompt pay", "พร้อมเพย์",
        "USD 5", "USD5", "5 usd", "ដុល្លារ", "ကျပ်", "ກີບ", "กีบ", "payments", "passwords", "accounts", "codes", "fees",
        "cards", "donate", "บริจาค", "200.000 đ", "200 đồng", "c0de", "P1N", "pin_code",
    ],
)  # fmt: skip
def test_money_is_found_whatever_the_language_of_the_text(word: str) -> None:
    assert Rule.MONEY_WORD in rules(f"{GOOD} {word}")


def test_a_word_that_only_contains_one_passes() -> None:
    assert rules(f"{GOOD} codeine accountable spine") == set()


@pytest.mark.parametrize("word", ["STOP", "cancel", "End", "HELP", "unsubscribe"])
def test_words_that_the_carrier_would_swallow_are_found(word: str) -> None:
    assert Rule.CARRIER_WORD in rules(f"{GOOD} Reply {word}")


def test_a_text_says_who_writes_and_which_number_to_call() -> None:
    assert rules("{name} {day}") == {Rule.NO_CALLER, Rule.NO_NUMBER}


def faulted(key: str, language: str, body: str) -> set[Rule]:
    return {finding.rule for finding in check_edit(CATALOGUE, key, language, body)}


def test_the_shipped_texts_may_be_typed_in_again() -> None:
    assert [t for t in CATALOGUE if check_edit(CATALOGUE, t.key, t.language, t.body)] == []


def test_an_edit_that_says_what_it_has_to_is_let_through() -> None:
    assert faulted("sms.missed", "en", "{clinic}: {name}, call {phone} for a day other than {day}") == set()


@pytest.mark.parametrize(
    ("key", "language", "body", "rule"),
    [
        ("sms.missed", "en", "{clinic}: {name} {day} {phone} bit.ly/3", Rule.LINK),
        ("sms.missed", "en", "{clinic}: {name} {day} {phone} pay now", Rule.MONEY_WORD),
        ("sms.missed", "en", "{clinic}: {name} {day}", Rule.PLACEHOLDERS),
        ("sms.missed", "en", "{clinic}: {name} {day} {phone} {time}", Rule.PLACEHOLDERS),
        ("sms.missed", "en", "{clinic}: {name} {day} {phone} {", Rule.PLACEHOLDERS),
        ("sms.missed", "en", "", Rule.PLACEHOLDERS),
        ("sms.missed", "shn", "{clinic}: {name} {day} {phone}", Rule.UNKNOWN),
        ("sms.missed", "xx", "{clinic}: {name} {day} {phone}", Rule.UNKNOWN),
        ("sms.greeting", "en", "{clinic}: {name} {day} {phone}", Rule.UNKNOWN),
        ("sms.missed", "th", "{clinic}: {name} {day} {phone} " + "ยาว" * 60, Rule.TOO_LONG),
        ("sms.how_to_answer_call", "th", "โทร {phone} " + "ยาว" * 60, Rule.TOO_LONG),
        ("sms.how_to_answer_two_way", "th", "โทร {phone} " + "ยาว" * 60, Rule.TOO_LONG),
    ],
)
def test_an_edit_is_held_to_the_rules_of_what_ships(key: str, language: str, body: str, rule: Rule) -> None:
    assert faulted(key, language, body) == {rule}


def test_trying_an_edit_changes_nothing() -> None:
    before = CATALOGUE.get(Purpose.MISSED, "en").body
    check_edit(CATALOGUE, "sms.missed", "en", "{clinic}: {name} {day} {phone}")
    assert CATALOGUE.get(Purpose.MISSED, "en").body == before


# No way of writing is a way round


@pytest.mark.parametrize(
    "link",
    [
        "bit\u200b.ly/3", "bit.\u2060ly/3", "bi\u00adt.ly/3", "ｂｉｔ．ｌｙ／３", "BIT.LY/3", "bit . ly / 3",
        "bit\n.ly/3", "bit. ly/3", "b i t . l y / 3", "bit\u2024ly/3", "bit。ly/3", "bit·ly/3",
        "bit[.]ly", "bit(dot)ly", "bіt.ly/3",
        "bit․ly⁄3", "b\u0336i\u0336t.ly/3", "h t t p s : //x", "hxxps://x", "ｗｗｗ．x．y", "1.2.3.4/pay", "๑.๒.๓.๔",
        "wa.me/66", "lin.ee/a", "lampang.go.th", "โรงพยาบาล.ไทย", "me@moph.go.th", "@\u200blineid.com",
    ],
)  # fmt: skip
def test_a_link_is_a_link_however_it_is_written(link: str) -> None:
    assert Rule.LINK in rules(f"{GOOD} {link}")


@pytest.mark.parametrize(
    "number",
    [
        "1 1017 00207 03 0", "1-1017-00207-03-0", "๑-๑๐๑๗-๐๐๒๐๗-๐๓-๐", "１１０１７００２０７０３０",
        "11017\u200b00207030",
        "1 1 0 1 7 0 0 2 0 7 0 3 0", "1.1017.00207.03.0", "1–1017–00207–03–0", "11017 00207\n030 1017",
    ],
)  # fmt: skip
def test_a_citizens_number_is_one_however_it_is_written(number: str) -> None:
    assert rules(f"{GOOD} {number}") & {Rule.CITIZEN_NUMBER, Rule.OTHER_NUMBER}


@pytest.mark.parametrize(
    "words",
    [
        "โ อ น เ งิ น", "โอน\u200bเงิน", "โอ\nน", "โ-อ-น", "O T P", "o.t.p", "ＯＴＰ", "pass\u00adword",
        "P a s s w o r d",
        "раssword", "pásswörd", "จ่ า ย", "รหัส​ผ่าน", "mat khau mật  khẩu", "NGÂN  HÀNG", "ngân\nhàng", "ငွေ\u200cလွှဲ",
        "ល​ុយ", "ເງິ\u200bນ", "ba\u0301nk", "p_i_n",
    ],
)  # fmt: skip
def test_a_word_of_money_is_one_however_it_is_written(words: str) -> None:
    assert Rule.MONEY_WORD in rules(f"{GOOD} {words}")


@pytest.mark.parametrize(
    "words",
    [
        "NRC",
        "CMT",
        "CI book",
        "แจ้งเลขประชาชน",
        "เลข ปชช",
        "เลข ปชช.",
        "work permit",
        "บัตรชมพู",
        "บัตรประชาชน",
        "เลขประจำตัว",
        "๑๓ หลัก",
        "passport",
        "ID card",
        "I D  n u m b e r",
        "căn cước",
        "မှတ်ပုံတင်",
    ],
)
def test_nobody_is_asked_for_their_papers(words: str) -> None:
    assert Rule.CITIZEN_NUMBER in rules(f"{GOOD} {words}")


@pytest.mark.parametrize(
    "number",
    [
        "12345",
        "1 2 3 4 5",
        "call 1422",
        "โทร 191",
        "โทร. 16-69",
        "081-234-5678",
        "0 8 1 2 3 4 5 6 7 8",
        "๐๘๑๒๓๔๕๖๗๘",
        "+66812345678",
        "66812345678",
    ],
)
def test_the_only_number_to_call_is_the_clinics(number: str) -> None:
    assert rules(f"{GOOD} {number}") == {Rule.OTHER_NUMBER}


@pytest.mark.parametrize(
    "word",
    [
        "S T O P",
        "ｓｔｏｐ",
        "st\u200bop",
        "ѕtoр",
        "ST0P",
        "5TOP",
        "stop2end",
        "c4ncel",
        "stop_now",
        "stop-all",
        "opt out",
        "opt-out",
    ],
)
def test_a_word_the_carrier_swallows_is_one_however_it_is_written(word: str) -> None:
    assert Rule.CARRIER_WORD in rules(f"{GOOD} Reply {word}")


@pytest.mark.parametrize(
    "loud",
    ["Come now!", "มาได้เลย！", "URGENT", "ＵＲＧＥＮＴ", "ด่วน", "ด่\u200bวน", "ด่ ว น", "ทันที",
     "please COME", "😀", "⚠", "★",
     "1️⃣", "cảnh báo", "ရဲစခန်း", "ບັດລາງວັນ", "last  chance", "final-notice"],
)  # fmt: skip
def test_sober_wording_shouts_at_nobody(loud: str) -> None:
    assert Rule.NOT_SOBER in rules(f"{GOOD} {loud}")


@pytest.mark.parametrize(
    "sober", ["HPV", "Tel.", "OPD", "คุณ", "ศาลา", "Finest regards", "accountable", "mp3 B12 Covid19 1st", "ရဲ့", "ĐT"]
)
def test_sober_wording_passes(sober: str) -> None:
    assert rules(f"{GOOD} {sober}") == set()


@pytest.mark.parametrize(
    "letter", ["\u200b", "\u200d", "\ufeff", "\u00ad", "\n", "\t", "\u00a0", "\u202e", "\u2028", "\ue000", "\u3164"]
)
def test_a_letter_nobody_sees_is_named(letter: str) -> None:
    (found,) = [one for one in lint(f"{GOOD}{letter} ") if one.rule is Rule.HIDDEN_LETTER]
    assert found.detail == f"U+{ord(letter):04X}"


@pytest.mark.parametrize(
    "word", ["วัคซีน", "ฉี ด", "dose", "Vaccine", "v a c c i n e", "ကာကွယ်ဆေး", "ដូស", "ເຂັມ", "tiêm", "mũi"]
)
def test_a_neutral_text_names_no_vaccination(word: str) -> None:
    assert rules(f"{GOOD} {word}", neutral=True) == {Rule.NOT_NEUTRAL}
    assert rules(f"{GOOD} {word}") == set()


@given(st.sampled_from([word for words in MONEY_WORDS.values() for word in words]), st.data())
def test_no_invisible_letter_hides_a_word_of_money(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word)))
    hidden = data.draw(st.sampled_from(["\u200b", "\u200c", "\u2060", "\ufeff", "\u00ad", "\u034f", "\ufe0f"]))
    assert Rule.MONEY_WORD in rules(f"{GOOD} {word[:at]}{hidden}{word[at:]}")


def test_every_shipped_text_spoiled_by_a_link_is_refused_as_an_edit() -> None:
    for template in CATALOGUE:
        assert Rule.LINK in faulted(template.key, template.language, f"{template.body} bit.ly/3")
