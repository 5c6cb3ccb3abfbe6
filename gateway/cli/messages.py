"""`gateway messages`: check the texts, see one as a person would, count the parts of any."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import time, timedelta
from typing import Annotated

import typer

from gateway.cli.context import MISUSED, fail, say, settings
from gateway.kit.clock import RealClock, at_bangkok, bangkok_day
from gateway.languages.table import load_languages
from gateway.wiring import House
from gateway.wording.catalogue import Catalogue, CatalogueError, Purpose
from gateway.wording.lint import check_all
from gateway.wording.render import MessageFacts, RenderError, render
from gateway.wording.segments import count_segments

app = typer.Typer(no_args_is_help=True)


@app.command()
def check() -> None:
    """Read every text: same placeholders everywhere, no link, no ID, no word of money, at most 3 parts."""
    catalogue = _catalogue()
    findings = check_all(catalogue)
    for finding in findings:
        say(f"{finding.where}: {finding.rule.value}{': ' + finding.detail if finding.detail else ''}")
    if findings:
        raise SystemExit(1)
    say(f"{len(list(catalogue))} texts in {', '.join(catalogue.languages)}: all well; all are drafts")


@app.command()
def preview(
    language: Annotated[str, typer.Option(help="A language code, such as my.")],
    purpose: Annotated[str | None, typer.Option(help="One purpose; all without it.")] = None,
) -> None:
    """Show the texts of a language with an invented appointment, with their parts."""
    catalogue = _catalogue()
    wanted = [Purpose(purpose)] if purpose in list(Purpose) else list(Purpose)
    if purpose and purpose not in list(Purpose):
        fail(f"--purpose: expected one of {', '.join(Purpose)}", MISUSED)
    if language not in catalogue.languages:
        fail(f"--language: expected one of {', '.join(catalogue.languages)}", MISUSED)
    for each in wanted:
        try:
            text = render(catalogue, each, language, _invented(language), two_way=settings().is_two_way)
        except (RenderError, CatalogueError) as error:
            fail(str(error))
        print(f"{each.value} · draft · {text.segments} part(s), {text.encoding.value}\n{text.body}\n")  # noqa: T201


@app.command()
def segments(
    text: Annotated[str, typer.Argument(help="Any text.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Count the parts a text is charged as."""
    counted = count_segments(text)
    if as_json:
        print(json.dumps(asdict(counted), default=str))  # noqa: T201  # the command's result
    else:
        print(f"{counted.parts} part(s), {counted.units} units of {counted.encoding.value}")  # noqa: T201


def _catalogue() -> Catalogue:
    try:
        return House(settings()).catalogue
    except CatalogueError as error:
        fail(str(error))


def _invented(language: str) -> MessageFacts:
    """Somsri, in a week, at an invented hospital; who does not read Thai is given English names, as in a real text."""
    in_thai = load_languages().get(language).script == "Thai"
    clinic = "โรงพยาบาลตัวอย่างแม่วัง" if in_thai else "Mae Wang Example Hospital"
    return MessageFacts(
        name="สมศรี" if in_thai else "Somsri",
        clinic=clinic,
        clinic_short="รพ.แม่วัง",  # as on the clinic's sign, whatever the language
        place="หอประชุม" if in_thai else clinic,
        starts_at=at_bangkok(bangkok_day(RealClock().now()) + timedelta(days=7), time(9, 0)),
        dose_number=2,
        vaccine="influenza",
        phone="054000901",
    )
