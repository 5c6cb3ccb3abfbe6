"""The shipped regimens, how vaccines are recognised, and what a bad file is told."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.care.regimens import RegimenError, load_regimens
from gateway.care.schedule import window_of

REGIMENS = load_regimens()
GOOD = """
[[regimen]]
code = "measles"
name_th = "หัด"
name_en = "Measles"
source = "somebody"
as_of = 2026-11-21
[[regimen.dose]]
number = 2
min = "4 weeks"
recommended = "6 weeks"
max = "3 months"
"""


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("ไข้หวัดใหญ่", "influenza"),
        ("วัคซีนไข้หวัดใหญ่", "influenza"),
        ("FLU", "influenza"),
        ("815", "influenza"),
        ("๘๑๗", "influenza"),
        ("เอชพีวี", "hpv"),
        (" hpv ", "hpv"),
        ("310", "hpv"),
        ("ตับอักเสบบี", "hepatitis_b"),
        ("ตับอักเสบ บี", "hepatitis_b"),
        ("041", "hepatitis_b"),
        ("41", "hepatitis_b"),
        ("วัคซีนป้องกันโรคพิษสุนัขบ้า", "rabies"),
        ("111", "rabies"),
        ("แอสตร้าเซนเนก้า", "covid19_az"),
        ("CA1", "covid19_az"),
        ("Sinovac", "covid19_sv"),
        ("SV-AZ", "covid19_sv_az"),
        ("C19", "covid19"),
        ("covid-19", "covid19"),
        ("covid19_pfz", "covid19_pfz"),
    ],
)
def test_vaccines_are_recognised_as_clerks_write_them(cell: str, code: str):
    assert REGIMENS.recognise(cell) == code


@pytest.mark.parametrize("cell", ["", "ยาหอม", "9999", "-"])
def test_an_unknown_vaccine_is_not_guessed(cell: str):
    assert REGIMENS.recognise(cell) is None


def test_every_regimen_says_who_said_so_and_when():
    assert all(one.source and one.as_of for one in REGIMENS.values())
    assert all(rule.source and rule.as_of for one in REGIMENS.values() for rule in one.doses)


def test_only_rabies_may_not_be_moved_by_key():
    assert [code for code, one in REGIMENS.items() if not one.may_move_by_key] == ["rabies"]


@pytest.mark.parametrize(
    ("code", "first", "earliest", "latest"),
    [
        ("covid19_sv", date(2021, 6, 1), date(2021, 6, 15), date(2021, 6, 29)),
        ("covid19_az", date(2021, 6, 7), date(2021, 8, 16), date(2021, 9, 27)),
        ("covid19_sv_az", date(2021, 12, 1), date(2021, 12, 22), date(2021, 12, 29)),
        ("covid19_az_pfz", date(2021, 12, 1), date(2021, 12, 29), date(2022, 2, 23)),
        ("covid19_mod", date(2021, 12, 1), date(2021, 12, 29), date(2022, 1, 12)),
        ("hpv", date(2026, 8, 31), date(2027, 3, 1), date(2027, 8, 31)),
        ("rabies", date(2026, 11, 20), date(2026, 11, 22), date(2026, 11, 23)),
    ],
)
def test_second_doses_fall_inside_the_published_interval(code: str, first: date, earliest: date, latest: date):
    window = window_of(REGIMENS[code].rules_for(2), {1: first})

    assert window is not None
    assert (window.earliest, window.latest) == (earliest, latest)


def test_a_third_dose_keeps_the_rule_that_counts_from_the_first_too():
    late = {1: date(2026, 1, 10), 2: date(2026, 2, 10)}

    window = window_of(REGIMENS["hepatitis_b"].rules_for(3), late)

    assert window is not None
    assert window.earliest == date(2026, 5, 2)  # 16 weeks after dose 1, though 8 weeks after dose 2 are over in April
    assert window.recommended == date(2026, 7, 10)


def test_without_the_dose_before_there_is_no_window():
    assert window_of(REGIMENS["hepatitis_b"].rules_for(3), {1: date(2026, 1, 10)}) is None
    assert window_of((), {1: date(2026, 1, 10)}) is None


def test_two_vaccines_written_one_a_dose_are_known_as_their_mixture():
    rules = REGIMENS.rules_between("covid19_sv", "covid19_az", 2)

    assert rules == REGIMENS["covid19_sv_az"].rules_for(2)


def test_a_booster_after_another_product_keeps_the_earlier_products_rule():
    rules = REGIMENS.rules_between("covid19_sv", "covid19_pfz", 3)

    assert [rule.min_days for rule in rules] == [28]


def test_an_unknown_pair_keeps_the_later_products_own_rule():
    assert REGIMENS.rules_between("covid19_mod", "covid19_sv", 2) == REGIMENS["covid19_sv"].rules_for(2)
    assert REGIMENS.rules_between("hpv", "unheard_of", 2) == ()


def test_the_second_dose_of_a_mixed_course_is_given_in_sessions_of_its_product():
    assert REGIMENS["covid19_sv_az"].session_vaccines(1) == ("covid19_sv", "covid19_sv_az")
    assert REGIMENS["covid19_sv_az"].session_vaccines(2) == ("covid19_az", "covid19_sv_az")
    assert REGIMENS["hpv"].session_vaccines(2) == ("hpv",)


@given(st.sampled_from(REGIMENS.codes), st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_windows_open_after_the_dose_before_and_close_after_they_open(code: str, first: date):
    window = window_of(REGIMENS[code].rules_for(2), {1: first})

    assert window is None or first < window.earliest <= window.recommended <= window.latest


def test_codes_fit_their_column_and_are_recognised_as_themselves():
    assert all(REGIMENS.recognise(code) == code and len(code) <= 24 for code in REGIMENS.codes)


def test_a_file_of_ones_own_is_read(tmp_path: Path):
    rule = load_regimens(_written(tmp_path, GOOD))["measles"].rules_for(2)[0]

    assert (rule.min_days, rule.recommended_days, rule.max_days) == (28, 42, 91)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (('code = "measles"', 'code = "มีสเซิล"'), "regimen[1].code"),
        (('source = "somebody"\n', ""), "measles.source"),
        (("as_of = 2026-11-21", 'as_of = "soon"'), "measles.as_of"),
        (("number = 2", "number = 1"), "measles.dose[1].after"),
        (("number = 2", "number = 3"), "measles.dose"),
        (('"4 weeks"', '"a month"'), "measles.dose[1].min"),
        (('"4 weeks"', '"4 months"'), "measles.dose[1]"),
        (('max = "3 months"\n', ""), "measles.dose[1].max"),
        (("number = 2", "number = 2\nmaximum = 3"), "measles.dose[1].maximum"),
        (("number = 2", 'number = 2\ngiven_as = "mmr"'), "measles.given_as"),
        (("as_of", 'may_move_by_key = "no"\nas_of'), "measles.may_move_by_key"),
        (("[[regimen.dose]]", "[regimen.dose]"), "measles.dose"),
        (("[[regimen]]", "[[regime]]"), "regimen"),
    ],
)
def test_a_bad_file_is_refused_with_its_name_and_the_key(tmp_path: Path, change: tuple[str, str], key: str):
    path = _written(tmp_path, GOOD.replace(*change, 1))

    with pytest.raises(RegimenError) as refused:
        load_regimens(path)

    assert str(refused.value).startswith(f"mine.toml: {key}: ")


def test_a_name_that_means_two_regimens_is_refused(tmp_path: Path):
    twice = GOOD + GOOD.replace("measles", "measles_2").replace("Measles", "Measles 2")

    with pytest.raises(RegimenError, match=r"measles_2\.synonyms: 'หัด' already means measles"):
        load_regimens(_written(tmp_path, twice))


def test_a_code_that_is_there_twice_is_refused(tmp_path: Path):
    with pytest.raises(RegimenError, match=r"measles\.code: is there twice"):
        load_regimens(_written(tmp_path, GOOD + GOOD))


def test_a_file_that_is_no_toml_is_refused_by_name(tmp_path: Path):
    with pytest.raises(RegimenError, match=r"^mine\.toml: cannot be read"):
        load_regimens(_written(tmp_path, "regimen = ["))


def _written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path
