"""How pages are put together: templates, words, days and figures as people read them, and the band above them all."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gateway.dispatch.outbox import is_paused
from gateway.kit.clock import Clock, bangkok_time
from gateway.languages.table import LanguageTable
from gateway.records.database import Database
from gateway.records.staffing import Audit, Role
from gateway.staff.audit import may_be_undone
from gateway.staff.forms import new_form
from gateway.web.console.dates import say_day
from gateway.web.console.gate import Visitor
from gateway.web.console.words import Words

STATIC: Final = "/static"
ONCE: Final = "once-" + new_form()  # stands for a form's own word until the page is done; nobody else can write it
TABS: Final = (
    ("today", "/console/today", "calendar", Role.STAFF),
    ("people", "/console/people", "people", Role.STAFF),
    ("worklists", "/console/worklists", "list", Role.STAFF),
    ("rates", "/console/rates", "chart", Role.STAFF),
    ("rosters", "/console/rosters", "upload", Role.MANAGER),
    ("studio", "/console/studio", "mic", Role.SPEAKER),
    ("words", "/console/words", "message", Role.STAFF),
    ("health", "/console/health", "heart", Role.STAFF),
    ("audit", "/console/audit", "note", Role.ADMIN),
)


class Pages:
    """Renders templates/console/*.html. `on_sandbox` shows the way to the handsets and the demo's clock."""

    def __init__(
        self,
        folder: Path,
        words: Words,
        *,
        database: Database,
        clock: Clock,
        languages: LanguageTable,
        on_sandbox: bool = False,
    ) -> None:
        self.words, self._database, self._clock, self._languages = words, database, clock, languages
        self._on_sandbox = on_sandbox
        self.folder, self._static = folder, folder / "static"
        self._templates = Environment(
            loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True,
        )  # fmt: skip
        self._templates.globals |= {
            "asset": self.asset,
            "number": _number,
            "percent": percent,
            "hour": _hour,
            "minutes": _minutes,
        }

    def asset(self, name: str) -> str:
        """The address of a file of templates/static, with a mark of its content: it may be kept for long."""
        return f"{STATIC}/{name}?v={_mark(self._static / name)}"

    def show(self, visitor: Visitor, template: str, /, *, status: int = 200, **values: Any) -> Response:
        """A whole page."""
        body = self._render(template, self._surroundings(visitor) | {"done": self._done(visitor)} | values)
        return HTMLResponse(body, status)

    def live(self, visitor: Visitor, request: Request, template: str, /, **values: Any) -> Response:
        """A part of a page that is asked for again and again: 304 without a body while nothing changed."""
        body = self._templates.get_template(f"console/{template}").render(self._surroundings(visitor) | values)
        # Marked before each form gets a word of its own, or a part with a form would be new every time.
        mark = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
        headers = {"ETag": mark, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == mark:
            return Response(status_code=304, headers=headers)
        return HTMLResponse(_with_new_forms(body), headers=headers)

    def outside(self, language: str, template: str, /, *, status: int = 200, **values: Any) -> Response:
        """A page for somebody who is not signed in."""
        return HTMLResponse(self._render(template, self._language(language) | {"visitor": None} | values), status)

    def _render(self, template: str, values: dict[str, Any]) -> str:
        return _with_new_forms(self._templates.get_template(f"console/{template}").render(values))

    def _language(self, language: str) -> dict[str, Any]:
        """What every page knows, whoever asks."""
        return {
            "lang": language,
            "t": lambda key, /, **values: self.words.text(language, key, **_plain(values)),
            "day": lambda value: say_day(value, language),
            "when": lambda value: f"{say_day(value, language)} {_hour(value)}",
            "language_name": self._language_name,
            "now": self._clock.now(),
            "is_demo": self._on_sandbox,
            "sees_people": True,
            "is_paused": False,
            "tabs": (),
            "done": None,
        }

    def _surroundings(self, visitor: Visitor) -> dict[str, Any]:
        with self._database.reading() as db:
            paused = is_paused(db)
        return self._language(visitor.language) | {
            "visitor": visitor,
            "sees_people": visitor.may(Role.STAFF),
            "is_paused": paused,
            "tabs": [tab[:3] for tab in TABS if visitor.may(tab[3])],
            "hidden": _hidden_fields(visitor),
        }

    def _done(self, visitor: Visitor) -> dict[str, Any] | None:
        """What was just done, for the band with "undo": named by ?done=<audit>, shown to who did it."""
        asked = visitor.request.query_params.get("done", "")
        with self._database.reading() as db:
            audit = db.get(Audit, asked[:32]) if asked else None
        if audit is None or audit.staff != visitor.id:
            return None
        now = datetime.now(UTC)
        left = (audit.undo_until - now).total_seconds() if audit.undo_until else 0
        open_ = may_be_undone(audit, by=visitor.id, at=now)
        return {"verb": audit.verb, "id": audit.id, "seconds": int(left) if open_ else 0}

    def _language_name(self, code: str) -> str:
        return self._languages.get(code).own_name if code in self._languages.codes else code


def _hidden_fields(visitor: Visitor) -> Callable[[], Markup]:
    def hidden() -> Markup:
        fields = '<input type="hidden" name="csrf" value="{}"><input type="hidden" name="once" value="{}">'
        return Markup(fields).format(visitor.session.csrf, ONCE)  # noqa: S704  # a constant; values are escaped

    return hidden


def _plain(values: dict[str, object]) -> dict[str, object]:
    """What a macro returns is escaped already, and would be once more as a part of a phrase: O&#39;Brien."""
    return {name: value.unescape() if isinstance(value, Markup) else value for name, value in values.items()}


def _with_new_forms(body: str) -> str:
    """Give each form its own word, by which it is done once."""
    return re.sub(re.escape(ONCE), lambda _: new_form(), body)


@lru_cache(maxsize=64)
def _mark(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


def _number(value: int) -> str:
    return f"{value:,}"


def percent(value: float | None) -> str:
    """A share of 1 as people read it; nothing to share is a dash, not nought."""
    return "–" if value is None else f"{value * 100:.1f} %"


def _minutes(seconds: int) -> str:
    """The length of a recording, 0:07."""
    return f"{seconds // 60}:{seconds % 60:02}"


def _hour(value: datetime | date) -> str:
    return f"{bangkok_time(value):%H:%M}" if isinstance(value, datetime) else ""
