"""`gateway prompts`: what can be spoken in which language, and the sound made ahead of time."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from sqlmodel import col, select

from gateway.cli.context import MISUSED, fail, say, settings, stored
from gateway.records.people import Person
from gateway.voice.coverage import Coverage, Have, coverage
from gateway.voice.prompts import load_scripts
from gateway.wiring import House

app = typer.Typer(no_args_is_help=True)


@app.command()
def check(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Print what is written and what has sound; exit 1 when people are registered whom no call can address."""
    built = stored()
    rows = coverage(load_scripts(built.prompts_dir), built.clips)
    if as_json:
        print(json.dumps([_row(one) for one in rows]))  # noqa: T201  # the command's result
    else:
        for one in rows:
            print("  ".join(f"{key} {value}" for key, value in _row(one).items()))  # noqa: T201
    silent = _registered(built) - built.speech.speakable()
    if silent:
        fail(f"people are registered with languages no call can speak: {', '.join(sorted(silent))}; they get texts")


@app.command()
def build(language: Annotated[str, typer.Option(help="A language with a script.")] = "th") -> None:
    """Synthesise every phrase ahead of time with gTTS: fixed phrases only, never a name or a number of a person."""
    from gateway.voice.build import build as build_clips
    from gateway.voice.synthesis import GttsSynthesiser  # a tenth of a second that no other command needs

    built = House(settings())
    scripts = load_scripts(built.prompts_dir)
    if language not in scripts:
        fail(f"--language: expected one of {', '.join(sorted(scripts))}", MISUSED)
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(language, total=None)
        report = build_clips(
            scripts,
            built.clips,
            GttsSynthesiser(),
            language,
            lambda done, total, key: progress.update(task, completed=done, total=total, description=key),
        )
    say(f"{len(report.made)} phrases made, {len(report.there)} were there, {len(report.failed)} failed")
    if report.failed:
        reason = next(iter(report.failed.values()))
        hint = "; a network is needed: gTTS speaks the phrases on a machine of Google's" if report.stopped else ""
        fail(f"the synthesis service failed ({reason}){hint}; what was made is kept: run it again to go on")


def _row(one: Coverage) -> dict[str, object]:
    counts = {have.value: one.count(have) for have in Have}
    return {"language": one.language, "wanted": one.wanted, "written": one.written, **counts}


def _registered(built: House) -> set[str]:
    with built.database.reading() as db:
        return set(db.exec(select(col(Person.language)).distinct()).all())
