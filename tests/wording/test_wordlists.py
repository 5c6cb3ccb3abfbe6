"""The words that no text may hold: data of a health officer, which cannot be emptied."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.wording.wordlists import FILE, WordListError, load_words

SHIPPED = FILE.read_text(encoding="utf-8")


def spoiled(folder: Path, text: str) -> Path:
    path = folder / "words.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_word_that_was_added_is_looked_for(tmp_path: Path) -> None:
    added = SHIPPED.replace("[money]\nth = [", '[money]\nth = [\n"แชร์ลูกโซ่",')
    assert "แชร์ลูกโซ่" in load_words(spoiled(tmp_path, added))["money"]["th"]


def test_every_list_has_words_that_are_written_once() -> None:
    for name, words in load_words().items():
        for code, listed in words.items():
            assert len(set(listed)) == len(listed), f"{name}.{code}"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[money]", "[mony]", "mony: there is no such list"),
        ("[swindlers]", "[[swindlers]]", "swindlers: the list is missing"),
        ("\nth = [", "\nthai = [", "money.th: the words are missing"),
        ('shn = [\n    "ငိုၼ်း",\n]', "shn = []", "money.shn: must be a list with at least one word"),
        ('"ငိုၼ်း"', '"ၼ"', "is no word of two letters"),
        ('"ငိုၼ်း"', "7", "money.shn: 7 is no word"),
        ("[money]", "[money", "is not TOML"),
    ],
)
def test_a_list_cannot_be_switched_off(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in SHIPPED
    with pytest.raises(WordListError, match=r"words\.toml: ") as error:
        load_words(spoiled(tmp_path, SHIPPED.replace(old, new)))
    assert said in str(error.value)


def test_without_the_file_nothing_starts(tmp_path: Path) -> None:
    with pytest.raises(WordListError, match=r"words\.toml: the file is missing"):
        load_words(tmp_path / "words.toml")
