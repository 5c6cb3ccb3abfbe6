"""What a clip says: from a sound's address back to the script it was made of."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from sqlmodel import col, select

from gateway.calls.flow import language_of
from gateway.records.conversations import Call, Turn
from gateway.records.database import Database
from gateway.sandbox.directory import Caption
from gateway.voice.assets import ClipStore
from gateway.voice.prompts import Script
from gateway.voice.speaker import placeholder_of

NEWEST = 60  # turns of calls that are looked through for a sound; what is heard was said a moment ago
LOOK_AGAIN = 10.0  # real seconds between two readings of the store for a sound nobody knows
_SOUND = re.compile(r"/audio/(?:slow/)?([0-9a-f]{64})\.wav")


Lately = Callable[[str], Caption | None]


class Captions:
    """Captions by sound; `gateway prompts build` may add clips while this runs.

    `lately` looks up what no script has, in the calls themselves: people's names, of which there are too many to make
    all their sounds beforehand.
    """

    def __init__(self, scripts: Mapping[str, Script], clips: ClipStore, lately: Lately | None = None) -> None:
        self._scripts = scripts
        self._clips = clips
        self._lately = lately
        self._names: dict[str, Caption] = {}
        self._lock = threading.Lock()
        self._by_sound: dict[str, Caption] = {}
        self._looked = -LOOK_AGAIN

    def __call__(self, url: str) -> Caption | None:
        """The caption of the sound at `url`; None when it is none of ours."""
        found = _SOUND.search(url)
        if found is None:
            return None
        with self._lock:
            if found[1] not in self._by_sound and time.monotonic() - self._looked >= LOOK_AGAIN:
                self._by_sound = dict(self._read())
                self._looked = time.monotonic()
            known = self._by_sound.get(found[1])
            return known if known is not None and known.back else self._named(found[1], known)

    def _named(self, sha256: str, known: Caption | None) -> Caption | None:
        """What the calls kept of a name or place; of a recorded one that is its English."""
        name = self._name(sha256)
        if known is None or name is None:
            return known or name
        return replace(known, back=name.back)

    def _name(self, sha256: str) -> Caption | None:
        if sha256 not in self._names and self._lately is not None:
            caption = self._lately(sha256)
            self._names.update({sha256: caption} if caption else {})
        return self._names.get(sha256)

    def _read(self) -> Iterator[tuple[str, Caption]]:
        for language, script in self._scripts.items():
            for prompt in script.prompts.values():
                beeps = hashlib.sha256(placeholder_of(prompt, script)).hexdigest()
                yield beeps, Caption(prompt.text, language, prompt.back, is_placeholder=True)
            yield from self._spoken(language, script)

    def _spoken(self, language: str, script: Script) -> Iterator[tuple[str, Caption]]:
        for key, clips in self._clips.kept(language).items():
            prompt = script.prompts.get(key)
            for kept in clips:
                if prompt is None:
                    yield kept.clip.sha256, Caption(kept.clip.text, language)
                elif kept.speaks(prompt):
                    yield kept.clip.sha256, Caption(prompt.text, language, prompt.back)


def said_lately(database: Database) -> Lately:
    """Look a sound up in the newest turns of calls, which keep the words of what was played."""

    def look(sha256: str) -> Caption | None:
        with database.reading() as db:
            turns = db.exec(
                select(Turn.heard, Call.state)
                .join(Call, col(Call.id) == col(Turn.call))
                .order_by(col(Turn.at).desc(), col(Turn.turn_no).desc())
                .limit(NEWEST)
            )
            for heard, state in turns:
                for one in heard:
                    if one["clip"] == sha256:
                        present = str(state.get("facts", {}).get("language", ""))
                        language, _ = language_of(one["prompt"], present)
                        return Caption(one["text"], language, one.get("back", ""), is_placeholder=True)
        return None

    return look
