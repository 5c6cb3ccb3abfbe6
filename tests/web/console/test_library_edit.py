"""Writing a text or phrase anew: nothing that breaks a rule is kept, and nobody writes over somebody unseen."""

from __future__ import annotations

import re

from gateway.kit.marks import mark_of
from gateway.records.staffing import Audit, Role
from gateway.records.status import AssetStatus
from gateway.records.wordings import Asset
from gateway.staff import approving
from gateway.voice.assets import ClipSource
from gateway.voice.wav import placeholder
from tests.web.console.conftest import Console
from tests.web.console.test_library import shown, words_of

REMINDER = "/console/words/th/sms.reminder"
BYE = "/console/words/th/bye"


def made_from(console: Console, path: str) -> str:
    found = re.search(r'name="made_from" value="([0-9a-f]*)"', console.get(f"{path}/edit").text)
    assert found
    return found[1]


def shipped(console: Console, key: str = "sms.reminder", language: str = "th") -> str:
    return next(one.body for one in console.desk.speech.catalogue if (one.key, one.language) == (key, language))


def write(console: Console, path: str, body: str, *, do: str = "save", **fields: str) -> tuple[int, str]:
    """Send the form; (status, what is read on the page that follows)."""
    fields = {"made_from": made_from(console, path), **fields}
    answer = console.post(f"{path}/edit", body=body, do=do, **fields)
    page = console.follow(answer) if answer.status_code == 303 else answer
    return answer.status_code, words_of(page.text)


def edits(console: Console) -> list[tuple[str, AssetStatus]]:
    return [(one.text, one.status) for one in console.world.all(Asset)]  # type: ignore[attr-defined]


def test_kept_words_are_a_draft_in_the_editors_name_and_are_used_at_once_where_drafts_may_be(console: Console) -> None:
    body = shipped(console).replace("นัดคุณ", "แจ้งนัดคุณ")
    status, said = write(console, REMINDER, body)
    assert status == 303
    assert edits(console) == [(body, AssetStatus.DRAFT)]
    assert f"Answers for it: {console.me.name}" in said
    assert "you cannot approve it yourself" in said
    assert shipped(console) == body
    assert [one.verb for one in console.world.all(Audit)] == ["text_edited"]  # type: ignore[attr-defined]
    assert body not in str([one.after for one in console.world.all(Audit)])  # type: ignore[attr-defined]


def test_it_is_tried_first_with_its_parts_and_kept_only_when_asked(console: Console) -> None:
    body = shipped(console).replace("นัดคุณ", "แจ้งนัดคุณ")
    status, said = write(console, REMINDER, body, do="try")
    assert (status, edits(console)) == (200, [])
    assert "Nothing is wrong with it" in said
    assert re.search(r"[23] parts; \d+ characters? less makes? it [12]", said)
    assert "กัญญารัตน์มณีวงศ์" in said


def test_before_it_is_kept_the_page_says_what_that_means(console: Console) -> None:
    assert "Until then texts of this kind reach nobody." in shown(console, f"{REMINDER}/edit")
    prompt = console.desk.speech.scripts["th"].prompts["bye"]
    for seconds in (1, 2):
        console.house.clips.keep("th", prompt, placeholder(seconds), ClipSource.RECORDING, f"voice {seconds}")
    said = shown(console, f"{BYE}/edit")
    assert "Calls in this language cannot reach people until it is recorded and approved again." in said
    assert "2 recordings become stale." in said
    write(console, BYE, "สวัสดีค่ะ แล้วพบกัน")
    assert "stale recording" in shown(console, BYE)


def test_what_breaks_a_rule_is_said_in_words_comes_back_in_the_form_and_is_not_kept(console: Console) -> None:
    body = f"{shipped(console)} www.example.com"
    status, page = write(console, REMINDER, body)
    assert (status, edits(console)) == (422, [])
    assert "It cannot be kept like this There is a link" in page
    assert body in page


def test_a_phrase_that_names_somebody_on_record_is_not_kept(console: Console) -> None:
    console.world.person(surname="แก้วมณี", name_native="Somying")
    for words in ("ขอบคุณ Somying ค่ะ", "สวัสดีค่ะแก้วมณี"):
        status, page = write(console, BYE, words)
        assert (status, edits(console)) == (422, [])
        assert "This phrase is for everybody and may be sent to a speech service" in page
    assert write(console, BYE, "แล้วพบกันค่ะ")[0] == 303


def test_a_hundred_kilobytes_are_refused_with_a_sentence(console: Console) -> None:
    answer = console.post(f"{REMINDER}/edit", body="x" * 100_000, do="save", made_from="")
    assert answer.status_code == 422
    assert "It has 100000 letters; the most is 1500." in answer.text
    assert len(answer.text) < 60_000
    assert console.world.all(Asset) == []


def test_of_two_who_write_at_once_the_second_is_told_and_loses_nothing(console: Console) -> None:
    opened = made_from(console, BYE)
    first = console.me
    write(console, BYE, "สวัสดีค่ะ")
    console.sign_in()
    status, said = write(console, BYE, "ลาก่อนนะคะ", made_from=opened)
    assert status == 409
    assert f"{first.name} kept other words while you were writing." in said
    assert ("ลาก่อนนะคะ" in said, "สวัสดีค่ะ" in said) == (True, True)
    assert edits(console) == [("สวัสดีค่ะ", AssetStatus.DRAFT)]
    assert write(console, BYE, "ลาก่อนนะคะ")[0] == 303
    assert sorted(edits(console)) == [("ลาก่อนนะคะ", AssetStatus.DRAFT), ("สวัสดีค่ะ", AssetStatus.RETIRED)]


def test_the_same_form_twice_keeps_it_once(console: Console) -> None:
    fields = {**console.tokens(), "body": "ลาก่อนนะคะ", "do": "save", "made_from": made_from(console, BYE)}
    first, again = (console.post(f"{BYE}/edit", **fields) for _ in range(2))
    assert first.headers["location"] == again.headers["location"]
    assert len(edits(console)) == 1


def test_words_that_are_the_same_change_nothing(console: Console) -> None:
    status, said = write(console, REMINDER, f"  {shipped(console)}\r\n")
    assert (status, edits(console)) == (409, [])
    assert "The words are the same; nothing changed." in said


def test_back_to_the_shipped_words_by_a_button_or_by_writing_them(console: Console) -> None:
    before = shipped(console)
    for way in ("button", "writing"):
        write(console, REMINDER, before.replace("นัดคุณ", f"แจ้งนัดคุณ{'ค่ะ' if way == 'writing' else ''}"))
        assert shipped(console) != before
        if way == "button":
            console.post(REMINDER, do="restore")
        else:
            write(console, REMINDER, before)
        assert shipped(console) == before
        assert {status for _, status in edits(console)} == {AssetStatus.RETIRED}
    assert "there are no edits" in words_of(console.post(REMINDER, do="restore").text).lower()


def test_an_edit_keeps_an_approval_from_counting_and_the_old_words_their_own(console: Console) -> None:
    body = shipped(console, "sms.wrong_person")
    path = "/console/words/th/sms.wrong_person"
    write(console, path, body.replace("ขออภัย", "ต้องขออภัย") if "ขออภัย" in body else f"{body} ค่ะ")
    editor = console.me
    console.sign_in()
    with console.world.database.unit_of_work() as db:
        (asset,) = approving.waiting(db)
        approving.approve(db, asset.id, staff=console.me.id, needs_province=False, now=console.world.clock.now())
    assert mark_of(asset.language, asset.key, asset.sha256) in console.desk.speech.approved_texts()
    write(console, path, f"{shipped(console, 'sms.wrong_person')} สวัสดีค่ะ")
    said = shown(console, path)
    assert "waits for a second person" in said
    assert f"Answers for it: {editor.name}" in said  # of the words before


def test_a_phrase_that_nobody_wrote_is_written_here(console: Console) -> None:
    path = "/console/words/shn/bye"
    assert "Nobody has written it yet." in shown(console, path)
    assert write(console, path, "ယိၼ်းလီၶႃႈ")[0] == 303
    assert console.desk.speech.scripts["shn"].prompts["bye"].text == "ယိၼ်းလီၶႃႈ"
    console.post(path, do="restore")
    assert "shn" not in console.desk.speech.scripts


def test_a_languages_first_texts_come_as_files(console: Console) -> None:
    assert "first texts come as files" in shown(console, "/console/words/shn/sms.reminder")
    assert console.get("/console/words/shn/sms.reminder/edit").status_code == 409


def test_a_sites_name_is_written_over_its_pattern(console: Console) -> None:
    path = "/console/words/th/site.S1"
    assert write(console, path, "ที่โรงพยาบาลตัวอย่างค่ะ")[0] == 303
    assert "ที่โรงพยาบาลตัวอย่างค่ะ" in shown(console, path)


def test_staff_decide_and_managers_write(console: Console) -> None:
    console.sign_in(Role.STAFF)
    assert console.get(f"{BYE}/edit").status_code == 403
    assert "A manager can write it anew." in shown(console, BYE)
    assert console.post(BYE, do="restore").status_code == 403
