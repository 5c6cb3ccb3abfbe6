"""What a clip says: from a sound's address back to the script it was made of."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Iterator, Mapping

from gateway.sandbox.directory import Caption
from gateway.voice.assets import ClipStore
from gateway.voice.prompts import Script
from gateway.voice.speaker import placeholder_of

LOOK_AGAIN = 10.0  # real seconds between two readings of the store for a sound nobody knows
_SOUND = re.compile(r"/audio/([0-9a-f]{64})\.wav")


class Captions:
    """Captions by sound; `gateway prompts build` may add clips while this runs."""

    def __init__(self, scripts: Mapping[str, Script], clips: ClipStore) -> None:
        self._scripts = scripts
        self._clips = clips
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
        return self._by_sound.get(found[1])

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
