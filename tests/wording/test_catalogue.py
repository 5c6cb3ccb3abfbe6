"""The templates as files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.languages.table import load_languages
from gateway.wording.catalogue import (
    NEEDED,
    Catalogue,
    CatalogueError,
    Helper,
    Purpose,
    asset_key,
    choose_language,
    is_always_neutral,
    text_of_key,
)
from gateway.wording.texts import is_sent

TEMPLATES = Path(__file__).parents[2] / "templates" / "messages"
LANGUAGES = {"th", "en", "my", "km", "lo", "vi"}
DIALECTS = {"nod", "tts", "sou"}
IN_DIALECT = {Purpose.NOTICE, Purpose.REMINDER, Purpose.MORNING, Purpose.SECOND_DOSE, Purpose.CONFIRMED, Purpose.MOVED}


@dataclass(frozen=True)
class FakeLanguage:
    """A language, as far as texts go."""

    texted: str


@dataclass(frozen=True)
class FakeLanguages:
    """A language table of a few lines: all is written, in xx nothing, and in others what the real one says."""

    codes: frozenset[str] = frozenset(LANGUAGES | {*load_languages().codes, "xx"})
    chains: dict[str, tuple[str, ...]] = field(default_factory=lambda: {"nod": ("nod", "th"), "ksw": ("my", "en")})

    def chain(self, code: str) -> tuple[str, ...]:
        return self.chains.get(code, (code,))

    def get(self, code: str) -> FakeLanguage:
        if code in LANGUAGES:
            return FakeLanguage("all")
        return FakeLanguage("none" if code == "xx" else load_languages().get(code).texted)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue(TEMPLATES, FakeLanguages())


def write_all(folder: Path, language: str = "th") -> Path:
    for purpose, needed in NEEDED.items():
        path = folder / purpose.value / f"{language}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# draft\n" + " ".join(f"{{{name}}}" for name in sorted(needed)), encoding="utf-8")
    return folder


def test_every_purpose_is_there_in_six_languages(catalogue: Catalogue) -> None:
    assert set(catalogue.languages) >= LANGUAGES | DIALECTS
    assert all(catalogue.has(purpose, language) for purpose in Purpose for language in LANGUAGES)


def test_dialects_have_the_texts_that_help_and_their_fallback_has_the_rest(catalogue: Catalogue) -> None:
    for language in DIALECTS:
        assert {purpose for purpose in Purpose if catalogue.has(purpose, language)} == IN_DIALECT


def test_every_text_that_names_the_vaccination_has_a_neutral_one_beside_it(catalogue: Catalogue) -> None:
    for template in catalogue:
        if not is_always_neutral(template.purpose):
            assert catalogue.has(template.purpose, template.language, neutral=True)


def test_every_text_says_the_same_things_in_every_language(catalogue: Catalogue) -> None:
    said: dict[str, set[frozenset[str]]] = {}
    for template in catalogue:
        said.setdefault(template.key, set()).add(template.placeholders)
    assert {key for key, placeholders in said.items() if len(placeholders) != 1} == set()


def test_every_shipped_text_is_marked_as_a_draft(catalogue: Catalogue) -> None:
    assert all(template.path.read_text(encoding="utf-8").startswith("# draft") for template in catalogue)


def test_languages_we_cannot_read_carry_a_back_translation(catalogue: Catalogue) -> None:
    foreign = [template for template in catalogue if template.language not in {"th", "en"}]
    assert all("# back translation: " in template.path.read_text(encoding="utf-8") for template in foreign)


def test_comments_are_not_part_of_the_text(catalogue: Catalogue) -> None:
    assert not any("#" in template.body for template in catalogue)


def test_neutral_texts_do_not_name_the_vaccination(catalogue: Catalogue) -> None:
    words = ("วัคซีน", "ฉีด", "vaccin", "ကာကွယ်ဆေး", "វ៉ាក់សាំង", "ວັກຊີນ", "vắc xin", "{dose}", "{vaccine}")
    for purpose in Purpose:
        for language in catalogue.languages:
            if not catalogue.has(purpose, language, neutral=True):
                continue
            body = catalogue.whole(purpose, language, two_way=True, neutral=True)
            assert not any(word in body for word in words)


def test_the_way_to_answer_is_filled_in(catalogue: Catalogue) -> None:
    assert "1=coming" in catalogue.whole(Purpose.REMINDER, "en", two_way=True)
    assert "1=coming" not in catalogue.whole(Purpose.REMINDER, "en", two_way=False)


def test_an_unknown_placeholder_names_the_file(tmp_path: Path) -> None:
    write_all(tmp_path)
    bad = tmp_path / "notice" / "th.txt"
    bad.write_text(bad.read_text(encoding="utf-8") + " {surname}", encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"notice/th\.txt.*surname"):
        Catalogue(tmp_path, FakeLanguages())


def test_a_missing_placeholder_names_the_file(tmp_path: Path) -> None:
    write_all(tmp_path)
    (tmp_path / "moved" / "th.txt").write_text("{clinic} {name} {day} {time} {place}", encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"moved/th\.txt.*phone"):
        Catalogue(tmp_path, FakeLanguages())


def test_a_brace_that_stands_alone_is_refused(tmp_path: Path) -> None:
    write_all(tmp_path)
    bad = tmp_path / "notice" / "th.txt"
    bad.write_text(bad.read_text(encoding="utf-8") + " {day", encoding="utf-8")
    with pytest.raises(CatalogueError, match="brace"):
        Catalogue(tmp_path, FakeLanguages())


def test_an_optional_placeholder_is_in_all_languages_or_in_none(tmp_path: Path) -> None:
    write_all(write_all(tmp_path), "en")
    odd = tmp_path / "notice" / "en.txt"
    odd.write_text(odd.read_text(encoding="utf-8") + " {vaccine}", encoding="utf-8")
    with pytest.raises(CatalogueError, match="placeholders are not those of"):
        Catalogue(tmp_path, FakeLanguages())


def test_a_neutral_text_may_not_name_the_dose(tmp_path: Path) -> None:
    write_all(tmp_path)
    text = (tmp_path / "notice" / "th.txt").read_text(encoding="utf-8")
    (tmp_path / "notice" / "th.neutral.txt").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"th\.neutral\.txt.*dose"):
        Catalogue(tmp_path, FakeLanguages())


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    write_all(tmp_path)
    (tmp_path / "how_to_answer_call" / "th.txt").unlink()
    with pytest.raises(CatalogueError, match=r"how_to_answer_call/th\.txt is missing"):
        Catalogue(tmp_path, FakeLanguages())


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="notice is missing"):
        Catalogue(tmp_path, FakeLanguages())


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    write_all(tmp_path)
    (tmp_path / "notice" / "th.txt").write_text("# draft\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match="no text"):
        Catalogue(tmp_path, FakeLanguages())


def test_a_language_the_table_does_not_know_is_refused(tmp_path: Path) -> None:
    write_all(tmp_path, "zz")
    with pytest.raises(CatalogueError, match="'zz'"):
        Catalogue(tmp_path, FakeLanguages())


def test_a_text_in_the_own_language_comes_first(catalogue: Catalogue) -> None:
    assert choose_language(catalogue, FakeLanguages(), "my", Purpose.NOTICE) == "my"


@pytest.mark.parametrize(("wanted", "chosen"), [("nod", "th"), ("ksw", "my")])
def test_the_fallback_is_the_tables_and_no_other(catalogue: Catalogue, wanted: str, chosen: str) -> None:
    assert choose_language(catalogue, FakeLanguages(), wanted, Purpose.MISSED) == chosen


def test_a_dialects_draft_keeps_nobody_from_the_approved_thai_text(catalogue: Catalogue) -> None:
    def chosen(*approved: str, two_way: bool = False) -> str | None:
        hashes = {piece.mark for code in approved for piece in catalogue.pieces(Purpose.NOTICE, code, two_way=False)}
        return choose_language(catalogue, FakeLanguages(), "nod", Purpose.NOTICE, approved=hashes, two_way=two_way)

    assert chosen() == "nod"  # nothing is approved: it is refused as a draft in their own language
    assert chosen("th") == "th"
    assert chosen("nod", "th") == "nod"
    assert chosen("my") == "nod"
    assert chosen("th", two_way=True) == "nod"  # its other way to answer is no approved one


@pytest.mark.parametrize("wanted", ["xx", "unheard-of"])
def test_nobody_is_read_a_language_the_table_does_not_allow(catalogue: Catalogue, wanted: str) -> None:
    assert choose_language(catalogue, FakeLanguages(), wanted, Purpose.NOTICE) is None


def test_without_a_neutral_text_nothing_is_chosen(tmp_path: Path) -> None:
    catalogue = Catalogue(write_all(tmp_path), FakeLanguages())
    assert choose_language(catalogue, FakeLanguages(), "th", Purpose.NOTICE, neutral=True) is None


class Edited:
    """What staff wrote, as the house hands it over: another object whenever something changed."""

    def __init__(self) -> None:
        self.texts: dict[tuple[str, str], str] = {}

    def write(self, key: str, language: str, body: str) -> None:
        self.texts = {**self.texts, (language, key): body}

    def __call__(self) -> dict[tuple[str, str], str]:
        return self.texts


NEW_NOTICE = "{clinic}: {name} {dose} {day} {time} {place} reserved. {how_to_answer}"


def test_what_staff_wrote_stands_in_the_place_of_what_ships() -> None:
    edits = Edited()
    catalogue = Catalogue(TEMPLATES, FakeLanguages(), edits)
    shipped = catalogue.get(Purpose.NOTICE, "en")
    edits.write("sms.notice", "en", NEW_NOTICE)
    assert catalogue.get(Purpose.NOTICE, "en").body == NEW_NOTICE
    assert catalogue.get(Purpose.NOTICE, "en").sha256 != shipped.sha256
    assert catalogue.shipped(Purpose.NOTICE, "en") == shipped
    assert catalogue.get(Purpose.NOTICE, "th") == Catalogue(TEMPLATES, FakeLanguages()).get(Purpose.NOTICE, "th")


def test_an_edit_taken_back_gives_the_shipped_text_again() -> None:
    edits = Edited()
    catalogue = Catalogue(TEMPLATES, FakeLanguages(), edits)
    edits.write("sms.notice", "en", NEW_NOTICE)
    assert catalogue.get(Purpose.NOTICE, "en").edited
    edits.texts = {}
    assert not catalogue.get(Purpose.NOTICE, "en").edited


@pytest.mark.parametrize("bad", ["{clinic} {name}", NEW_NOTICE + " bit.ly/3", NEW_NOTICE + " {ticket}"])
def test_an_edit_that_breaks_a_rule_is_never_sent_and_hides_no_other_text(bad: str) -> None:
    edits = Edited()
    catalogue = Catalogue(TEMPLATES, FakeLanguages(), edits)
    edits.write("sms.notice", "en", bad)
    with pytest.raises(CatalogueError, match="notice/en"):
        catalogue.get(Purpose.NOTICE, "en")
    assert catalogue.has(Purpose.NOTICE, "en")  # no other language is read to them instead
    assert catalogue.get(Purpose.NOTICE, "th").body


def test_an_edit_of_something_else_is_passed_over() -> None:
    catalogue = Catalogue(TEMPLATES, FakeLanguages(), lambda: {("th", "greet.reminder"): "สวัสดีค่ะ"})
    assert catalogue.get(Purpose.NOTICE, "th").body


def test_a_whole_text_is_made_of_pieces_that_are_approved_one_by_one(catalogue: Catalogue) -> None:
    keys = [piece.key for piece in catalogue.pieces(Purpose.MORNING, "my", two_way=True, neutral=True)]
    assert keys == ["sms.morning.neutral", "sms.how_to_answer_two_way", "sms.ticket"]
    assert [piece.key for piece in catalogue.pieces(Purpose.MISSED, "my", two_way=True)] == ["sms.missed"]
    for two_way, way in ((True, "sms.how_to_choose_two_way"), (False, "sms.how_to_answer_call")):
        pieces = catalogue.pieces(Purpose.HOUSEHOLD, "my", two_way=two_way)
        assert [piece.key for piece in pieces] == ["sms.household", way]


@pytest.mark.parametrize(
    ("text", "neutral", "key"),
    [
        (Purpose.REMINDER, False, "sms.reminder"),
        (Purpose.REMINDER, True, "sms.reminder.neutral"),
        (Purpose.MOVED, True, "sms.moved"),
        (Helper.CALL, True, "sms.how_to_answer_call"),
    ],
)
def test_every_text_has_one_name(text: Purpose | Helper, neutral: bool, key: str) -> None:
    assert asset_key(text, neutral) == key
    assert text_of_key(key)[0] is text


def test_nobody_is_asked_back_where_no_answers_reach_us() -> None:
    asked = {Purpose.WHICH_PERSON, Purpose.WHICH_ANSWER, Purpose.OPTIONS, Helper.TWO_WAY, Helper.CHOOSE_TWO_WAY}
    assert {text for text in NEEDED if not is_sent(text, two_way=False)} == asked
    assert {text for text in NEEDED if not is_sent(text, two_way=True)} == {Helper.CALL}


def test_what_is_sent_to_several_or_asked_back_never_names_the_vaccination(catalogue: Catalogue) -> None:
    neutral = {Purpose.HOUSEHOLD, Purpose.WHICH_PERSON, Purpose.WHICH_ANSWER, Purpose.OPTIONS, Purpose.RIDE}
    assert all(is_always_neutral(purpose) for purpose in neutral)
    assert not any({"dose", "vaccine"} & template.placeholders for template in catalogue if template.purpose in neutral)


def test_words_approved_before_there_were_tickets_are_still_sent() -> None:
    edits = Edited()
    editable = Catalogue(TEMPLATES, FakeLanguages(), edits)
    before = editable.get(Purpose.REMINDER, "th").body.replace(" {ticket}", "")
    edits.write("sms.reminder", "th", before)
    assert editable.get(Purpose.REMINDER, "th").body == before
    assert [piece.key for piece in editable.pieces(Purpose.REMINDER, "th", two_way=True)] == [
        "sms.reminder", "sms.how_to_answer_two_way",
    ]  # fmt: skip


def test_a_dialect_needs_only_the_helpers_its_own_texts_are_made_of(catalogue: Catalogue) -> None:
    filled_in = {helper for helper in Helper for code in ("nod",) if catalogue.shipped(helper, code)}
    assert filled_in == {Helper.TWO_WAY, Helper.CALL, Helper.TICKET}


@pytest.mark.parametrize("key", ["sms.greeting", "sms.moved.neutral", "reminder", "greet.reminder", ""])
def test_a_key_of_no_text_is_refused(key: str) -> None:
    with pytest.raises(CatalogueError):
        text_of_key(key)


def test_a_stranger_is_told_no_name_no_day_and_no_dose(catalogue: Catalogue) -> None:
    for language in LANGUAGES:
        assert catalogue.get(Purpose.WRONG_PERSON, language).placeholders == {"clinic", "phone"}


@pytest.mark.parametrize("purpose", ["moved", "missed", "wrong_person"])
def test_a_text_that_is_always_neutral_may_not_name_the_vaccine(tmp_path: Path, purpose: str) -> None:
    write_all(tmp_path)
    bad = tmp_path / purpose / "th.txt"
    bad.write_text(bad.read_text(encoding="utf-8") + " {vaccine}", encoding="utf-8")
    with pytest.raises(CatalogueError, match=rf"{purpose}/th\.txt.*vaccine"):
        Catalogue(tmp_path, FakeLanguages())


def test_a_folder_with_a_text_that_breaks_a_rule_is_refused_naming_every_file(tmp_path: Path) -> None:
    write_all(tmp_path)
    for name in ("notice", "how_to_answer_call"):
        bad = tmp_path / name / "th.txt"
        bad.write_text(bad.read_text(encoding="utf-8") + " bit.ly/3", encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"notice/th\.txt: link(.|\n)*how_to_answer_call/th\.txt: link"):
        Catalogue(tmp_path, FakeLanguages())


def write_one(folder: Path, language: str, purpose: str, body: str) -> None:
    (folder / purpose / f"{language}.txt").write_text(body, encoding="utf-8")


def test_a_dialect_may_have_some_texts_and_takes_the_rest_from_its_fallback(tmp_path: Path) -> None:
    write_all(tmp_path)
    write_one(tmp_path, "nod", "moved", "{clinic} {name} {day} {time} {place} {phone}")
    catalogue = Catalogue(tmp_path, FakeLanguages())
    assert choose_language(catalogue, FakeLanguages(), "nod", Purpose.MOVED) == "nod"
    assert choose_language(catalogue, FakeLanguages(), "nod", Purpose.CANCELLED) == "th"


def test_a_dialects_text_that_asks_for_an_answer_needs_its_own_way_to_answer(tmp_path: Path) -> None:
    write_all(tmp_path)
    write_one(tmp_path, "nod", "notice", "{clinic} {name} {dose} {day} {time} {place} {how_to_answer}")
    with pytest.raises(CatalogueError, match=r"how_to_answer_two_way/nod\.txt is missing"):
        Catalogue(tmp_path, FakeLanguages())


def test_texts_in_a_language_that_is_not_written_are_refused(tmp_path: Path) -> None:
    write_all(tmp_path)
    write_one(tmp_path, "ksw", "wrong_person", "{clinic} {phone}")
    with pytest.raises(CatalogueError, match="there are texts in ksw"):
        Catalogue(tmp_path, FakeLanguages())
