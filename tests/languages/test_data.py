"""Data files complain with file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.languages.data import LanguageDataError, LanguageError, read_section


def write(folder: Path, text: str) -> Path:
    path = folder / "some.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_missing_key_is_named_with_its_file(tmp_path: Path) -> None:
    with pytest.raises(LanguageDataError, match=r"^some\.toml: written\.day: is missing$"):
        read_section(write(tmp_path, "[written]\n")).section("written").text("day")


def test_a_misspelt_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LanguageDataError, match=r"some\.toml: nmae: is not a known key"):
        read_section(write(tmp_path, "nmae = 1\n")).only("name")


@pytest.mark.parametrize("value", ['"text"', "[1]", '[""]', '["only one"]'])
def test_a_list_of_texts_must_be_one_of_the_right_length(tmp_path: Path, value: str) -> None:
    with pytest.raises(LanguageDataError, match=r"some\.toml: days: must"):
        read_section(write(tmp_path, f"days = {value}\n")).texts("days", 2)


@pytest.mark.parametrize("value", ["1", "[1]", '[["a", "b", "c"]]', '[[1, "b"]]'])
def test_a_list_of_pairs_must_hold_pairs_of_its_types(tmp_path: Path, value: str) -> None:
    with pytest.raises(LanguageDataError, match=r"some\.toml: hours: must"):
        read_section(write(tmp_path, f"hours = {value}\n")).pairs("hours", str, str)


def test_an_empty_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LanguageDataError, match="name: is empty"):
        read_section(write(tmp_path, 'name = " "\n')).text("name")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LanguageDataError, match=r"^gone\.toml: file: is missing$"):
        read_section(tmp_path / "gone.toml")


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(LanguageDataError, match=r"^some\.toml: file: is not TOML"):
        read_section(write(tmp_path, "= ="))


def test_a_language_error_reads_as_a_sentence_and_is_a_key_error() -> None:
    error = LanguageError("language 'xx' is not in the table")
    assert isinstance(error, KeyError)
    assert str(error) == "language 'xx' is not in the table"
