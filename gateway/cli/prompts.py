"""`gateway prompts`: what can be spoken in which language, and the sound made ahead of time."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from sqlmodel import col, distinct, select

from gateway.cli.context import fail, house, say
from gateway.records.people import Person
from gateway.voice.build import build as build_clips
from gateway.voice.coverage import coverage
from gateway.voice.prompts import load_scripts
from gateway.voice.synthesis import GttsSynthesiser, SynthesisError

app = typer.Typer(no_args_is_help=True)


@app.command()
def check(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Print what is written and what has sound; exit 1 when people are registered whom no call can address."""
    built = house()
    rows = coverage(load_scripts(built.prompts_dir), built.clips)
    if as_json:
        print(json.dumps([asdict(row) for row in rows]))  # noqa: T201  # the command's result
    else:
        for row in rows:
            print("  ".join(f"{key} {value}" for key, value in asdict(row).items()))  # noqa: T201
    silent = _registered() - built.speech.speakable()
    if silent:
        fail(f"people are registered with languages no call can speak: {', '.join(sorted(silent))}; they get texts")


@app.command()
def build(language: Annotated[str, typer.Option(help="A language with a script.")] = "th") -> None:
    """Synthesise every phrase ahead of time with gTTS: fixed phrases only, never a name or a number of a person."""
    built = house()
    scripts = load_scripts(built.prompts_dir)
    if language not in scripts:
        fail(f"--language: expected one of {', '.join(sorted(scripts))}")
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("phrases", total=len(scripts[language].prompts))
        try:
            report = build_clips(
                scripts, built.clips, GttsSynthesiser(), language, lambda _: progress.advance(task)
            )
        except SynthesisError as error:
            fail(f"the synthesis service failed: {error}; what was made is kept, run it again to go on")
    say(str(report))


def _registered() -> set[str]:
    with house().database.reading() as db:
        return set(db.exec(select(distinct(col(Person.language)))).all())
