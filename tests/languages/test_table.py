"""The table of languages."""

from __future__ import annotations

from pathlib import Path

import gtts.lang
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.languages.data import HERE
from gateway.languages.table import LanguageDataError, LanguageError, load_languages

TABLE = load_languages()
FILE = (HERE / "languages.toml").read_text(encoding="utf-8")


def broken(folder: Path, old: str, new: str) -> Path:
    assert old in FILE
    path = folder / "languages.toml"
    path.write_text(FILE.replace(old, new, 1), encoding="utf-8")
    return path


def test_the_languages_of_the_people_we_were_asked_for_are_there() -> None:
    asked_for = {"th", "nod", "tts", "sou", "kxm", "mfa", "en", "my", "km", "lo", "vi", "mnw", "ksw", "shn"}
    assert asked_for <= set(TABLE.codes)


@pytest.mark.parametrize(
    ("code", "chain"),
    [
        ("th", ("th",)),
        ("nod", ("nod", "th")),
        ("tts", ("tts", "th")),
        ("sou", ("sou", "th")),
        ("ksw", ("ksw", "my", "en")),
        ("mnw", ("mnw", "my", "en")),
        ("shn", ("shn", "th")),
        ("lo", ("lo", "th")),
    ],
)
def test_what_may_stand_in_is_told_in_order(code: str, chain: tuple[str, ...]) -> None:
    assert TABLE.chain(code) == chain


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("th", "th"),
        ("TH", "th"),
        ("th-TH", "th"),
        ("en_US", "en"),
        ("ไทย", "th"),
        ("ภาษาไทย", "th"),
        ("คำเมือง", "nod"),
        ("เหนือ", "nod"),
        ("Northern Thai", "nod"),
        ("อีสาน", "tts"),
        ("ใต้", "sou"),
        ("พม่า", "my"),
        (" Burmese ", "my"),
        ("Myanmar language", "my"),
        ("เขมร", "km"),
        ("เขมรถิ่นไทย", "kxm"),
        ("กะเหรี่ยง", "ksw"),
        ("S’gaw Karen", "ksw"),
        ("Tiếng Việt", "vi"),
    ],
)
def test_a_roster_may_name_a_language_in_many_ways(raw: str, code: str) -> None:
    assert TABLE.recognise(raw) == code


@pytest.mark.parametrize("raw", ["", " ", "-", "xx", "ภาษา", "xx-TH", "klingon"])
def test_an_unknown_name_is_not_guessed(raw: str) -> None:
    assert TABLE.recognise(raw) is None


@given(st.text())
def test_recognising_never_raises(raw: str) -> None:
    assert TABLE.recognise(raw) in (None, *TABLE.codes)


@pytest.mark.parametrize("code", TABLE.codes)
def test_each_language_is_recognised_by_all_its_names(code: str) -> None:
    language = TABLE.get(code)
    names = (code, language.name, language.own_name, *language.synonyms)
    assert {TABLE.recognise(name) for name in names} == {code}


def test_an_unknown_code_is_named_in_the_error() -> None:
    with pytest.raises(LanguageError, match="'xx'"):
        TABLE.get("xx")


def test_burmese_and_khmer_speakers_are_not_expected_to_read() -> None:
    assert not TABLE.get("my").reads_default
    assert not TABLE.get("km").reads_default


def test_thai_speakers_get_the_buddhist_era_and_migrants_the_common_one() -> None:
    assert {TABLE.get(code).era for code in ("th", "nod", "tts", "sou")} == {"be"}
    assert {TABLE.get(code).era for code in ("my", "km", "lo", "vi", "en")} == {"ce"}


def test_only_the_regional_tongues_ask_where_an_approver_comes_from() -> None:
    regional = {code for code in TABLE.codes if TABLE.get(code).dialect}
    assert regional == {code for code in TABLE.codes if TABLE.get(code).provinces}
    assert {"nod", "tts", "sou", "kxm", "mfa"} <= regional
    assert "ลำปาง" in TABLE.get("nod").provinces
    assert "ขอนแก่น" in TABLE.get("tts").provinces
    assert "สงขลา" in TABLE.get("sou").provinces


def test_a_person_can_speak_every_language_and_a_machine_and_the_carrier_some() -> None:
    assert {"th", "en", "my", "km", "vi"} <= {code for code in TABLE.codes if "gtts" in TABLE.get(code).spoken_by}
    assert {"th", "en", "vi"} <= {code for code in TABLE.codes if "carrier" in TABLE.get(code).spoken_by}
    assert all("recording" in TABLE.get(code).spoken_by for code in TABLE.codes)


def test_gtts_knows_the_languages_that_the_table_gives_it_and_no_others() -> None:
    known = gtts.lang.tts_langs()
    assert {code for code in TABLE.codes if code in known} == {
        code for code in TABLE.codes if "gtts" in TABLE.get(code).spoken_by
    }


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('era = "be"', 'era = "bc"', "th.era"),
        ('digits = "latin"', 'digits = "runes"', "th.digits"),
        ('script = "Thai"', 'script = "Thaii"', "th.script"),
        ('script = "Lao"', 'script = "Laoo"', "lo.script"),
        ('script = "Lao"', 'script = "lao"', "lo.script"),
        ('script = "Lao"', 'script = "Khmer"', "lo.script"),
        ('fallback = ["th"]', 'fallback = ["xx"]', "nod.fallback"),
        ('fallback = ["th"]', 'fallback = ["nod"]', "nod.fallback"),
        ('own_name = "ไทย"\n', "", "th.own_name"),
        ('own_name = "ไทย"\n', 'own_nmae = "ไทย"\n', "th.own_nmae"),
        ("reads_default = true", 'reads_default = "yes"', "th.reads_default"),
        ('synonyms = ["กำเมือง"', 'synonyms = ["พม่า"', "my.synonyms"),
        ("dialect = false", 'dialect = "no"', "th.dialect"),
        ("dialect = false", "dialect = true", "th.provinces"),
        ('provinces = ["เชียงใหม่"', 'provinces = ["ตาก"', "nod.provinces"),
        ('texted = "all"', 'texted = "most"', "th.texted"),
        ('spoken_by = ["recording", "gtts", "carrier"]', 'spoken_by = ["recording", "robot"]', "th.spoken_by"),
        ("letters_per_second = 12.0", "letters_per_second = 0", "th.letters_per_second"),
        ("letters_per_second = 12.0", "letters_per_second = true", "th.letters_per_second"),
        ("letters_per_second = 12.0\n", "", "th.letters_per_second"),
    ],
)
def test_a_wrong_table_is_refused_with_file_and_key(tmp_path: Path, old: str, new: str, key: str) -> None:
    with pytest.raises(LanguageDataError, match=rf"languages\.toml: {key}: "):
        load_languages(broken(tmp_path, old, new))


def test_the_table_is_read_once() -> None:
    assert load_languages() is TABLE
