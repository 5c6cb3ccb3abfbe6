"""`gateway doctor`, `pause` and `resume`: is all well, and the one switch that stops everything."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Session, col, select

from gateway.cli.context import house, no_database, other_version, say, settings
from gateway.dispatch.standing import approved_messages, called_languages
from gateway.records.away import why_not_writable
from gateway.records.house import Switch
from gateway.records.migrations import HEAD, current_revision
from gateway.records.status import AssetStatus
from gateway.records.wordings import Asset, AssetKind
from gateway.wiring import House

# Approvals are not in yet; when they are, what counts here is whether any text or script has one.
DRAFT = "is a draft, and this carrier reaches people: none is used before it is approved"
TO_REPAIR = "restore GATEWAY_AUDIO_DIR from its backup, take the recordings again, or run `gateway prompts build`"
MOST_NAMED = 10


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Look at everything a day's work needs, and say what is wrong; exit 1 if anything is."""
    built = House(settings())
    findings = {name: _look(check, built) for name, check in CHECKS.items()}
    if as_json:
        checks = {name: {"ok": not problem, "problem": problem} for name, problem in findings.items()}
        print(json.dumps({"ok": not any(findings.values()), **checks}))  # noqa: T201  # the command's result
    else:
        for name, problem in findings.items():
            print(f"{'ok   ' if not problem else 'WRONG'}  {name}{': ' + problem if problem else ''}")  # noqa: T201
    if any(findings.values()):
        raise SystemExit(1)


def pause() -> None:
    """Stop everything that goes out, at once, until `gateway resume`."""
    _switch(on=True)
    say("paused: nothing goes out until `gateway resume`")


def resume() -> None:
    """Let reminders go out again; what is too late by now is not sent."""
    _switch(on=False)
    say("resumed: what is due goes out, what is too late does not")


def _switch(*, on: bool) -> None:
    built = house()

    def turn(db: Session) -> None:
        switch = db.get(Switch, "pause") or Switch(name="pause", at=built.clock.now())
        switch.is_on, switch.at = on, built.clock.now()
        db.add(switch)

    built.database.run(turn)


def _look(check: Callable[[House], str], built: House) -> str:
    try:
        return check(built)
    except Exception as error:  # whatever is wrong is what a doctor is asked for
        return str(getattr(error, "orig", None) or error)[:300]


def _database(built: House) -> str:
    """One that is not there is not made: a mistyped address would look well."""
    missing = no_database(built)
    if missing:
        return missing
    revision = current_revision(built.database)
    return why_not_writable(built.database) if revision == HEAD else other_version(revision)


def _audio(built: House) -> str:
    folder = Path(built.settings.audio_dir)
    folder.mkdir(parents=True, exist_ok=True)
    probe = folder / ".probe"
    probe.write_bytes(b"")
    probe.unlink()
    return ""


def _clips(built: House) -> str:
    """Every clip that may be played or waits to be heard: a row without its bytes is silence in somebody's ear."""
    if no_database(built):
        return ""
    in_use = col(Asset.status).in_((AssetStatus.DRAFT, AssetStatus.APPROVED))
    of_clips = select(Asset).where(col(Asset.kind) == AssetKind.CLIP, in_use)
    with built.database.reading() as db:
        rows = db.exec(of_clips.order_by(col(Asset.language), col(Asset.key))).all()
    lost = [row for row in rows if built.clips.path(row.sha256) is None]
    damaged = [row for row in lost if built.clips.is_damaged(row.sha256)]
    missing = [row for row in lost if not built.clips.is_damaged(row.sha256)]
    found = [_named(len(rows), "missing", missing), _named(len(rows), "damaged", damaged)]
    return f"{'; '.join(filter(None, found))}: {TO_REPAIR}" if lost else ""


def _named(total: int, wrong: str, rows: Sequence[Asset]) -> str:
    """Say how many, and which by language and key; no more than can be read in a line or two."""
    if not rows:
        return ""
    names = list(dict.fromkeys(f"{row.language} {row.key}" for row in rows))
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{len(rows)} of {total} {wrong}: {', '.join(names[:MOST_NAMED])}{more}"


def _texts(built: House) -> str:
    if not built.speech.textable():
        return "no language can be texted: look at GATEWAY_TEMPLATES_DIR"
    if built.speech.may_use_drafts or approved_messages(built.speech)[1]:
        return ""
    return f"every text {DRAFT}"


def _voices(built: House) -> str:
    if not built.speech.speakable():
        return "no language can be spoken: look at GATEWAY_VOICE_PROMPTS_DIR"
    if built.speech.may_use_drafts or called_languages(built.speech):
        return ""
    return f"every script {DRAFT}"


def _carrier(built: House) -> str:
    carrier, chosen = built.carrier, built.settings
    if not carrier.reaches_people:
        return ""
    if not chosen.live:
        return "it reaches people, and GATEWAY_LIVE is off: nothing is sent"
    if not chosen.public_url.startswith("https://"):
        return "GATEWAY_PUBLIC_URL must begin with https:// for the carrier to find us"
    return "" if chosen.hotline_number else "GATEWAY_HOTLINE_NUMBER is not set: people cannot call back to ask"


def _hotline(built: House) -> str:
    window, hours = built.window, built.hotline.hours
    if hours.meets(window.opens, window.closes):
        return ""
    return (
        f"GATEWAY_HOTLINE_HOURS never fall between {window.opens:%H:%M} and {window.closes:%H:%M}, when we may call: "
        "nobody who calls in vain is called back"
    )


def _paused(built: House) -> str:
    if no_database(built):
        return ""
    with built.database.reading() as db:
        switch = db.get(Switch, "pause")
    return "everything is paused: `gateway resume`" if switch is not None and switch.is_on else ""


CHECKS: dict[str, Callable[[House], str]] = {
    "database": _database,
    "audio folder": _audio,
    "clips": _clips,
    "texts": _texts,
    "voices": _voices,
    "carrier": _carrier,
    "hotline": _hotline,
    "pause switch": _paused,
}
