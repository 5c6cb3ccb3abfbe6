"""A text or phrase and the people who decide about it: two of them, by hash, with reasons and a history."""

from __future__ import annotations

import re
from html import unescape

import pytest

from gateway.kit.marks import mark_of
from gateway.records.staffing import Audit, Role, Staff
from gateway.records.status import AssetStatus
from gateway.records.wordings import Approval, Asset, AssetKind, AssetSource, Origin, Part
from gateway.staff import approving
from gateway.staff.approving import Content
from gateway.voice.assets import ClipSource
from gateway.voice.prompts import Prompt
from gateway.voice.wav import placeholder
from gateway.web.console import library_queue
from gateway.web.console.library_queue import Unanswered
from gateway.wording.catalogue import Purpose
from tests.support.world import NINE
from tests.web.console.conftest import Console
from tests.web.console.test_library import shown, submit_text, words_of

REMINDER = "/console/words/th/sms.reminder"
BYE = "/console/words/nod/bye"


@pytest.fixture
def clip(console: Console) -> Asset:
    """A Northern goodbye that a speaker of Lampang has recorded."""
    speaker = Staff(email="k@h.example", name="คำ", role=Role.SPEAKER, password_hash="none", created_at=NINE)
    console.world.add(speaker)
    prompt = console.desk.speech.scripts["nod"].prompts["bye"]
    console.house.clips.keep("nod", prompt, placeholder(1), ClipSource.RECORDING, speaker.id, origin=Origin.BROWSER,
                             author=speaker.id, province="ลำปาง")  # fmt: skip
    (asset,) = console.world.all(Asset)
    assert isinstance(asset, Asset)
    return asset


def current(console: Console, path: str = REMINDER) -> str:
    """The hash of the words that a page is about."""
    found = re.search(r'name="sha256" value="([0-9a-f]{64})"', console.get(path).text)
    assert found
    return found[1]


def decide(console: Console, path: str, do: str, **fields: str) -> str:
    """Send a form of a page as somebody who heard all of it; what is read on the page that follows."""
    answer = console.post(path, do=do, **{"heard": "yes", **fields})
    return words_of((console.follow(answer) if answer.status_code == 303 else answer).text)


def answer_for(console: Console, path: str = REMINDER) -> str:
    return decide(console, path, "approve", asset="shipped", sha256=current(console, path))


def mark(asset: Asset) -> str:
    return mark_of(asset.language, asset.key, asset.sha256)


def only_asset(console: Console) -> Asset:
    (asset,) = console.world.all(Asset)
    assert isinstance(asset, Asset)
    return asset


def test_the_words_stand_in_their_script_beside_thai_and_what_they_mean(console: Console) -> None:
    html = console.get("/console/words/my/sms.reminder").text
    body = console.desk.speech.catalogue
    burmese = next(one for one in body if one.key == "sms.reminder" and one.language == "my")
    assert f'<p class="native words large" lang="my" dir="ltr">{burmese.body}</p>' in html
    said = words_of(html)
    assert "Back translation {clinic}" in said
    assert "In Thai {clinic}" in said
    phrase = shown(console, BYE)
    assert console.desk.speech.scripts["nod"].prompts["bye"].text in phrase


def test_who_approves_reads_what_its_writer_doubted_and_the_speaker_s_note_in_the_page_s_language(
    console: Console,
) -> None:
    prompt = console.desk.speech.scripts["nod"].prompts["end.unanswered"]
    said = words_of(console.get("/console/words/nod/end.unanswered").text)
    assert f"The drafter's doubt, for who approves it {prompt.doubt}" in said
    assert f"To the speaker {prompt.note_en}" in said


def test_shipped_words_get_their_row_when_the_first_person_answers_for_them(console: Console) -> None:
    sha = current(console)
    answer_for(console)
    said, asset = shown(console, REMINDER), only_asset(console)
    assert (asset.origin, asset.sha256, asset.status) == (Origin.SHIPPED, sha, AssetStatus.DRAFT)
    assert "you cannot approve it yourself" in said
    assert f"bound to exactly these words (mark {sha[:8]})" in said
    assert not console.desk.speech.approved_texts()


def test_a_second_person_approves_and_from_then_on_it_may_reach_people(console: Console) -> None:
    answer_for(console)
    first = console.me
    console.sign_in(Role.STAFF)
    asset = only_asset(console)
    decide(console, REMINDER, "approve", asset=asset.id, sha256=asset.sha256)
    said = shown(console, REMINDER)
    assert f"Approved is exactly {asset.sha256[:8]}" in said
    assert f"Answers for it: {first.name}" in said
    assert f"Approved by: {console.me.name}" in said
    assert mark_of(asset.language, asset.key, asset.sha256) in console.desk.speech.approved_texts()
    told = [(one.verb, one.kind, one.subject) for one in console.world.all(Audit)]  # type: ignore[attr-defined]
    assert told == [("asset_vouched", "asset", asset.id), ("asset_approved", "asset", asset.id)]


def test_nobody_approves_what_they_answer_for(console: Console) -> None:
    answer_for(console)
    asset = only_asset(console)
    said = decide(console, REMINDER, "approve", asset=asset.id)
    assert "You made it or answer for it, so you cannot approve it." in said
    assert only_asset(console).status is AssetStatus.DRAFT
    assert 'value="approve"' not in console.get(REMINDER).text


def test_a_recording_is_heard_beside_its_words_with_voice_and_length(console: Console, clip: Asset) -> None:
    html = console.get(BYE).text
    assert f'<audio controls preload="none" src="/audio/{clip.sha256}.wav"' in html
    assert console.get(f"/audio/{clip.sha256}.wav").status_code == 200
    said = words_of(html)
    for fact in ("Voice: คำ", "1.0 s", "recorded in the studio", "from ลำปาง", f"(mark {clip.sha256[:8]})"):
        assert fact in said


def test_a_dialect_asks_which_province_the_approver_knows_it_from_and_remembers(console: Console, clip: Asset) -> None:
    said = decide(console, BYE, "approve", asset=clip.id)
    assert "A dialect needs the province you know it from." in said
    assert only_asset(console).status is AssetStatus.DRAFT
    decide(console, BYE, "approve", asset=clip.id, province="แพร่")
    assert only_asset(console).status is AssetStatus.APPROVED
    by_part = {one.part: one.province for one in console.world.all(Approval)}  # type: ignore[attr-defined]
    assert by_part == {Part.AUTHOR: "ลำปาง", Part.APPROVER: "แพร่"}
    assert '<option selected lang="th">แพร่</option>' in console.get("/console/words/nod/safety").text


@pytest.mark.parametrize("province", ["", " ", "xyz nowhere", "แพร่\x00", "สงขลา"])
def test_a_province_where_the_dialect_is_not_spoken_is_refused_beside_its_field(
    console: Console, clip: Asset, province: str
) -> None:
    answer = console.post(BYE, do="approve", asset=clip.id, heard="yes", province=province, other_province="แพร่")
    sentence = "That is no province of this language." if province.strip() else "A dialect needs the province"
    field, *_ = re.findall(r'<div class="field province">.*?</div>', answer.text, re.DOTALL)
    assert (answer.status_code, sentence in field, 'aria-invalid="true"' in field) == (422, True, True)
    assert 'name="heard" value="yes" required checked>' in answer.text
    assert only_asset(console).status is AssetStatus.DRAFT
    assert console.world.all(Audit) == []


def test_a_recording_is_approved_by_who_says_that_they_heard_it(console: Console, clip: Asset) -> None:
    for heard in ("", "no"):
        answer = console.post(BYE, do="approve", asset=clip.id, province="แพร่", heard=heard)
        (field,) = re.findall(r'<div class="field heard">.*?</div>', answer.text, re.DOTALL)
        assert (answer.status_code, "Listen to it to the end first, then tick this." in field) == (422, True)
        assert '<option selected lang="th">แพร่</option>' in answer.text
    assert only_asset(console).status is AssetStatus.DRAFT
    decide(console, BYE, "approve", asset=clip.id, province="แพร่")
    assert only_asset(console).status is AssetStatus.APPROVED


def test_who_answers_for_a_recording_from_a_folder_has_to_have_heard_it_too(console: Console) -> None:
    prompt = console.desk.speech.scripts["th"].prompts["bye"]
    console.house.clips.keep("th", prompt, placeholder(1), ClipSource.RECORDING, "kham")
    path, asset = "/console/words/th/bye", only_asset(console)
    assert console.post(path, do="approve", asset=asset.id).status_code == 422
    assert console.world.all(Approval) == []
    assert console.post(path, do="approve", asset=asset.id, heard="yes").status_code == 303
    assert len(console.world.all(Approval)) == 1


def test_a_language_that_is_no_dialect_asks_for_no_province_and_words_for_no_listening(console: Console) -> None:
    html = console.get(REMINDER).text
    assert ('name="province"' in html, 'name="heard"' in html) == (False, False)
    answer = console.post(REMINDER, do="approve", asset="shipped", sha256=current(console), province="xyz nowhere")
    assert answer.status_code == 303
    assert [one.province for one in console.world.all(Approval)] == [""]  # type: ignore[attr-defined]


def test_what_is_wrong_goes_back_with_a_reason_and_stays_in_the_history(console: Console, clip: Asset) -> None:
    assert "Write a reason" in decide(console, BYE, "send_back", asset=clip.id, note=" \x00 ")
    long = decide(console, BYE, "send_back", asset=clip.id, note="ก" * 501)
    assert "The reason has 501 letters; the most is 500." in long
    decide(console, BYE, "send_back", asset=clip.id, note="มีเสียง<b>ไก่</b>ขัน")
    said = shown(console, BYE)
    assert only_asset(console).status is AssetStatus.RETURNED
    assert "มีเสียง&lt;b&gt;ไก่&lt;/b&gt;ขัน" in console.get(BYE).text
    assert f"History sent back Sound {clip.sha256[:8]} {console.me.name}" in said


def test_an_approval_is_withdrawn_with_a_reason_and_it_reaches_nobody(console: Console, clip: Asset) -> None:
    decide(console, BYE, "approve", asset=clip.id, province="แพร่")
    assert "Write a reason" in decide(console, BYE, "withdraw", asset=clip.id)
    said = decide(console, BYE, "withdraw", asset=clip.id, note="ผิดวัน")
    assert "approval withdrawn" in said
    assert not any(one.approved for one in console.house.clips.kept("nod")["bye"])


def test_what_does_not_wait_any_more_cannot_be_approved(console: Console, clip: Asset) -> None:
    for status in (AssetStatus.APPROVED, AssetStatus.RETIRED, AssetStatus.RETURNED):
        clip.status = status
        with console.world.database.unit_of_work() as db:
            db.merge(clip)
        assert "It does not wait any more" in decide(console, BYE, "approve", asset=clip.id, province="แพร่")
        assert only_asset(console).status is status


def test_of_two_who_approve_at_once_the_slower_is_told(console: Console, clip: Asset) -> None:
    console.world.add(Approval(asset=clip.id, part=Part.APPROVER, staff=console.me.id, at=NINE))
    console.sign_in()
    answer = console.post(BYE, do="approve", asset=clip.id, province="แพร่", heard="yes")
    assert (answer.status_code, "a moment before you" in answer.text) == (409, True)
    assert only_asset(console).status is AssetStatus.DRAFT


SAME = "ลาก่อนนะคะ"


def approved_by_two(console: Console, language: str) -> Asset:
    """Words of one key that two people have approved."""
    first = console.me
    asset = submit_text(console.world, SAME, first.id, language=language, key="bye")
    console.sign_in(Role.STAFF)
    province = next(iter(console.desk.languages.get(language).provinces), "")
    decide(console, f"/console/words/{language}/bye", "approve", asset=asset.id, province=province)
    console.become(first)
    return asset


def test_words_approved_in_one_language_are_not_approved_in_another_that_writes_them_alike(console: Console) -> None:
    thai = approved_by_two(console, "th")
    southern = submit_text(console.world, SAME, console.me.id, language="sou", key="bye")
    assert thai.sha256 == southern.sha256
    approved = console.desk.speech.approved_texts()
    assert (mark(thai) in approved, mark(southern) in approved) == (True, False)
    assert "words: waits for a second person" in shown(console, "/console/words/sou/bye")
    assert "words: approved" in shown(console, "/console/words/th/bye")


def test_of_two_texts_alike_the_one_that_is_withdrawn_reaches_nobody_and_the_other_still_does(console: Console) -> None:
    thai, southern = approved_by_two(console, "th"), approved_by_two(console, "sou")
    assert {mark(thai), mark(southern)} <= console.desk.speech.approved_texts()
    decide(console, "/console/words/sou/bye", "withdraw", asset=southern.id, note="ไม่ใช่คำใต้")
    approved = console.desk.speech.approved_texts()
    assert (mark(thai) in approved, mark(southern) in approved) == (True, False)
    assert "words: waits for a second person" in shown(console, "/console/words/sou/bye")


def test_words_that_changed_under_the_page_are_not_approved_unread(console: Console) -> None:
    sha = current(console)
    body = console.desk.speech.catalogue.get(Purpose.REMINDER, "th").body.replace("นัดคุณ", "แจ้งนัดคุณ")
    submit_text(console.world, body, console.me.id, key="sms.reminder")
    said = decide(console, REMINDER, "approve", asset="shipped", sha256=sha)
    assert "The words have changed since you opened the page." in said
    assert [one.origin for one in console.world.all(Asset)] == [Origin.EDIT]  # type: ignore[attr-defined]


def test_the_same_form_twice_does_it_once(console: Console) -> None:
    fields = {**console.tokens(), "do": "approve", "asset": "shipped", "sha256": current(console)}
    first, again = (console.post(REMINDER, **fields) for _ in range(2))
    assert first.headers["location"] == again.headers["location"]
    assert len(console.world.all(Audit)) == 1


def test_old_words_of_a_recording_are_told_and_it_cannot_be_approved(console: Console, clip: Asset) -> None:
    submit_text(console.world, "ลาก่อนเจ้า", console.me.id, language="nod")
    html = console.get(BYE).text
    assert "It says older words, so it is not used." in words_of(html)
    assert f'name="do" value="approve"><input type="hidden" name="asset" value="{clip.id}"' not in html
    assert "the words have changed since" in shown(console, "/console/words?kind=clip")


def test_after_one_the_next_that_waits_for_me_is_a_tap_away(console: Console, clip: Asset) -> None:
    submit_text(console.world, "สวัสดีเจ้า", console.me.id, language="nod", key="ask.again")
    assert 'href="/console/words/nod/bye#clips"' in console.get("/console/words/nod/safety").text
    assert '"/console/words/nod/ask.again' not in console.get(BYE).text  # it is mine


def test_after_a_decision_the_next_that_waits_for_me_comes_by_itself_with_a_way_back(
    console: Console, clip: Asset
) -> None:
    other = console.me
    for key in ("ask.again", "safety"):
        submit_text(console.world, f"คำ {key}", other.id, language="nod", key=key)
    me = console.sign_in(Role.STAFF)
    submit_text(console.world, "ของฉันเอง", me.id, language="nod", key="ack.yes")
    wanted = (("ask.again", {"do": "approve"}, "Approved"), ("bye", {"do": "send_back", "note": "เบา"}, "Sent back"))
    for (path, fields, told), then in zip(wanted, ("bye", "safety"), strict=True):
        asset = next(one for one in console.world.all(Asset) if one.key == path)  # type: ignore[attr-defined]
        answer = console.post(f"/console/words/nod/{path}", asset=asset.id, province="แพร่", **fields)
        assert re.fullmatch(rf"/console/words/nod/{then}\?done=[0-9a-f]{{32}}", answer.headers["location"])
        (band,) = re.findall(r'<div class="band ok.*?</div>', console.follow(answer).text, re.DOTALL)
        assert (told in band, f'<a href="/console/words/nod/{path}">' in band) == (True, True)


def test_what_nobody_answers_for_is_gone_through_one_after_the_other(console: Console) -> None:
    seen, path = [], REMINDER
    for _ in range(3):
        answer = console.post(path, do="approve", asset="shipped", sha256=current(console, path))
        seen.append(path)
        path = answer.headers["location"].partition("?")[0]
        assert path.startswith("/console/words/th/sms.")
        assert path not in seen


def test_after_the_last_the_page_says_that_nothing_waits(
    console: Console, clip: Asset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_queue, "unanswered", lambda _, language, __: Unanswered(language, (), ()))
    text = submit_text(console.world, "ลาก่อนนะคะ", console.me.id)
    console.sign_in(Role.STAFF)
    said = decide(console, BYE, "approve", asset=clip.id, province="แพร่")
    assert "In Northern Thai nothing waits for you any more; other languages do, below." in said
    said = decide(console, "/console/words/th/bye", "approve", asset=text.id)
    assert "Nothing waits for you any more." in said


def test_the_band_of_somebody_else_says_nothing(console: Console, clip: Asset) -> None:
    location = console.post(BYE, do="send_back", asset=clip.id, note="เสียงเบา").headers["location"]
    console.sign_in()
    for done in (location.partition("done=")[2], "0" * 32, "%00"):
        assert "band ok" not in console.get(f"/console/words?done={done}").text


def test_a_recording_whose_file_is_gone_is_told(console: Console, clip: Asset) -> None:
    path = console.house.clips.path(clip.sha256)
    assert path is not None
    path.unlink()
    html = console.get(BYE).text
    assert "The sound's file is not there." in words_of(html)
    assert f'value="approve"><input type="hidden" name="asset" value="{clip.id}"' not in html
    answer = console.post(BYE, do="approve", asset=clip.id, province="แพร่", heard="yes")
    assert answer.status_code == 409
    assert only_asset(console).status is AssetStatus.DRAFT


def test_names_of_people_are_heard_and_not_rewritten(console: Console) -> None:
    key = "name.0123456789ab"
    console.house.clips.keep("th", Prompt(key, "ถึงคุณมะลิค่ะ"), placeholder(1), ClipSource.RECORDING, "kham")
    said = shown(console, f"/console/words/th/{key}")
    assert "ถึงคุณมะลิค่ะ" in said
    assert "A person's name is not changed here" in said
    assert console.get(f"/console/words/th/{key}/edit").status_code == 409
    asset = only_asset(console)
    decide(console, f"/console/words/th/{key}", "approve", asset=asset.id)
    assert "มะลิ" not in str([one.after for one in console.world.all(Audit)])  # type: ignore[attr-defined]


def test_an_unknown_key_is_a_page_of_its_own(console: Console) -> None:
    keys = ("nothing", "sms.nothing", "sms.", "name.0123456789ab", "site.XX", "bye%00", "%ED%A0%80", "x" * 500)
    tokens = console.tokens()
    for key in keys:
        answer = console.get(f"/console/words/th/{key}")
        assert (answer.status_code, "There is no such text or phrase." in answer.text) == (404, True), key
        assert console.get(f"/console/words/th/{key}/edit").status_code == 404, key
        assert console.post(f"/console/words/th/{key}", do="approve", asset="shipped", **tokens).status_code == 404


def test_a_form_that_means_nothing_changes_nothing(console: Console) -> None:
    tokens = console.tokens()
    unknown = [{"do": "approve", "asset": asset} for asset in ("0" * 32, "\x00", "", "shipped")]
    for fields in (*unknown, {"do": "fly", "asset": "shipped"}, {}):
        answer = console.post(REMINDER, **tokens, **fields)
        assert answer.status_code in (404, 409), fields
    assert console.world.all(Asset) == []


def test_a_recording_of_another_key_is_not_decided_here(console: Console, clip: Asset) -> None:
    assert console.post("/console/words/nod/safety", do="approve", asset=clip.id, province="แพร่").status_code == 404
    assert only_asset(console).status is AssetStatus.DRAFT


def test_what_stands_in_a_text_is_shown_and_never_run(console: Console) -> None:
    hostile = "<script>alert(1)</script> {clinic} & “x”"
    content = Content(AssetKind.TEXT, "th", "bye", "1" * 64, hostile, "1" * 64, AssetSource.WRITTEN, Origin.EDIT)
    with console.world.database.unit_of_work() as db:
        approving.submit(db, content, author=console.me.id, now=NINE)
    for path in ("/console/words", "/console/words/th", "/console/words/th/bye", "/console/words/th/bye/edit"):
        html = console.get(path).text
        assert "<script>alert" not in html
        assert hostile in unescape(html)
