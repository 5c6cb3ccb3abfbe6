"""A person of the North hears the North's own words from the first clip to the last, or staff are told why not."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from gateway.carriers.memory import MemoryCarrier
from gateway.languages.table import load_languages
from gateway.records.contacts import Attempt
from gateway.records.conversations import Call, Turn
from gateway.records.staffing import Role, Staff
from gateway.records.status import Channel, TaskKind
from gateway.records.wordings import Asset, AssetKind, AssetSource, Origin
from gateway.records.work import Task
from gateway.staff import approving
from gateway.staff.approving import Content
from gateway.staff.sessions import open_session
from gateway.voice.assets import ClipSource
from gateway.voice.keys import wanted_keys
from gateway.voice.speaker import placeholder_of
from gateway.voice.wav import placeholder
from gateway.web.console.gate import COOKIE, Visitor
from gateway.web.console.task_words import detail_words
from gateway.web.console.words import Words
from gateway.wiring import data_dir
from gateway.wiring.captions import Captions
from gateway.wiring.library import Library, clip_content
from gateway.wording.catalogue import Catalogue, Purpose, choose_language
from tests.stories.stage import Stage
from tests.support import rooms
from tests.support.world import World

HEADER = "HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด"
PHONE = "0800000021"
NAMES = {"vaccine": str, "tongue": str, "site": str}
CONSOLE_WORDS = Words(data_dir("templates") / "console" / "words")


# On the sandbox


@pytest.fixture(params=["nod", "tts", "sou"])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def called(stage: Stage, dialect: str) -> Stage:
    """An elder who speaks a dialect, is called, says yes and wants a ride."""
    stage.given_a_session_with_seats("2026-08-07", "afternoon", 10)
    stage.given_a_handset(PHONE, "wants_a_ride")
    stage.given_it_is("2026-08-04 15:00")
    stage.given_a_roster(f"""
        {HEADER}
        68-001,บัวคำ,1/2/2490,080-000-0021,{dialect},flu,2,07/08/2569,14.00
    """)
    stage.when_it_is("2026-08-05 11:35")
    return stage


def test_a_call_in_a_dialect_is_that_dialects_from_its_first_clip_to_its_last(called: Stage, dialect: str) -> None:
    called.then_is_confirmed("บัวคำ")
    called.then_tasks_are("ride")
    script, turns = called.house.speech.scripts[dialect], called.all(Turn)
    assert [turn.digits for turn in turns] == [None, "1", "4"]
    for phrase in (phrase for turn in turns for phrase in turn.heard):
        prompt = script.prompts[phrase["prompt"]]
        assert phrase["text"] == prompt.text
        assert phrase["clip"] == hashlib.sha256(placeholder_of(prompt, script)).hexdigest()
    asked, said_yes, ended = ({phrase["prompt"] for phrase in turn.heard} for turn in turns)
    assert {"greet.reminder", "dose.2", "ask.coming"} <= asked
    assert {"ack.coming", "hour.1400", "ask.ride"} <= said_yes
    assert {"ack.ride", "bye"} <= ended
    assert {attempt.language for attempt in called.attempts_of("บัวคำ")} == {dialect}


def test_the_network_itself_played_what_the_story_tells(called: Stage) -> None:
    (call,) = called.all(Call)
    told = [phrase["clip"] for turn in called.all(Turn) for phrase in turn.heard]
    assert [url.rsplit("/", 1)[1] for url in called.heard_in(call.carrier_sid)] == [f"{clip}.wav" for clip in told]


def test_it_is_marked_as_a_placeholder_on_the_handset_and_in_the_persons_story(called: Stage, dialect: str) -> None:
    captions = Captions(called.house.speech.scripts, called.house.clips)
    (call,) = called.all(Call)
    heard = [captions(url) for url in called.heard_in(call.carrier_sid)]
    assert len(heard) > 15
    assert all(one is not None and one.is_placeholder and one.back for one in heard)
    # Words that two dialects share have one sound, and its caption is either's.
    texts = {prompt.text for prompt in called.house.speech.scripts[dialect].prompts.values()}
    assert {one.text for one in heard if one} <= texts
    page = page_of(called, "บัวคำ")
    assert "Placeholder beeps: nobody has recorded this yet" in page


def test_the_sample_has_people_who_are_sure_to_answer_in_their_dialect() -> None:
    handsets = (data_dir("templates") / "sample" / "handsets.csv").read_text(encoding="utf-8-sig").splitlines()
    sure = [line for line in handsets if line.endswith(",always_answers_1")]
    for spoken in ("nod", "tts", "sou"):
        assert any(f". {spoken}," in line for line in sure), spoken


# Where people are reached


class Live:
    """A house whose carrier reaches people, with a speaker on its staff and somebody else who knows the North."""

    def __init__(self, world: World, folder: Path) -> None:
        world.carrier = MemoryCarrier(now=world.clock.now, reaches_people=True, speaks=("th", "en"))
        self.world, self.folder = world, folder
        self.library = Library(world.database, folder / "audio", world.clock)
        texts = Catalogue(data_dir("templates") / "messages", load_languages(), self.library.edited_messages)
        self.speech = rooms.speech(
            folder,
            clips=self.library,
            catalogue=texts,
            may_use_drafts=False,
            may_use_placeholders=False,
            carrier_speaks=world.carrier.can_speak,
            is_two_way=False,
            approved_texts=self.library.approved_texts,
        )
        now = world.clock.now()
        staff = [Staff(email=f"{n}@b", role=Role.STAFF, password_hash="none", created_at=now) for n in "ab"]
        world.add(*staff)
        self.author, self.approver = staff[0].id, staff[1].id
        self.person = world.person(language="nod")

    def contact(self, channel: Channel = Channel.VOICE) -> tuple[str, str | None]:
        """Next day there is another appointment to remind them of: whether that went out, and why not."""
        world = self.world
        world.clock.advance_to(world.clock.now() + timedelta(days=1))
        appointment = world.appointment(self.person, regimen=f"regimen{world.clock.now():%d}")
        reminder = world.reminder(appointment, channel)
        rooms.sender(world, self.folder, said=self.speech, live=True).pass_once()
        found = world.fresh(reminder)
        return found.status.value, found.reason  # type: ignore[attr-defined]

    def record_all(self) -> list[Asset]:
        """One speaker reads every phrase: drafts until somebody else hears them."""
        script, now = self.speech.scripts["nod"], self.world.clock.now()
        with self.world.database.unit_of_work() as db:
            made = []
            for place, key in enumerate(wanted_keys()):
                clip = self.library.keep_loose(placeholder(1, f"of {place}"), ClipSource.RECORDING)
                content = clip_content("nod", script.prompts[key], clip, "ป้าคำ", Origin.TELEPHONE)
                made.append(approving.submit(db, content, author=self.author, now=now, province="ลำปาง"))
        return made

    def write(self, key: str, language: str, body: str, origin: Origin) -> Asset:
        """A text, as it ships or as somebody edited it."""
        sha = hashlib.sha256(body.encode()).hexdigest()
        content = Content(AssetKind.TEXT, language, key, sha, body, sha, AssetSource.WRITTEN, origin)
        with self.world.database.unit_of_work() as db:
            return approving.submit(db, content, author=self.author, now=self.world.clock.now())

    def approve(self, *assets: Asset) -> None:
        """The other one has read or heard them."""
        who = {"staff": self.approver, "province": "เชียงใหม่", "needs_province": True}
        with self.world.database.unit_of_work() as db:
            for asset in assets:
                approving.approve(db, asset.id, now=self.world.clock.now(), **who)  # type: ignore[arg-type]

    def told(self, language: str) -> list[str]:
        """What staff read in their worklist."""
        visitor = Visitor(cast(Any, None), cast(Any, None), language, cast(Any, None), CONSOLE_WORDS)
        tasks = [task for task in self.world.all(Task) if task.kind is TaskKind.NO_PROMPT]  # type: ignore[attr-defined]
        return [detail_words(visitor, task.detail, NAMES) for task in tasks]  # type: ignore[attr-defined]


@pytest.fixture
def live(tmp_path: Path) -> Live:
    return Live(World(tmp_path), tmp_path)


def test_a_draft_call_reaches_nobody_and_staff_read_why_and_what_to_do(live: Live) -> None:
    assert live.contact() == ("failed", "script_not_approved")
    assert live.world.carrier.calls == []
    (english,) = live.told("en")
    assert english.startswith("Not sent (Call, nod). The words or recordings of the call in this language are not")
    assert "until then please ring this person yourself" in english
    (thai,) = live.told("th")
    assert "ยังไม่ได้รับอนุมัติจากสองคน" in thai
    assert "กรุณาโทรหาเอง" in thai


def test_it_goes_out_once_one_voice_recorded_every_phrase_and_somebody_else_approved_each(live: Live) -> None:
    recordings = live.record_all()
    assert live.contact() == ("failed", "script_not_approved")  # nobody has heard them yet
    *most, last = recordings
    live.approve(*most)
    assert live.contact() == ("failed", "script_not_approved")  # one phrase is still a draft
    live.approve(last)
    assert live.contact() == ("sent", None)
    (attempt,) = [one for one in live.world.all(Attempt) if one.channel is Channel.VOICE]  # type: ignore[attr-defined]
    assert attempt.language == "nod"  # type: ignore[attr-defined]
    assert set(attempt.assets) <= {one.sha256 for one in recordings}  # type: ignore[attr-defined]


def test_with_one_approval_taken_back_it_is_refused_again(live: Live) -> None:
    recordings = live.record_all()
    live.approve(*recordings)
    assert live.contact() == ("sent", None)
    with live.world.database.unit_of_work() as db:
        approving.withdraw(db, recordings[3].id, staff=live.approver, note="misheard", now=live.world.clock.now())
    assert live.contact() == ("failed", "script_not_approved")
    live.approve(recordings[3])
    assert live.contact() == ("sent", None)


def test_a_call_whose_sound_was_lost_is_not_placed(live: Live) -> None:
    recordings = live.record_all()
    live.approve(*recordings)
    (live.folder / "audio" / f"{recordings[-1].sha256}.wav").unlink()
    assert live.contact() == ("failed", "clip_missing")
    assert live.world.carrier.calls == []
    assert "The sound of this call is missing on this machine" in live.told("en")[0]


def test_two_people_do_not_become_one_by_doing_it_twice(live: Live) -> None:
    draft = live.record_all()[0]
    with pytest.raises(approving.SamePerson), live.world.database.unit_of_work() as db:
        approving.approve(
            db, draft.id, staff=live.author, now=live.world.clock.now(), province="ลำปาง", needs_province=True
        )


def test_an_approved_text_is_sent_and_an_edit_of_it_waits_for_two_people_again(live: Live) -> None:
    assert live.contact(Channel.SMS) == ("failed", "text_not_approved")
    assert "Two people have not approved the text" in live.told("en")[0]
    language = choose_language(live.speech.catalogue, live.speech.languages, "nod", Purpose.REMINDER) or ""
    template, *helpers = live.speech.catalogue.pieces(Purpose.REMINDER, language, two_way=False)
    for piece in (template, *helpers):
        live.approve(live.write(piece.key, language, piece.body, Origin.SHIPPED))
    assert live.contact(Channel.SMS) == ("sent", None)
    edited = live.write(
        template.key, language, template.body.replace("{how_to_answer}", "นะ {how_to_answer}"), Origin.EDIT
    )
    assert live.contact(Channel.SMS) == ("failed", "text_not_approved")
    live.approve(edited)
    assert live.contact(Channel.SMS) == ("sent", None)
    assert ["นะ " in text.body for text in live.world.carrier.texts] == [False, True]


def page_of(stage: Stage, name: str) -> str:
    """A person's page, as somebody on the staff sees it."""
    at = datetime.now(UTC)
    with stage.house.database.unit_of_work() as db:
        staff = Staff(email="a@b", name="a", role=Role.STAFF, password_hash="none", created_at=at)
        db.add(staff)
        db.flush()
        token, _ = open_session(db, staff, key=stage.house.gate.key, at=at)
    page = httpx.get(
        f"{stage.house.public_url}/console/people/{stage.person_of(name).id}",
        cookies={COOKIE: token},
        headers={"Accept-Language": "en"},
        trust_env=False,
    )
    assert page.status_code == 200
    return page.text
