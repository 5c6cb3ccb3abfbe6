"""How many confirmed, by site, day, language and channel: a picture and a table of the same rows, and a sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from fastapi import APIRouter, Depends, Request, Response
from markupsafe import Markup
from sqlmodel import Session, col, select

from gateway.kit.clock import bangkok_day
from gateway.languages.table import LanguageTable
from gateway.records.places import Site
from gateway.reports import charts
from gateway.reports.rates import By, RateRow, as_sheet, days_on_record, rates, total
from gateway.staff.audit import write_audit
from gateway.web.console.dates import say_day
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.frame import percent
from gateway.web.console.gate import Visitor
from gateway.web.console.rates_form import Question, read_question
from gateway.web.console.trouble import Refused

PATH: Final = "/console/rates"
MOST_ROWS: Final = 300
"""Lines on a page; more would be a page of a megabyte, and a sheet is the place for them."""
FIGURES: Final = ("due", "contacted", *charts.PARTS)
_BYTE_ORDER_MARK: Final = "\ufeff"  # without it a spreadsheet takes Thai for Latin


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """The page, its figures alone for who follows them, and the sheet."""
    door = Depends(desk.gate.page())

    @routes.get("/rates")
    def page(request: Request, visitor: Visitor = door) -> Response:
        with desk.database.reading() as db:
            sites = _sites(db, visitor.site)
            asked = _read(desk, db, request, visitor, sites)
            found = {} if asked.problems else _figures(desk, db, visitor, asked, sites)
        form = {"asked": asked, "parts": list(By), "sites": sites, "site_name": _site_names(sites, visitor.language)}
        status = 400 if asked.problems else 200
        return desk.pages.show(visitor, "rates.html", status=status, path=PATH, **form, **found)

    @routes.get("/rates/figures")
    def figures(request: Request, visitor: Visitor = door) -> Response:
        with desk.database.reading() as db:
            sites = _sites(db, visitor.site)
            asked = _sound(_read(desk, db, request, visitor, sites))
            found = _figures(desk, db, visitor, asked, sites)
        return desk.pages.live(visitor, request, "rates_figures.html", asked=asked, **found)

    @routes.get("/rates.csv")
    def sheet(request: Request, visitor: Visitor = door) -> Response:
        with desk.database.unit_of_work() as db:
            sites = _sites(db, visitor.site)
            asked = _sound(_read(desk, db, request, visitor, sites))
            text = _sheet(db, desk.languages, visitor, asked, sites)
            write_audit(db, staff=visitor.id, verb="exported", kind="page", subject="rates", after=_told(asked),
                        now=desk.clock.now())  # fmt: skip
        name = f"tamnat-rates-{asked.first}-{asked.last}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(_BYTE_ORDER_MARK + text, headers=headers, media_type="text/csv; charset=utf-8")


def _sites(db: Session, own: str | None) -> dict[str, Site]:
    """The sites that may be seen, by code."""
    statement = select(Site).order_by(col(Site.code))
    found = db.exec(statement if own is None else statement.where(col(Site.code) == own)).all()
    return {site.code: site for site in found}


def _read(desk: ConsoleDesk, db: Session, request: Request, visitor: Visitor, sites: Mapping[str, Site]) -> Question:
    today = bangkok_day(desk.clock.now())
    return read_question(db, request.query_params, today=today, sites=sites, own_site=visitor.site)


def _sound(asked: Question) -> Question:
    """Refuse what the page itself would have explained beside its form."""
    if asked.problems:
        worst = asked.problems[0]
        raise Refused(worst.key, back=PATH, **worst.values)
    return asked


def _figures(
    desk: ConsoleDesk, db: Session, visitor: Visitor, asked: Question, sites: Mapping[str, Site]
) -> dict[str, Any]:
    """What the picture and the table are made of: the same rows."""
    rows = rates(db, by=asked.by, from_day=asked.first, to_day=asked.last, site=asked.site)
    label = _Labels(visitor, desk.languages, _site_names(sites, visitor.language))
    whole = total(rows)
    shown = rows[:MOST_ROWS]
    return {
        "rows": shown,
        "hidden_rows": len(rows) - len(shown),
        "not_drawn": max(0, len(shown) - charts.MOST),
        "total": whole,
        "label": label,
        "figures": FIGURES,
        "swatches": {part: Markup(charts.swatch(part)) for part in charts.PARTS},  # noqa: S704  # ours, of constants
        "chart": Markup(charts.chart(shown, asked.by, _words(visitor, label, whole, asked))),  # noqa: S704  # escaped there
        "on_record": None if rows else days_on_record(db, asked.site),
    }


class _Labels:
    """What the values of the breakdowns are called in the visitor's language."""

    def __init__(self, visitor: Visitor, languages: LanguageTable, sites: Mapping[str, str]) -> None:
        self._visitor, self._languages, self._sites = visitor, languages, sites

    def __call__(self, part: By, key: str) -> str:
        if part is By.SITE:
            return self._sites.get(key, key)
        if part is By.LANGUAGE:
            return self._language(key)
        if part is By.CHANNEL:
            return self._visitor.t(f"common.channel.{key}")
        return say_day(date.fromisoformat(key), self._visitor.language)

    def _language(self, code: str) -> str:
        """Its own name and ours: who reads Thai need not read Burmese."""
        if code not in self._languages.codes:
            return code
        language = self._languages.get(code)
        return language.own_name if language.own_name == language.name else f"{language.own_name} · {language.name}"


def _site_names(sites: Mapping[str, Site], language: str) -> dict[str, str]:
    if language == "en":
        return {code: site.name_en or site.name for code, site in sites.items()}
    return {code: site.short_name or site.name for code, site in sites.items()}


def _words(visitor: Visitor, label: _Labels, whole: RateRow, asked: Question) -> charts.Words:
    def tip(name: str, row: RateRow) -> str:
        return visitor.t("rates.tip", name=name, percent=percent(row.rate), **_counts(row))

    def short_day(key: str) -> tuple[str, str]:
        _, number, month, _ = label(By.DAY, key).split(" ")
        return number, month

    days = {"first": say_day(asked.first, visitor.language), "last": say_day(asked.last, visitor.language)}
    return charts.Words(
        title=visitor.t("rates.picture", **days),
        description=visitor.t("rates.description", percent=percent(whole.rate), **_counts(whole)),
        label=label,
        short_day=short_day,
        percent=percent,
        tip=tip,
        few=" *",
    )


def _counts(row: RateRow) -> dict[str, int]:
    return {figure: getattr(row, figure) for figure in FIGURES}


def _sheet(
    db: Session, languages: LanguageTable, visitor: Visitor, asked: Question, sites: Mapping[str, Site]
) -> str:  # fmt: skip
    rows = rates(db, by=asked.by, from_day=asked.first, to_day=asked.last, site=asked.site)
    label = _Labels(visitor, languages, _site_names(sites, visitor.language))
    return as_sheet(rows, asked.by, heads=_heads(visitor, asked.by), label=label, few=visitor.t("rates.few"))


def _heads(visitor: Visitor, by: Sequence[By]) -> list[str]:
    named = [visitor.t(f"rates.sheet.{part}_{what}") for part in by for what in ("code", "name")]
    counts = ("due", "contacted", "confirmed", "moved", "unanswered", "other")  # as reports.rates writes them
    return [*named, *(visitor.t(f"rates.figure.{figure}") for figure in counts), visitor.t("rates.sheet.rate"),
            visitor.t("rates.sheet.remark")]  # fmt: skip


def _told(asked: Question) -> dict[str, str]:
    """What was taken out of the house, for the audit."""
    told = {"by": ",".join(asked.by), "from": asked.first.isoformat(), "to": asked.last.isoformat()}
    return told | ({"site": asked.site} if asked.site else {})
