"""The quick ways of writing and looking say what the slow ones say."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.wording.catalogue import CatalogueError, Purpose
from gateway.wording.forbidden import has_citizen_number, has_link, is_surely_harmless
from gateway.wording.frame import Said, frame_of, written_at
from gateway.wording.render import MessageFacts, RenderError, render
from gateway.wording.segments import count_parts, count_segments
from tests.support.rooms import shipped_catalogue

PIECES = ("คุณ", "สมชาย", "จุด", "คอม", " ", "  ", ".", ":", "/", "com", "co", "h", "x", "t", "p", "www", "dot", "(", ")",
          "ดอ", "ท", "ต", "โก", "1", "12", "3", "๓", "๙", "-", "_", "\n", "น้ำ", "ำ", "a", "b", "i", "l", "y", "รพ.",
          "ส.ค.", "ຳ", "ນ", "ဥ", "ဦ", "ៗ", "{", "th", "ไทย", "ftp", "@", "É", "·", "\u200b", "\u0e85", "٠",
          "๏")  # fmt: skip
FACTS = MessageFacts(
    "", "โรงพยาบาลตัวอย่าง", "หอประชุม", datetime(2026, 8, 5, 2, 30, tzinfo=UTC), 1, "วัคซีน", "054000901", "รพ.ตัวอย่าง"
)
PLACES = ("โรงพยาบาลตัวอย่าง", "Hospital", "รพ.สต.บ้านจุด", "ศูนย์บริการสาธารณสุข" * 8, "", "www.x.com", "ห้อง 1 2 3 4")


def test_what_is_surely_harmless_has_no_link_and_no_long_number() -> None:
    pick = random.Random(5)
    harmless = 0
    for _ in range(20_000):
        text = "".join(pick.choice(PIECES) for _ in range(pick.randint(1, 14)))
        if is_surely_harmless(text):
            harmless += 1
            assert not has_link(text), repr(text)
            assert not has_citizen_number(text), repr(text)
    assert harmless > 1000


def test_an_ordinary_text_is_surely_harmless() -> None:
    body = "โรงพยาบาลตัวอย่าง: นัดคุณสมศรี ฉีดวัคซีนเข็ม 2 พ. 5 ส.ค. 69 เวลา 09.30 น. คิว 17 ที่หอประชุม โทร 054000901"
    assert is_surely_harmless(body)


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_a_frame_writes_what_is_rendered_or_nothing(data: st.DataObject) -> None:
    purpose = data.draw(st.sampled_from([Purpose.NOTICE, Purpose.REMINDER, Purpose.MORNING, Purpose.SECOND_DOSE]))
    language = data.draw(st.sampled_from(["th", "nod", "my", "vi", "en", "km", "lo"]))
    name = data.draw(st.one_of(st.sampled_from(["สมศรี", "ด", "จุดคอม", "John Smith", "มินต์ ", "", "မြင့်", "a.com"]),
                               st.lists(st.sampled_from(PIECES), max_size=4).map("".join)))  # fmt: skip
    ticket = data.draw(st.sampled_from(["", "", "7", "117", "99999"]))
    starts_at = FACTS.starts_at + timedelta(minutes=data.draw(st.integers(0, 60 * 24 * 400)))
    facts = replace(FACTS, clinic=data.draw(st.sampled_from(PLACES)), place=data.draw(st.sampled_from(PLACES)),
                    starts_at=starts_at, ticket=ticket, neutral=data.draw(st.booleans()),
                    dose_number=data.draw(st.integers(1, 12)))  # fmt: skip
    two_way = data.draw(st.booleans())
    catalogue = shipped_catalogue()
    # A frame is made from somebody else's facts: only the day, the hour, the dose and the ticket's digits are theirs.
    other = replace(facts, name="มาลี", starts_at=FACTS.starts_at, dose_number=3, ticket="1" if ticket else "")
    frame = frame_of(catalogue, purpose, language, other, two_way)
    day, hour = written_at(language, starts_at)
    found = frame.text(Said(name, ticket, str(facts.dose_number), day, hour)) if frame else None
    try:
        text = render(catalogue, purpose, language, replace(facts, name=name), two_way)
    except (RenderError, CatalogueError):
        assert found is None
        return
    if found is not None and frame is not None:
        assert (found, frame.sha256, frame.is_draft) == ((text.body, text.segments), text.sha256, text.draft)
    is_familiar = name in ("สมศรี", "มินต์ ") and facts.clinic == facts.place == "โรงพยาบาลตัวอย่าง" and language == "th"
    assert found is not None or not is_familiar or text.segments == 3


@given(st.text(alphabet=st.sampled_from("abc ^{€\nกขู😀éÀ`|~"), max_size=480))
@settings(deadline=None)
def test_parts_are_counted_alike(text: str) -> None:
    assert count_parts(text) == count_segments(text).parts
