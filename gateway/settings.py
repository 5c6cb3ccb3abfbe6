"""Every setting, typed, from the environment (prefix `GATEWAY_`). Read by wiring and the entry points only."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from gateway.kit.opening_hours import read_hours

PREFIX = "GATEWAY_"
SHORTEST_KEY = 16  # characters
EARLIEST, LATEST = time(6, 0), time(21, 0)  # a slip of the pen rings nobody out of bed; Thai practice ends at 20:00


class SettingsError(Exception):
    """One line for each setting that is wrong: its name, and what is expected."""


class CarrierName(StrEnum):
    """Who carries texts and calls."""

    SANDBOX = "sandbox"  # a phone network on this machine; nobody is reached
    TWILIO = "twilio"


class LogFormat(StrEnum):
    """How log lines look."""

    TEXT = "text"
    JSON = "json"


class Settings(BaseSettings):
    """The house's settings; README lists them with their defaults."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True)

    database_url: str = Field(
        "sqlite:///data/gateway.db",
        repr=False,  # it may hold a password
        description="a SQLAlchemy URL: sqlite:///data/x.db, or postgresql://user:password@host/name",
    )
    carrier: CarrierName = CarrierName.SANDBOX
    live: bool = False
    public_url: str = "http://127.0.0.1:8000"
    secret_key: SecretStr | None = None
    trusted_proxies: str = ""
    timezone: str = "Asia/Bangkok"

    twilio_account_sid: str = ""
    twilio_auth_token: SecretStr | None = None
    twilio_auth_token_old: SecretStr | None = None
    twilio_base_url: str | None = None
    twilio_sms_from: str = ""
    twilio_messaging_service_sid: str = ""
    twilio_voice_from: str = ""
    twilio_byoc_trunk_sid: str = ""
    twilio_timeout: float = Field(20.0, gt=0, le=120, description="seconds for one answer of the carrier's")
    voice_fallback_url: str = ""
    sms_two_way: bool | None = None
    hotline_number: str = ""
    hotline_lines: int = Field(10, ge=1, le=10_000, description="callers who are spoken to at once")
    hotline_hours: str = Field("Mon-Sat 08:00-24:00", description="when calls are answered")
    hotline_calls_per_hour: int = Field(6, ge=1, le=1000, description="calls from one number that are answered")

    countries: str = "TH"
    daily_budget: float | None = Field(None, ge=0)
    sms_cost: float = Field(0.025, ge=0, description="what one part of a text is reckoned to cost")
    call_cost: float = Field(0.10, ge=0, description="what one call is reckoned to cost")
    lines: int = Field(10, ge=1, le=10_000)
    calls_per_second: float = Field(1.0, gt=0, le=1000)
    sms_per_second: float = Field(10.0, gt=0, le=10_000)
    window_opens: time = time(9, 0)
    window_closes: time = time(19, 30)
    extra_holidays: str = ""

    templates_dir: Path | None = None
    voice_prompts_dir: Path | None = None
    audio_dir: Path = Path("data/audio")
    log_format: LogFormat = LogFormat.TEXT
    seed: str = "tamnat"

    @field_validator("database_url")
    @classmethod
    def _is_an_engine_of_ours(cls, value: str) -> str:
        """A SQLite file or a database on a PostgreSQL server. What is refused is not repeated: it holds a password."""
        if re.match(r"sqlite(\+pysqlite)?:///(?!:memory:)\S", value):
            return value
        server = re.match(r"postgres(ql)?(\+psycopg)?://([^?\s]*)/([^/?\s]+)(\?\S*)?$", value)
        if server and (server[3].count("@") > 1 or "/" in server[3] or "@" in server[4]):
            raise ValueError("write @ in the password as %40, and / as %2F")
        if server:
            return _with_a_port(value, server[3])
        raise ValueError(
            "expected a SQLite URL such as sqlite:///data/gateway.db, or postgresql://user:password@host/name"
        )

    @field_validator("timezone")
    @classmethod
    def _has_bangkok_hours(cls, value: str) -> str:
        """Days are Bangkok days: another zone would move the window by night."""
        try:
            zone = ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("expected the name of a time zone, such as Asia/Bangkok") from error
        if any(datetime(2026, month, 1, tzinfo=zone).utcoffset() != timedelta(hours=7) for month in (1, 7)):
            raise ValueError("expected a zone with Bangkok's hours (UTC+7), such as Asia/Bangkok or Asia/Vientiane")
        return value

    @field_validator("public_url", "twilio_base_url", "voice_fallback_url")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value and not re.match(r"https?://[^/?#\s]+\S*$", value, re.IGNORECASE):
            raise ValueError("expected an address beginning with https:// or http://, with a host")
        return value.rstrip("/") if value else value

    @field_validator("twilio_base_url")
    @classmethod
    def _keeps_the_token_secret(cls, value: str | None) -> str | None:
        if value and not value.lower().startswith("https://") and not is_this_machine(value):
            raise ValueError("expected https://, for the token travels with every request; http:// on loopback only")
        return value or None

    @field_validator("trusted_proxies")
    @classmethod
    def _are_proxies(cls, value: str) -> str:
        """Who may say from where a request came: whoever else could say so would guess passwords from anywhere."""
        named = [one.strip() for one in value.split(",") if one.strip()]
        try:
            networks = [ip_network(one) for one in named]
        except ValueError as error:
            raise ValueError("expected addresses or networks such as 10.0.0.2,10.1.0.0/16") from error
        if any(network.prefixlen == 0 for network in networks):
            raise ValueError("expected the proxies themselves, not everybody")
        return ",".join(named)

    @field_validator("countries")
    @classmethod
    def _are_country_codes(cls, value: str) -> str:
        codes = [code.strip().upper() for code in value.split(",") if code.strip()]
        if not codes or any(len(code) != 2 or not code.isalpha() for code in codes):
            raise ValueError("expected two-letter country codes, such as TH or TH,LA")
        return ",".join(codes)

    @field_validator("extra_holidays")
    @classmethod
    def _are_days(cls, value: str) -> str:
        days = [day.strip() for day in value.split(",") if day.strip()]
        try:
            return ",".join(sorted(date.fromisoformat(day).isoformat() for day in days))
        except ValueError as error:
            raise ValueError("expected days such as 2026-12-31,2027-01-04") from error

    @field_validator("templates_dir", "voice_prompts_dir")
    @classmethod
    def _is_a_folder(cls, value: Path | None) -> Path | None:
        """The shipped texts in place of a clinic's own would be the wrong words to real people."""
        if value is not None and not value.is_dir():
            raise ValueError("expected a folder that is there")
        return value

    @field_validator("hotline_number")
    @classmethod
    def _can_be_dialled(cls, value: str) -> str:
        """People copy it from a text; short numbers such as 1422 are dialled, too."""
        if value and not (re.fullmatch(r"\+?[0-9][0-9 -]*", value) and 3 <= sum(map(str.isdigit, value)) <= 15):
            raise ValueError("expected a number as it is dialled, such as 054 000 901 or 1422")
        return value

    @field_validator("hotline_hours")
    @classmethod
    def _are_opening_hours(cls, value: str) -> str:
        read_hours(value)  # its own words say what is expected
        return value

    @field_validator("twilio_sms_from")
    @classmethod
    def _is_a_sender(cls, value: str) -> str:
        is_number = re.fullmatch(r"\+[1-9][0-9]{6,14}", value)
        is_name = re.fullmatch(r"(?=.*[A-Za-z])[A-Za-z0-9 +_&-]{3,11}", value)
        if value and not is_number and not is_name:
            raise ValueError("expected a number such as +66..., or a sender of 3 to 11 characters with a letter")
        return value

    @field_validator("secret_key")
    @classmethod
    def _cannot_be_guessed(cls, value: SecretStr | None) -> SecretStr | None:
        """Without one, a stolen copy of the database tells sessions and addresses tried a little more easily."""
        if value is not None and len(value.get_secret_value()) < SHORTEST_KEY:
            raise ValueError(f"expected {SHORTEST_KEY} characters or more, made up by a machine; or nothing at all")
        return value

    @field_validator("seed")
    @classmethod
    def _is_something(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("expected a word: the sandbox's account follows from it")
        return value

    @field_validator("window_opens", "window_closes")
    @classmethod
    def _is_bangkoks_clock(cls, value: time) -> time:
        if value.tzinfo is not None:
            raise ValueError("expected an hour such as 09:00")
        return value

    @field_validator("window_opens")
    @classmethod
    def _is_not_by_night(cls, value: time) -> time:
        if value < EARLIEST:
            raise ValueError(f"expected an hour from {EARLIEST:%H:%M}")
        return value

    @field_validator("window_closes")
    @classmethod
    def _is_not_late(cls, value: time) -> time:
        if value > LATEST:
            raise ValueError(f"expected an hour to {LATEST:%H:%M}")
        return value

    @model_validator(mode="after")
    def _fit_together(self) -> Settings:
        if self.window_opens >= self.window_closes:
            raise ValueError("WINDOW_OPENS: expected an hour before WINDOW_CLOSES")
        if self.carrier is CarrierName.TWILIO:
            self._need_for_twilio()
        else:
            self._stay_on_this_machine()
        return self

    def _stay_on_this_machine(self) -> None:
        """The sandbox never speaks to another machine, whose phones might be real."""
        for name, url in (("PUBLIC_URL", self.public_url), ("TWILIO_BASE_URL", self.twilio_base_url)):
            if url and not is_this_machine(url):
                raise ValueError(
                    f"{name}: expected an address of this machine, such as http://127.0.0.1:8000, "
                    "when CARRIER is sandbox"
                )

    def _need_for_twilio(self) -> None:
        sender = self.twilio_sms_from or self.twilio_messaging_service_sid
        needed: dict[str, Any] = {
            "TWILIO_ACCOUNT_SID": self.twilio_account_sid,
            "TWILIO_AUTH_TOKEN": self.twilio_auth_token,
            "TWILIO_VOICE_FROM": self.twilio_voice_from,
            "TWILIO_SMS_FROM (or TWILIO_MESSAGING_SERVICE_SID)": sender,
        }
        missing = [name for name, value in needed.items() if not value]
        if missing:
            raise ValueError(f"{missing[0]}: expected when CARRIER is twilio")

    @property
    def country_list(self) -> frozenset[str]:
        """Countries whose numbers may be contacted, as ISO codes."""
        return frozenset(self.countries.split(","))

    @property
    def holidays(self) -> frozenset[date]:
        """Days without contact beyond the public holidays."""
        return frozenset(date.fromisoformat(day) for day in self.extra_holidays.split(",") if day)

    @property
    def is_two_way(self) -> bool:
        """Whether a text can be answered: on the sandbox yes, on Twilio in Thailand no unless set."""
        return self.carrier is CarrierName.SANDBOX if self.sms_two_way is None else self.sms_two_way


def _with_a_port(value: str, server: str) -> str:
    """The URL, where its `user:password@host:port` names a port that can be one, or none. The port is not repeated."""
    port = re.search(r":([^:\]]*)$", server.rsplit("@", 1)[-1])
    if port and port[1] and not (port[1].isascii() and port[1].isdigit() and 0 < int(port[1]) <= 65535):
        raise ValueError("expected a number as the port, such as postgresql://user:password@host:5432/name")
    return value


def is_this_machine(url: str) -> bool:
    """Whether an http address names this machine's loopback; the carrier decides again before it connects."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; raises SettingsError naming each wrong one and what is expected."""
    problems = _unknown_names(os.environ)
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        problems += [_sentence(dict(detail)) for detail in error.errors()]
    else:
        if not problems:
            return settings
    raise SettingsError("\n".join(problems))


def _unknown_names(environment: Mapping[str, str]) -> list[str]:
    """A misspelt setting would silently leave a limit at its default."""
    known = [name.upper() for name in Settings.model_fields]
    names = sorted(name.removeprefix(PREFIX) for name in environment if name.startswith(PREFIX))
    return [
        f"{PREFIX}{name}: there is no such setting{_did_you_mean(name, known)}" for name in names if name not in known
    ]


def _did_you_mean(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {PREFIX}{near[0]}?" if near else ""


EXPECTED = {
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_parsing": "expected a number",
    "bool_parsing": "expected true or false",
    "time_parsing": "expected an hour such as 09:00",
    "time_type": "expected an hour such as 09:00",
}


def _sentence(detail: dict[str, Any]) -> str:
    """One line: the name, and what is expected. The value is not repeated: it may be a secret."""
    message = EXPECTED.get(str(detail["type"])) or str(detail["msg"]).removeprefix("Value error, ")
    if not detail["loc"]:
        return PREFIX + message
    message = message.replace("Input should be", "expected")
    return f"{PREFIX}{str(detail['loc'][0]).upper()}: {message[:1].lower()}{message[1:]}"
