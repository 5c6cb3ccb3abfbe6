"""People answer in the figures and words they can type: ten scripts, circles, keys, full width, six languages."""

from __future__ import annotations

import pytest

from gateway.kit.digits import ZEROS, in_script
from gateway.records.people import Consent, PersonPhone
from tests.stories.stage import Stage

NUMBERS = [f"08000001{number:02d}" for number in range(40)]


@pytest.fixture
def village(stage: Stage) -> Stage:
    """Forty people with a phone each, texted two days before."""
    stage.given_a_session_with_seats("2026-08-07", "morning", 60)
    rows = "\n".join(
        f"68-{place:03d},คนที่{place},1/2/2533,{number},ไทย,ไข้หวัดใหญ่,1,07/08/2569,09.30"
        for place, number in enumerate(NUMBERS)
    )
    stage.given_it_is("2026-08-05 08:00")
    stage.given_a_roster("HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด\n" + rows)
    return stage


def test_a_one_in_ten_scripts_in_circles_and_on_keys_is_a_yes(village: Stage) -> None:
    ones = [in_script("1", script) for script in sorted(ZEROS)]
    ones += ["①", "1️⃣", "１", "(1)", "1.", "1 ครับ", "👍 1", "๑!", "1 🙏🙏"]
    for place, text in enumerate(ones):
        village.when_a_person_texts(NUMBERS[place], text)
    for place in range(len(ones)):
        village.then_is_confirmed(f"คนที่{place}")
    village.then_tasks_are()


@pytest.mark.parametrize(
    ("yes", "another_day", "stop"),
    [
        ("มาค่ะ", "ขอเลื่อนนัด", "หยุดส่ง"),
        ("Yes, coming!", "another day please", "STOP"),
        ("လာပါမယ်ရှင့်", "ရက်ပြောင်းချင်ပါတယ်", "မပို့ပါနဲ့"),
        ("បាទ", "សុំប្តូរថ្ងៃ", "ឈប់ផ្ញើ"),
        ("ຈະມາເດີ", "ຂໍປ່ຽນວັນ", "ຢຸດສົ່ງ"),
        ("vâng ạ", "đổi ngày", "ngừng gửi"),
    ],
    ids=["th", "en", "my", "km", "lo", "vi"],
)
def test_words_of_six_languages_do_what_they_say(village: Stage, yes: str, another_day: str, stop: str) -> None:
    for place, text in enumerate((yes, another_day, stop)):
        village.when_a_person_texts(NUMBERS[place], text)
    village.then_is_confirmed("คนที่0")
    village.then_is_booked("คนที่1")
    village.then_tasks_are("callback")
    stopped = {one.person for one in village.all(PersonPhone) if one.sms is Consent.STOP}
    assert stopped == {village.person_of("คนที่2").id}


def test_a_sentence_with_a_stop_in_it_stops_nobody_and_is_read_by_staff(village: Stage) -> None:
    for place, text in enumerate(("stop by at 3?", "วันหยุดไปได้ไหมคะ", "I will stop by tomorrow")):
        village.when_a_person_texts(NUMBERS[place], text)
    village.then_tasks_are("question", "question", "question")
    assert not [one for one in village.all(PersonPhone) if one.sms is Consent.STOP]
    village.when_it_is("2026-08-05 08:30", only=["dispatch"])
    assert not [text for number in NUMBERS[:3] for text in village.texts_to(number)]
