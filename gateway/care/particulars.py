"""What somebody, a file or a form, says of a person: plain values, before anybody looked who that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gateway.kit.identity import Identity
from gateway.kit.phones import PhoneNumber
from gateway.records.status import Channel


@dataclass(frozen=True, slots=True)
class SaidPhone:
    """A number and whether it is the household's rather than the person's own."""

    number: PhoneNumber
    household: bool = False


@dataclass(frozen=True, slots=True)
class Particulars:
    """A person as described; empty texts and None mean "not said". `hcode` is the site that gave the number `hn`."""

    identity: Identity | None = None
    hcode: str | None = None
    hn: str | None = None
    title: str = ""
    name: str = ""
    surname: str = ""
    birth_date: date | None = None
    language: str | None = None
    preferred_channel: Channel | None = None
    village: str = ""
    tambon: str = ""
    district: str = ""
    province: str = ""
    target_group: str = ""
    site: str | None = None
    phones: tuple[SaidPhone, ...] = ()

    def __repr__(self) -> str:
        """Without a name or a number, because a repr ends in logs and tracebacks."""
        return f"Particulars(site={self.site!r}, phones={len(self.phones)})"
