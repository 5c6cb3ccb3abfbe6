"""Invent people: who they are, what they speak, which phone rings in their house. Nobody here exists.

Numbers and identities are of blocks that are valid in form and used by nobody: registration office 9999 does not
exist, and no landline's own number begins with 0.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from gateway.kit.identity import check_digit

T = TypeVar("T")

GROUPS = {
    "elder": "ผู้สูงอายุ 60 ปีขึ้นไป",
    "chronic": "ผู้มีโรคเรื้อรัง",
    "worker": "บุคลากรทางการแพทย์",
    "pregnant": "หญิงตั้งครรภ์",
    "pupil": "นักเรียนหญิง ป.5",
    "migrant": "แรงงานข้ามชาติ",
    "stateless": "ผู้ไม่มีสถานะทางทะเบียน",
}
AGES = {"elder": (60, 94), "chronic": (35, 59), "worker": (24, 57), "pregnant": (19, 40), "pupil": (10, 12)}
SHARES_A_PHONE = {"elder": 0.3, "pupil": 0.3, "migrant": 0.25, "stateless": 0.3, "chronic": 0.1}


class Dice:
    """Chance from a seed; built on `random()` alone, the one method Python promises to keep the same for ever."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def chance(self, share: float) -> bool:
        """Say yes in `share` (0..1) of the cases."""
        return self._random.random() < share

    def between(self, low: int, high: int) -> int:
        """Return a whole number, both ends included."""
        return low + int(self._random.random() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        """Return one of `items`, each as likely."""
        return items[self.between(0, len(items) - 1)]

    def weigh(self, weights: Mapping[T, float]) -> T:
        """Return one of the keys, by weight."""
        point = self._random.random() * sum(weights.values())
        for item, weight in weights.items():
            point -= weight
            if point < 0:
                return item
        return next(reversed(list(weights)))


@dataclass
class Home:
    """People under one roof, and the numbers that ring there (E.164; "" for none)."""

    village: str
    tambon: str
    surname: str
    mobile: str = ""
    landline: str = ""
    members: int = 0


@dataclass
class Invented:
    """One person and what the roster says of them; days are dates, to be written by the site's clerk."""

    site: Mapping[str, Any]
    kind: str
    language: str
    home: Home
    title: str
    name: str
    surname: str
    birth: date
    hn: str
    identity: str
    owns_mobile: bool
    channel: str
    vaccine: str = ""
    dose: int = 0
    day: date | None = None
    time: str = ""
    last_vaccine: str = ""
    last_dose: int = 0
    last_day: date | None = None
    phone_as_written: str | None = None  # set where the clerk got it wrong
    first: bool = False
    in_family: bool = False  # one of those who share a phone and come on one day: all are asked in one call


@dataclass
class Numbers:
    """Hands out numbers, each once, in an order that does not look counted."""

    mobiles: int = 0
    landlines: dict[str, int] = field(default_factory=dict)
    identities: int = 0
    papers: int = 0

    def mobile(self) -> str:
        """Return a mobile of 080-000-0000 to 080-000-0999."""
        self.mobiles += 1
        return f"+6680000{(self.mobiles * 373 + 21) % 1000:04d}"

    def landline(self, area: str) -> str:
        """Return a landline of an area code ("054"), its own number beginning with 000."""
        self.landlines[area] = self.landlines.get(area, 0) + 1
        return f"+66{area[1:]}000{self.landlines[area] * 37 % 900:03d}"

    def registry(self, prefix: str) -> str:
        """Return a 13-digit number beginning with `prefix`, its check digit right."""
        self.identities += 1
        rest = 12 - len(prefix)
        twelve = prefix + str(self.identities * 7919 % 10**rest).zfill(rest)
        return twelve + str(check_digit(twelve))

    def passport(self) -> str:
        """Return a number such as a passport bears; no country issues ZZ."""
        self.papers += 1
        return f"ZZ{self.papers * 4217 % 10**6:06d}"


class Village:
    """Invents the people of one site, house by house."""

    def __init__(self, site: Mapping[str, Any], names: Mapping[str, Any], numbers: Numbers, today: date) -> None:
        self.site, self.names, self.numbers, self.today = site, names, numbers, today
        self.dice = Dice(f"tamnat {site['code']}")
        self.homes: list[tuple[str, str, Home]] = []
        self.count = 0

    def person(self) -> Invented:
        """Return the next person of this site, without an appointment yet."""
        kind = self.dice.weigh(self.site["kinds"])
        language = self._language(kind)
        female = kind in ("pupil", "pregnant") or self.dice.chance(0.56)
        given, surname = self._names(kind, language, female)
        home = self._home(kind, language, surname)
        birth = self._birth(kind)
        self.count += 1
        return Invented(
            site=self.site,
            kind=kind,
            language=language,
            home=home,
            title=_title(kind, female, self.dice),
            name=given,
            surname=surname if kind == "migrant" else home.surname,
            birth=birth,
            hn=f"{self.dice.between(55, 69)}-{self.count * 613 % 10000:05d}",
            identity=self._identity(kind),
            owns_mobile=home.members == 1 and kind != "pupil",
            channel=self._channel(kind, home),
        )

    def _language(self, kind: str) -> str:
        if kind == "migrant":
            return str(self.dice.weigh(self.site["migrants"]))
        dialect = self.site["dialect"]
        share = dialect["share"] if kind == "elder" else dialect["share"] * (0.2 if kind == "chronic" else 0.0)
        return str(dialect["code"]) if self.dice.chance(share) else "th"

    def _names(self, kind: str, language: str, female: bool) -> tuple[str, str]:
        sex = "female" if female else "male"
        if kind == "migrant":
            names = self.names[language]
            first, last = self.dice.pick(names[sex]), self.dice.pick(names["surnames"])
            spelling = self.dice.weigh({0: 5, 1: 4, -1: 2})  # Thai, Latin, their own script
            return first[spelling], last[spelling]
        region = self.names[self.site["region"]]
        group = region["elder"] if kind == "elder" else self.names["thai"]["pupil" if kind == "pupil" else "adult"]
        return self.dice.pick(group[sex]), self.dice.pick(region["surnames"])

    def _birth(self, kind: str) -> date:
        low, high = AGES.get(kind, (19, 58))
        # The birthday of the year may still come: one year more makes sure that a 60 is 60 already.
        year = self.today.year - self.dice.between(low, high) - 1
        return date(year, self.dice.between(1, 12), self.dice.between(1, 28))

    def _home(self, kind: str, language: str, surname: str) -> Home:
        roofs = [home for group, spoken, home in self.homes if _may_share(kind, language, group, spoken, home)]
        if roofs and self.dice.chance(SHARES_A_PHONE.get(kind, 0.0)):
            home = self.dice.pick(roofs)
        else:
            home = Home(self.dice.pick(self.site["villages"]), self.dice.pick(self.site["tambons"]), surname)
            self._connect(home, kind)
            self.homes.append((kind, language, home))
        home.members += 1
        return home

    def _connect(self, home: Home, kind: str) -> None:
        lines = {
            "elder": {"mobile": 72, "landline": 15, "both": 7, "none": 6},
            "migrant": {"mobile": 91, "none": 9},
            "stateless": {"mobile": 70, "none": 30},
        }.get(kind, {"mobile": 92, "both": 5, "none": 3})
        line = self.dice.weigh(lines)
        home.mobile = self.numbers.mobile() if line in ("mobile", "both") else ""
        home.landline = self.numbers.landline(self.site["area"]) if line in ("landline", "both") else ""

    def _identity(self, kind: str) -> str:
        number = self.numbers.registry
        if kind == "stateless":
            return number("0999989") if self.dice.chance(0.8) else ""
        if kind != "migrant":
            born_registered = kind in ("pupil", "worker", "pregnant")
            first_digit = "1" if born_registered else self.dice.weigh({"3": 85, "5": 10, "8": 5})
            return number(f"{first_digit}9999") if self.dice.chance(0.97) else ""
        paper = self.dice.weigh({"pink": 50, "passport": 20, "alien": 8, "child": 7, "none": 15})
        if paper in ("none", "passport"):
            return self.numbers.passport() if paper == "passport" else ""
        return number({"pink": "00999", "alien": "6999950", "child": "7999951"}[paper])

    def _channel(self, kind: str, home: Home) -> str:
        if home.landline and not home.mobile:
            return "voice"
        wish = {"elder": {"": 70, "voice": 25, "sms": 5}, "migrant": {"": 70, "sms": 15, "voice": 15}}
        return self.dice.weigh(wish.get(kind, {"": 75, "sms": 22, "voice": 3}))


def _may_share(kind: str, language: str, group: str, spoken: str, home: Home) -> bool:
    if home.members >= 4 or not (home.mobile or home.landline):
        return False
    if kind == "migrant" or group == "migrant":
        return kind == group and language == spoken
    return group != "worker"


def _title(kind: str, female: bool, dice: Dice) -> str:
    if kind == "pupil":
        return "ด.ญ."
    if not female:
        return "นาย"
    return dice.weigh({"elder": {"นาง": 9, "น.ส.": 1}}.get(kind, {"นาง": 5, "น.ส.": 5}))
