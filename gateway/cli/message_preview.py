"""`gateway messages preview`: a language's texts and calls as somebody invented would get them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any, Final

import typer

from gateway.cli.context import MISUSED, fail, settings
from gateway.dispatch.prepare import Speech
from gateway.dispatch.preview import (
    LONGEST_QUESTION,
    SAID_BY,
    SPOKEN,
    Choice,
    ShownCall,
    ShownText,
    ShownTurn,
    invented_case,
    show_call,
    show_text,
)
from gateway.kit.clock import RealClock
from gateway.voice.prompts import ScriptError
from gateway.wiring import House
from gateway.wording.catalogue import CatalogueError, Purpose

_ROUTES: Final = {"house": None, "two-way": True, "one-way": False}
_Both = tuple[Purpose, ShownText, ShownCall | None]


def preview(
    language: Annotated[str, typer.Option(help="A language code, such as my.")],
    purpose: Annotated[str | None, typer.Option(help="One purpose; all without it.")] = None,
    neutral: Annotated[bool, typer.Option("--neutral", help="Without naming the vaccination.")] = False,
    longest: Annotated[bool, typer.Option("--longest", help="With the longest names we know.")] = False,
    route: Annotated[str, typer.Option(help="house (as it is set up), two-way or one-way.")] = "house",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show a language's texts with parts and price, and its calls phrase by phrase; nothing is sent or written."""
    speech = _speech()
    if language not in speech.languages.codes:
        fail(f"--language: expected one of {', '.join(speech.languages.codes)}", MISUSED)
    if purpose is not None and purpose not in list(Purpose):
        fail(f"--purpose: expected one of {', '.join(Purpose)}", MISUSED)
    if route not in _ROUTES:
        fail(f"--route: expected one of {', '.join(_ROUTES)}", MISUSED)
    wanted = [Purpose(purpose)] if purpose else list(Purpose)
    shown = [_shown(speech, Choice(language, one, neutral, _ROUTES[route], longest)) for one in wanted]
    if as_json:
        document = {"language": language, "shown": [_as_json(*one) for one in shown]}
        print(json.dumps(document, ensure_ascii=False, default=str))  # noqa: T201  # the command's result
        return
    for line in (line for one in shown for line in _lines(speech, language, *one, whole=purpose is not None)):
        print(line)  # noqa: T201  # the command's result


def _speech() -> Speech:
    try:
        return House(settings()).speech
    except (CatalogueError, ScriptError) as error:
        fail(str(error))


def _shown(speech: Speech, choice: Choice) -> _Both:
    case, at = invented_case(speech, choice, RealClock().now())
    costs, call = settings(), None
    text = show_text(speech, case, at, cost=costs.sms_cost, two_way=choice.two_way)
    if choice.purpose in SPOKEN:
        call = show_call(speech, case, at, cost=costs.call_cost, keeps_sound=False)
    return choice.purpose, text, call


def _lines(
    speech: Speech, language: str, purpose: Purpose, text: ShownText, call: ShownCall | None, *, whole: bool
) -> Iterator[str]:
    """What is printed of one purpose; of a call the first turn, or the `whole` of it."""
    yield f"{purpose.value} · {_state(text.is_draft, text.refused)} · {_cost_of(text)}"
    yield f"{_instead(language, text.language, 'text')}{text.body}\n"
    if call is None:
        return
    if not call.turns:
        yield f"{purpose.value} call · {_state(True, call.refused)} · goes to staff\n"
        return
    told = "–" if call.told_after is None else f"{call.told_after:.1f}"
    yield (
        f"{purpose.value} call · {_state(call.is_draft, call.refused)} · date and place after {told} s of {SAID_BY:.0f}"
        f" · {call.seconds:.1f} s of {LONGEST_QUESTION:.0f} to the question · US$ {call.price:.3f}"
    )
    if instead := _instead(language, call.language, "call"):
        yield instead.rstrip()
    for turn in call.turns if whole else call.turns[:1]:
        yield from _transcript(turn)
    yield ""


def _transcript(turn: ShownTurn) -> Iterator[str]:
    yield f"  {turn.moment.value} · {turn.seconds:.1f} s"
    for one in turn.phrases:
        back = f"  [{one.back}]" if one.back else ""
        yield f"  {one.begins:5.1f}-{one.ends:<5.1f} {one.source.value:<12} {one.text or one.key}{back}"


def _cost_of(text: ShownText) -> str:
    if text.encoding is None:
        return "no text: goes to staff"
    return f"{text.advice} · {text.units} units of {text.encoding.value} · US$ {text.price:.3f}"


def _state(is_draft: bool, refused: str) -> str:
    return ("draft" if is_draft else "approved") + (f" · would not go out: {refused}" if refused else "")


def _instead(wanted: str, used: str | None, what: str) -> str:
    return f"(no {what} in {wanted}: {used} stands in)\n" if used not in (None, wanted) else ""


def _as_json(purpose: Purpose, text: ShownText, call: ShownCall | None) -> dict[str, Any]:
    told: dict[str, Any] | None = None
    if call is not None:
        told = asdict(call) | {
            "seconds": round(call.seconds, 1),
            "told_after": call.told_after and round(call.told_after, 1),
            "is_draft": call.is_draft,
        }
    advised = asdict(text) | {"advice": str(text.advice) if text.advice else ""}
    return {"purpose": purpose.value, "text": advised, "call": told}
