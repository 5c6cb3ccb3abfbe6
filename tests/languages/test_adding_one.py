"""A language is added by files alone, in the steps of docs/adding_a_language.md: a row, tables, texts, a script."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

import pytest

from gateway.calls.flow import Answered, Ask, CallFacts
from gateway.calls.reminder_call import ReminderCall
from gateway.kit.answers import Answer
from gateway.kit.clock import at_bangkok
from gateway.languages.data import HERE, LanguageDataError, use_folder
from gateway.languages.spoken import say_hour, write_day
from gateway.languages.table import load_languages
from gateway.languages.words import meaning_of
from gateway.voice.keys import Key, digit_key, number_keys
from gateway.voice.prompts import ScriptError, Scripts, load_scripts
from gateway.wording.catalogue import Catalogue, Purpose
from gateway.wording.lint import check_all
from gateway.wording.render import MessageFacts, render

ROOT = Path(__file__).parents[2]
CODE = "qaa"  # ISO 639 keeps it for whoever invents a language
SYLLABLES = ("", "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo")
NINE = at_bangkok(date(2026, 7, 26), time(9))
ROW = f"""
[{CODE}]
name = "Harbourish"
own_name = "Zu Haba"
script = "Latin"
digits = "latin"
era = "ce"
fallback = ["en"]
reads_default = true
synonyms = ["harbour talk"]
dialect = true
provinces = ["ระนอง"]
texted = "all"
spoken_by = ["recording"]
letters_per_second = 12.0
"""
SCRIPT_HEAD = f"""
language = "{CODE}"
status = "draft"
[patterns]
day = "tu {{day}}"
dose = "zu {{number}}"
place = "mo {{place}}"
name = "pe {{name}}"
[prompts]
"""


@dataclass(frozen=True)
class Harbour:
    """A copy of everything a language is made of, with one language more."""

    languages: Path
    messages: Path
    prompts: Path


def given_a_copy(folder: Path) -> Harbour:
    no_code = shutil.ignore_patterns("*.py", "__pycache__")
    return Harbour(
        shutil.copytree(HERE, folder / "languages", ignore=no_code),
        shutil.copytree(ROOT / "templates" / "messages", folder / "messages"),
        shutil.copytree(ROOT / "voice_prompts", folder / "voice_prompts"),
    )


def given_a_row(harbour: Harbour) -> None:
    with (harbour.languages / "languages.toml").open("a", encoding="utf-8") as table:
        table.write(ROW)


def given_days_and_hours(harbour: Harbour) -> None:
    tens = ["", *(f"{syllable}n" for syllable in SYLLABLES[1:])]
    spoken = {
        "weekdays": [f"we{syllable}" for syllable in SYLLABLES[1:8]],
        "months": [f"mo{syllable}" for syllable in (*SYLLABLES[1:], "ma", "ne", "pi")],
        "zero": "zo",
        "numbers": [f"{tens[number // 10]}{SYLLABLES[number % 10]}" for number in range(1, 100)],
        "half": "hem",
        "minutes": "{number}m",
        "dayparts": ["rise", "set"],
        "hours": [[f"{part} {h}", f"{part} {h} {{minutes}}"] for part in ("rise", "set") for h in "abcdefghijkl"],
    }
    written = {
        "weekdays": list("ABCDEFG"), "months": list("HIJKLMNOPQRS"), "day": "{weekday} {day} {month} {year}",
        "year_digits": 4, "time": "{hour24}h{minute:02}",
    }  # fmt: skip
    text = f"# DRAFT, not approved\n[written]\n{toml(written)}\n[spoken]\n{toml(spoken)}\n"
    (harbour.languages / "spoken" / f"{CODE}.toml").write_text(text, encoding="utf-8")


def given_words_to_reply_with(harbour: Harbour) -> None:
    text = (
        '# DRAFT\nspaced = true\nparticles = ["oh"]\n[answers]\ncoming = ["aye"]\n[start]\nwords = ["again please"]\n'
    )
    (harbour.languages / "words" / f"{CODE}.toml").write_text(text, encoding="utf-8")


def given_texts(harbour: Harbour) -> None:
    for path in sorted(harbour.messages.glob("*/en*.txt")):
        body = path.read_text(encoding="utf-8").splitlines()[-1]
        words = re.sub(r"[A-Za-z]+(?![a-z_]*\})", "lu", body)
        mine = path.with_name(path.name.replace("en", CODE, 1))
        mine.write_text(f"# draft, not approved\n{words}\n", encoding="utf-8")


def given_a_script(harbour: Harbour) -> None:
    lines = [f'"{key}" = {{ text = "{key.value.replace(".", " ")}", back = "{key.value}" }}' for key in Key]
    path = harbour.prompts / CODE / "script.toml"
    path.parent.mkdir()
    path.write_text("# DRAFT" + SCRIPT_HEAD + "\n".join(lines) + "\n", encoding="utf-8")


def toml(table: dict[str, object]) -> str:
    return "\n".join(f"{key} = {json.dumps(value)}" for key, value in table.items())  # JSON of these is TOML


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Harbour:
    harbour = given_a_copy(tmp_path_factory.mktemp("harbour"))
    for step in (given_a_row, given_days_and_hours, given_words_to_reply_with, given_texts, given_a_script):
        step(harbour)
    return harbour


@pytest.fixture(autouse=True)
def tables(harbour: Harbour) -> Iterator[None]:
    use_folder(harbour.languages)
    yield
    use_folder(None)


def test_a_roster_may_name_it() -> None:
    table = load_languages()
    assert {table.recognise(raw) for raw in ("Harbourish", "zu haba", "harbour talk", CODE)} == {CODE}
    assert table.chain(CODE) == (CODE, "en")


def test_its_texts_are_written_in_it_and_pass_every_rule(harbour: Harbour) -> None:
    catalogue = Catalogue(harbour.messages, load_languages())
    facts = MessageFacts("Aba", "Hosp", "Hosp", NINE, 2, "", "034171200", people=(("Aba", NINE), ("Moja", NINE)))
    assert check_all(catalogue) == []
    for purpose in Purpose:
        body = render(catalogue, purpose, CODE, facts, two_way=True).body
        assert "lu" in body
        assert "034171200" in body
        assert "{" not in body
    assert "G 26 N 2026" in render(catalogue, Purpose.REMINDER, CODE, facts, two_way=True).body


def test_its_answers_are_understood() -> None:
    assert meaning_of("Oh aye!", [CODE, "en"]) is Answer.COMING


def test_its_days_and_hours_are_said_in_it() -> None:
    assert (write_day(CODE, date(2026, 7, 26)), say_hour(CODE, time(13, 30))) == ("G 26 N 2026", "set b hem")


def test_a_call_speaks_it_from_end_to_end(harbour: Harbour) -> None:
    scripts = Scripts(harbour.prompts)
    facts = CallFacts(CODE, at_bangkok(date(2026, 7, 25), time(9)), appointment="a1", starts_at=NINE, site="LP01")
    flow = ReminderCall()
    _, commands = flow.step(flow.begin(facts), Answered())
    said = [
        scripts[CODE].prompts[key].text for command in commands if isinstance(command, Ask) for key in command.prompts
    ]
    assert scripts[CODE].missing == ()
    assert said == [
        "greet reminder", "relative tomorrow", "weje", "tu cenha", "moje", "rise j", "place unnamed", "safety",
        "ask coming",
    ]  # fmt: skip


def test_a_script_before_its_row_is_refused(tmp_path: Path) -> None:
    harbour = given_a_copy(tmp_path)
    given_a_script(harbour)
    use_folder(harbour.languages)
    with pytest.raises(ScriptError, match=f"'{CODE}' is not in the table of languages"):
        load_scripts(harbour.prompts)


def test_what_its_table_lacks_is_missing_from_its_script(tmp_path: Path) -> None:
    harbour = given_a_copy(tmp_path)
    given_a_row(harbour)
    given_a_script(harbour)
    use_folder(harbour.languages)
    assert load_scripts(harbour.prompts)[CODE].missing == (*number_keys(), *(digit_key(digit) for digit in range(10)))


def test_a_folder_without_a_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LanguageDataError, match=r"languages\.toml: file: is missing"):
        use_folder(tmp_path)


@pytest.mark.parametrize(
    "section", ["A row", "Days, hours and numbers", "Replies", "Texts", "The script", "Recordings", "Approvals"]
)
def test_each_step_is_told_in_the_docs(section: str) -> None:
    assert f". {section}\n" in (ROOT / "docs" / "adding_a_language.md").read_text(encoding="utf-8")
