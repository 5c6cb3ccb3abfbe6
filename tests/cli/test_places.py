"""`gateway sites load` and `gateway sessions load`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.wiring import data_dir
from tests.cli.conftest import Gateway

SAMPLE = data_dir("templates") / "sample"


@pytest.mark.parametrize("noun", ["sites", "sessions"])
def test_a_template_is_a_file_to_begin_with_and_loads_as_it_is(gateway: Gateway, tmp_path: Path, noun: str) -> None:
    for each in ("sites", noun):
        found = gateway(each, "load", "--template")
        assert found.exit_code == 0
        (tmp_path / f"{each}.csv").write_text(found.stdout, encoding="utf-8")
        loaded = gateway(each, "load", str(tmp_path / f"{each}.csv"), "--json")
    document = json.loads(loaded.stdout)
    rows = found.stdout.count("\n") - 1
    assert (loaded.exit_code, document["accepted"], document["rejected"]) == (0, rows, 0), document


def test_the_same_file_twice_changes_nothing(gateway: Gateway) -> None:
    first, again = (gateway("sites", "load", str(SAMPLE / "sites.csv")) for _ in range(2))
    assert "12 stored (new 12, changed 0, unchanged 0), 0 refused" in first.stdout
    assert "12 stored (new 0, changed 0, unchanged 12), 0 refused" in again.stdout


def test_sessions_of_a_site_nobody_knows_are_refused_with_1(gateway: Gateway) -> None:
    found = gateway("sessions", "load", str(SAMPLE / "sessions.csv"), "--json")
    document = json.loads(found.stdout)
    assert found.exit_code == 1
    assert document["accepted"] == 0
    assert document["issues"][0]["row"] == 2
    assert "nothing was stored" in found.stderr


@pytest.mark.parametrize("noun", ["sites", "sessions"])
def test_without_a_file_it_ends_with_2_and_names_the_template(gateway: Gateway, noun: str) -> None:
    found = gateway(noun, "load")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "--template" in found.stderr


@pytest.mark.parametrize("noun", ["sites", "sessions"])
def test_a_file_that_is_not_there_ends_with_2(gateway: Gateway, noun: str) -> None:
    assert gateway(noun, "load", "nowhere.csv").exit_code == 2


@pytest.mark.parametrize("noun", ["sites", "sessions"])
def test_a_file_that_is_no_table_is_refused_without_a_traceback(gateway: Gateway, tmp_path: Path, noun: str) -> None:
    (tmp_path / "x.csv").write_bytes(bytes(range(256)) * 4)
    found = gateway(noun, "load", str(tmp_path / "x.csv"))
    assert found.exit_code == 1
    assert found.stderr
    assert found.exception is None or isinstance(found.exception, SystemExit)


def test_a_refused_row_stores_nothing_with_1_and_names_the_way_out(gateway: Gateway, tmp_path: Path) -> None:
    file = tmp_path / "sites.csv"
    file.write_text("code,name,tel\n11111,ก,054-000-901\n22222,,054-000-902\n", encoding="utf-8")
    refused = gateway("sites", "load", str(file))
    assert refused.exit_code == 1
    assert "line 3 name" in refused.stdout
    assert "--accepted-only" in refused.stderr
    stored = gateway("sites", "load", str(file), "--accepted-only")
    assert (stored.exit_code, "1 stored" in stored.stdout) == (0, True)
