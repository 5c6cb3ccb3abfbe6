"""The recording studio in a real browser: a fake microphone is spoken into, and the next call is heard."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect
from sqlmodel import col, select

from gateway.records.conversations import Turn
from gateway.records.staffing import Role, StaffSession
from gateway.records.status import AssetStatus
from gateway.records.wordings import Asset, AssetKind, Origin
from gateway.staff.accounts import add_account
from gateway.voice.sheet import recording_order
from gateway.voice.wav import seconds_of
from tests.stories.stage import Stage
from tests.support import chromium
from tests.support.browser import Trouble, until
from tests.support.demo import HEIGHT, PASSWORD, sign_in
from tests.support.sounds import voice

SPEAKER = "voice@village.example"
ROSTER = """
    HN,ชื่อ,นามสกุล,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด
    67-001,คำ,ทดสอบ,12/03/2490,080-000-0001,คำเมือง,ไข้หวัดใหญ่,1,05/08/2569,09.30
"""
ELDER = "0800000001"
LANGUAGE = "nod"
STUDIO = f"/console/studio/{LANGUAGE}"
WITHIN = 10_000  # milliseconds: a guard, not an expectation of speed
SILENT = """navigator.mediaDevices.getUserMedia = async () => {
  const silence = new AudioContext(), source = silence.createConstantSource();
  const microphone = silence.createMediaStreamDestination();
  source.offset.value = 0;
  source.connect(microphone);
  source.start();
  return microphone.stream;
};"""
REFUSED = """() => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', '%s'); }; }"""
WHY_NOT = {
    "NotAllowedError": "choose “Allow”",
    "NotFoundError": "No microphone was found",
    "NotReadableError": "Something else is using the microphone",
}
Enter = Callable[..., Page]


@pytest.fixture(scope="module")
def listening(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose microphone hears somebody speak, again and again."""
    said = tmp_path_factory.mktemp("microphone") / "said.wav"
    said.write_bytes(voice(1.0, quiet=0.15))
    fake = ("device-for-media-stream", "ui-for-media-stream", f"file-for-fake-audio-capture={said}")
    flags = [*chromium.flags(), *(f"--use-{'' if 'fake-audio' in flag else 'fake-'}{flag}" for flag in fake)]
    with browser.browser_type.launch(executable_path=chromium.find(), args=flags) as running:
        yield running


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A clinic with an elder who speaks Northern Thai, and a speaker's account; it is Monday before the calls."""
    with Stage(tmp_path_factory.mktemp("stage") / "stage") as stage:
        stage.given_a_site()
        stage.given_a_session_with_seats("2026-08-05", "morning", 10)
        stage.given_a_handset(ELDER, "always_answers_1")
        stage.given_it_is("2026-08-03 08:50")
        stage.given_a_roster(ROSTER)
        with stage.house.database.unit_of_work() as db:
            add_account(db, SPEAKER, Role.SPEAKER, PASSWORD, at=datetime.now(UTC), name="ป้าคำ")
        stage.when_it_is("2026-08-03 08:51", only=["plan"])
        yield stage


@pytest.fixture(scope="module")
def signed_in(stage: Stage, listening: Browser) -> Any:
    """The speaker's cookies, who after signing in stands in the studio."""
    context = listening.new_context(base_url=stage.house.public_url, locale="en-GB")
    page = context.new_page()
    sign_in(page, SPEAKER, PASSWORD)
    expect(page).to_have_url(re.compile("/console/studio$"))
    yield context.storage_state()
    context.close()


@pytest.fixture
def enter(stage: Stage, listening: Browser, signed_in: Any, trouble: Trouble) -> Iterator[Enter]:
    """The speaker's window, on a telephone, at the first card; `script` is run before the page's own."""
    windows = []

    def open_it(script: str = "", **more: Any) -> Page:
        context = listening.new_context(
            base_url=stage.house.public_url,
            storage_state=signed_in,
            locale="en-GB",
            viewport={"width": 360, "height": HEIGHT},
            **more,
        )
        windows.append(context)
        context.set_default_timeout(WITHIN)
        page = context.new_page()
        trouble.watch(page)
        page.add_init_script(script)
        page.goto(STUDIO)
        return page

    yield open_it
    for window in windows:
        window.close()


def button(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def speak(page: Page) -> None:
    """Let the microphone hear a second of it."""
    expect(page.get_by_text("We can hear you.")).to_be_visible()
    expect(page.locator("[data-clock]")).to_have_text("1 s")


def own_clips(stage: Stage) -> list[Asset]:
    """What is kept, the oldest first."""
    with stage.house.database.reading() as db:
        mine = (col(Asset.kind) == AssetKind.CLIP, col(Asset.status) == AssetStatus.DRAFT)
        return sorted(db.exec(select(Asset).where(*mine)), key=lambda one: one.key)


def heard(stage: Stage, prompt: str) -> set[str]:
    """The clips by which this phrase was said to anybody."""
    with stage.house.database.reading() as db:
        turns = db.exec(select(Turn)).all()
    return {one["clip"] for turn in turns for one in turn.heard if one["prompt"] == prompt}


def test_what_is_recorded_with_the_keyboard_alone_is_heard_in_the_next_call(stage: Stage, enter: Enter) -> None:
    first, second, *_ = recording_order(stage.house.speech.scripts[LANGUAGE])
    page = enter()
    card = page.locator(".words")
    expect(card).to_have_text(first.text)
    page.keyboard.press("Space")
    expect(button(page, "Stop")).to_be_focused()
    speak(page)
    page.keyboard.press("Enter")
    expect(button(page, "Keep it, next phrase")).to_be_focused()
    until(page, "document.querySelector('[data-preview]').readyState > 0", within=WITHIN)
    page.keyboard.press("Enter")
    expect(card).to_have_text(second.text)
    expect(button(page, "Record")).to_be_focused()
    expect(page.locator(".kept")).to_contain_text(first.text)

    (clip,) = own_clips(stage)
    assert (clip.key, clip.language, clip.origin) == (first.key, LANGUAGE, Origin.BROWSER)
    page.locator(".kept summary").click()
    until(page, f"document.querySelector('.kept audio').src.endsWith('/audio/{clip.sha256}.wav')", within=WITHIN)
    stage.when_it_is("2026-08-03 11:35")
    stage.then_phone_was_called_times(ELDER, 1)
    assert heard(stage, str(first.key)) == {clip.sha256}
    sound = httpx.get(f"{stage.house.public_url}/audio/{clip.sha256}.wav", trust_env=False).content
    assert 0.4 <= seconds_of(sound) <= 20


@pytest.mark.parametrize("height", [560, 616, 740])
def test_on_a_telephone_the_phrase_is_seen_whole_while_it_is_read_and_heard(
    enter: Enter, trouble: Trouble, height: int
) -> None:
    page = enter()
    page.set_viewport_size({"width": 360, "height": height})
    for language, key in (
        ("th", "safety"),
        ("en", "safety"),
        ("th", "greet.second_dose"),
        ("en", "hotline.office_hours"),
    ):
        page.goto(f"/console/studio/{language}?phrase={key}")
        button(page, "Record").click()
        expect(button(page, "Stop")).to_be_visible()
        assert hidden_part(page) <= 0, (language, key, "while it is read")
        button(page, "Stop").click()
        expect(button(page, "Keep it, next phrase")).to_be_visible()
        assert hidden_part(page) <= 0, (language, key, "while it is heard")
        page.evaluate("forget()")  # or it asks whether to leave it


def hidden_part(page: Page) -> float:
    """Pixels of the phrase that are above the screen or behind what is pressed."""
    words, panel = page.locator(".words").bounding_box(), page.locator("[data-recorder]").bounding_box()
    assert words
    assert panel
    return max(-words["y"], words["y"] + words["height"] - panel["y"])


def test_silence_is_noticed_while_it_lasts_and_refused_in_words(stage: Stage, enter: Enter, trouble: Trouble) -> None:
    page, before = enter(SILENT), len(own_clips(stage))
    button(page, "Record").click()
    expect(page.get_by_text("We hear almost nothing")).to_be_visible()
    button(page, "Stop").click()
    with trouble.expecting(422):
        button(page, "Keep it, next phrase").click()
        expect(page.get_by_text("Nothing could be heard")).to_be_visible()
    expect(button(page, "Record")).to_be_focused()
    assert len(own_clips(stage)) == before


def test_where_nothing_can_be_recorded_the_page_says_what_to_do(enter: Enter) -> None:
    page = enter("delete window.MediaRecorder")
    expect(page.locator("[data-trouble]:visible")).to_contain_text("This browser cannot record")
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', {value: false})")
    page.reload()
    expect(page.locator("[data-trouble]:visible")).to_contain_text("its address with https://")
    expect(button(page, "Record")).to_have_count(0)
    expect(page.get_by_label("A recording of this phrase")).to_be_visible()


def test_a_microphone_that_is_not_given_is_explained(enter: Enter) -> None:
    page = enter()
    for error, told in WHY_NOT.items():
        page.evaluate(REFUSED % error)
        button(page, "Record").click()
        expect(page.locator("[data-trouble]:visible")).to_contain_text(told)
        expect(button(page, "Record")).to_be_visible()


def test_without_javascript_a_file_is_sent(enter: Enter) -> None:
    page = enter(java_script_enabled=False)
    words = page.locator(".words").inner_text()
    page.get_by_text("Or send a sound file", exact=True).click()
    file = {"name": "a.wav", "mimeType": "audio/wav", "buffer": voice(1.3, quiet=0.2)}
    page.get_by_label("A recording of this phrase").set_input_files(file)
    button(page, "Send the file").click()
    expect(page.locator(".kept")).to_contain_text(words)


def test_neither_a_lost_connection_nor_a_session_that_ended_loses_a_recording(
    stage: Stage, enter: Enter, trouble: Trouble
) -> None:
    """Last of all: it signs the speaker out everywhere. The recording ends by itself, when it is too long."""
    page = enter()
    page.evaluate("document.querySelector('[data-recorder]').dataset.longest = 1.5")
    button(page, "Record").click()
    words = page.locator(".words").inner_text()
    page.context.set_offline(True)
    button(page, "Keep it, next phrase").click()
    expect(page.get_by_text("Your recording is still here: keep this page open")).to_be_visible()
    assert trouble.seen
    assert all("ERR_INTERNET_DISCONNECTED" in one for one in trouble.seen)
    trouble.seen.clear()
    page.context.set_offline(False)
    with stage.house.database.unit_of_work() as db:
        db.exec(sa.delete(StaffSession))
    with trouble.expecting(401):
        button(page, "Send it again").click()
        with page.context.expect_page() as opened:
            page.get_by_role("link", name="Sign in").click()
        sign_in(opened.value, SPEAKER, PASSWORD)
        expect(opened.value.locator(".words")).to_be_visible()
        button(page, "Send it again").click()
        expect(page.locator(".kept")).to_contain_text(words)
