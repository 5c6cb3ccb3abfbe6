"""`gateway prompts`: what can be spoken, sheets to record from, and sound taken in or made ahead of time."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from gateway.cli import context
from gateway.dispatch.clips import clip_content
from gateway.languages.data import HERE, use_folder
from gateway.languages.table import load_languages
from gateway.records.people import Person, Phone
from gateway.records.places import Site
from gateway.records.staffing import Role, Staff
from gateway.records.status import AssetStatus
from gateway.records.wordings import Asset, AssetKind, AssetSource, Origin
from gateway.staff.accounts import add_account, find_account
from gateway.staff.approving import Content, approve, send_back, submit
from gateway.voice import audio, synthesis
from gateway.voice.assets import Clip, ClipSource
from gateway.voice.build import MACHINE
from gateway.voice.keys import hotline_keys, name_key, wanted_keys
from gateway.voice.prompts import Script, load_scripts
from gateway.voice.sheet import numbered
from gateway.voice.synthesis import SynthesisError, pieces_of
from gateway.voice.wav import placeholder
from gateway.wiring import data_dir
from tests.cli.conftest import Gateway
from tests.support.engines import copied, exists, opened
from tests.support.sounds import encoded, tone, voice
from tests.support.translator import Translator, translator

EDITOR = "nurse@hospital.example"


class Machine:
    """A synthesiser that needs no network; it works `works` times and then no more."""

    engine = "beeper"

    def __init__(self, works: int = 10_000) -> None:
        self.works = works

    def speak(self, text: str, language: str) -> bytes:
        self.works -= 1
        if self.works < 0:
            raise SynthesisError("no network")
        return placeholder(1)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Translator]:
    with translator(monkeypatch) as running:
        yield running


@pytest.fixture(scope="module")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of the present shape with nobody in it, to be copied."""
    file = tmp_path_factory.mktemp("empty") / "gateway.db"
    opened(file).close()
    return file


@pytest.fixture
def nobody(empty_file: Path, tmp_path: Path) -> None:
    """Nobody is on record."""
    copied(empty_file, tmp_path / "gateway.db")


def thai() -> Script:
    return load_scripts(data_dir("voice_prompts"))["th"]


def row_of(gateway: Gateway, language: str) -> dict[str, Any]:
    (row,) = [row for row in json.loads(gateway("prompts", "check", "--json").stdout) if row["language"] == language]
    return row


def clips(language: str = "th") -> list[Asset]:
    """What is in the database that the last command opened."""
    with context.house().database.reading() as db:
        return list(db.exec(select(Asset).where(Asset.kind == AssetKind.CLIP, Asset.language == language)))


def edited(key: str, text: str, *, approvers: int = 2) -> None:
    """A phrase that somebody edited, in the database of the last command, and how many people stand for it."""
    house, sha256 = context.house(), hashlib.sha256(text.encode()).hexdigest()
    content = Content(AssetKind.TEXT, "th", key, sha256, text, sha256, AssetSource.WRITTEN, Origin.EDIT)
    with house.database.unit_of_work() as db:
        asset = submit(db, content, author=None, now=house.clock.now())
        for number in range(approvers):
            email = f"{number}@hospital.example"
            staff = find_account(db, email) or add_account(db, email, Role.STAFF, "rice-field", at=datetime.now(UTC))
            approve(db, asset.id, staff=staff.id, needs_province=False, now=house.clock.now())


def let_a_machine_speak_thai(gateway: Gateway) -> None:
    """As `prompts build` would, in one transaction."""
    gateway("prompts", "check")
    house = context.house()
    with house.database.unit_of_work() as db:
        for prompt in thai().prompts.values():
            clip = Clip(hashlib.sha256(prompt.key.encode()).hexdigest(), 1.0, ClipSource.SYNTHESIS)
            submit(db, clip_content("th", prompt, clip, MACHINE, Origin.BUILD), author=None, now=house.clock.now())


def recordings(folder: Path, *names: str) -> Path:
    """A folder of recordings, each of another length."""
    folder.mkdir(exist_ok=True)
    for number, name in enumerate(names):
        (folder / name).write_bytes(voice(0.5 + number / 10, rate=8000))
    return folder


def test_check_counts_every_language_of_the_table(gateway: Gateway, nobody: None) -> None:
    found = gateway("prompts", "check", "--json")
    assert found.exit_code == 0
    rows = {row["language"]: row for row in json.loads(found.stdout)}
    assert list(rows) == list(load_languages().codes)
    assert rows["th"]["written"] == rows["th"]["wanted"] == len(wanted_keys())
    assert (rows["mnw"]["written"], rows["mnw"]["unwritten"]) == (0, len(wanted_keys()))
    assert not any(row["may_reach_people"] for row in rows.values())


def test_check_prints_a_table_without_a_database_too(gateway: Gateway, tmp_path: Path) -> None:
    found = gateway("prompts", "check")
    assert found.exit_code == 0
    lines = found.stdout.splitlines()
    assert lines[0].split() == [
        "language", "name", "people", "wanted", "written", "approved", "recorded", "waiting", "stale", "synthesised",
        "hotline", "calls", "answers",
    ]  # fmt: skip
    thai = next(line.split() for line in lines if line.startswith("th "))
    assert thai[-5:] == [f"0/{len(hotline_keys())}", "with", "beeps", "with", "beeps"]
    assert len(lines) == 1 + len(load_languages().codes)
    assert not exists(tmp_path / "gateway.db")


def test_check_ends_with_1_when_people_are_registered_to_whom_no_voice_can_speak(
    gateway: Gateway, sample: Path
) -> None:
    found = gateway("prompts", "check", "--json")
    assert found.exit_code == 1
    rows = {row["language"]: row for row in json.loads(found.stdout)}
    assert rows["th"]["people"] > 100
    assert f"th Thai: {rows['th']['people']} people; " in found.stderr
    assert "`gateway prompts sheet mnw` prints what to write" in found.stderr
    assert "or `gateway prompts build`" in next(line for line in found.stderr.splitlines() if line.startswith("my "))
    assert "or `gateway prompts build`" not in next(
        line for line in found.stderr.splitlines() if line.startswith("nod ")
    )
    assert "no voice can speak yet: th, nod" in found.stderr


def test_check_is_content_when_a_machine_speaks_what_people_may_be_called_in(gateway: Gateway, sample: Path) -> None:
    let_a_machine_speak_thai(gateway)
    found = gateway("prompts", "check", "--json")
    rows = {row["language"]: row for row in json.loads(found.stdout)}
    assert (rows["th"]["voice_in"], rows["nod"]["voice_in"], rows["km"]["voice_in"]) == ("th", "th", None)
    assert rows["th"]["synthesised"] == rows["th"]["wanted"]
    assert rows["th"]["hotline_spoken"] == rows["th"]["hotline_wanted"] == len(hotline_keys())
    assert (rows["th"]["answered"], rows["km"]["answered"], rows["th"]["may_answer_people"]) == (True, True, False)
    assert rows["km"]["answered_with_placeholders"]
    assert rows["th"]["to_do"] == "every phrase has a sound; a second person has to approve it in the console"
    assert "nod Northern Thai" not in found.stderr
    assert "km Khmer" in found.stderr


def test_beeps_are_never_played_where_people_are_reached(gateway: Gateway, nobody: None) -> None:
    twilio = {"CARRIER": "twilio", "TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN": "0" * 32,
              "TWILIO_SMS_FROM": "Tamnat", "TWILIO_VOICE_FROM": "+6620000000",
              "PUBLIC_URL": "https://tamnat.example"}  # fmt: skip
    on_sandbox = json.loads(gateway("prompts", "check", "--json").stdout)
    for_people = json.loads(gateway("prompts", "check", "--json", **twilio).stdout)
    assert any(row["placeholders"] for row in on_sandbox)
    assert not any(row["placeholders"] for row in for_people)
    assert {row["called_in"] for row in for_people} == {None}  # every word that ships is a draft


@pytest.mark.parametrize("language", ["fr", "xx", ""])
def test_a_language_without_a_script_ends_with_2(gateway: Gateway, language: str) -> None:
    found = gateway("prompts", "build", "--language", language)
    assert (found.exit_code, found.stdout) == (2, "")
    assert "--language: expected one of " in found.stderr


@pytest.mark.parametrize("language", ["nod", "tts", "sou", "lo"])
def test_a_language_that_no_machine_speaks_is_refused_at_once(
    gateway: Gateway, service: Translator, language: str
) -> None:
    found = gateway("prompts", "build", "--language", language)
    assert (found.exit_code, found.stdout, service.heard) == (2, "", [])
    assert f"gTTS does not speak {language}" in found.stderr


def test_a_wrong_row_of_the_table_is_a_sentence_and_no_traceback(gateway: Gateway, tmp_path: Path) -> None:
    (tmp_path / "languages.toml").write_text("[kjg]\nname = 3\n", encoding="utf-8")
    use_folder(tmp_path)
    try:
        found = gateway("prompts", "check")
    finally:
        use_folder(None)
    assert found.exit_code == 1
    assert "languages.toml: kjg.name: " in found.stderr


@pytest.fixture
def a_table_in_which_gtts_speaks_kxm(tmp_path: Path) -> Iterator[None]:
    shipped = shutil.copytree(HERE, tmp_path / "tables", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    table = shipped / "languages.toml"
    before, row, after = table.read_text(encoding="utf-8").partition("\n[kxm]\n")
    after = after.replace('spoken_by = ["recording"]', 'spoken_by = ["recording", "gtts"]', 1)
    table.write_text(before + row + after, encoding="utf-8")
    use_folder(shipped)
    yield
    use_folder(None)


@pytest.mark.usefixtures("a_table_in_which_gtts_speaks_kxm")
def test_build_makes_every_phrase_of_every_language_that_the_table_gives_to_gtts_once(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(synthesis, "GttsSynthesiser", Machine)
    for code in ("kxm", "mnw"):
        (tmp_path / "prompts" / code).mkdir(parents=True)
        script = f'language = "{code}"\n[prompts]\nbye = "ก"\nsafety = "ข"\n'
        (tmp_path / "prompts" / code / "script.toml").write_text(script, encoding="utf-8")
    small = {"VOICE_PROMPTS_DIR": str(tmp_path / "prompts")}
    first = gateway("prompts", "build", **small)
    assert first.exit_code == 0
    assert "kxm: 2 phrases made, 0 were there, 0 failed" in first.stderr
    assert "mnw" not in first.stderr
    assert "kxm: 0 phrases made, 2 were there" in gateway("prompts", "build", "--language", "kxm", **small).stderr
    assert {(clip.source, clip.status) for clip in clips("kxm")} == {(AssetSource.SYNTHESIS, AssetStatus.DRAFT)}
    with context.house().database.unit_of_work() as db:
        staff = add_account(db, EDITOR, Role.STAFF, "rice-field-2026", at=datetime.now(UTC))
        send_back(db, clips("kxm")[0].id, staff=staff.id, note="wrong tone", now=datetime.now(UTC))
    again = gateway("prompts", "build", **small).stderr
    assert "kxm: 0 phrases made, 1 were there" in again
    assert "so a person has to record them: " in again


def test_without_a_network_build_says_so_and_keeps_what_was_made(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthesis, "GttsSynthesiser", lambda: Machine(works=3))
    found = gateway("prompts", "build", "--language", "th")
    assert found.exit_code == 1
    assert "a network is needed" in found.stderr
    assert "what was made is kept" in found.stderr
    assert "th: 3 phrases made" in found.stderr
    assert row_of(gateway, "th")["synthesised"] == 3


def test_nothing_personal_reaches_the_synthesis_service(
    gateway: Gateway, sample: Path, service: Translator, tmp_path: Path
) -> None:
    gateway("prompts", "check")
    with context.house().database.reading() as db:
        sites = list(db.exec(select(Site)))
        people = list(db.exec(select(Person)))
        phones = [phone.e164 for phone in db.exec(select(Phone))]
    named = {f"site.{sites[0].code}": f"ที่ {sites[0].name}", name_key(people[0].name): f"ถึงคุณ {people[0].name}"}
    folder = tmp_path / "prompts" / "th"
    folder.mkdir(parents=True)
    shipped = (data_dir("voice_prompts") / "th" / "script.toml").read_text(encoding="utf-8")
    lines = "".join(f'"{key}" = {{ text = "{text}" }}\n' for key, text in named.items())
    (folder / "script.toml").write_text(shipped.replace("[prompts]\n", f"[prompts]\n{lines}", 1), encoding="utf-8")

    somebody = next(person for person in people if len(person.name) > 3 and person.surname)
    edited("safety", f"คุณ{somebody.name}คะ เราไม่ขอเงินค่ะ")
    edited("bye", f"ลาก่อนค่ะคุณ {somebody.surname}", approvers=1)
    edited("greet.reminder", "ทดลองพูดค่ะ", approvers=1)
    edited("relative.today", "วันนี้นะคะ")

    found = gateway("prompts", "build", "--language", "th", VOICE_PROMPTS_DIR=str(folder.parent))
    assert found.exit_code == 1
    assert {line for line in found.stderr.splitlines() if "was not sent" in line} == {
        "th: safety was not sent: the name of somebody on record is in it: a person has to record it",
        "th: bye was not sent: the name of somebody on record is in it: a person has to record it",
        "th: greet.reminder was not sent: it was edited, and two people have not approved it",
    }
    assert "3 phrases were not sent" in found.stderr
    assert "0 failed" in found.stderr

    said = [text for text, _ in service.texts()]
    assert "วันนี้นะคะ" in said
    said.remove("วันนี้นะคะ")
    fixed = {key: prompt for key, prompt in thai().prompts.items() if not key.startswith(("site.", "name."))}
    assert set(said) <= {piece for prompt in fixed.values() for piece in pieces_of(prompt.text)}
    everything = "\n".join([*service.heads, *said])
    names = [name for person in people for name in (person.name, person.surname, person.name_native) if name]
    whole = [f"{person.name} {person.surname}".strip() for person in people]
    places = [word for site in sites for word in (site.name, site.name_en, site.short_name) if word]
    identities = [str(value) for person in people for value in (person.id_value, person.hn) if value]
    assert len(people) == 600
    assert not set(names) & set(said)
    assert [word for word in (*whole, *places, *phones, *identities) if word in everything] == []
    assert not any(letter.isdigit() for text in said for letter in text)
    assert {head.split()[0] for head in service.heads} == {"POST"}
    assert "cookie" not in everything.lower()

    assert somebody.name not in everything
    assert somebody.surname not in everything

    asked = len(service.heard)
    assert "th: 0 phrases made" in gateway("prompts", "build", "--language", "th").stderr
    assert len(service.heard) == asked


def test_a_sheet_is_printed_with_the_numbers_that_files_may_be_named_by(gateway: Gateway) -> None:
    found = gateway("prompts", "sheet", "th")
    assert found.exit_code == 0
    for number in (1, len(numbered(thai()))):
        assert f">{number:03d}</th>" in found.stdout
        assert numbered(thai())[number].text in found.stdout


def test_a_sheet_has_the_places_on_record_by_their_keys(gateway: Gateway, sample: Path, tmp_path: Path) -> None:
    found = gateway("prompts", "sheet", "th", "--out", str(tmp_path / "th.html"))
    page = (tmp_path / "th.html").read_text(encoding="utf-8")
    assert (found.exit_code, found.stdout) == (0, "")
    assert "print it on A4" in found.stderr
    with context.house().database.reading() as db:
        assert all(f">site.{site.code}<" in page for site in db.exec(select(Site)))


def test_a_language_nobody_has_written_gets_a_sheet_to_fill_in(gateway: Gateway) -> None:
    found = gateway("prompts", "sheet", "mnw")
    assert found.stdout.count('<span class="line">') == len((*wanted_keys(), *hotline_keys()))
    assert thai().prompts["bye"].text in found.stdout


@pytest.mark.parametrize("language", ["xx", "thai"])
def test_a_sheet_of_no_language_ends_with_2(gateway: Gateway, language: str) -> None:
    found = gateway("prompts", "sheet", language)
    assert (found.exit_code, found.stdout) == (2, "")
    assert "LANGUAGE: expected one of th, nod" in found.stderr


def test_a_sheet_that_cannot_be_written_is_said(gateway: Gateway, tmp_path: Path) -> None:
    found = gateway("prompts", "sheet", "th", "--out", str(tmp_path / "nowhere" / "th.html"))
    assert found.exit_code == 1
    assert "cannot be written" in found.stderr


def test_one_recording_is_taken_and_waits_for_two_people(gateway: Gateway, nobody: None, tmp_path: Path) -> None:
    (tmp_path / "hello.webm").write_bytes(encoded(voice(1.0), "webm", "libopus"))
    found = gateway(
        "prompts", "take", str(tmp_path / "hello.webm"), "--key", "greet.reminder", "--language", "th",
        "--speaker", "Malee",
    )  # fmt: skip
    assert found.exit_code == 0
    assert "1 recording taken; they wait in the console for two people" in found.stderr
    (clip,) = clips()
    assert (clip.key, clip.voice, clip.origin) == ("greet.reminder", "Malee", Origin.FOLDER)
    assert (clip.status, clip.source) == (AssetStatus.DRAFT, AssetSource.RECORDING)
    assert clip.seconds == pytest.approx(1.3, abs=0.1)
    assert (row_of(gateway, "th")["recorded"], row_of(gateway, "th")["waiting"]) == (1, 1)


def test_files_of_somebody_with_an_account_are_the_voice_of_the_studio(
    gateway: Gateway, nobody: None, tmp_path: Path
) -> None:
    gateway("users", "add", EDITOR, "--role", "speaker")
    file = recordings(tmp_path / "in", "bye.wav") / "bye.wav"
    assert gateway("prompts", "take", str(file), "--language", "th", "--speaker", EDITOR.upper()).exit_code == 0
    with context.house().database.reading() as db:
        assert [clip.voice for clip in clips()] == [found.id for found in db.exec(select(Staff))]


def test_files_whose_speaker_nobody_names_are_one_voice_a_folder(
    gateway: Gateway, nobody: None, tmp_path: Path
) -> None:
    first, second = (
        recordings(tmp_path / "ป้าคำ", "001.wav", "002.wav"),
        recordings(tmp_path / "two", "a.wav", "bye.wav"),
    )
    (second / "a.wav").unlink()
    found = gateway("prompts", "take", str(first), "--language", "th")
    assert "no --speaker: all of this folder counts as one voice, files-ป้าคำ" in found.stderr
    (second / "bye.wav").write_bytes(voice(1.4, rate=8000))
    gateway("prompts", "take", str(second / "bye.wav"), "--language", "th")
    assert {clip.key: clip.voice for clip in clips()} == {
        numbered(thai())[1].key: "files-ป้าคำ", numbered(thai())[2].key: "files-ป้าคำ", "bye": "files-two",
    }  # fmt: skip


def test_a_long_name_of_a_folder_is_a_voice_the_table_can_keep(gateway: Gateway, nobody: None, tmp_path: Path) -> None:
    folder = recordings(tmp_path / ("long  name " * 9), "bye.wav")
    assert gateway("prompts", "take", str(folder), "--language", "th").exit_code == 0
    (clip,) = clips()
    assert (len(clip.voice), clip.voice[:21]) == (64, "files-long name long ")


def test_who_answers_for_a_recording_is_kept_and_one_more_person_is_enough(
    gateway: Gateway, nobody: None, tmp_path: Path
) -> None:
    gateway("users", "add", EDITOR, "--role", "staff")
    file = recordings(tmp_path / "in", "bye.wav") / "bye.wav"
    found = gateway("prompts", "take", str(file), "--language", "th", "--by", EDITOR.upper())
    assert found.exit_code == 0
    assert "a second person to approve them" in found.stderr


@pytest.mark.parametrize("email", ["nobody@hospital.example", ""])
def test_an_account_that_is_none_cannot_answer_for_a_recording(
    gateway: Gateway, nobody: None, tmp_path: Path, email: str
) -> None:
    file = recordings(tmp_path / "in", "bye.wav") / "bye.wav"
    found = gateway("prompts", "take", str(file), "--language", "th", "--by", email)
    assert found.exit_code == 1
    assert "has no account" in found.stderr
    assert clips() == []


def test_a_folder_is_taken_by_keys_and_numbers_and_the_bad_files_are_named(
    gateway: Gateway, nobody: None, tmp_path: Path
) -> None:
    folder = recordings(tmp_path / "in", "002.wav", "bye.wav", "999.wav", "nonsense.wav", ".hidden.wav")
    (folder / "003.mp3").write_bytes(encoded(voice(1.2), "mp3", "libmp3lame"))
    (folder / "004.wav").write_bytes(tone(1.0, 0))
    (folder / "005.wav").write_bytes(b"")
    (folder / "006.wav").write_bytes(voice(1.0, 3.0))
    (folder / "007.wav").write_bytes(tone(61, rate=8000))
    (folder / "008.wav").write_bytes((folder / "002.wav").read_bytes())
    (folder / "greet.second_dose.wav").write_bytes(voice(2.0, rate=8000))
    (folder / "old").mkdir()
    found = gateway("prompts", "take", str(folder), "--language", "th")
    assert found.exit_code == 1
    problems = dict(line.split(": ", 1) for line in found.stderr.splitlines() if line.split(":")[0].endswith("wav"))
    assert problems == {
        "004.wav": "nothing can be heard: speak closer to the microphone, and see that it is switched on",
        "005.wav": "this file cannot be opened as sound: record it again, or save it as MP3, M4A, WAV, WebM or OGG",
        "006.wav": problems["006.wav"],
        "007.wav": "longer than 60 s: record one phrase at a time",
        "008.wav": "the same sound as 002.wav, and another phrase",
        "999.wav": f"there is no phrase 999: the sheet has 1 to {len(numbered(thai()))}",
        "greet.second_dose.wav": "the same phrase as 002.wav: keep one of them",
        "nonsense.wav": "nonsense is neither a phrase's key, such as greet.reminder, nor its number on the sheet",
    }
    assert "crackles" in problems["006.wav"]
    assert "3 recordings taken" in found.stderr
    assert "8 files could not be taken; the good ones are kept" in found.stderr
    assert {clip.key for clip in clips()} == {numbered(thai())[2].key, numbered(thai())[3].key, "bye"}


def test_a_file_that_breaks_the_reader_is_named_and_the_others_are_taken(
    gateway: Gateway, nobody: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = recordings(tmp_path / "in", "001.wav", "002.wav", "bye.wav")
    bad, whole = (folder / "002.wav").read_bytes(), audio.normalise

    def breaks(data: bytes) -> bytes:
        if data == bad:
            raise IndexError("list index out of range")
        return whole(data)

    monkeypatch.setattr(audio, "normalise", breaks)
    found = gateway("prompts", "take", str(folder), "--language", "th")
    assert found.exit_code == 1
    assert "002.wav: this file cannot be opened as sound" in found.stderr
    assert "2 recordings taken" in found.stderr
    assert {clip.key for clip in clips()} == {numbered(thai())[1].key, "bye"}


def test_a_recording_whose_file_was_damaged_is_written_anew(gateway: Gateway, nobody: None, tmp_path: Path) -> None:
    folder = recordings(tmp_path / "in", "bye.wav")
    gateway("prompts", "take", str(folder), "--language", "th")
    (kept,) = clips()
    file = tmp_path / "audio" / f"{kept.sha256}.wav"
    sound = file.read_bytes()
    file.write_bytes(b"")
    assert "1 recording taken" in gateway("prompts", "take", str(folder), "--language", "th").stderr
    assert file.read_bytes() == sound
    assert [clip.id for clip in clips()] == [kept.id]


def test_a_sound_that_is_kept_as_another_phrase_or_far_too_long_is_refused_by_name(
    gateway: Gateway, nobody: None, tmp_path: Path
) -> None:
    folder = recordings(tmp_path / "in", "001.wav")
    gateway("prompts", "take", str(folder / "001.wav"), "--language", "th")
    (folder / "001.wav").rename(folder / "009.wav")
    (folder / "bye.wav").write_bytes(voice(20.0, rate=8000))
    found = gateway("prompts", "take", str(folder), "--language", "th")
    assert found.exit_code == 1
    assert f"009.wav: this very sound is kept as another phrase, {numbered(thai())[1].key}:" in found.stderr
    assert "bye.wav: 20.3 s, and these words take about" in found.stderr
    assert [clip.key for clip in clips()] == [numbered(thai())[1].key]


def test_the_same_folder_again_changes_nothing_and_says_so(gateway: Gateway, nobody: None, tmp_path: Path) -> None:
    folder = recordings(tmp_path / "in", "001.wav", "bye.wav")
    gateway("prompts", "take", str(folder), "--language", "th")
    again = gateway("prompts", "take", str(folder), "--language", "th")
    assert again.exit_code == 0
    assert "bye.wav: the same recording was taken before" in again.stderr
    assert len(clips()) == 2


def test_a_places_and_a_persons_name_can_be_taken_by_their_keys(gateway: Gateway, sample: Path, tmp_path: Path) -> None:
    gateway("prompts", "check")
    with context.house().database.reading() as db:
        site, person = db.exec(select(Site)).first(), db.exec(select(Person).where(Person.name != "")).first()
    assert site is not None
    assert person is not None
    folder = recordings(
        tmp_path / "in", f"site.{site.code}.wav", f"{name_key(person.name)}.wav", "name.000000000000.wav"
    )
    found = gateway("prompts", "take", str(folder), "--language", "th")
    assert found.exit_code == 1
    assert "2 recordings taken" in found.stderr
    assert {clip.key for clip in clips()} == {f"site.{site.code}", name_key(person.name)}
    assert any(person.name in clip.text for clip in clips())
    assert person.name not in found.stderr


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("in", "--language", "xx"), "--language: expected one of"),
        (("in", "--language", "mnw"), "--language: expected one of"),
        (("in", "--language", "th", "--key", "bye"), "--key: names the phrase of one file"),
        (("nowhere", "--language", "th"), "there is no such file or folder"),
        (("in", "--language", "th", "--speaker", "machine"), "--speaker: expected"),
        (("in", "--language", "th", "--speaker", " "), "--speaker: expected"),
        (("in", "--language", "th", "--speaker", "x" * 65), "--speaker: expected"),
    ],
)
def test_what_was_typed_wrong_ends_with_2_and_takes_nothing(
    gateway: Gateway,
    nobody: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    complaint: str,
) -> None:
    recordings(tmp_path / "in", "bye.wav")
    monkeypatch.chdir(tmp_path)
    found = gateway("prompts", "take", *words)
    assert (found.exit_code, found.stdout) == (2, "")
    assert complaint in found.stderr
    assert clips() == []


def test_an_empty_folder_is_said_to_be_one(gateway: Gateway, nobody: None, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    found = gateway("prompts", "take", str(tmp_path / "in"), "--language", "th")
    assert found.exit_code == 1
    assert "there was no recording to take" in found.stderr


def test_a_mistyped_database_is_not_made_by_taking(gateway: Gateway, tmp_path: Path) -> None:
    file = recordings(tmp_path / "in", "bye.wav") / "bye.wav"
    found = gateway("prompts", "take", str(file), "--language", "th")
    assert found.exit_code == 1
    assert "there is no database" in found.stderr
