"""Every text and phrase as it stands, and whom a language reaches."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.dispatch.prepare import Speech
from gateway.dispatch.standing import (
    Standing,
    approved_messages,
    called_languages,
    for_people,
    people_by_language,
    standing,
)
from gateway.dispatch.wordlist import (
    SoundState,
    TextState,
    Word,
    back_translation,
    current_edit,
    find_word,
    shipped_body,
    word_list,
)
from gateway.records.people import Person
from gateway.records.staffing import Role, Staff
from gateway.records.wordings import Asset, AssetKind, AssetSource, Origin
from gateway.staff import approving
from gateway.staff.approving import Content
from gateway.voice.assets import ClipSource
from gateway.voice.keys import studio_keys, wanted_keys
from gateway.voice.prompts import Scripts
from gateway.voice.wav import placeholder
from gateway.wiring import data_dir
from gateway.wiring.library import Library
from gateway.wording.catalogue import Catalogue, Purpose, sha256_of
from tests.support import rooms
from tests.support.world import NINE, World

TWO = ("a", "b")


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.add(*(Staff(id=one, email=f"{one}@h", role=Role.STAFF, password_hash="none", created_at=NINE) for one in TWO))
    return made


@pytest.fixture
def library(world: World, tmp_path: Path) -> Library:
    return Library(world.database, tmp_path / "audio", world.clock)


@pytest.fixture
def speech(tmp_path: Path, library: Library) -> Speech:
    """As wiring makes it, on the sandbox."""
    table = rooms.speech(tmp_path).languages
    return rooms.speech(
        tmp_path,
        catalogue=Catalogue(data_dir("templates") / "messages", table, library.edited_messages),
        scripts=Scripts(data_dir("voice_prompts"), library.edited_prompts),
        clips=library,
        approved_texts=library.approved_texts,
    )


def word(world: World, speech: Speech, key: str, language: str = "th") -> Word:
    with world.database.reading() as db:
        found = find_word(db, speech, language, key)
    assert found is not None
    return found


def stand(world: World, speech: Speech, language: str = "th") -> Standing:
    with world.database.reading() as db:
        return standing(speech, word_list(db, speech, language), for_people(speech))


def submit(world: World, key: str, body: str, *, origin: Origin = Origin.EDIT, by: str | None = "a") -> Asset:
    sha = sha256_of(body)
    content = Content(AssetKind.TEXT, "th", key, sha, body, sha, AssetSource.WRITTEN, origin)
    with world.database.unit_of_work() as db:
        return approving.submit(db, content, author=by, now=world.clock.now())


def approve(world: World, asset: Asset, *staff: str) -> None:
    with world.database.unit_of_work() as db:
        for one in staff:
            approving.approve(db, asset.id, staff=one, needs_province=False, now=world.clock.now())


def speak_everything(world: World, library: Library, speech: Speech) -> None:
    """One voice says every phrase of Thai, and two people approve each."""
    with world.database.unit_of_work() as db:
        for key in wanted_keys():
            prompt = speech.scripts["th"].prompts[key]
            content = Content(AssetKind.CLIP, "th", key, sha256_of(key), prompt.text, prompt.text_sha256,
                              AssetSource.RECORDING, Origin.BROWSER, "kham", 1.0)  # fmt: skip
            asset = approving.submit(db, content, author="a", now=NINE)
            approving.approve(db, asset.id, staff="b", needs_province=False, now=NINE)


def test_a_shipped_text_goes_from_draft_by_one_person_to_approved_by_two(world: World, speech: Speech) -> None:
    now = word(world, speech, "sms.reminder")
    assert (now.text, now.is_edited, now.is_message) == (TextState.DRAFT, False, True)
    asset = submit(world, "sms.reminder", now.body, origin=Origin.SHIPPED)
    assert word(world, speech, "sms.reminder").text is TextState.WAITING
    approve(world, asset, "b")
    assert word(world, speech, "sms.reminder").text is TextState.APPROVED
    with world.database.unit_of_work() as db:
        approving.withdraw(db, asset.id, staff="b", note="x", now=NINE)
        approving.send_back(db, asset.id, staff="b", note="x", now=NINE)
    assert word(world, speech, "sms.reminder").text is TextState.RETURNED


def test_an_edit_stands_in_the_place_of_what_ships_and_has_no_translation(world: World, speech: Speech) -> None:
    before = word(world, speech, "bye")
    assert before.back
    submit(world, "bye", "ลาก่อนนะคะ")
    now = word(world, speech, "bye")
    assert (now.body, now.back, now.is_edited, now.text) == ("ลาก่อนนะคะ", "", True, TextState.WAITING)
    assert shipped_body(speech, "th", "bye") == before.body
    with world.database.reading() as db:
        edit = current_edit(db, "th", "bye")
        assert edit is not None
        assert edit.text == "ลาก่อนนะคะ"
        assert current_edit(db, "th", "safety") is None


def test_an_edit_that_breaks_a_rule_made_since_is_told_and_counts_for_nothing(world: World, speech: Speech) -> None:
    approve(world, submit(world, "sms.reminder", "{clinic} www.example.com"), "b")
    assert word(world, speech, "sms.reminder").text is TextState.BROKEN
    assert stand(world, speech).messages_approved == 0


def test_a_text_is_approved_when_its_way_to_answer_is(world: World, speech: Speech) -> None:
    total = stand(world, speech).messages
    for key, done in (("sms.reminder", 0), ("sms.how_to_answer_call", 0), ("sms.how_to_answer_two_way", 0),
                      ("sms.ticket", 1), ("sms.wrong_person", 2)):  # fmt: skip
        body = word(world, speech, key).body
        approve(world, submit(world, key, body, origin=Origin.SHIPPED), "b")
        assert (stand(world, speech).messages, stand(world, speech).messages_approved) == (total, done), key
    everywhere, approved = approved_messages(speech)
    assert (approved, everywhere > total) == (2, True)


def test_a_phrase_is_unspoken_waiting_heard_and_stale_in_turn(world: World, speech: Speech, library: Library) -> None:
    assert word(world, speech, "bye").sound is SoundState.UNSPOKEN
    library.keep("th", speech.scripts["th"].prompts["bye"], placeholder(1), ClipSource.RECORDING, "kham")
    assert word(world, speech, "bye").sound is SoundState.WAITING
    with world.database.reading() as db:
        (clip,) = approving.waiting(db)
    approve(world, clip, "a", "b")
    assert word(world, speech, "bye").sound is SoundState.RECORDED
    submit(world, "bye", "ลาก่อนนะคะ")
    assert word(world, speech, "bye").sound is SoundState.STALE


def test_the_list_holds_what_a_call_may_say_and_the_studio_only_where_it_speaks(world: World, speech: Speech) -> None:
    with world.database.reading() as db:
        lists = {code: {one.key: one for one in word_list(db, speech, code)} for code in ("th", "nod", "shn")}
    for words in lists.values():
        assert set(map(str, wanted_keys())) | {"site.S1"} <= set(words)
    assert set(map(str, studio_keys())) <= set(lists["th"])
    assert "studio.greet" not in lists["shn"]
    assert {one.text for one in lists["shn"].values()} == {TextState.UNWRITTEN}
    assert lists["th"]["site.S1"].body == "ที่โรงพยาบาลตัวอย่าง"


@pytest.mark.parametrize(("language", "key"), [("th", "nothing"), ("xx", "bye"), ("th", "name.0123456789ab"),
                                               ("th", "site.NONE"), ("th", "\x00"), ("th", ""), ("", "")])  # fmt: skip
def test_what_nobody_could_hear_or_read_is_none(world: World, speech: Speech, language: str, key: str) -> None:
    with world.database.reading() as db:
        assert find_word(db, speech, language, key) is None


def test_a_text_says_what_it_means_where_its_file_does(tmp_path: Path) -> None:
    for name, body, said in (("a", "# draft\n# back translation: Come at {time}.\nx", "Come at {time}."),
                             ("b", "x\n# back translation: y", ""), ("c", "", "")):  # fmt: skip
        (tmp_path / name).write_text(body, encoding="utf-8")
        assert back_translation(tmp_path / name) == said


def test_a_file_that_is_just_being_replaced_costs_its_line_and_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "reminder.my.txt"
    assert back_translation(file) == ""
    file.write_text("# back translation: come on Monday\nx", encoding="utf-8")
    assert back_translation(file) == "come on Monday"


def test_a_language_with_one_approved_voice_reaches_people_and_those_it_stands_in_for(
    world: World, speech: Speech, library: Library
) -> None:
    assert (stand(world, speech).is_called, called_languages(speech)) == (False, 0)
    assert stand(world, speech).gaps == (("unspoken", len(wanted_keys())),)
    speak_everything(world, library, speech)
    assert (stand(world, speech).is_called, stand(world, speech).gaps) == (True, ())
    assert stand(world, speech, "nod").called_in == "th"
    assert stand(world, speech, "shn").called_in == ("th" if "th" in speech.languages.chain("shn") else None)
    assert stand(world, speech).covered.callable(live=True)
    assert called_languages(speech) == 1


def test_a_dialect_is_texted_in_thai_once_that_is_approved(world: World, speech: Speech) -> None:
    assert not stand(world, speech, "kxm").is_texted_now
    for purpose in (Purpose.REMINDER.value, "how_to_answer_two_way", "ticket"):
        key = f"sms.{purpose}"
        approve(world, submit(world, key, word(world, speech, key).body, origin=Origin.SHIPPED), "b")
    for code in ("kxm", "nod"):
        assert (stand(world, speech, code).texted_in, stand(world, speech, code).is_texted_now) == ("th", True)


def test_people_are_counted_who_live_and_are_one(world: World) -> None:
    kept = world.person(language="nod")
    world.person(language="nod", merged_into=kept.id)
    world.person(language="my", died_on=NINE.date())
    world.add(Person(language="km", name="x", site=None, created_at=NINE))
    with world.database.reading() as db:
        assert people_by_language(db, site=None) == {"nod": 1, "km": 1}
        assert people_by_language(db, site="S1") == {"nod": 1}
