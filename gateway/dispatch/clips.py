"""A clip as it is submitted for approval: where a sound of the one wing becomes a row of the other.

Nobody here understands what was said. But a sound that is another phrase already, or one far from what its words take,
is not this phrase, whichever way it came in: said in a call it would tell somebody something wrong.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from sqlmodel import Session, col, select

from gateway.records.status import AssetStatus
from gateway.records.wordings import Asset, AssetKind, AssetSource, Origin
from gateway.staff.approving import Content
from gateway.voice.assets import Clip
from gateway.voice.prompts import Prompt, Script, estimate_seconds

SLOWEST: Final = 3.0
LATEST: Final = 3.0
"""A clip may last SLOWEST times what its words take, and LATEST seconds more. The estimate is a slow reading already,
so three times as long is nobody's; the seconds are for pauses, and for phrases of one word."""
FASTEST: Final = 0.25
MEASURED_FROM: Final = 2.0
"""Of phrases of MEASURED_FROM seconds or more it lasts FASTEST of that at the least: nobody speaks four times as fast,
and in less than half a second a short word may be said in full."""


class Misfit(StrEnum):
    """Why a sound is not the phrase it came for."""

    ANOTHER_PHRASE = "another_phrase"  # values: key
    FAR_TOO_LONG = "far_too_long"  # values: seconds, about, limit
    FAR_TOO_SHORT = "far_too_short"  # values: seconds, about, limit


_SENTENCES: Final = {
    Misfit.ANOTHER_PHRASE: "this very sound is kept as another phrase, {key}: take the recording of this one; if it is "
    "wrong there, record that one again first",
    Misfit.FAR_TOO_LONG: "{seconds:g} s, and these words take about {about:g} s ({limit:g} s is the most): read this "
    "phrase alone",
    Misfit.FAR_TOO_SHORT: "{seconds:g} s, and these words take about {about:g} s ({limit:g} s is the least): read the "
    "whole phrase",
}


class NotThisPhrase(ValueError):
    """A sound that cannot be the phrase it came for: the `reason`, its `values`, and a sentence without any name."""

    def __init__(self, reason: Misfit, **values: float | str) -> None:
        super().__init__(_SENTENCES[reason].format(**values))
        self.reason, self.values = reason, values


def check_clip(db: Session, script: Script, prompt: Prompt, sha256: str, seconds: float) -> None:
    """Raise NotThisPhrase where a sound of this hash and length is another phrase, or far from what the words take."""
    other = _kept_as(db, script.language, prompt, sha256)
    if other is not None:
        raise NotThisPhrase(Misfit.ANOTHER_PHRASE, key=other)
    about = estimate_seconds(prompt.text, script.letters_per_second)
    most, least = SLOWEST * about + LATEST, FASTEST * about if about >= MEASURED_FROM else 0.0
    if not least <= seconds <= most:
        reason, limit = (Misfit.FAR_TOO_LONG, most) if seconds > most else (Misfit.FAR_TOO_SHORT, least)
        raise NotThisPhrase(reason, seconds=round(seconds, 1), about=round(about, 1), limit=round(limit, 1))


def kept_reason(error: NotThisPhrase) -> str:
    """What is kept of it beside a take, for its speaker: the reason, then its values as name=value."""
    return " ".join((error.reason.value, *(f"{name}={value}" for name, value in error.values.items())))


def reason_in(kept: str) -> tuple[str, dict[str, float | str]]:
    """The reason and the values in what `kept_reason` gave; a reason alone has none."""
    reason, *values = kept.split(" ")
    return reason, {name: value for name, _, value in (one.partition("=") for one in values)}


def clip_content(language: str, prompt: Prompt, clip: Clip, voice: str, origin: Origin) -> Content:
    """What is submitted for approval when `voice` has spoken a prompt."""
    return Content(
        kind=AssetKind.CLIP,
        language=language,
        key=str(prompt.key),
        sha256=clip.sha256,
        text=prompt.text,
        text_sha256=prompt.text_sha256,
        source=AssetSource(clip.source.value),
        origin=origin,
        voice=voice,
        seconds=clip.seconds,
    )


def _kept_as(db: Session, language: str, prompt: Prompt, sha256: str) -> str | None:
    """The key of another phrase this sound stands for; where that one has the same words it may be both."""
    statement = select(Asset.key).where(
        col(Asset.kind) == AssetKind.CLIP,
        col(Asset.language) == language,
        col(Asset.sha256) == sha256,
        col(Asset.key) != str(prompt.key),
        col(Asset.text_sha256) != prompt.text_sha256,
        col(Asset.status).in_((AssetStatus.DRAFT, AssetStatus.APPROVED)),
    )
    return db.exec(statement.limit(1)).first()
