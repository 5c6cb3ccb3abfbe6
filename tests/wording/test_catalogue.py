"""The templates as files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.wording.catalogue import NEEDED, Catalogue, CatalogueError, Helper, Purpose, choose_language

TEMPLATES = Path(__file__).parents[2] / "templates" / "messages"
LANGUAGES = {"th", "en", "my", "km", "lo", "vi"}


@dataclass(frozen=True)
class FakeLanguages:
    """A language table of a few lines."""

    codes: frozenset[str] = frozenset(LANGUAGES | {"nod", "ksw", "xx"})
    chains: dict[str, tuple[str, ...]] = field(default_factory=lambda: {"nod": ("nod", "th"), "ksw": ("my", "en")})

    def chain(self, code: str) -> tuple[str, ...]:
        return self.chains.get(code, (code,))


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
    assert set(catalogue.languages) == LANGUAGES
    assert all(catalogue.has(purpose, language) for purpose in Purpose for language in LANGUAGES)


def test_every_text_says_the_same_things_in_every_language(catalogue: Catalogue) -> None:
    for purpose in (*Purpose, *Helper):
        assert len({catalogue.get(purpose, language).placeholders for language in LANGUAGES}) == 1


def test_every_shipped_text_is_marked_as_a_draft(catalogue: Catalogue) -> None:
    assert all(template.path.read_text(encoding="utf-8").startswith("# draft") for template in catalogue)


def test_languages_we_cannot_read_carry_a_back_translation(catalogue: Catalogue) -> None:
    foreign = [template for template in catalogue if template.language not in {"th", "en"}]
    assert all("# back translation: " in template.path.read_text(encoding="utf-8") for template in foreign)


def test_comments_are_not_part_of_the_text(catalogue: Catalogue) -> None:
    assert not any("#" in template.body for template in catalogue)


def test_neutral_texts_do_not_name_the_vaccination(catalogue: Catalogue) -> None:
    words = ("วัคซีน", "vaccin", "ကာကွယ်ဆေး", "វ៉ាក់សាំង", "ວັກຊີນ", "vắc xin", "{dose}", "{vaccine}")
    for purpose in Purpose:
        for language in LANGUAGES:
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
    assert choose_language(catalogue, FakeLanguages(), wanted, Purpose.NOTICE) == chosen


@pytest.mark.parametrize("wanted", ["xx", "unheard-of"])
def test_nobody_is_read_a_language_the_table_does_not_allow(catalogue: Catalogue, wanted: str) -> None:
    assert choose_language(catalogue, FakeLanguages(), wanted, Purpose.NOTICE) is None


def test_without_a_neutral_text_nothing_is_chosen(tmp_path: Path) -> None:
    catalogue = Catalogue(write_all(tmp_path), FakeLanguages())
    assert choose_language(catalogue, FakeLanguages(), "th", Purpose.NOTICE, neutral=True) is None
