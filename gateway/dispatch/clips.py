"""A clip as it is submitted for approval: where a sound of the one wing becomes a row of the other."""

from __future__ import annotations

from gateway.records.wordings import AssetKind, AssetSource, Origin
from gateway.staff.approving import Content
from gateway.voice.assets import Clip
from gateway.voice.prompts import Prompt


def clip_content(language: str, prompt: Prompt, clip: Clip, voice: str, origin: Origin) -> Content:
    """What is submitted for approval when `voice` has spoken a prompt."""
    return Content(
        kind=AssetKind.CLIP,
        language=language,
        key=str(prompt.key),
        sha256=clip.sha256,
        text=prompt.text,
        text_sha256=prompt.text_sha256,
        source=AssetSource(clip.source.value),
        origin=origin,
        voice=voice,
        seconds=clip.seconds,
    )
