"""Log lines: two forms, no numbers."""

from __future__ import annotations

import json
import logging

import pytest

from gateway.cli.logs import JsonLines, TextLines, without_numbers


def record(message: str, *values: object) -> logging.LogRecord:
    """A warning as a room would log it."""
    return logging.LogRecord("gateway.room", logging.WARNING, __file__, 1, message, values, None)


@pytest.mark.parametrize("number", ["+66800000123", "080-000-0123", "0800000123", "1101700207030", "1 1017 00207 03 0"])
def test_no_telephone_number_or_identity_survives_in_a_line(number: str) -> None:
    for lines in (TextLines(), JsonLines()):
        assert number not in lines.format(record("called %s twice", number))


def test_the_id_of_a_row_stays_readable() -> None:
    assert without_numbers("attempt 280d9f32ae6e47b8af1f6296a9bfe85c") == "attempt 280d9f32ae6e47b8af1f6296a9bfe85c"


def test_json_is_one_object_a_line_with_the_error_in_it() -> None:
    try:
        raise ValueError("no")
    except ValueError as error:
        broken = record("it broke")
        broken.exc_info = (type(error), error, error.__traceback__)
    line = JsonLines().format(broken)
    fields = json.loads(line)
    assert "\n" not in line
    assert (fields["level"], fields["message"]) == ("WARNING", "it broke")
    assert "ValueError: no" in fields["error"]
