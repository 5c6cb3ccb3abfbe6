"""How far each language is, as `gateway prompts check` prints it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import col, func, select

from gateway.cli.context import no_database
from gateway.records.people import Person
from gateway.voice.coverage import Coverage, Have, coverage
from gateway.voice.keys import hotline_keys, wanted_keys
from gateway.wiring import House

Row = dict[str, object]


def people_on_record(built: House) -> Mapping[str, int]:
    """How many people have each language; nobody where there is no database."""
    if no_database(built):
        return {}
    living = (col(Person.died_on).is_(None), col(Person.merged_into).is_(None))
    with built.database.reading() as db:
        found = db.exec(select(Person.language, func.count()).where(*living).group_by(col(Person.language)))
        return dict(found.all())


def rows_of(built: House, people: Mapping[str, int]) -> list[Row]:
    """One row a language of the table, those without a script included: counts, who is called in what, what to do."""
    speech = built.speech
    found = coverage(
        speech.scripts,
        built.clips,
        approved_texts=built.clips.approved_texts(),
        codes=built.languages.codes,
        carrier_speaks=speech.carrier_speaks,
    )
    return [_row(built, one, people.get(one.language, 0)) for one in found]


def _row(built: House, one: Coverage, people: int) -> Row:
    spoken = built.speech.spoken_language(one.language)
    voice = built.speech.voices.of(spoken) if spoken else None
    return {
        "language": one.language,
        "name": built.languages.get(one.language).name,
        "people": people,
        "wanted": one.wanted,
        "written": one.written,
        "approved": one.approved,
        "recorded": one.recorded,
        "waiting": one.waiting,
        "stale": one.stale,
        "synthesised": one.synthesised,
        "unwritten": one.count(Have.UNWRITTEN),
        "placeholder_only": one.count(Have.PLACEHOLDER_ONLY),
        "voice_in": _voice_in(built, one.language),
        "called_in": spoken if voice else None,
        "placeholders": voice is not None and voice.stands_in,
        "may_reach_people": one.callable(live=True),
        **_of_hotline(built, one),
        "to_do": _to_do(built, one),
    }


def _of_hotline(built: House, one: Coverage) -> Row:
    """What only those hear who call us: how many phrases, how many somebody or a machine speaks, who is answered."""
    voice = built.speech.voices.able(one.language, (*wanted_keys(), *hotline_keys()))
    of = one.hotline
    return {
        "hotline_wanted": of.wanted if of else 0,
        "hotline_written": of.written if of else 0,
        "hotline_spoken": of.recorded + of.synthesised if of else 0,
        "answered": voice is not None,
        "answered_with_placeholders": voice is not None and voice.stands_in,
        "may_answer_people": one.answerable(live=True),
    }


def _voice_in(built: House, language: str) -> str | None:
    """The language in which a voice, no beeps, can address who speaks this one: itself, or what may stand in for it."""
    for code in built.languages.chain(language):
        voice = built.speech.voices.of(code)
        if voice is not None and not voice.stands_in:
            return code
    return None


def _to_do(built: House, one: Coverage) -> str:
    """What keeps a language from being spoken, and what to do about it; empty where nothing does."""
    if one.callable(live=True):
        return ""
    code = one.language
    if one.written < one.wanted:
        missing = f"{count(one.count(Have.UNWRITTEN), 'phrase is', 'phrases are')} not written"
        return f"{missing}: `gateway prompts sheet {code}` prints what to write"
    without = one.count(Have.PLACEHOLDER_ONLY) + one.stale
    if without:
        machine = ", or `gateway prompts build`" if "gtts" in built.languages.get(code).spoken_by else ""
        return f"{count(without, 'phrase has', 'phrases have')} no sound: record them from the sheet{machine}"
    if one.callable(live=False):
        return "every phrase has a sound; a second person has to approve it in the console"
    return "no single voice has spoken every phrase: let one speaker record what is missing"


def print_table(rows: list[Row]) -> None:
    """Print the counts in columns."""
    heads = ("language", "name", "people", "wanted", "written", "approved", "recorded", "waiting", "stale",
             "synthesised", "hotline", "calls", "answers")  # fmt: skip
    lines = [heads, *([*map(str, (row[head] for head in heads[:-3])), *_last_of(row)] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    for line in lines:
        cells = (
            cell.ljust(width) if place in (0, 1, len(heads) - 2, len(heads) - 1) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        print("  ".join(cells).rstrip())  # noqa: T201  # the command's result


def _last_of(row: Row) -> tuple[str, str, str]:
    """How many of the hotline's phrases are spoken, who is called how, and whether those are answered who call us."""
    answers = "with beeps" if row["answered_with_placeholders"] else "yes" if row["answered"] else "no"
    return f"{row['hotline_spoken']}/{row['hotline_wanted']}", _calls(row), answers


def _calls(row: Row) -> str:
    if row["called_in"] is None:
        return "no"
    how = "with beeps" if row["placeholders"] else "yes"
    return how if row["called_in"] == row["language"] else f"in {row['called_in']}, {how}".removesuffix(", yes")


def count(number: object, one: str, many: str) -> str:
    """A number with its word, such as 1 person, 2 people."""
    return f"{number} {one if number == 1 else many}"
