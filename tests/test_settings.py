"""Settings: those of DESIGN §5 with their defaults; a wrong one stops the start with its name and what is expected."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from gateway.settings import Settings, SettingsError, is_this_machine, load_settings

ROOT = Path(__file__).parents[1]

DEFAULTS: dict[str, Any] = {
    "DATABASE_URL": "sqlite:///data/gateway.db",
    "CARRIER": "sandbox",
    "LIVE": False,
    "PUBLIC_URL": "http://127.0.0.1:8000",
    "SECRET_KEY": None,
    "TIMEZONE": "Asia/Bangkok",
    "TWILIO_ACCOUNT_SID": "",
    "TWILIO_AUTH_TOKEN": None,
    "TWILIO_BASE_URL": None,
    "TWILIO_SMS_FROM": "",
    "TWILIO_MESSAGING_SERVICE_SID": "",
    "TWILIO_VOICE_FROM": "",
    "TWILIO_BYOC_TRUNK_SID": "",
    "TWILIO_TIMEOUT": 20.0,
    "VOICE_FALLBACK_URL": "",
    "SMS_TWO_WAY": None,
    "HOTLINE_NUMBER": "",
    "COUNTRIES": "TH",
    "DAILY_BUDGET": None,
    "LINES": 10,
    "CALLS_PER_SECOND": 1.0,
    "SMS_PER_SECOND": 10.0,
    "WINDOW_OPENS": time(9, 0),
    "WINDOW_CLOSES": time(19, 30),
    "TEMPLATES_DIR": None,
    "VOICE_PROMPTS_DIR": None,
    "AUDIO_DIR": Path("data/audio"),
    "LOG_FORMAT": "text",
    "TRUSTED_PROXIES": "",
}
TWILIO = {
    "CARRIER": "twilio",
    "TWILIO_ACCOUNT_SID": "AC1",
    "TWILIO_AUTH_TOKEN": "a-secret",
    "TWILIO_VOICE_FROM": "+6620000001",
    "TWILIO_SMS_FROM": "Clinic",
}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GATEWAY_")]:
        monkeypatch.delenv(name)


def complaint(monkeypatch: pytest.MonkeyPatch, **settings: str) -> str:
    for name, value in settings.items():
        monkeypatch.setenv(f"GATEWAY_{name}", value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    return str(caught.value)


@pytest.mark.parametrize(("name", "value"), DEFAULTS.items())
def test_each_setting_of_the_design_exists_with_its_default(name: str, value: Any) -> None:
    assert getattr(load_settings(), name.lower()) == value


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DATABASE_URL", "mysql://me:pw@host/x", "expected a SQLite URL such as sqlite:///data/gateway.db"),
        ("DATABASE_URL", "gateway.db", "expected a SQLite URL"),
        ("DATABASE_URL", "sqlite:///:memory:", "expected a SQLite URL"),
        ("CARRIER", "ais", "expected 'sandbox' or 'twilio'"),
        ("LIVE", "perhaps", "expected true or false"),
        ("PUBLIC_URL", "gateway.example", "expected an address beginning with https://"),
        ("PUBLIC_URL", "https://", "expected an address beginning with https://"),
        ("PUBLIC_URL", "https://gateway.example", "expected an address of this machine"),
        ("TWILIO_BASE_URL", "https://stand-in.example", "expected an address of this machine"),
        ("TWILIO_BASE_URL", "http://10.0.0.1:8001", "expected https://"),
        ("SECRET_KEY", "fifteen-letters", "expected 16 characters or more"),
        ("TIMEZONE", "Europe/Berlin", "expected a zone with Bangkok's hours"),
        ("TIMEZONE", "Bangkok", "expected the name of a time zone"),
        ("COUNTRIES", "Thailand", "expected two-letter country codes"),
        ("DAILY_BUDGET", "-1", "expected greater than or equal to 0"),
        ("DAILY_BUDGET", "a lot", "expected a number"),
        ("LINES", "0", "expected greater than or equal to 1"),
        ("LINES", "many", "expected a whole number"),
        ("CALLS_PER_SECOND", "0", "expected greater than 0"),
        ("SMS_PER_SECOND", "nan", "expected"),
        ("WINDOW_OPENS", "nine", "expected an hour such as 09:00"),
        ("WINDOW_OPENS", "20:00", "expected an hour before WINDOW_CLOSES"),
        ("WINDOW_OPENS", "05:59", "expected an hour from 06:00"),
        ("WINDOW_OPENS", "09:00Z", "expected an hour such as 09:00"),
        ("WINDOW_CLOSES", "21:01", "expected an hour to 21:00"),
        ("WINDOW_CLOSES", "23:59", "expected an hour to 21:00"),
        ("HOTLINE_NUMBER", "call us", "expected a number as it is dialled"),
        ("HOTLINE_NUMBER", "12", "expected a number as it is dialled"),
        ("HOTLINE_NUMBER", "1234567890123456", "expected a number as it is dialled"),
        ("HOTLINE_NUMBER", "05400+0901", "expected a number as it is dialled"),
        ("HOTLINE_HOURS", "8 to 18", "expected days and hours such as"),
        ("HOTLINE_HOURS", "Mon-Sat 18:00-08:00", "expected an end after the beginning"),
        ("HOTLINE_HOURS", "Mon-Sun 08:00-24:30", "expected an hour from 00:00 to 24:00"),
        ("HOTLINE_LINES", "0", "expected greater than or equal to 1"),
        ("TWILIO_SMS_FROM", "0812345678", "expected a number such as +66"),
        ("TWILIO_SMS_FROM", "ab", "expected a number such as +66"),
        ("TWILIO_SMS_FROM", "TwelveLetter", "expected a number such as +66"),
        ("TWILIO_SMS_FROM", "คลินิก", "expected a number such as +66"),
        ("SEED", " ", "expected a word"),
        ("TEMPLATES_DIR", "/nope", "expected a folder that is there"),
        ("VOICE_PROMPTS_DIR", "/nope", "expected a folder that is there"),
        ("EXTRA_HOLIDAYS", "31/12/2026", "expected days such as 2026-12-31"),
        ("LOG_FORMAT", "xml", "expected 'text' or 'json'"),
        ("TRUSTED_PROXIES", "*", "expected addresses or networks such as 10.0.0.2,10.1.0.0/16"),
        ("TRUSTED_PROXIES", "proxy.example", "expected addresses or networks"),
        ("TRUSTED_PROXIES", "10.0.0.2 10.0.0.3", "expected addresses or networks"),
        ("TRUSTED_PROXIES", "10.0.0.2,10.1.0.1/16", "expected addresses or networks"),
        ("TRUSTED_PROXIES", "0.0.0.0/0", "expected the proxies themselves, not everybody"),
        ("TRUSTED_PROXIES", "127.0.0.1,::/0", "expected the proxies themselves, not everybody"),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_expected(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    said = complaint(monkeypatch, **{name: value})
    assert said.startswith(f"GATEWAY_{name}: {expected}")
    assert "\n" not in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOTLINE_NUMBER", "1422"),
        ("HOTLINE_NUMBER", "+66 54-000-901"),
        ("HOTLINE_HOURS", "Mon-Fri 08:30-16:30, Sat 09:00-12:00"),
        ("HOTLINE_HOURS", "always"),
        ("TWILIO_SMS_FROM", "+66620000001"),
        ("TWILIO_SMS_FROM", "MaeWang 1"),
        ("WINDOW_OPENS", "06:00"),
        ("WINDOW_CLOSES", "21:00"),
        ("TRUSTED_PROXIES", "127.0.0.1"),
        ("TRUSTED_PROXIES", "10.0.0.2,10.1.0.0/16,::1,fd00::/8"),
    ],
)
def test_what_people_really_dial_and_set_is_taken(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"GATEWAY_{name}", value)
    assert str(getattr(load_settings(), name.lower())).startswith(value)


def test_a_postgresql_address_with_a_password_is_refused_without_repeating_it(monkeypatch: pytest.MonkeyPatch) -> None:
    said = complaint(monkeypatch, DATABASE_URL="postgresql://me:hunter2@host")
    assert "postgresql://user:password@host/name" in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://me:hunter2@host:54x2/tamnat", "expected a number as the port"),
        ("postgresql://me:hunter2@host:99999/tamnat", "expected a number as the port"),
        ("postgresql://me:hun@hunter2@host/tamnat", "write @ in the password as %40"),
        ("postgresql://me:hun/hunter2@host/tamnat", "write @ in the password as %40, and / as %2F"),
        ("postgresql://me:hun/hunter2@tamnat", "write @ in the password as %40, and / as %2F"),
    ],
)
def test_an_address_of_postgresql_that_is_misread_is_refused_in_a_line_that_does_not_repeat_it(
    monkeypatch: pytest.MonkeyPatch, url: str, expected: str
) -> None:
    said = complaint(monkeypatch, DATABASE_URL=url)
    assert said.startswith("GATEWAY_DATABASE_URL: ")
    assert expected in said
    assert not any(part in said for part in ("hunter2", "54x2", "hun@"))


@pytest.mark.parametrize("server", ["me:p%40ss%2F@host:5432", "me@[::1]:5432", "me@[::1]", "me:a:b@host", "host:", ""])
def test_every_way_to_write_a_server_is_taken(monkeypatch: pytest.MonkeyPatch, server: str) -> None:
    url = f"postgresql://{server}/tamnat?options=a@b"
    monkeypatch.setenv("GATEWAY_DATABASE_URL", url)
    assert load_settings().database_url == url


def test_a_postgresql_database_may_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_DATABASE_URL", "postgresql://me:hunter2@host/tamnat")
    found = load_settings()
    assert found.database_url == "postgresql://me:hunter2@host/tamnat"
    assert "hunter2" not in repr(found)


def test_each_wrong_setting_has_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    said = complaint(monkeypatch, LINES="x", LIVE="x", LNIES="3")
    assert sorted(line.split(":")[0] for line in said.splitlines()) == [
        "GATEWAY_LINES",
        "GATEWAY_LIVE",
        "GATEWAY_LNIES",
    ]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("LNIES", "LINES"),
        ("DATABASE", "DATABASE_URL"),
        ("TWILIO_TOKEN", "TWILIO_AUTH_TOKEN"),
        ("SMS_TWOWAY", "SMS_TWO_WAY"),
    ],
)
def test_a_misspelt_setting_is_told_with_the_nearest(monkeypatch: pytest.MonkeyPatch, typed: str, meant: str) -> None:
    assert complaint(monkeypatch, **{typed: "1"}) == (
        f"GATEWAY_{typed}: there is no such setting; did you mean GATEWAY_{meant}?"
    )


def test_an_empty_setting_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in DEFAULTS:
        monkeypatch.setenv(f"GATEWAY_{name}", "")
    assert load_settings() == Settings()


@pytest.mark.parametrize("missing", [name for name in TWILIO if name != "CARRIER"])
def test_twilio_needs_an_account_and_senders(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    said = complaint(monkeypatch, **{name: value for name, value in TWILIO.items() if name != missing})
    assert said.startswith(f"GATEWAY_{missing}")
    assert said.endswith("expected when CARRIER is twilio")


def test_a_messaging_service_stands_in_for_a_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (TWILIO | {"TWILIO_SMS_FROM": "", "TWILIO_MESSAGING_SERVICE_SID": "MG1"}).items():
        monkeypatch.setenv(f"GATEWAY_{name}", value)
    assert load_settings().twilio_messaging_service_sid == "MG1"


@pytest.mark.parametrize("address", ["http://api.example.com", "HTTP://10.1.2.3:8001", "http://127.0.0.1.example.com"])
def test_a_token_is_not_sent_in_clear_to_another_machine(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    said = complaint(monkeypatch, **TWILIO, TWILIO_BASE_URL=address)
    assert said.startswith("GATEWAY_TWILIO_BASE_URL: expected https://")


@pytest.mark.parametrize("address", ["http://127.0.0.1:8001", "http://localhost:8001", "http://[::1]:8001"])
def test_on_loopback_plain_http_will_do(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("GATEWAY_TWILIO_BASE_URL", address)
    assert load_settings().twilio_base_url == address


@pytest.mark.parametrize("address", ["http://evil.example@10.0.0.1", "http://[::1", "http:///x", "http://127.0.0.999"])
def test_what_only_looks_like_this_machine_is_not(address: str) -> None:
    assert not is_this_machine(address)


def test_tokens_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in TWILIO.items():
        monkeypatch.setenv(f"GATEWAY_{name}", value)
    assert "a-secret" not in repr(load_settings())


def test_texts_can_be_answered_on_the_sandbox_and_not_on_twilio_unless_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().is_two_way
    for name, value in TWILIO.items():
        monkeypatch.setenv(f"GATEWAY_{name}", value)
    assert not load_settings().is_two_way
    monkeypatch.setenv("GATEWAY_SMS_TWO_WAY", "true")
    assert load_settings().is_two_way


def test_a_command_with_wrong_settings_ends_with_2_and_says_so_on_stderr_alone(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "GATEWAY_LINES": "x", "GATEWAY_LNIES": "3"}
    found = subprocess.run(
        [sys.executable, "-m", "gateway", "doctor"], env=env, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr.splitlines() == [
        "GATEWAY_LNIES: there is no such setting; did you mean GATEWAY_LINES?",
        "GATEWAY_LINES: expected a whole number",
    ]
    assert list(tmp_path.iterdir()) == []


def test_every_setting_is_in_the_readme() -> None:
    named = set(re.findall(r"`(?:GATEWAY_)?([A-Z][A-Z_]+)`", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert {name.upper() for name in Settings.model_fields} - named == set()
