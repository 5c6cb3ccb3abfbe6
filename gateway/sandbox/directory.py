"""What the page of handsets is told about the house, which the network itself does not know: names and captions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response


@dataclass(frozen=True)
class Caption:
    """What a sound says: `text` in `language`, `back` a translation where there is one.

    `is_placeholder`: nobody spoke it yet, what is heard are beeps.
    """

    text: str
    language: str = ""
    back: str = ""
    is_placeholder: bool = False


@dataclass(frozen=True)
class Named:
    """What something is called on the page in Thai (`th`) and English (`en`), and by itself (`own`)."""

    th: str
    en: str
    own: str = ""


def unknown_sound(url: str) -> Caption | None:
    """Nobody knows what is said there."""
    return None


def open_to_all(url: str) -> bool:
    """Whoever asks gets the sound."""
    return True


@dataclass(frozen=True)
class Directory:
    """Languages and sites by code, the caption of a sound's address, and the numbers handsets text and call back.

    `is_open`: a browser gets the sound at this address; what only the network gets, by its signature, is not asked for.
    """

    languages: Mapping[str, Named] = field(default_factory=dict)
    sites: Mapping[str, Named] = field(default_factory=dict)
    caption: Callable[[str], Caption | None] = unknown_sound
    is_open: Callable[[str], bool] = open_to_all
    sms_number: str = ""
    voice_number: str = ""


# Who may see the page: None lets the request pass, anything else is the answer.
Guard = Callable[[Request], Response | None]


@dataclass(frozen=True)
class PageParts:
    """What the page is made of.

    `templates` holds sandbox/ and static/. `next_morning` moves the demo's clock to the next morning on which
    something is due and says whether there was one (None: there is no such button). `plays_own_audio`: the clips are
    served by the process that serves the page, so their address needs no host. `renew` is called when the page is
    opened: it connects phones that came on record meanwhile and returns the directory as it is now.
    """

    templates: Path
    directory: Directory = field(default_factory=Directory)
    guard: Guard | None = None
    next_morning: Callable[[], bool] | None = None
    plays_own_audio: bool = True
    renew: Callable[[], Directory] | None = None
