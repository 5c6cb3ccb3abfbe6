"""The keys of what is said."""

from __future__ import annotations

from datetime import time
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.voice.keys import (
    NAME_KEY,
    HotlineKey,
    Key,
    StudioKey,
    digit_key,
    hotline_keys,
    hour_key,
    is_key,
    name_key,
    quarter_hours,
    site_key,
    studio_keys,
    wanted_keys,
)


def test_every_quarter_hour_of_a_clinic_day_has_a_key() -> None:
    hours = quarter_hours()
    assert (hours[0], hours[-1], len(hours)) == (time(6), time(20, 45), 60)
    assert hour_key(time(9, 15)) == "hour.0915"


def test_no_key_is_there_twice() -> None:
    for keys in (wanted_keys(), (*Key, *HotlineKey, *StudioKey)):
        assert len({str(key) for key in keys}) == len(keys)
    assert {*wanted_keys()} & {*studio_keys()} == {digit_key(digit) for digit in range(10)}  # a ticket is told in them


def test_a_call_wants_nothing_of_the_studio_nor_of_the_hotline() -> None:
    assert not {*StudioKey, *HotlineKey} & set(wanted_keys())
    assert {digit_key(digit) for digit in range(10)} <= set(studio_keys())
    assert set(hotline_keys()) == set(HotlineKey)


@pytest.mark.parametrize(
    "key", [*Key, *HotlineKey, *StudioKey, "digit.0", "dose.8", "day.31", "site.LP01", "name.0123456789ab"]
)
def test_what_can_be_said_is_a_key(key: str) -> None:
    assert is_key(key)


@pytest.mark.parametrize(
    "key", ["", "site.", "site.a b", "site.../x", "name.สมชาย", "name.0123456789AB", "digit.10", "day.32"]
)
def test_anything_else_is_none(key: str) -> None:
    assert not is_key(key)


@pytest.mark.parametrize(("code", "key"), [("LP01", "site.LP01"), ("a_b-1", "site.a_b-1"), ("a b", None), ("", None)])
def test_a_site_has_a_key_where_its_code_fits_into_one(code: str, key: str | None) -> None:
    assert site_key(code) == key


@given(st.text(min_size=1))
def test_no_name_can_be_read_in_its_key(name: str) -> None:
    assert NAME_KEY.fullmatch(name_key(name))
    assert is_key(name_key(name))


def test_two_ways_of_typing_a_name_have_one_key() -> None:
    assert name_key(" สม ชาย ") == name_key("สม  ชาย") != name_key("สมชาย")
    assert name_key(normalize("NFD", "Nguyễn")) == name_key(normalize("NFC", "Nguyễn"))
    assert name_key("สมชาย") == "name.70a003b381e3"
