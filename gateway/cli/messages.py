"""`gateway messages`: check the texts, see one as a person would, count the parts of any."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any, Final

import typer

from gateway.cli.context import fail, say, settings
from gateway.cli.message_preview import preview
from gateway.wiring import House
from gateway.wording.catalogue import Catalogue, CatalogueError
from gateway.wording.lint import Cost, Finding, check_all, costs
from gateway.wording.segments import advice, count_segments

app = typer.Typer(no_args_is_help=True)
app.command()(preview)
AS_JSON: Final[Any] = typer.Option("--json", help="Print one JSON document.")


@app.command()
def check(as_json: Annotated[bool, AS_JSON] = False) -> None:
    """Read every text: the same placeholders everywhere, no link, no ID, no word of money; and say what each costs.

    Ends with 1 when anything is wrong with one, or it is longer than 3 parts.
    """
    house = House(settings())
    catalogue = _catalogue(house, as_json=as_json)
    findings = check_all(catalogue)
    tried = [] if findings else costs(catalogue)
    approved = house.clips.approved_texts()
    texts = list(catalogue)
    drafts = sum(one.mark not in approved for one in texts)
    if as_json:
        _print_json(_checked(catalogue, findings, tried, len(texts), drafts))
    for finding in findings:
        say(str(finding))
    if findings:
        raise SystemExit(1)
    if not as_json:
        for cost in tried:
            if cost.longest.parts > 1:
                print(f"{cost.where}: {cost.usual} · with the longest names {cost.longest}")  # noqa: T201
    how_many = "all are drafts" if drafts == len(texts) else f"{len(texts) - drafts} approved, {drafts} drafts"
    say(f"{len(texts)} texts in {', '.join(catalogue.languages)}: all well; {how_many}")


def _checked(
    catalogue: Catalogue, findings: list[Finding], tried: list[Cost], texts: int, drafts: int
) -> dict[str, object]:
    return {
        "languages": list(catalogue.languages),
        "texts": texts,
        "approved": texts - drafts,
        "drafts": drafts,
        "findings": [asdict(one) for one in findings],
        "costs": [asdict(one) for one in tried],
    }


@app.command()
def segments(
    text: Annotated[str, typer.Argument(help="Any text.")],
    as_json: Annotated[bool, AS_JSON] = False,
) -> None:
    """Count the parts a text is charged as, and how much shorter it must be for one part less."""
    counted, told = count_segments(text), advice(text)
    if as_json:
        _print_json(asdict(counted) | {"over": told.over})
    else:
        print(f"{told} · {counted.units} units of {counted.encoding.value}")  # noqa: T201  # the command's result


def _catalogue(house: House, *, as_json: bool = False) -> Catalogue:
    try:
        return house.catalogue
    except CatalogueError as error:
        if as_json:
            _print_json({"findings": [{"rule": "unusable", "where": line, "detail": ""} for line in _lines(error)]})
        fail(str(error))


def _lines(error: CatalogueError) -> list[str]:
    return str(error).splitlines()


def _print_json(document: dict[str, object]) -> None:
    print(json.dumps(document, default=str, ensure_ascii=False))  # noqa: T201  # the command's result
