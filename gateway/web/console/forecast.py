"""What a day's lines carry of its calls: one sentence for the nurse, the arithmetic for the operator.

Nothing is changed by itself: staff decide whether there are to be more lines, or texts for some.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Final

from fastapi import APIRouter, Depends, Response

from gateway.dispatch.forecast import Forecast, Hour, Limit
from gateway.dispatch.forecast_rows import DayForecast, forecast_day
from gateway.kit.clock import bangkok_day, bangkok_time
from gateway.plan.planner import HORIZON_DAYS
from gateway.web.console.dates import say_day
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Visitor
from gateway.web.console.trouble import Refused

PATH: Final = "/console/forecast"
KEPT_FOR: Final = 60.0
"""Real seconds: the board is opened by everybody in the morning, and what is planned changes slowly."""


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """The page of one day."""

    @routes.get("/forecast")
    def page(day: str = "", visitor: Visitor = Depends(desk.gate.page())) -> Response:
        shown = _day(desk, day)
        found = read(desk, shown)
        today = bangkok_day(desk.clock.now())
        return desk.pages.show(
            visitor, "forecast.html", found=found, shown=shown, sentences=[
                (one.is_enough, _sentence(visitor, name, one, _when(visitor, shown, today)))
                for name, one in _channels(found) if one.total
            ],
            tabs_of_days=[(today + timedelta(days=n), f"{PATH}?day={today + timedelta(days=n)}") for n in range(4)],
            hours=[(name, by_hour(one)) for name, one in _channels(found) if one.total and _is_news(name, one)],
            arithmetic=[(channel, one) for channel, one in _channels(found)],
        )  # fmt: skip


@dataclass(slots=True)
class Panel:
    """What the board says of today and tomorrow; the same for everybody, and reckoned once a minute."""

    desk: ConsoleDesk
    _kept: tuple[float, date, list[DayForecast]] | None = field(default=None)

    def of(self, visitor: Visitor) -> list[tuple[str, bool, list[str]]]:
        """(address, whether it is enough, what to say) of each of the two days that has anything planned."""
        today = bangkok_day(self.desk.clock.now())
        return [
            (f"{PATH}?day={one.day}", one.is_enough, sentences(visitor, one, today, only_lacking=not one.is_enough))
            for one in self._days(today)
            if one.calls.total or not one.is_enough
        ]

    def figures(self) -> list[str]:
        """For a monitor: calls and texts that are planned for today and tomorrow, and how many of them are carried."""
        days = zip(("today", "tomorrow"), self._days(bangkok_day(self.desk.clock.now())), strict=True)
        return [
            f'tamnat_forecast_{channel}{{day="{name}",what="{what}"}} {n}'
            for name, day in days
            for channel, one in _channels(day)
            for what, n in (("planned", one.total), ("carried", one.carried))
        ]

    def _days(self, today: date) -> list[DayForecast]:
        kept, now = self._kept, time.monotonic()
        if kept is None or kept[1] != today or now - kept[0] > KEPT_FOR:
            self._kept = kept = (now, today, [read(self.desk, today + timedelta(days=n)) for n in (0, 1)])
        return kept[2]


def read(desk: ConsoleDesk, day: date) -> DayForecast:
    """The forecast of a day as it looks now."""
    with desk.database.reading() as db:
        return forecast_day(
            db, day, rules=desk.rules, limits=desk.limits, textable=desk.speech.textable(), now=desk.clock.now()
        )


def sentences(visitor: Visitor, found: DayForecast, today: date, *, only_lacking: bool = False) -> list[str]:
    """What there is to say of each channel in one sentence; with `only_lacking`, of those that do not carry all."""
    when = _when(visitor, found.day, today)
    return [
        _sentence(visitor, channel, one, when)
        for channel, one in _channels(found)
        if one.total and not (only_lacking and one.is_enough)
    ]


def by_hour(found: Forecast) -> list[Hour]:
    """The stretches of a day put together by the hour of the clock, the one that has begun as well."""
    hours: list[Hour] = []
    for one in found.hours:
        if hours and bangkok_time(one.at).hour == bangkok_time(hours[-1].at).hour:
            last = hours[-1]
            hours[-1] = Hour(last.at, last.due + one.due, last.carried + one.carried, one.waiting)
        else:
            hours.append(replace(one, at=one.at - timedelta(minutes=bangkok_time(one.at).minute)))
    return hours


def _is_news(channel: str, one: Forecast) -> bool:
    """Whether its hours tell anything: those of texts that all go out do not."""
    return channel == "calls" or not one.is_enough


def _channels(found: DayForecast) -> list[tuple[str, Forecast]]:
    return [("calls", found.calls), ("texts", found.texts)]


def _sentence(visitor: Visitor, channel: str, one: Forecast, when: str) -> str:
    figures: dict[str, Any] = {
        "n": one.total, "total": f"{one.total:,}", "carried": f"{one.carried:,}", "needed": f"{one.needed:,g}",
        "lines": f"{one.means.lines or 0:,}", "rate": f"{one.means.rate:,g}", "elders": f"{one.elders:,}", "when": when,
    }  # fmt: skip
    said = visitor.t(f"forecast.{channel}.{one.limit.value}", **figures)
    if channel == "texts" or one.limit not in (Limit.LINES, Limit.RATE, Limit.MONEY, Limit.TIME):
        return f"{said}."
    way = "elders" if one.are_elders_carried else "urgent"
    comma = "," if visitor.language == "en" else ""
    return f"{said}{comma} {visitor.t(f'forecast.or.{way}', **figures)}."


def _when(visitor: Visitor, day: date, today: date) -> str:
    names: dict[date, Callable[[], str]] = {
        today: lambda: visitor.t("forecast.today"),
        today + timedelta(days=1): lambda: visitor.t("forecast.tomorrow"),
    }
    found = names.get(day)
    return found() if found else visitor.t("forecast.on", day=say_day(day, visitor.language))


def _day(desk: ConsoleDesk, text: str) -> date:
    """The day an address asks for, today where it names none: a day gone by has no forecast, one too far no plan."""
    today = bangkok_day(desk.clock.now())
    try:
        found = date.fromisoformat(text) if text else today
    except ValueError:
        found = None
    if found is None or not today <= found <= today + timedelta(days=HORIZON_DAYS):
        raise Refused("forecast.bad_day", back=PATH)
    return found
