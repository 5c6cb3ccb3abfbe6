"""Who goes first of the reminders with the same time left: by risk, then by age. Data in priority.toml. Pure.

A priority is a whole number, the lower first: the group's place, then the years that are missing to 120. It is the same
in Python (`priority_of`) and in the planner's SQL (`priority_sql`).
"""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from gateway.plan.ladder import LadderError

OLDEST: Final = 120
"""Years; who is older stands with them, and whose age nobody knows with the new-born."""
_PLACE: Final = 1000  # of two priorities, what a place among the groups is worth: more than any age
_LOWER: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)  # what both engines do with every letter
_WORD: Final = re.compile(r"[0-9a-z\u0e00-\u0e7f .-]+")
_HERE: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Group:
    """People of one risk: those whose target group holds one of `words`, and those who are `from_age` or older."""

    name: str
    words: tuple[str, ...]
    from_age: int | None = None


@dataclass(frozen=True, slots=True)
class Risks:
    """The groups, the one that goes first standing first."""

    source: str
    dated: date
    groups: tuple[Group, ...]


def priority_of(target_group: str, age: int | None, risks: Risks | None = None) -> int:
    """Return whose turn it is, the lower first; `age` in full years, `risks` are the shipped ones by default."""
    groups, text = (risks or load_risks()).groups, target_group.translate(_LOWER)
    place = next((place for place, group in enumerate(groups) if _is_of(group, text, age)), len(groups))
    return place * _PLACE + OLDEST - min(max(age or 0, 0), OLDEST)


def priority_sql(target_group: str, age: str, *, is_sqlite: bool, risks: Risks | None = None) -> str:
    """Return the same as an expression over two others: a text, and whole years or NULL."""
    groups = (risks or load_risks()).groups
    text, within = (
        (f"lower({target_group})", "instr") if is_sqlite else (f'lower({target_group} COLLATE "C")', "strpos")
    )
    cases = " ".join(
        f"WHEN {_either(group, text, within, age)} THEN {place * _PLACE}" for place, group in enumerate(groups)
    )
    least, most = ("min", "max") if is_sqlite else ("least", "greatest")
    years = f"{least}({most}(coalesce({age}, 0), 0), {OLDEST})"
    return f"CASE {cases} ELSE {len(groups) * _PLACE} END + {OLDEST} - {years}"


@lru_cache(maxsize=8)
def load_risks(path: Path | None = None) -> Risks:
    """Return the groups of a TOML file (default: priority.toml beside this module), read once and checked.

    Raises LadderError naming file and key.
    """
    path = path or _HERE / "priority.toml"
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise LadderError(path.name, "file", "is missing") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LadderError(path.name, "file", f"is not TOML: {error}") from error
    return _risks(path.name, content)


def _is_of(group: Group, text: str, age: int | None) -> bool:
    is_old = group.from_age is not None and age is not None and age >= group.from_age
    return is_old or any(word in text for word in group.words)


def _either(group: Group, text: str, within: str, age: str) -> str:
    # The age first: it is quick, and it decides for most of those who go first.
    ages = [f"coalesce({age}, -1) >= {group.from_age}"] if group.from_age is not None else []
    return " OR ".join([*ages, *(f"{within}({text}, '{word}') > 0" for word in group.words)])


def _risks(file: str, content: dict[str, Any]) -> Risks:
    def checked(values: dict[str, Any], key: str, is_right: Callable[[Any], bool], called: str, where: str = "") -> Any:
        if key not in values or not is_right(values[key]):
            raise LadderError(file, where + key, f"must be {called}")
        return values[key]

    groups = []
    entries = checked(content, "group", lambda value: isinstance(value, list), "a list of tables, [[group]]")
    for number, entry in enumerate(entries, 1):
        where = f"group[{number}]."
        name = checked(entry, "name", lambda value: isinstance(value, str) and value != "", "a text", where)
        words = checked(entry, "words", _are_words, "a list of texts of small Latin and Thai letters", where)
        years = entry.get("from_age")
        if years is not None:
            checked(entry, "from_age", lambda value: type(value) is int and value > 0, "a whole number", where)
        for key in entry.keys() - {"name", "words", "from_age"}:
            raise LadderError(file, where + key, "is not a known key; known are from_age, name, words")
        groups.append(Group(name, tuple(words), years))
    source = checked(content, "source", lambda value: isinstance(value, str) and value != "", "a text")
    dated = checked(content, "date", lambda value: type(value) is date, "a day such as 2026-11-22")
    return Risks(source, dated, tuple(groups))


def _are_words(value: Any) -> bool:
    """Nothing that SQL would take for the end of the text: the words go into a statement as they are."""
    return isinstance(value, list) and all(isinstance(word, str) and _WORD.fullmatch(word) for word in value)
