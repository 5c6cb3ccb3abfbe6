"""The order in which a speaker meets the phrases: every one that is to be read comes, none twice, from wherever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.records.staffing import Role, Staff
from gateway.records.status import AssetStatus
from gateway.records.wordings import Asset, AssetKind, AssetSource, Origin
from gateway.voice.prompts import Prompt
from gateway.web.console.studio_view import TO_DO, Deck, Phrase, State, deck_of, shares, voice_names
from tests.support.world import World

NOW = datetime(2026, 8, 3, 2, 0, tzinfo=UTC)


def a_deck(states: list[State]) -> Deck:
    return Deck(tuple(Phrase(Prompt(f"k{n}", f"คำ {n}"), n, state) for n, state in enumerate(states, start=1)))


@given(st.lists(st.sampled_from(list(State)), min_size=1, max_size=12), st.data())
def test_going_on_leads_through_all_that_is_to_be_read_and_round_again(
    states: list[State], data: st.DataObject
) -> None:
    deck = a_deck(states)
    wanted = {phrase.key for phrase in deck.phrases if phrase.state in TO_DO}
    at, seen = data.draw(st.sampled_from([phrase.key for phrase in deck.phrases])), []
    for _ in wanted:
        found = deck.to_do_after(at)
        assert found is not None
        at = found.key
        seen.append(at)
    assert (set(seen), len(seen)) == (wanted, len(wanted))
    assert deck.recorded == deck.wanted - len(wanted)
    if not wanted:
        assert deck.to_do_after(at) is None


def test_the_cards_beside_one_are_its_neighbours_and_the_ends_have_none() -> None:
    deck = a_deck([State.MISSING] * 3)
    first, second, third = deck.phrases
    assert (deck.before(first), deck.before(third)) == (None, second)
    assert deck.find("k2") is second
    assert deck.find("nowhere") is None


def a_clip(prompt: Prompt, voice: str, *, status: AssetStatus = AssetStatus.DRAFT, minutes: int = 0) -> Asset:
    return Asset(
        kind=AssetKind.CLIP, language="th", key=prompt.key, sha256=f"{voice}{prompt.key}{minutes}", text=prompt.text,
        text_sha256=prompt.text_sha256, source=AssetSource.RECORDING, origin=Origin.BROWSER, voice=voice, seconds=1.0,
        status=status, submitted_at=NOW + timedelta(minutes=minutes),
    )  # fmt: skip


def test_the_newest_recording_counts_and_what_was_put_aside_does_not(world: World) -> None:
    one, two = Prompt("k1", "หนึ่ง"), Prompt("k2", "สอง")
    world.add(
        a_clip(one, "v", status=AssetStatus.APPROVED),
        a_clip(one, "v", status=AssetStatus.RETURNED, minutes=5),
        a_clip(two, "v", status=AssetStatus.RETIRED),
    )
    with world.database.reading() as db:
        deck = deck_of(db, "th", [one, two], "v")
    assert [phrase.state for phrase in deck.phrases] == [State.RETURNED, State.MISSING]


def test_of_two_at_one_instant_the_one_that_was_not_sent_back_counts(world: World) -> None:
    prompt = Prompt("k1", "หนึ่ง")
    world.add(a_clip(prompt, "v", status=AssetStatus.RETURNED, minutes=0))
    later = a_clip(prompt, "v", minutes=1)
    later.submitted_at = NOW
    world.add(later)
    with world.database.reading() as db:
        assert deck_of(db, "th", [prompt], "v").phrases[0].state is State.WAITING


def test_a_voice_is_called_by_its_account_and_one_without_by_its_own_name(world: World) -> None:
    speaker = Staff(email="v@x.example", name="ป้าคำ", role=Role.SPEAKER, password_hash="none", created_at=NOW)
    world.add(speaker)
    with world.database.reading() as db:
        assert voice_names(db, [speaker.id, "gtts"]) == {speaker.id: "ป้าคำ", "gtts": "gtts"}


def test_who_spoke_most_stands_first_and_machines_do_not_stand_there_at_all(world: World) -> None:
    phrases = [Prompt(f"k{n}", f"คำ {n}") for n in range(3)]
    world.add(*(a_clip(one, "a") for one in phrases[:1]), *(a_clip(one, "b") for one in phrases))
    machine = a_clip(phrases[0], "gtts")
    machine.source = AssetSource.SYNTHESIS
    world.add(machine)
    with world.database.reading() as db:
        rows = shares(db, {"th": phrases})
    assert [(row.name, row.deck.recorded, row.deck.wanted) for row in rows] == [("b", 3, 3), ("a", 1, 3)]
