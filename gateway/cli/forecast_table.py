"""A day's forecast as `gateway report forecast` prints it."""

from __future__ import annotations

from typing import Any

from gateway.dispatch.forecast import Forecast, Limit
from gateway.dispatch.forecast_rows import DayForecast
from gateway.kit.clock import bangkok_time
from gateway.plan.planner import HORIZON_DAYS

_LACKS = {
    Limit.LINES: "{lines} lines carry {carried} of {total}; {needed} are needed",
    Limit.RATE: "{rate} a second carry {carried} of {total}; {needed} a second are needed",
    Limit.MONEY: "the day's budget pays for {carried} of {total}",
    Limit.TIME: "{carried} of {total} are carried: the others fall due too late in the day",
    Limit.CLOSED: "a day off, nobody may be contacted: 0 of {total} are carried",
    Limit.OVER: "the day's hours are over: 0 of {total} are carried",
    Limit.NONE: "all {total} are carried",
}


def forecast_record(found: DayForecast) -> dict[str, Any]:
    """The forecast as one JSON object; money in US dollars, instants with Bangkok's offset."""
    return {
        "day": found.day.isoformat(),
        "enough": found.is_enough,
        "cost": found.cost,
        "budget": found.budget,
        "calls": _record(found.calls) | _of_calls(found.calls),
        "texts": _record(found.texts) | {"parts": found.texts.expected.each},
    }


def forecast_lines(found: DayForecast) -> str:
    """The forecast as a person reads it, a line for each channel."""
    calls, texts = found.calls, found.texts
    if not calls.total and not texts.total:
        return f"{found.day}  no calls and no texts are planned (the gateway plans {HORIZON_DAYS} days ahead)\n"
    said = f"{found.day}  calls: {_said(calls)}"
    if not calls.is_enough:
        said += f" ({calls.elders:,} elders; of the others {calls.texted:,} of {calls.rest:,} can be texted)"
    basis = f"of {calls.expected.known:,} calls" if calls.expected.known else "assumed"
    said += (
        f"\n{found.day}  a call holds a line {calls.expected.each:g} s ({basis}), window {calls.seconds / 3600:.1f} h"
    )
    said += f"\n{found.day}  texts: {_said(texts)}"
    budget = "no budget" if found.budget is None else f"budget {found.budget:,.2f}"
    return f"{said}\n{found.day}  planned cost USD {found.cost:,.2f}, {budget}\n"


def _said(one: Forecast) -> str:
    return _LACKS[one.limit].format(
        lines=one.means.lines, rate=f"{one.means.rate:g}", carried=f"{one.carried:,}", total=f"{one.total:,}",
        needed=f"{one.needed:,g}",
    )  # fmt: skip


def _record(one: Forecast) -> dict[str, Any]:
    return {
        "total": one.total,
        "carried": one.carried,
        "limit": one.limit.value,
        "needed": one.needed,
        "rate": one.means.rate,
        "known": one.expected.known,
        "opens": bangkok_time(one.opens).isoformat() if one.opens else None,
        "closes": bangkok_time(one.closes).isoformat() if one.closes else None,
    }


def _of_calls(one: Forecast) -> dict[str, Any]:
    return {
        "again": one.again,
        "lines": one.means.lines,
        "seconds": one.expected.each,
        "elders": one.elders,
        "rest": one.rest,
        "texted": one.texted,
    }
