"""A speaker's sheet as a page of its own, to be printed on A4 or sent as a file: nothing in it has to be fetched."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway.voice.sheet import Sheet


def sheet_page(templates_dir: Path, sheet: Sheet) -> str:
    """Return the sheet as HTML."""
    templates = Environment(
        loader=FileSystemLoader(templates_dir), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    return templates.get_template("prompts/sheet.html").render(sheet=sheet, language=sheet.language)
