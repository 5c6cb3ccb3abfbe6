"""Clips laid one behind another as they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.voice.joined import joined
from gateway.voice.wav import AudioError, Unfit, mulaw_of, placeholder, read_wav, seconds_of, wav_of


@given(st.lists(st.tuples(st.binary(max_size=50), st.sampled_from(("", "which words"))), min_size=1, max_size=5))
def test_every_sample_of_every_clip_comes_out_in_its_place(clips: list[tuple[bytes, str]]) -> None:
    whole = joined([wav_of(sound, comment) for sound, comment in clips])

    assert whole == wav_of(b"".join(sound for sound, _ in clips))


def test_a_whole_turn_lasts_as_long_as_its_clips() -> None:
    clips = [placeholder(1.3, "one"), placeholder(2.5), placeholder(3.1)]

    assert seconds_of(joined(clips)) == pytest.approx(sum(map(seconds_of, clips)))
    assert read_wav(joined(clips)).tag == 7


def test_a_clip_whose_header_another_program_wrote_is_joined_as_well() -> None:
    ours = wav_of(b"\x11\x22")
    fact = ours.index(b"fact")
    theirs = ours[:fact] + ours[fact + 12 :]

    assert joined([theirs, ours]) == wav_of(b"\x11\x22\x11\x22")


@pytest.mark.parametrize(
    ("clips", "reason"),
    [
        ([], Unfit.NO_SOUND),
        ([b"no sound at all"], Unfit.NOT_SOUND),
        ([wav_of(b"\x11"), wav_of(b"\x11").replace(b"\x40\x1f\0\0", b"\x80\x3e\0\0")], Unfit.WRONG_KIND),
    ],
)
def test_what_is_no_telephone_sound_is_not_joined(clips: list[bytes], reason: Unfit) -> None:
    with pytest.raises(AudioError) as refused:
        joined(clips)

    assert refused.value.reason is reason


def test_a_clip_that_was_cut_short_gives_what_is_left_of_it() -> None:
    cut = wav_of(b"\x11\x22\x33\x44")[:-2]

    assert bytes(mulaw_of(joined([cut]))) == b"\x11\x22"
