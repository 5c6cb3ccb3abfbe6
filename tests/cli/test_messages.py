"""`gateway messages`: the texts checked, seen, and counted."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from gateway.wiring import data_dir
from gateway.wording.catalogue import Purpose
from tests.cli.conftest import Gateway


def test_the_shipped_texts_are_all_well(gateway: Gateway) -> None:
    found = gateway("messages", "check")
    assert (found.exit_code, found.stdout) == (0, "")
    assert "texts in en, km, lo, my, th, vi: all well" in found.stderr


def test_a_text_with_a_link_is_named_and_refused(gateway: Gateway, tmp_path: Path) -> None:
    shutil.copytree(data_dir("templates"), tmp_path / "templates")
    file = tmp_path / "templates/messages/reminder/en.txt"
    file.write_text(file.read_text(encoding="utf-8") + " http://bit.ly/x", encoding="utf-8")
    found = gateway("messages", "check", TEMPLATES_DIR=str(tmp_path / "templates"))
    assert found.exit_code == 1
    assert found.stderr.splitlines() == ["reminder/en one-way: link", "reminder/en two-way: link"]


def test_a_text_with_a_missing_placeholder_is_named_without_a_traceback(gateway: Gateway, tmp_path: Path) -> None:
    shutil.copytree(data_dir("templates"), tmp_path / "templates")
    (tmp_path / "templates/messages/reminder/en.txt").write_text("Come.", encoding="utf-8")
    found = gateway("messages", "check", TEMPLATES_DIR=str(tmp_path / "templates"))
    assert (found.exit_code, len(found.stderr.splitlines())) == (1, 1)
    assert "reminder/en.txt" in found.stderr


@pytest.mark.parametrize("language", ["th", "en", "my", "km", "lo", "vi"])
def test_a_language_can_be_seen_with_every_purpose(gateway: Gateway, language: str) -> None:
    found = gateway("messages", "preview", "--language", language)
    assert found.exit_code == 0
    assert [purpose for purpose in Purpose if f"{purpose.value} · draft" not in found.stdout] == []
    assert "{" not in found.stdout


@pytest.mark.parametrize("language", ["en", "my", "km", "lo", "vi"])
def test_who_does_not_read_thai_is_shown_the_clinics_english_name_as_the_place(gateway: Gateway, language: str) -> None:
    found = gateway("messages", "preview", "--language", language).stdout
    assert "Mae Wang Example Hospital" in found
    assert "the hall" not in found


def test_one_purpose_can_be_asked_for(gateway: Gateway) -> None:
    assert gateway("messages", "preview", "--language", "th", "--purpose", "notice").stdout.count("· draft ·") == 1


@pytest.mark.parametrize(
    "words", [("--language", "xx"), ("--language", "th", "--purpose", "greeting"), (), ("--langauge", "th")]
)
def test_what_there_is_no_text_for_ends_with_2(gateway: Gateway, words: tuple[str, ...]) -> None:
    found = gateway("messages", "preview", *words)
    assert (found.exit_code, found.stdout) == (2, "")


def test_parts_are_counted_as_they_are_charged(gateway: Gateway) -> None:
    counted = json.loads(gateway("messages", "segments", "ก" * 71, "--json").stdout)
    assert (counted["parts"], counted["units"], counted["encoding"]) == (2, 71, "ucs2")
    assert gateway("messages", "segments", "a" * 160).stdout == "1 part(s), 160 units of gsm7\n"
