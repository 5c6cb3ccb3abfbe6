"""The scripts: per language, what the speaker says for each prompt key.

A script is `voice_prompts/<language>/script.toml`: `language`, `status` (always "draft" in what we ship: approvals are
kept by hash, elsewhere) and a table `prompts` of key = text, or key = {text, note, back}. The file is the source of
truth for every word; a dialect's hours are whatever its speakers wrote there.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from gateway.voice.keys import is_key, wanted_keys

CHARACTERS_PER_SECOND: Final = 12.0
"""How fast Thai is read aloud, spaces not counted: an estimate, for lengths before there is a recording."""

_ENTRY_FIELDS: Final = frozenset({"text", "note", "back"})


class ScriptError(Exception):
    """A script cannot be used as it is; the message names file and key."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing to say. `note` is for the speaker, `back` is a translation for those who do not know the language."""

    key: str
    text: str
    note: str = ""
    back: str = ""

    @property
    def text_sha256(self) -> str:
        """The hash of the text: a clip of another text is stale."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Script:
    """A language's prompts by key."""

    language: str
    prompts: Mapping[str, Prompt] = field(default_factory=dict)
    status: str = "draft"

    @property
    def missing(self) -> tuple[str, ...]:
        """The wanted keys that have no text yet; a call that needs one of them is refused."""
        return tuple(key for key in wanted_keys() if key not in self.prompts)


class HasChain(Protocol):
    """What is asked of the language table."""

    def chain(self, code: str) -> tuple[str, ...]:
        """The languages a person of this one may be read, best first, beginning with itself."""
        ...


def load_scripts(prompts_dir: Path) -> Mapping[str, Script]:
    """Return the scripts by language; raises ScriptError naming the file, and the key where one is wrong."""
    files = sorted(prompts_dir.glob("*/script.toml"))
    if not files:
        raise ScriptError(f"{prompts_dir}: no <language>/script.toml in it")
    return {path.parent.name: _load(path) for path in files}


def choose_script(
    scripts: Mapping[str, Script], languages: HasChain, wanted: str, keys: Collection[str] = ()
) -> str | None:
    """Return the first language of `wanted`'s chain whose script has all of `keys`; None: the person is not called."""
    for code in languages.chain(wanted):
        script = scripts.get(code)
        if script is not None and all(key in script.prompts for key in keys or wanted_keys()):
            return code
    return None


def estimate_seconds(text: str) -> float:
    """Return about how long it takes to say the text, in seconds."""
    return len("".join(text.split())) / CHARACTERS_PER_SECOND


def _load(path: Path) -> Script:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScriptError(f"{path}: {error}") from error
    language = path.parent.name
    if data.get("language") != language:
        raise ScriptError(f"{path}: language must be {language!r}, the name of its folder")
    entries = data.get("prompts")
    if not isinstance(entries, dict):
        raise ScriptError(f"{path}: prompts must be a table")
    prompts = {key: _prompt(path, key, entry) for key, entry in entries.items()}
    return Script(language, prompts, str(data.get("status", "draft")))


def _prompt(path: Path, key: str, entry: Any) -> Prompt:
    fields = {"text": entry} if isinstance(entry, str) else entry
    if not is_key(key):
        raise ScriptError(f"{path}: {key!r} is not a prompt that any call says")
    if (
        not isinstance(fields, dict)
        or set(fields) - _ENTRY_FIELDS
        or not all(isinstance(v, str) for v in fields.values())
    ):
        raise ScriptError(f"{path}: {key} must be a text, or a table of text, note and back")
    if not fields.get("text", "").strip():
        raise ScriptError(f"{path}: {key} has no text")
    return Prompt(key, fields["text"].strip(), fields.get("note", ""), fields.get("back", ""))
