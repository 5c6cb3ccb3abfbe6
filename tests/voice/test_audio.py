"""Taking recordings in."""

from __future__ import annotations

import time
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.voice import audio
from gateway.voice.audio import LARGEST, MARGIN, normalise
from gateway.voice.loudness import loudness
from gateway.voice.sound_files import decoded
from gateway.voice.wav import AudioError, Unfit, read_wav, seconds_of, wav_of
from tests.support.sounds import encoded, pcm, tone, voice


def lufs(wav: bytes) -> float:
    return loudness(decoded(wav))


def first_and_last_sound(wav: bytes) -> tuple[float, float]:
    """Seconds of quiet before the sound and after it."""
    samples: array[float] = decoded(wav)
    loud = [position for position, sample in enumerate(samples) if abs(sample) > 0.01]
    return loud[0] / 8000, (len(samples) - loud[-1]) / 8000


@pytest.mark.parametrize(
    ("container", "codec"),
    [("mp3", "libmp3lame"), ("webm", "libopus"), ("ogg", "libopus"), ("ipod", "aac"), ("flac", "flac")],
)
def test_what_browsers_telephones_and_machines_record_becomes_a_telephone_wav(container: str, codec: str) -> None:
    wav = normalise(encoded(voice(1.5), container, codec))
    assert read_wav(wav).data_bytes == pytest.approx(8000 * (1.5 + 2 * MARGIN), abs=800)
    assert lufs(wav) == pytest.approx(-19, abs=1)


@pytest.mark.parametrize("seconds", [0.25, 0.5, 0.8, 1.5, 3.0, 8.0])
@pytest.mark.parametrize("level", [0.03, 0.3, 0.9])
def test_every_length_and_loudness_comes_out_equally_loud(seconds: float, level: float) -> None:
    assert lufs(normalise(voice(seconds, level))) == pytest.approx(-19, abs=2)


@settings(max_examples=15, deadline=None)
@given(st.floats(0.25, 2.5), st.floats(0.03, 0.95), st.floats(0, 0.003))
def test_loudness_does_not_depend_on_how_it_was_recorded(seconds: float, level: float, hiss: float) -> None:
    assert lufs(normalise(voice(seconds, level, hiss=hiss, rate=8000))) == pytest.approx(-19, abs=2)


def test_quiet_at_both_ends_is_cut_down_to_a_breath() -> None:
    before, after = first_and_last_sound(normalise(voice(1.0, quiet=1.5)))
    assert (before, after) == (pytest.approx(MARGIN, abs=0.04), pytest.approx(MARGIN, abs=0.04))


def test_a_sound_that_begins_at_once_is_given_a_breath() -> None:
    before, after = first_and_last_sound(normalise(tone(1.0)))
    assert (before, after) == (pytest.approx(MARGIN, abs=0.02), pytest.approx(MARGIN, abs=0.04))


def test_the_hiss_of_a_room_is_not_taken_for_the_beginning_of_a_phrase() -> None:
    assert seconds_of(normalise(voice(1.0, 0.4, quiet=1.5, hiss=0.004))) == pytest.approx(1.0 + 2 * MARGIN, abs=0.1)


def test_a_pause_within_a_phrase_stays() -> None:
    quarter = [sample / 32768 for sample in array("h", tone(0.4)[44:])]
    assert seconds_of(normalise(pcm(quarter + [0.0] * 16000 + quarter))) == pytest.approx(1.8 + 2 * MARGIN, abs=0.05)


def test_a_clip_that_was_taken_in_already_stays_as_it_is() -> None:
    once = normalise(voice(2.0))
    twice = normalise(once)
    assert lufs(twice) == pytest.approx(lufs(once), abs=0.5)
    assert seconds_of(twice) == pytest.approx(seconds_of(once), abs=0.06)


def test_the_same_recording_is_the_same_clip() -> None:
    recording = encoded(voice(1.0), "webm", "libopus")
    assert normalise(recording) == normalise(recording)


def test_joined_mp3_pieces_are_one_sound() -> None:
    piece = encoded(tone(), "mp3", "libmp3lame")
    assert seconds_of(normalise(piece + piece)) == pytest.approx(2.0 + 2 * MARGIN, abs=0.2)


def test_joined_pieces_of_different_rates_are_one_sound_too() -> None:
    pieces = [encoded(tone(), "mp3", "libmp3lame", rate=rate) for rate in (24000, 44100)]
    assert seconds_of(normalise(b"".join(pieces))) == pytest.approx(2.0 + 2 * MARGIN, abs=0.2)


def test_nothing_that_a_recorder_wrote_into_the_file_is_kept() -> None:
    tagged = encoded(voice(1.0), "mp3", "libmp3lame", title="Malee Srisuk", comment="18.2888 99.4909")
    assert b"Malee" in tagged
    wav = normalise(tagged)
    assert b"Malee" not in wav
    assert len(wav) == 58 + (size := read_wav(wav).data_bytes) + size % 2


@pytest.mark.parametrize(
    ("data", "reason", "sentence"),
    [
        (b"", Unfit.NOT_SOUND, "cannot be opened as sound"),
        (b"not a sound" * 50, Unfit.NOT_SOUND, "MP3, M4A, WAV"),
        (tone()[:44], Unfit.NO_SOUND, "no sound in this file"),
        (tone(0.1), Unfit.TOO_SHORT, "only 0.1 s of sound"),
        (voice(0.1, quiet=3.0), Unfit.TOO_SHORT, "say the whole phrase"),
        (tone(1.0, 0), Unfit.SILENT, "nothing can be heard"),
        (tone(1.0, 100), Unfit.SILENT, "switched on"),
        (wav_of(b"\xff" * 8000), Unfit.SILENT, "nothing can be heard"),
        (pcm([0.5] * 16000), Unfit.TOO_SHORT, "only 0.02 s"),
        (voice(1.0, 3.0), Unfit.CLIPPED, "crackles"),
        (encoded(voice(1.0, 3.0), "mp3", "libmp3lame"), Unfit.CLIPPED, "further away"),
        (tone(61, rate=8000), Unfit.TOO_LONG, "longer than 60 s"),
        (tone(121, rate=8000), Unfit.TOO_LONG, "one phrase at a time"),
    ],
)
def test_what_cannot_be_played_is_refused_with_the_reason(data: bytes, reason: Unfit, sentence: str) -> None:
    with pytest.raises(AudioError, match=sentence) as refused:
        normalise(data)
    assert refused.value.reason is reason


def test_a_loud_voice_whose_tops_are_whole_is_welcome() -> None:
    assert lufs(normalise(voice(1.0, 0.95))) == pytest.approx(-19, abs=2)


def test_numbers_come_with_the_reason_so_that_a_page_can_say_it_in_thai() -> None:
    with pytest.raises(AudioError) as short:
        normalise(tone(0.1))
    with pytest.raises(AudioError) as crackling:
        normalise(voice(1.0, 3.0))
    assert short.value.numbers == {"seconds": 0.1, "shortest": 0.2}
    assert crackling.value.numbers["percent"] > 1


def test_a_file_that_is_too_large_is_not_even_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def open_it(data: bytes) -> None:
        raise AssertionError("opened")

    monkeypatch.setattr(audio, "decoded", open_it)
    with pytest.raises(AudioError, match="21 MB, and 20 MB is the most") as refused:
        normalise(bytes(LARGEST + 1))
    assert refused.value.reason is Unfit.TOO_LARGE


def test_taking_a_minute_in_takes_no_minute() -> None:
    recording = tone(30, rate=8000)
    begin = time.perf_counter()
    normalise(recording)
    assert (time.perf_counter() - begin) / 30 < 0.1  # measured 0.006; the machine may be busy
