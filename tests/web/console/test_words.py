"""The console's words: Thai and English complete, every word that is asked for is there, slots are the same in both."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.records.staffing import Role
from gateway.web.console.dates import say_day
from gateway.web.console.words import LANGUAGES, Words, WordsError
from gateway.wiring import data_dir
from tests.support.world import MONDAY, NINE

TEMPLATES = data_dir("templates")
CODE = Path(__file__).parents[3] / "gateway" / "web" / "console"
KEY = r"[a-z_]+(?:\.[a-z0-9_]+)+"
ASKED = re.compile(rf"""\bt\(\s*(?:language,\s*)?["']({KEY})["']\s*[,)]""")
PUT_TOGETHER = re.compile(rf"""\bt\(\s*["']({KEY}\.?)["']\s*~""")
REFUSALS = re.compile(rf"""\b(?:Refused|Missing|Forbidden)\(\s*["']({KEY})["']""")
LITERAL = re.compile(rf"""["']({KEY})["']""")
THAI = re.compile("[\u0e01-\u0e5b]")


@pytest.fixture(scope="module")
def words() -> Words:
    return Words(TEMPLATES / "console" / "words")


def sources() -> Iterator[tuple[str, str]]:
    """Every template and module of the console."""
    for file in sorted([*(TEMPLATES / "console").glob("*.html"), *CODE.glob("*.py")]):
        yield file.name, file.read_text(encoding="utf-8")


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_word_that_is_asked_for_is_there(words: Words) -> None:
    asked = {(name, key) for name, text in sources() for key in ASKED.findall(text) + REFUSALS.findall(text)}
    assert len(asked) > 150
    assert sorted((name, key) for name, key in asked if key not in words.keys) == []


def test_whatever_looks_like_a_key_in_a_module_is_one(words: Words) -> None:
    """Keys are handed about, too: ("sign_in.wrong"). What begins like a page's words must be among them."""
    pages = {file.stem for file in (TEMPLATES / "console" / "words").glob("*.toml")}
    names = {(name, key) for name, text in sources() if name.endswith(".py") for key in LITERAL.findall(text)}
    keys = {(name, key) for name, key in names if key.split(".")[0] in pages and not key.endswith((".html", ".csv"))}
    assert sorted((name, key) for name, key in keys if key not in words.keys and not is_start(words, key)) == []


def test_words_put_together_begin_like_some_that_are_there(words: Words) -> None:
    begun = {(name, key) for name, text in sources() for key in PUT_TOGETHER.findall(text)}
    assert sorted((name, key) for name, key in begun if not is_start(words, key)) == []


def is_start(words: Words, key: str) -> bool:
    return any(one.startswith(key) for one in words.keys)


def test_the_slots_are_the_same_in_both_languages(words: Words) -> None:
    for key in sorted(words.keys):
        phrase = words.phrase(key)
        assert phrase is not None
        assert slots(phrase["th"]) == slots(phrase["en"]), key
        assert slots(phrase.get("one", "")) <= slots(phrase["en"]), key


def test_thai_is_thai_and_english_is_not(words: Words) -> None:
    mixed = []
    for key in sorted(words.keys):
        phrase = words.phrase(key)
        assert phrase is not None
        assert not THAI.search(phrase["en"]), key
        if not THAI.search(phrase["th"]) and re.search("[A-Za-z]{3}", re.sub(r"\{\w+\}", "", phrase["th"])):
            mixed.append(key)
    assert mixed == [], "English words stand where Thai ones should"


def test_no_phrase_is_blank_or_has_stray_spaces(words: Words) -> None:
    for key in words.keys:
        for form, text in (words.phrase(key) or {}).items():
            assert text == text.strip(), (key, form)
            assert text, (key, form)
            assert "  " not in text, (key, form)


def test_no_phrase_is_html(words: Words) -> None:
    """Words are escaped where they are shown: a tag would be seen as it stands."""
    assert [key for key in words.keys if re.search(r"</?[a-z]+[ >]|&[a-z]+;", str(words.phrase(key)))] == []


def test_each_file_says_that_its_thai_is_a_draft() -> None:
    files = sorted((TEMPLATES / "console" / "words").glob("*.toml"))
    assert len(files) >= 5
    for file in files:
        first = file.read_text(encoding="utf-8").splitlines()[0]
        assert first == "# Thai wording: a draft, not yet read by a clinic's staff.", file.name


@pytest.mark.parametrize("role", list(Role))
def test_roles_and_tabs_have_names(words: Words, role: Role) -> None:
    from gateway.web.console.frame import TABS

    assert words.phrase(f"common.role.{role.value}") is not None
    assert [tab[0] for tab in TABS if words.phrase(f"common.tab.{tab[0]}") is None] == []


def write(folder: Path, text: str) -> Words:
    (folder / "page.toml").write_text(text, encoding="utf-8")
    return Words(folder)


def test_a_phrase_is_filled_in_and_one_is_said_as_one(tmp_path: Path) -> None:
    words = write(tmp_path, 'people = { th = "{n} คน", en = "{n} people", one = "{n} person" }\n[a.b]\nth="ก"\nen="x"')
    assert [words.text("en", "page.people", n=n) for n in (0, 1, 2)] == ["0 people", "1 person", "2 people"]
    assert words.text("th", "page.people", n=1) == "1 คน"
    assert words.text("en", "page.a.b") == "x"


def test_a_missing_phrase_is_shown_by_its_key_and_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert write(tmp_path, "").text("th", "page.not_there") == "not there"
    assert "page.not_there" in caplog.text


@pytest.mark.parametrize(
    ("text", "complaint"),
    [('a = { th = "ก" }', "page.a: en is missing"), ('a = { th = "", en = "x" }', "th is missing"),
     ('a = "x"', "expected a table"), ('a = { th = "ก", en = "x", fr = "y" }', "expected a table"),
     ("a = ", "page.toml")],
)  # fmt: skip
def test_a_file_that_is_wrong_is_named_with_its_key(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(WordsError, match=complaint):
        write(tmp_path, text)


def test_a_file_that_is_no_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "page.toml").write_bytes('a = "ก"'.encode("cp874"))
    with pytest.raises(WordsError, match=r"page\.toml"):
        Words(tmp_path)


def test_days_are_written_in_the_era_of_the_language() -> None:
    assert say_day(MONDAY, "th") == "จ. 3 ส.ค. 2569"
    assert say_day(MONDAY, "en") == "Mon 3 Aug 2026"
    assert say_day(NINE.replace(hour=20), "en") == "Tue 4 Aug 2026", "by Bangkok's clock"
    assert LANGUAGES == ("th", "en")
