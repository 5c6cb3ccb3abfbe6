"""`gateway prompts take`: recordings of files, each a phrase; every one checked before the first is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import Session, col, select

from gateway.dispatch.clips import NotThisPhrase, check_clip
from gateway.dispatch.prepare import spoken_place
from gateway.records.people import Person
from gateway.records.places import Site
from gateway.records.wordings import Origin
from gateway.voice.assets import ClipSource
from gateway.voice.keys import NAME_KEY, name_key, site_key
from gateway.voice.prompts import Prompt, Script
from gateway.voice.sheet import numbered
from gateway.voice.wav import seconds_of
from gateway.wiring import House


class NoPhrase(Exception):
    """A file's name is no phrase; the message says what it may be."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One file, the phrase it is named for, and what came of it: a telephone WAV, or the reason why not."""

    file: Path
    prompt: Prompt | None = None
    wav: bytes = b""
    problem: str = ""


@dataclass(slots=True)
class Taken:
    """What became of a set of files; `there`: the very same sound was kept before."""

    kept: list[Recording] = field(default_factory=list)
    there: list[Recording] = field(default_factory=list)
    failed: list[Recording] = field(default_factory=list)


def files_of(path: Path) -> list[Path]:
    """Return the file, or the files of a folder in order of their names, hidden ones left out."""
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))


def take(built: House, language: str, recordings: Iterable[Recording], *, voice: str, author: str | None) -> Taken:
    """Keep the good ones as drafts of this voice, which wait for a second person; `author` is an account's id."""
    taken, before = Taken(), built.clips.kept(language)
    for one in recordings:
        if one.prompt is None or one.problem:
            taken.failed.append(one)
            continue
        sha256 = hashlib.sha256(one.wav).hexdigest()
        clips = before.get(one.prompt.key, ())
        is_known = any(kept.clip.sha256 == sha256 and kept.speaks(one.prompt) for kept in clips)
        is_there = is_known and built.clips.path(sha256) is not None  # else its file is lost or damaged: write it anew
        (taken.there if is_there else taken.kept).append(one)
        if not is_there:
            built.clips.keep(
                language, one.prompt, one.wav, ClipSource.RECORDING, voice, origin=Origin.FOLDER, author=author
            )
    return taken


def checked(built: House, script: Script, files: Sequence[Path], key: str | None) -> list[Recording]:
    """Return every file with its phrase and its sound, or its problem; `key` names the phrase of a single file."""
    recordings = list(_without_twins(_checked(built, script, file, key) for file in files))
    with built.database.reading() as db:
        return [_fitting(db, script, one) for one in recordings]


def _checked(built: House, script: Script, file: Path, key: str | None) -> Recording:
    from gateway.voice.audio import LARGEST, normalise  # a tenth of a second that no other command needs
    from gateway.voice.wav import AudioError, Unfit

    try:
        prompt = _prompt(built, script, key or file.stem)
        with file.open("rb") as sound:
            # One byte more than may be: enough to be refused, whatever the file's real size is.
            return Recording(file, prompt, normalise(sound.read(LARGEST + 1)))
    except (NoPhrase, AudioError) as error:
        return Recording(file, problem=str(error))
    except OSError as error:
        return Recording(file, problem=f"cannot be read: {error.strerror}")
    except Exception:  # whatever one file makes a library do, the others of the folder are taken
        return Recording(file, problem=str(AudioError(Unfit.NOT_SOUND)))


def _fitting(db: Session, script: Script, one: Recording) -> Recording:
    if one.prompt is None or one.problem:
        return one
    try:
        check_clip(db, script, one.prompt, hashlib.sha256(one.wav).hexdigest(), seconds_of(one.wav))
    except NotThisPhrase as error:
        return Recording(one.file, problem=str(error))
    return one


def _without_twins(recordings: Iterable[Recording]) -> Iterator[Recording]:
    """Refuse the second file of one phrase, and the second of one sound: nobody can say which of them was meant."""
    phrases: dict[str, str] = {}
    sounds: dict[bytes, str] = {}
    for one in recordings:
        if one.prompt is None:
            yield one
            continue
        first, name = phrases.setdefault(one.prompt.key, one.file.name), one.file.name
        same = sounds.setdefault(one.wav, name)
        if first != name:
            yield Recording(one.file, problem=f"the same phrase as {first}: keep one of them")
        elif same != name:
            yield Recording(one.file, problem=f"the same sound as {same}, and another phrase")
        else:
            yield one


def _prompt(built: House, script: Script, name: str) -> Prompt:
    """Return the phrase of a key, or of a number on the sheet; raises NoPhrase."""
    if name.isdecimal():
        by_number = numbered(script)
        if int(name) not in by_number:
            raise NoPhrase(f"there is no phrase {int(name)}: the sheet has 1 to {len(by_number)}")
        return by_number[int(name)]
    found = script.prompts.get(name) or _named(built, script, name)
    if found is None:
        raise NoPhrase(f"{name} is neither a phrase's key, such as greet.reminder, nor its number on the sheet")
    return found


def _named(built: House, script: Script, key: str) -> Prompt | None:
    """What says the name of a place or of a person on record."""
    for prompt in site_prompts(built, script):
        if prompt.key == key:
            return prompt
    if not NAME_KEY.fullmatch(key):
        return None
    with built.database.reading() as db:
        names = db.exec(select(col(Person.name)).distinct()).all()
    return next((script.name_prompt(name) for name in names if name_key(name) == key), None)


def site_prompts(built: House, script: Script) -> list[Prompt]:
    """Return what says each site on record, where the script has a pattern for places and no words of its own."""
    with built.database.reading() as db:
        sites = db.exec(select(Site).order_by(col(Site.code))).all()
    places = [
        script.site_prompt(site.code, spoken_place(built.languages, script.language, site))
        for site in sites
        if site_key(site.code) not in script.prompts
    ]
    return [prompt for prompt in places if prompt is not None]
