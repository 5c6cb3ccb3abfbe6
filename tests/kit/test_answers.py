"""The closed set of answers."""

from __future__ import annotations

from gateway.kit.answers import Answer


def test_the_answers_are_exactly_those_of_the_design() -> None:
    design = (
        "coming, move, callback, ride, already_vaccinated, wrong_person, stop, staff, repeat, slower, language, unclear"
    )
    assert [answer.value for answer in Answer] == design.split(", ")
