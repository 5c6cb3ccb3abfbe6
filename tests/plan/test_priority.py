"""Who goes first of those with the same time left."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from gateway.plan.ladder import LadderError
from gateway.plan.priority import load_risks, priority_of, priority_sql
from gateway.records.database import Database
from tests.support.engines import empty_url

GROUPS = st.sampled_from(["", "ผู้สูงอายุ", "โรคเรื้อรัง", "Chronic", "PREGNANT ", "หญิงตั้งครรภ์", "อสม.", "ทั่วไป", "Ⅻ K İ"])
AGES = st.none() | st.integers(-3, 130)


def test_risk_comes_before_age_and_the_older_of_one_risk_comes_first() -> None:
    in_turn = [
        ("", 91),
        ("", 60),
        ("โรคเบาหวาน", 58),
        ("chronic disease", 30),
        ("หญิงตั้งครรภ์", 31),
        ("อสม.", 50),
        ("", 59),
    ]
    in_turn += [("ประชาชนทั่วไป", 20), ("a group nobody knows", 19), ("", None)]
    assert sorted(in_turn, key=lambda one: priority_of(*one)) == in_turn
    assert len({priority_of(*one) for one in in_turn}) == len(in_turn)


def test_a_group_written_in_other_words_and_capitals_is_the_same_group() -> None:
    for words in ("ผู้มีโรคเรื้อรัง 7 กลุ่ม", "CHRONIC", "กลุ่มโรคหัวใจและหลอดเลือด"):
        assert priority_of(words, 40) == priority_of("chronic", 40)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ('words = ["it\'s"]', r"group\[1\].words: must be a list"),
        ('words = ["x"]\nfrom_age = true', r"group\[1\].from_age: must be a whole number"),
        ('words = ["x"]\nage = 3', r"group\[1\].age: is not a known key"),
    ],
)
def test_a_mistake_in_the_file_names_its_key(tmp_path: Path, words: str, problem: str) -> None:
    file = tmp_path / "risks.toml"
    file.write_text(f'source = "s"\ndate = 2026-11-22\n[[group]]\nname = "n"\n{words}\n')
    with pytest.raises(LadderError, match=rf"risks\.toml: {problem}"):
        load_risks(file)


def test_the_engine_gives_the_same_priority(tmp_path: Path) -> None:
    database = Database(empty_url(tmp_path / "priority.db"))
    statement = sa.text(
        "SELECT " + priority_sql("CAST(:words AS VARCHAR)", "CAST(:age AS INTEGER)", is_sqlite=database.is_sqlite)
    )
    with database.reading() as db:

        @given(GROUPS | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), AGES)
        def check(words: str, age: int | None) -> None:
            given = {"words": words, "age": age}
            assert db.execute(statement, given).scalar() == priority_of(words, age)

        check()
    database.close()
