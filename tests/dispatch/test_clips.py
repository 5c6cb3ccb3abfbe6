"""Which sounds are this phrase: neither one that is another already, nor one far from what its words take."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from gateway.dispatch.clips import Misfit, NotThisPhrase, check_clip, clip_content, kept_reason, reason_in
from gateway.records.status import AssetStatus
from gateway.records.wordings import Asset, Origin
from gateway.staff.approving import submit
from gateway.voice.assets import Clip, ClipSource
from gateway.voice.prompts import Prompt, Script
from tests.support.world import World

SHA = "a" * 64
TODAY, SAFE, BYE = Prompt("relative.today", "วันนี้"), Prompt("safety", "ก" * 60), Prompt("bye", "วันนี้")
SCRIPT = Script("th", {prompt.key: prompt for prompt in (TODAY, SAFE, BYE)}, letters_per_second=12.0)


def kept(world: World, prompt: Prompt, language: str = "th") -> Asset:
    clip = Clip(SHA, 2.0, ClipSource.RECORDING)
    with world.database.unit_of_work() as db:
        content = clip_content(language, prompt, clip, "kham", Origin.UPLOAD)
        return submit(db, content, author=None, now=world.clock.now())


def why_not(db: Session, prompt: Prompt, seconds: float = 2.0) -> str:
    try:
        check_clip(db, SCRIPT, prompt, SHA, seconds)
    except NotThisPhrase as error:
        return error.reason.value
    return ""


@pytest.mark.parametrize(
    ("prompt", "seconds", "reason"),
    [
        (SAFE, 5.0, ""),
        (SAFE, 18.0, ""),
        (SAFE, 18.1, "far_too_long"),
        (SAFE, 1.25, ""),
        (SAFE, 1.2, "far_too_short"),
        (TODAY, 0.3, ""),
        (TODAY, 4.5, ""),
        (TODAY, 30.0, "far_too_long"),
    ],
)
def test_a_sound_lasts_about_as_long_as_its_words_take(
    world: World, prompt: Prompt, seconds: float, reason: str
) -> None:
    with world.database.reading() as db:
        assert why_not(db, prompt, seconds) == reason


def test_a_sound_is_one_phrase_of_a_language(world: World) -> None:
    kept(world, TODAY)
    with world.database.reading() as db:
        assert why_not(db, SAFE) == "another_phrase"
        assert why_not(db, TODAY) == "", "the same phrase may come again"
        assert why_not(db, BYE) == "", "and be another one of the very same words"


@pytest.mark.parametrize("status", [AssetStatus.RETURNED, AssetStatus.RETIRED])
def test_what_was_put_aside_may_be_taken_for_what_it_is(world: World, status: AssetStatus) -> None:
    asset = kept(world, TODAY)
    with world.database.unit_of_work() as db:
        db.get_one(Asset, asset.id).status = status
    with world.database.reading() as db:
        assert why_not(db, SAFE) == ""


def test_another_language_may_have_the_same_sound(world: World) -> None:
    kept(world, TODAY, language="nod")
    with world.database.reading() as db:
        assert why_not(db, SAFE) == ""


@given(st.floats(0, 60), st.floats(0, 60))
def test_what_is_kept_of_a_refusal_is_read_back(seconds: float, about: float) -> None:
    error = NotThisPhrase(Misfit.FAR_TOO_LONG, seconds=seconds, about=about, limit=1.0)
    assert reason_in(kept_reason(error)) == (
        "far_too_long",
        {"seconds": str(seconds), "about": str(about), "limit": "1.0"},
    )


@given(st.text())
def test_a_reason_of_another_version_is_read_without_harm(kept: str) -> None:
    assert reason_in(kept)[0] == kept.split(" ")[0]
