"""`gateway prompts`: what can be spoken in which language, sheets to record from, and the sound taken in or made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from sqlmodel import col, select

from gateway.cli.context import MISUSED, fail, house, no_database, say, settings, stored
from gateway.cli.prompt_table import count, people_on_record, print_table, rows_of
from gateway.cli.takes import Taken, checked, files_of, site_prompts, take
from gateway.languages.data import LanguageDataError
from gateway.records.people import Person
from gateway.records.status import AssetStatus
from gateway.records.wordings import Asset, AssetKind, AssetSource
from gateway.staff.accounts import find_account
from gateway.voice.outgoing import Outgoing
from gateway.voice.prompts import Prompt, ScriptError, load_scripts
from gateway.voice.voices import CARRIER
from gateway.wiring import House

if TYPE_CHECKING:
    from gateway.voice.synthesis import Synthesiser

app = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.command()
def check(as_json: AsJson = False) -> None:
    """Print how far each language is; exit 1 when people are registered whom no voice can address: beeps are none."""
    built = _house()
    people = people_on_record(built)
    rows = rows_of(built, people)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))  # noqa: T201  # the command's result
    else:
        print_table(rows)
    silent = [row for row in rows if row["people"] and row["voice_in"] is None]
    for row in silent:
        say(f"{row['language']} {row['name']}: {count(row['people'], 'person', 'people')}; {row['to_do']}")
    strange = sorted(set(people) - set(built.languages.codes))
    for code in strange:
        say(f"{code}: {count(people[code], 'person', 'people')}; the language is not in the table")
    if silent or strange:
        names = ", ".join([str(row["language"]) for row in silent] + strange)
        fail(f"people are registered with languages that no voice can speak yet: {names}")


@app.command()
def build(
    language: Annotated[str | None, typer.Option(help="One language; by default all the table gives to gTTS.")] = None,
) -> None:
    """Synthesise every phrase ahead of time with gTTS: fixed phrases only, never a name or a number of a person.

    What ships is sent, and edits that two people approved; exit 1 when a phrase is not sent or could not be made.
    """
    from gateway.voice.synthesis import GttsSynthesiser  # a tenth of a second that no other command needs

    built, machine = house(), GttsSynthesiser()
    scripts = built.speech.scripts
    if language is not None and language not in scripts:
        fail(f"--language: expected one of {', '.join(sorted(scripts))}", MISUSED)
    spoken = [code for code in built.languages.codes if "gtts" in built.languages.get(code).spoken_by]
    if language is not None and language not in spoken:
        fail(f"--language: gTTS does not speak {language}: somebody has to record it", MISUSED)
    outgoing = _outgoing(built)
    wanted = [language] if language else [code for code in spoken if code in scripts]
    held = sum(_build(built, machine, code, outgoing) for code in wanted)
    if held:
        fail(f"{count(held, 'phrase was', 'phrases were')} not sent to the machine elsewhere")


@app.command()
def sheet(
    language: Annotated[str, typer.Argument(help="A language code, such as nod.")],
    out: Annotated[Path | None, typer.Option(help="The file to write; by default it is printed.")] = None,
) -> None:
    """Write the sheet a speaker records from, as HTML for A4; for a language without a script, one to be filled in."""
    from gateway.voice.sheet import sheet_of
    from gateway.web.prompt_sheet import sheet_page

    built = _house()
    if language not in built.languages.codes:
        fail(f"LANGUAGE: expected one of {', '.join(built.languages.codes)}", MISUSED)
    script = built.speech.scripts.get(language)
    places: list[Prompt] = site_prompts(built, script) if script and not no_database(built) else []
    page = sheet_page(built.templates_dir, sheet_of(built.languages.get(language), built.speech.scripts, places))
    if out is None:
        print(page)  # noqa: T201  # the command's result
        return
    try:
        out.write_text(page, encoding="utf-8")
    except OSError as error:
        fail(f"--out: {out} cannot be written: {error.strerror}")
    say(f"{out}: open it in a browser and print it on A4")


@app.command("take")
def take_in(
    path: Annotated[Path, typer.Argument(help="A recording, or a folder of recordings named by key or number.")],
    language: Annotated[str, typer.Option(help="The language that is spoken.")],
    key: Annotated[str | None, typer.Option(help="The phrase of a single file, such as greet.reminder.")] = None,
    speaker: Annotated[
        str | None,
        typer.Option(help="Who speaks: a name, or an account's e-mail address; without it each folder is one voice."),
    ] = None,
    by: Annotated[str | None, typer.Option(help="The account of who answers for the recordings.")] = None,
) -> None:
    """Take recordings in. Each waits for a second person, in the console; exit 1 when one could not be taken."""
    built = stored()
    script = built.speech.scripts.get(language)
    if script is None:
        fail(f"--language: expected one of {', '.join(sorted(built.speech.scripts))}", MISUSED)
    if key is not None and path.is_dir():
        fail("--key: names the phrase of one file; the files of a folder are named by key or number", MISUSED)
    if not path.exists():
        fail(f"{path}: there is no such file or folder", MISUSED)
    author = _account(built, by) if by is not None else None
    voice = _voice(built, speaker) if speaker is not None else _voice_of(path)
    taken = take(built, language, checked(built, script, files_of(path), key), voice=voice, author=author)
    _say_taken(taken, has_author=author is not None)


def _house() -> House:
    """The house; where there is no database yet, the words that ship can be looked at all the same."""
    try:
        built = House(settings())
        built = house() if not no_database(built) else built
        len(built.speech.scripts)
    except (LanguageDataError, ScriptError) as error:
        fail(str(error))
    return built


def _build(built: House, machine: Synthesiser, language: str, outgoing: Outgoing) -> int:
    """Return how many phrases were not sent, each of which was named."""
    from gateway.voice.build import SpokenBefore
    from gateway.voice.build import build as build_clips

    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(language, total=None)
        report = build_clips(
            built.speech.scripts,
            built.clips,
            machine,
            language,
            lambda done, total, key: progress.update(task, completed=done, total=total, description=key),
            SpokenBefore(built.settings.audio_dir / "synthesised"),
            _refused(built, language),
            outgoing,
        )
    counts = f"{len(report.made)} phrases made, {len(report.there)} were there, {len(report.failed)} failed"
    say(f"{language}: {counts}")
    if report.sent_back:
        say(f"{language}: sent back by who heard them, so a person has to record them: {', '.join(report.sent_back)}")
    for key, why in report.held.items():
        say(f"{language}: {key} was not sent: {why.value}")
    if report.failed:
        key, reason = next(iter(report.failed.items()))
        hint = "; a network is needed: gTTS speaks the phrases on a machine of Google's" if report.stopped else ""
        fail(f"{key} could not be made ({reason}){hint}; what was made is kept: run it again to go on")
    return len(report.held)


def _outgoing(built: House) -> Outgoing:
    """What may be sent to a machine elsewhere, as files, approvals and the names on record are now."""
    with built.database.reading() as db:
        rows = db.exec(select(Person.name, Person.surname, Person.name_native).distinct()).all()
    names = frozenset(name for row in rows for name in row if name)
    return Outgoing(load_scripts(built.prompts_dir), built.clips.approved_texts(), names)


def _refused(built: House, language: str) -> frozenset[str]:
    """The hashes of texts whose synthesised sound somebody has sent back."""
    mine = (col(Asset.kind) == AssetKind.CLIP, col(Asset.language) == language)
    sent_back = (col(Asset.source) == AssetSource.SYNTHESIS, col(Asset.status) == AssetStatus.RETURNED)
    with built.database.reading() as db:
        return frozenset(db.exec(select(Asset.text_sha256).where(*mine, *sent_back)).all())


def _account(built: House, email: str) -> str:
    with built.database.reading() as db:
        staff = find_account(db, email)
    if staff is None or staff.disabled_at is not None:
        fail(f"--by: {email} has no account that may sign in: `gateway users list` names all")
    return staff.id


def _voice(built: House, speaker: str) -> str:
    """Whoever has an account is one voice with what they record in the studio."""
    from gateway.voice.build import MACHINE

    with built.database.reading() as db:
        account = find_account(db, speaker)
    if account is not None:
        return account.id
    name = " ".join(speaker.split())
    if not name or not name.isprintable() or len(name) > 64 or name in (MACHINE, CARRIER):
        fail(
            f"--speaker: expected a name of one line, 64 characters at most, and neither {MACHINE} nor {CARRIER}",
            MISUSED,
        )
    return name


def _voice_of(path: Path) -> str:
    """Name the voice of files whose speaker nobody named by their folder: two people's must not pass for one."""
    folder = path.resolve() if path.is_dir() else path.resolve().parent
    name = "".join(letter for letter in " ".join(folder.name.split()) if letter.isprintable())
    voice = f"files-{name}"[:64]
    say(f"no --speaker: all of this folder counts as one voice, {voice}, which speaks no other folder's phrases")
    return voice


def _say_taken(taken: Taken, *, has_author: bool) -> None:
    for one in taken.there:
        say(f"{one.file.name}: the same recording was taken before")
    for one in taken.failed:
        say(f"{one.file.name}: {one.problem}")
    who = "a second person to approve them" if has_author else "two people to vouch for them"
    if taken.kept:
        say(f"{count(len(taken.kept), 'recording', 'recordings')} taken; they wait in the console for {who}")
    if taken.failed:
        fail(f"{count(len(taken.failed), 'file', 'files')} could not be taken; the good ones are kept")
    if not taken.kept and not taken.there:
        fail("there was no recording to take")
