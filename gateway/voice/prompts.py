"""The scripts: per language, what the speaker says for each prompt key.

A script is `voice_prompts/<language>/script.toml`: `language`, `status` (always "draft" in what we ship: approvals are
kept by hash, elsewhere), a table `prompts` of key = text, or key = {text, back, note, note_en, doubt}, and for what can
be counted, which is made of the language's own table (see `countable`), the tables `patterns`, `notes`, `notes_en` and
`doubts` of kind = text. An edit made in the console counts more than the file. A dialect's hours are whatever its
speakers wrote in their table.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from gateway.languages.table import load_languages
from gateway.voice.countable import PATTERNS, countable, fill
from gateway.voice.keys import is_key, name_key, site_key, wanted_keys

CHARACTERS_PER_SECOND: Final = 12.0
"""How fast Thai is read aloud, spaces not counted: an estimate, for lengths before there is a recording."""

_ENTRY_FIELDS: Final = ("text", "back", "note", "note_en", "doubt")
_NOTES: Final = {"notes": "note", "notes_en": "note_en", "doubts": "doubt"}
_PARTS: Final = frozenset({"language", "status", "prompts", "patterns", *_NOTES})

Edits = Mapping[tuple[str, str], str]
"""What was edited in the console: (language, key) to the newest text."""


class ScriptError(Exception):
    """A script cannot be used as it is; the message names file and key."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing to say. `back` is a translation for those who do not know the language.

    `note` is for the speaker, in Thai, and `note_en` the same in English. `doubt` is for who approves it, never for who
    speaks it: a speaker who reads that a word is doubtful says another.
    """

    key: str
    text: str
    note: str = ""
    back: str = ""
    note_en: str = ""
    doubt: str = ""

    @property
    def text_sha256(self) -> str:
        """The hash of the text: a clip of another text is stale."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def note_in(self, language: str) -> str:
        """Return the note for the speaker in the language of a page, or as there is one."""
        return self.note_en or self.note if language == "en" else self.note or self.note_en


@dataclass(frozen=True, slots=True)
class Script:
    """A language's prompts by key, its patterns, and the fields of a Prompt that all of a kind have (`notes`).

    `letters_per_second` is how fast it is read aloud.
    """

    language: str
    prompts: Mapping[str, Prompt] = field(default_factory=dict)
    status: str = "draft"
    patterns: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    letters_per_second: float = CHARACTERS_PER_SECOND

    @property
    def missing(self) -> tuple[str, ...]:
        """The wanted keys that have no text yet; a call that needs one of them is refused."""
        return self.missing_of(wanted_keys())

    def missing_of(self, keys: Collection[str]) -> tuple[str, ...]:
        """Those of the keys that have no text, in order."""
        return tuple(str(key) for key in keys if key not in self.prompts)

    def seconds(self, key: str) -> float:
        """About how long it takes to say a prompt, in seconds; raises KeyError where it is not written."""
        return estimate_seconds(self.prompts[key].text, self.letters_per_second)

    def site_prompt(self, code: str, place_name: str) -> Prompt | None:
        """What says where: the text that was written for this site, else its name in the pattern for places.

        None where the script has no pattern, or the code cannot stand in a key.
        """
        key = site_key(code)
        return None if key is None else self._named(key, "place", place_name, f"at {place_name.strip()}")

    def name_prompt(self, name: str) -> Prompt | None:
        """What says whom the call is for; None where the script has no pattern for it, or there is no name."""
        return self._named(name_key(name), "name", name, f"for {name.strip()}")

    def _named(self, key: str, kind: str, name: str, back: str) -> Prompt | None:
        if key in self.prompts:
            return self.prompts[key]
        if kind not in self.patterns or not name.strip():
            return None
        return Prompt(key, fill(kind, self.patterns, name.strip()), back=back, **self.notes.get(kind, {}))


class Scripts(Mapping[str, Script]):
    """The scripts by language, with what was edited in the console; a language may exist by its edits alone.

    `edits` is asked at every look and must be cheap: the same object means that nothing changed. What it gives is
    never changed in place. Languages the table does not have, and keys that no call says, are passed over: a row of
    the database that an update made meaningless must not stop every call.
    """

    def __init__(self, prompts_dir: Path, edits: Callable[[], Edits] | None = None) -> None:
        """Read the folder; raises ScriptError like `load_scripts`."""
        self._edits: Callable[[], Edits] = edits or dict
        self._shipped = load_scripts(prompts_dir)
        self._seen: tuple[Edits, Mapping[str, Script]] = ({}, self._shipped)

    @property
    def shipped(self) -> Mapping[str, Script]:
        """The scripts as the files have them."""
        return self._shipped

    def __getitem__(self, language: str) -> Script:
        """The language's script as it is now."""
        return self._now()[language]

    def __iter__(self) -> Iterator[str]:
        """The languages, in order of their codes."""
        return iter(self._now())

    def __len__(self) -> int:
        """How many languages have a script."""
        return len(self._now())

    def _now(self) -> Mapping[str, Script]:
        edits = self._edits()
        seen, scripts = self._seen  # one read: another thread may be replacing both
        if edits is seen or edits == seen:
            return scripts
        scripts = edited(self._shipped, edits)
        self._seen = (edits, scripts)
        return scripts


def load_scripts(prompts_dir: Path, edits: Edits | None = None) -> Mapping[str, Script]:
    """Return the scripts by language, as they are at this moment; `Scripts` follows edits made later.

    Raises ScriptError naming the file, and the key where one is wrong.
    """
    files = sorted(prompts_dir.glob("*/script.toml"))
    if not files:
        raise ScriptError(f"{prompts_dir}: no <language>/script.toml in it")
    scripts = {path.parent.name: _load(path) for path in files}
    return edited(scripts, edits) if edits else scripts


def edited(scripts: Mapping[str, Script], edits: Edits) -> Mapping[str, Script]:
    """Return the scripts with the edited texts in them.

    An edited prompt keeps its note, and loses back translation and doubt, which are about words that are gone.
    """
    table = load_languages()
    fresh: dict[str, dict[str, Prompt]] = {}
    for (language, key), text in edits.items():
        if language not in table.codes or not is_key(key) or not text.strip():
            continue
        script = scripts.get(language)
        old = script.prompts.get(key) if script else None
        prompt = replace(old or Prompt(key, ""), text=text.strip(), back="", doubt="")
        fresh.setdefault(language, {})[key] = old if old and old.text == prompt.text else prompt
    merged = {language: _with(scripts.get(language), language, prompts) for language, prompts in fresh.items()}
    return dict(sorted({**scripts, **merged}.items()))


def estimate_seconds(text: str, letters_per_second: float = CHARACTERS_PER_SECOND) -> float:
    """Return about how long it takes to say the text, in seconds; the pace is the language table's, by default Thai."""
    return len("".join(text.split())) / letters_per_second


def _with(script: Script | None, language: str, prompts: Mapping[str, Prompt]) -> Script:
    base = script or _derived(language, {}, {})
    return replace(base, prompts={**base.prompts, **prompts})


def _load(path: Path) -> Script:
    data, language = _read(path), path.parent.name
    if data.get("language") != language:
        raise ScriptError(f"{path}: language must be {language!r}, the name of its folder")
    if language not in load_languages().codes:
        raise ScriptError(f"{path}: {language!r} is not in the table of languages")
    entries = data.get("prompts")
    if not isinstance(entries, dict):
        raise ScriptError(f"{path}: prompts must be a table")
    written = {key: _prompt(path, key, entry) for key, entry in entries.items()}
    base = _derived(language, _patterns(path, data.get("patterns", {})), _notes(path, data))
    prompts = {**written, **base.prompts, **written}  # the sentences come first, as a speaker reads them
    return replace(base, prompts=prompts, status=str(data.get("status", "draft")))


def _read(path: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScriptError(f"{path}: {error}") from error
    unknown = sorted(set(data) - _PARTS)
    if unknown:
        raise ScriptError(f"{path}: {unknown[0]!r} is no part of a script; known are {', '.join(sorted(_PARTS))}")
    return data


def _derived(language: str, patterns: Mapping[str, str], notes: Mapping[str, Mapping[str, str]]) -> Script:
    prompts = {
        key: Prompt(key, text, back=back, **notes.get(kind, {}))
        for kind, key, text, back in countable(language, patterns)
    }
    pace = load_languages().get(language).letters_per_second
    return Script(language, prompts, patterns=patterns, notes=notes, letters_per_second=pace)


def _patterns(path: Path, patterns: Any) -> dict[str, str]:
    texts = _texts(path, "patterns", patterns)
    for kind, pattern in texts.items():
        field_name = f"{{{PATTERNS[kind]}}}"
        if pattern.count(field_name) != 1 or "{" in pattern.replace(field_name, ""):
            raise ScriptError(f"{path}: patterns.{kind} must hold {field_name} once, and no other field")
    return texts


def _notes(path: Path, data: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    notes: dict[str, dict[str, str]] = {}
    for part, of_a_prompt in _NOTES.items():
        for kind, text in _texts(path, part, data.get(part, {})).items():
            notes.setdefault(kind, {})[of_a_prompt] = text
    return notes


def _texts(path: Path, part: str, table: Any) -> dict[str, str]:
    if not isinstance(table, dict):
        raise ScriptError(f"{path}: {part} must be a table")
    for kind, text in table.items():
        if kind not in PATTERNS:
            raise ScriptError(f"{path}: {part}.{kind} is not known; known are {', '.join(PATTERNS)}")
        if not isinstance(text, str) or not text.strip():
            raise ScriptError(f"{path}: {part}.{kind} must be a text")
    return dict(table)


def _prompt(path: Path, key: str, entry: Any) -> Prompt:
    fields = {"text": entry} if isinstance(entry, str) else entry
    if not is_key(key):
        raise ScriptError(f"{path}: {key!r} is not a prompt that any call says")
    if (
        not isinstance(fields, dict)
        or set(fields) - set(_ENTRY_FIELDS)
        or not all(isinstance(v, str) for v in fields.values())
    ):
        raise ScriptError(f"{path}: {key} must be a text, or a table of {', '.join(_ENTRY_FIELDS)}")
    if not fields.get("text", "").strip():
        raise ScriptError(f"{path}: {key} has no text")
    return Prompt(key, **{**fields, "text": fields["text"].strip()})
