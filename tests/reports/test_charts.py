"""The picture of the rates: the same rows as the table, readable by eyes and by screen readers."""

from __future__ import annotations

import re
import unicodedata
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.reports.charts import MOST, PARTS, Words, chart, shares, shortened, swatch
from gateway.reports.rates import By, RateRow

SVG = "{http://www.w3.org/2000/svg}"
EVIL = '<script>alert("1")</script>'
LONG = "โรงพยาบาลส่งเสริมสุขภาพตำบลบ้านทุ่งผึ้ง อำเภอแจ้ห่ม"


def words(**names: str) -> Words:
    return Words(
        title="Confirmed",
        description="Of 10 contacted 6 confirmed.",
        label=lambda part, key: names.get(key, key),
        short_day=lambda key: (key[8:], key[5:7]),
        percent=lambda rate: "–" if rate is None else f"{rate * 100:.1f} %",
        tip=lambda name, row: f"{name}: {row.confirmed} of {row.contacted}",
        few="*",
    )


def row(key: str = "S1", due: int = 12, contacted: int = 10, confirmed: int = 6, moved: int = 1,
        unanswered: int = 2) -> RateRow:  # fmt: skip
    return RateRow((key,), due, contacted, confirmed, moved, unanswered)


def drawn(rows: list[RateRow], by: tuple[By, ...] = (By.SITE,), **names: str) -> ET.Element:
    return ET.fromstring(chart(rows, by, words(**names)).replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" ', 1))


def texts(picture: ET.Element) -> list[str]:
    return [text.text or "" for text in picture.iter(f"{SVG}text")]


def test_a_screen_reader_hears_one_picture_with_its_name_and_what_it_shows() -> None:
    picture = drawn([row()])
    ids = picture.attrib["aria-labelledby"].split()
    named = {one.attrib.get("id"): one.text for one in picture}
    assert picture.attrib["role"] == "img"
    assert [named[one] for one in ids] == ["Confirmed", "Of 10 contacted 6 confirmed."]


def test_a_bar_bears_name_counts_and_percentage_so_that_colour_is_not_the_only_sign() -> None:
    assert texts(drawn([row()], S1="Lampang Hospital")) == ["Lampang Hospital", "6/10", "60.0 %"]


def test_the_parts_of_a_bar_are_as_long_as_their_share_and_end_to_end() -> None:
    found = shares(row())
    assert [(one.part, round(one.start, 6), round(one.length, 6)) for one in found] == [
        ("confirmed", 0.0, 0.6), ("moved", 0.6, 0.1), ("other", 0.7, 0.1), ("unanswered", 0.8, 0.2),
    ]  # fmt: skip
    picture = chart([row()], (By.SITE,), words())
    assert 'x="60.00%" width="10.00%"' in picture
    assert 'x="80.00%" width="20.00%"' in picture


def test_what_is_not_confirmed_differs_by_pattern_too() -> None:
    picture = chart([row()], (By.SITE,), words())
    fills = {part: re.search(r'(class="part-\w+"|fill="url\(#part-\w+\)")/?>', swatch(part)) for part in PARTS}
    assert len({found[1] for found in fills.values() if found}) == len(PARTS)
    for part in ("moved", "other"):
        assert f'<pattern id="part-{part}"' in picture
        assert f'fill="url(#part-{part})"' in picture


def test_nobody_contacted_is_a_dash_and_an_empty_frame_not_nought_per_cent() -> None:
    picture = drawn([row(contacted=0, confirmed=0, moved=0, unanswered=0)])
    assert texts(picture)[-1] == "–"
    assert [
        rect.attrib["class"] for rect in picture.iter(f"{SVG}rect") if rect.get("class", "").startswith("edge")
    ] == ["edge nobody"]


def test_a_percentage_of_few_people_is_marked() -> None:
    assert texts(drawn([row(contacted=4, confirmed=3, moved=0, unanswered=1)]))[-1] == "75.0 %*"
    assert texts(drawn([row(contacted=5, confirmed=3, moved=0, unanswered=1)]))[-1] == "60.0 %"


def test_without_anybody_due_there_is_no_picture() -> None:
    assert chart([], (By.SITE,), words()) == ""
    assert chart([row(due=0, contacted=0, confirmed=0, moved=0, unanswered=0)], (By.SITE,), words()) == ""


def test_a_name_that_is_html_stays_text() -> None:
    for by in ((By.SITE,), (By.DAY,)):
        picture = chart([row("2026-08-03")], by, words(**{"2026-08-03": EVIL}))
        assert "<script" not in picture
        assert "&lt;script&gt;" in picture


def test_a_long_name_is_cut_and_whole_in_the_tip() -> None:
    picture = drawn([row()], S1=LONG)
    shown = texts(picture)[0]
    assert shown.endswith("…")
    assert LONG.startswith(shown[:-1])
    tips = [title.text or "" for title in picture.iter(f"{SVG}title")]
    assert any(tip.startswith(LONG) for tip in tips)


def test_days_alone_are_columns_with_day_and_percentage() -> None:
    picture = drawn([row("2026-08-03"), row("2026-08-04", confirmed=7)], (By.DAY,))
    assert texts(picture) == ["60%", "03", "08", "70%", "04", "08"]
    tall = [
        float(rect.attrib["height"]) for rect in picture.iter(f"{SVG}rect") if rect.get("class") == "part-confirmed"
    ]
    assert tall == [90.0, 105.0]


def test_columns_stay_inside_the_picture_however_many_and_not_all_are_labelled() -> None:
    rows = [row(f"2026-{8 + n // 28:02}-{1 + n % 28:02}") for n in range(40)]
    picture = drawn(rows, (By.DAY,))
    edges = [rect.attrib for rect in picture.iter(f"{SVG}rect") if rect.get("class") == "edge"]
    ends = [float(one["x"][:-1]) + float(one["width"][:-1]) for one in edges]
    assert len(edges) == 40
    assert max(ends) <= 100
    assert all(float(after["x"][:-1]) >= end for end, (_, after) in zip(ends, pairwise(edges), strict=False))
    assert len(texts(picture)) == 3 * 10


def test_one_day_is_no_wall_across_the_page() -> None:
    (edge,) = (rect for rect in drawn([row("2026-08-03")], (By.DAY,)).iter(f"{SVG}rect") if rect.get("class") == "edge")
    assert float(edge.attrib["width"][:-1]) <= 20


def test_two_breakdowns_are_grouped_by_the_first() -> None:
    rows = [RateRow(keys, 9, 9, 6, 1, 2) for keys in (("S1", "sms"), ("S1", "voice"), ("S2", "sms"))]
    shown = texts(drawn(rows, (By.SITE, By.CHANNEL)))
    assert [text for text in shown if text in ("S1", "S2")] == ["S1", "S2"]
    assert [text for text in shown if text in ("sms", "voice")] == ["sms", "voice", "sms"]


def test_a_picture_is_no_longer_than_it_can_be_read() -> None:
    picture = drawn([row(f"S{n:03}") for n in range(MOST + 20)])
    assert len(texts(picture)) == 3 * MOST


@pytest.mark.parametrize("by", [(By.SITE,), (By.DAY,), (By.SITE, By.DAY)])
def test_the_content_policy_finds_nothing_to_forbid(by: tuple[By, ...]) -> None:
    rows = [RateRow(tuple("2026-08-03" if part is By.DAY else "S1" for part in by), 9, 9, 6, 1, 1)]
    picture = chart(rows, by, words())
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script|href=", picture)


@given(st.text(max_size=80), st.integers(min_value=4, max_value=40))
def test_a_cut_name_begins_as_the_whole_and_loses_no_mark_of_its_last_letter(text: str, columns: int) -> None:
    short = shortened(text, columns)
    if short == text:
        return
    assert short.endswith("…")
    kept = short[:-1]
    assert text.startswith(kept)
    assert not kept or not unicodedata.category(text[len(kept)]).startswith("M")


@pytest.mark.parametrize("name", ["ထိုင်းရေးဆေးရုံ" * 4, "មន្ទីរពេទ្យស្រុក" * 4, "ໂຮງໝໍນ້ອຍບ້ານທົ່ງ" * 4, LONG])
def test_letters_of_any_script_are_not_torn_apart(name: str) -> None:
    kept = shortened(name)[:-1]
    following = name[len(kept)]
    assert not unicodedata.category(following).startswith("M")
    assert kept[-1] not in "\u1039\u17d2"


@given(
    st.integers(0, 500).flatmap(
        lambda n: st.tuples(st.just(n), *[st.integers(0, n)] * 3).filter(lambda row: sum(row[1:]) <= row[0])
    )
)
def test_the_parts_always_make_a_whole(figures: tuple[int, int, int, int]) -> None:
    contacted, confirmed, moved, unanswered = figures
    found = shares(RateRow(("S1",), contacted, contacted, confirmed, moved, unanswered))
    assert sum(one.length for one in found) == pytest.approx(1.0 if contacted else 0.0)
    for one, after in pairwise(found):
        assert after.start == pytest.approx(one.start + one.length)
