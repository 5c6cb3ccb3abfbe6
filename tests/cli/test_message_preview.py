"""`gateway messages preview`: the text and the call of any language, before anybody gets them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gateway.wording.segments import count_segments
from tests.cli.conftest import Gateway
from tests.support.engines import exists


def shown(gateway: Gateway, *words: str) -> list[dict[str, object]]:
    found = gateway("messages", "preview", *words, "--json")
    assert found.exit_code == 0
    return json.loads(found.stdout)["shown"]  # type: ignore[no-any-return]


def test_a_text_is_shown_with_its_parts_and_price_and_the_call_with_its_seconds(gateway: Gateway) -> None:
    found = gateway("messages", "preview", "--language", "my", "--purpose", "reminder").stdout
    assert re.search(
        r"reminder · draft · 3 parts; \d+ characters less make it 2 · \d+ units of ucs2 · US\$ 0\.075", found
    )
    assert re.search(r"reminder call · draft · date and place after \d\.\d s of 10 · \d+\.\d s of 40 to the", found)
    assert re.search(r"0\.0-2\.7 +placeholder +\S+.*\[Hello", found)
    for moment in ("question", "menu", "yes"):
        assert re.search(rf"^  {moment} · \d+\.\d s$", found, re.MULTILINE)


def test_as_json_it_is_the_same_figures(gateway: Gateway) -> None:
    (one,) = shown(gateway, "--language", "nod", "--purpose", "notice")
    text, call = one["text"], one["call"]
    assert isinstance(text, dict)
    assert isinstance(call, dict)
    assert count_segments(text["body"]).parts == len(text["parts"]) == round(text["price"] / 0.025)
    assert (text["is_draft"], text["refused"], call["refused"]) == (True, "", "")
    assert call["language"] == "nod"
    phrases = call["turns"][0]["phrases"]
    assert {phrase["source"] for phrase in phrases} == {"placeholder"}
    assert call["seconds"] == pytest.approx(sum(phrase["seconds"] for phrase in phrases))
    assert call["told_after"] <= 10


def test_what_is_texted_alone_has_no_call(gateway: Gateway) -> None:
    every = shown(gateway, "--language", "th")
    called = {str(one["purpose"]) for one in every if one["call"]}
    assert called == {"notice", "reminder", "morning", "second_dose"}
    assert len(every) == 15


def test_neutral_long_names_and_the_route_change_the_text(gateway: Gateway) -> None:
    plain = ("--language", "th", "--purpose", "reminder")
    bodies = [
        shown(gateway, *plain, *more)[0]["text"]["body"]  # type: ignore[index]
        for more in ((), ("--neutral",), ("--longest",), ("--route", "one-way"))
    ]
    assert len(set(bodies)) == 4
    assert "กัญญารัตน์มณีวงศ์" in bodies[2]


def test_what_stands_in_for_a_language_is_said(gateway: Gateway) -> None:
    found = gateway("messages", "preview", "--language", "ksw", "--purpose", "reminder").stdout
    assert "(no text in ksw: my stands in)" in found
    assert "(no call in ksw: my stands in)" in found


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--language", "xx"), "--language: expected one of th, nod,"),
        (("--language", "th", "--purpose", "greeting"), "--purpose: expected one of notice,"),
        (("--language", "th", "--route", "pigeon"), "--route: expected one of house, two-way, one-way"),
    ],
)
def test_what_there_is_not_is_named_and_ends_with_2(gateway: Gateway, words: tuple[str, ...], expected: str) -> None:
    found = gateway("messages", "preview", *words)
    assert (found.exit_code, found.stdout) == (2, "")
    assert expected in found.stderr


def test_a_script_that_is_wrong_is_named_without_a_traceback(gateway: Gateway, tmp_path: Path) -> None:
    (tmp_path / "prompts" / "th").mkdir(parents=True)
    (tmp_path / "prompts" / "th" / "script.toml").write_text('language = "en"', encoding="utf-8")
    found = gateway("messages", "preview", "--language", "th", VOICE_PROMPTS_DIR=str(tmp_path / "prompts"))
    assert (found.exit_code, len(found.stderr.splitlines())) == (1, 1)
    assert "script.toml" in found.stderr


def test_to_look_makes_no_database_and_no_sound(gateway: Gateway, tmp_path: Path) -> None:
    assert gateway("messages", "preview", "--language", "nod").exit_code == 0
    assert not exists(tmp_path / "gateway.db")
    assert not (tmp_path / "audio").exists()
