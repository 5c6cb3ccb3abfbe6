"""Every detail the house stores with a task is said in the language of who reads it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

import gateway
from gateway.care.at_the_desk import PROMISED
from gateway.care.closing import _WHAT_TO_SAY
from gateway.care.hotline_waits import NOT_CALLED, UNANSWERED
from gateway.carriers.port import CarrierError, CarrierStatus, Fault
from gateway.records.status import MessageKind
from gateway.records.work import Task
from gateway.web.console.gate import Visitor
from gateway.web.console.task_words import DETAILS, detail_words
from gateway.web.console.words import Words
from gateway.web.spoken_messages import IN_WORDS, REGISTERED
from gateway.wiring import data_dir

ID = "a" * 32
SAMPLES = {
    "another_day": "wants another day",
    "seat_gone": "wants another day; the seat was gone",
    "no_seat_free": "wants another day; no seat was free",
    "none_suited": "wants another day; none of the days offered suited",
    "none_chosen": "wants another day; chose none of the days offered",
    "several_at_once": "wants another day; for several appointments at once",
    "changed_often": "wants another day; changed their mind again and again",
    "must_not_wait": "wants another day, but this course must not be postponed: call at once",
    "promised": PROMISED,
    "callback": "asks to be called back",
    "ride": "needs to be fetched",
    "given": "says this dose was given already",
    "staff": "asks for a person at the clinic",
    "rang_in_vain": UNANSWERED,
    "rang_uncalled": NOT_CALLED,
    "spoke_line_broke": "left a spoken message, and the line broke",
    "spoke_to_staff": IN_WORDS[MessageKind.STAFF],
    "spoke_question": IN_WORDS[MessageKind.QUESTION],
    "spoke_name": IN_WORDS[MessageKind.REGISTER],
    "keyed_number": REGISTERED,
    "about_nothing": "coming by sms, about no appointment we know",
    "stale": "move by voice, but the appointment no longer stands",
    "after_the_day": "coming by sms, after the day of the appointment",
    "still_blocked": "asks for texts again; the carrier still blocks them: they must text START",
    "odd_text": "a text we could not act on (unclear)",
    "of_several": f"coming by text, from one phone for 2 appointments: {ID} {ID}",
    "nobody_reached": "reminder: nobody reached by voice",
    "no_pick_up": "nobody picked up, and the text was not answered",
    "ladder_over": "end of the ladder: nobody reached",
    "too_late": "too_late",
    "opted_out": "opted_out",
    "no_phone": "no_phone",
    "wants_visits": "wants_visits",
    "words_lost": "a call in shn had to end early: one of its phrases cannot be played any more",
    "no_words": "nothing to say in sgaw, and the phone takes no texts",
    "not_ready": "sms: no_template (shn)",
    "unknown_receipt": "twilio says delivered of something unknown",
    "in_doubt": "the carrier did not say whether it went out",
    "refused": "the carrier refuses: misconfigured (carrier code 20003)",
    "carrier_fails": "throttled",
    "broken": "KeyError",
    "one_person": f"may be one person: {ID}",
    "two_people": "one hospital number, another name and surname: may be two people",
    "not_their_phone": "the phone is not this person's",
    "nobodys_stop": "stop from a phone nobody here uses",
    "nobodys_wrong": "wrong number, from a phone nobody here uses",
    "day_untold": "tell them: the day was changed, and the text did not reach them",
    "ride_untold": "tell them: a ride is arranged, and the news did not reach them",
    "ride_nobody": "tell them: a ride is arranged, and no phone of theirs takes texts or calls",
    "ride_taken_back": "tell them: the ride they were told of, at 07:45, was taken back; asks to be called back",
    "closed_moved": "tell them: session closed (staff ill); moved to 2026-08-04 at SKN03",
    "closed_texted": "find a new day: session closed (no vaccine); they were texted not to come",
    "closed_untold": "tell them: session closed (road closed), do not come; find a new day",
    "closed_at_once": "tell them at once: session closed (other), and this course must not be postponed: find a place; "
    "wants another day",
    "overdue": "hpv dose 2: overdue since 2026-08-01",
    "no_free_seat": "hpv dose 2: no free seat at S1 from 2026-08-01 to 2026-09-01",
}
NOT_READY = (
    "script_not_approved", "text_not_approved", "no_prompt", "no_voice_in_language", "no_text_in_language",
    "clip_missing", "time_cannot_be_spoken", "text_toolong", "text_refused", "text_catalogue", "text_render",
)  # fmt: skip
NAMES = {"vaccine": lambda code: "วัคซีน", "tongue": lambda code: "ภาษา", "site": lambda code: "รพ.ตัวอย่าง"}
PROPER = re.compile(r"twilio|HN|KeyError|20003|START")


def visitor(language: str) -> Visitor:
    words = Words(data_dir("templates") / "console" / "words")
    return Visitor(cast(Any, None), cast(Any, None), language, cast(Any, None), words)


def in_thai(detail: str) -> str:
    return detail_words(visitor("th"), detail, NAMES)


def test_there_is_a_sample_of_every_detail_known() -> None:
    assert set(SAMPLES) == set(DETAILS)


@pytest.mark.parametrize(("name", "detail"), SAMPLES.items())
def test_every_detail_is_said_in_both_languages_and_in_thai_without_an_english_word(name: str, detail: str) -> None:
    assert [key for key, pattern in DETAILS.items() if pattern.fullmatch(detail)] == [name]
    assert not re.search(r"[A-Za-z]", PROPER.sub("", in_thai(detail)))
    assert "{" not in in_thai(detail)
    assert re.fullmatch(r"[\x20-\x7e\u0e00-\u0e7f’“”·]+", detail_words(visitor("en"), detail, NAMES))


@pytest.mark.parametrize("status", [*CarrierStatus, "text", "answer", "turn 3"])
def test_every_word_of_a_carrier_about_nothing_known_is_said_in_thai(status: str) -> None:
    assert "ผู้ให้บริการ" in in_thai(f"twilio says {status} of something unknown")
    assert not re.search(r"[A-Za-z]", PROPER.sub("", in_thai(f"twilio says {status} of something unknown")))


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_of_a_carrier_is_said_in_thai_with_its_code(fault: Fault) -> None:
    said = in_thai(f"the carrier refuses: {CarrierError(fault, code='20003')}")
    assert said.endswith("(20003)")
    for detail in (said, in_thai(str(CarrierError(fault)))):
        assert not re.search(r"[A-Za-z]", detail)


def test_what_a_closing_says_fits_in_a_task_with_what_it_was_for_before() -> None:
    for words in _WHAT_TO_SAY.values():
        both = f"{words.format(reason='road closed')}; {SAMPLES['must_not_wait']}"
        assert len(both) <= Task.__table__.c.detail.type.length  # type: ignore[attr-defined]
        assert not re.search(r"[A-Za-z]", in_thai(both))


def test_what_no_pattern_knows_is_shown_as_it_is_stored() -> None:
    assert in_thai("เขียนโดยรุ่นก่อน, kept") == "เขียนโดยรุ่นก่อน, kept"


def written() -> Iterator[tuple[str, str]]:
    """Every sentence that code of the house gives to a task as its detail, slots filled: where, and what."""
    for file in sorted(Path(gateway.__file__).parent.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            called = ast.unparse(call.func).rpartition(".")[2]
            place = {"open_task": 2, "_hand_to_staff": 2, "_hand_over": 3, "_open_match": 1}.get(called)
            if place is None:
                continue
            named = [one.value for one in call.keywords if one.arg == "detail"]
            at = [call.args[place]] if not named and len(call.args) > place else []
            for sentence in (text for one in (*named, *at) for text in _sentences(one, tree)):
                yield f"{file.name}:{call.lineno}", sentence


def _sentences(node: ast.expr, tree: ast.Module) -> Iterator[str]:
    """The texts an expression may stand for; slots are filled as the samples fill them."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else _slot(part) for part in node.values)  # type: ignore[misc]
    elif isinstance(node, ast.IfExp):
        yield from (*_sentences(node.body, tree), *_sentences(node.orelse, tree))
    elif isinstance(node, ast.Subscript | ast.BinOp):
        yield from _sentences(node.value if isinstance(node, ast.Subscript) else node.left, tree)
    elif isinstance(node, ast.Name):
        for one in ast.walk(tree):
            if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == node.id:
                yield from _sentences(one.value, tree)


def _slot(part: ast.expr) -> str:
    """What stands in a slot, by what the code calls it."""
    slots = {
        "reply.answer": "coming", "reply.channel": "sms", "channel": "sms", "said": "coming by sms",
        "day": "2026-08-04", "len(": "2", "due.number": "2", "site": "SKN03", "reason": "staff ill", "language": "shn",
        "error": "throttled",
        "WANTS_ANOTHER_DAY": "wants another day", "what": "overdue since 2026-08-01", "latest": "2026-08-01",
        "earliest": "2026-08-01", "where": "at S1",
    }  # fmt: skip
    text = ast.unparse(part)
    return next((value for name, value in slots.items() if name in text), "x")


def test_every_sentence_that_code_gives_to_a_task_has_thai_words() -> None:
    found = dict.fromkeys(written())
    assert len(found) > 18, "the sentences are looked for where they are written"
    unsaid = [(where, detail) for where, detail in found if not any(one.fullmatch(detail) for one in DETAILS.values())]
    assert unsaid == []


@pytest.mark.parametrize("reason", NOT_READY)
@pytest.mark.parametrize("language", ["th", "en"])
def test_who_could_not_be_contacted_is_told_to_staff_with_the_reason_and_what_to_do(language: str, reason: str) -> None:
    said = detail_words(visitor(language), f"voice: {reason} (nod)", NAMES)
    other = detail_words(visitor(language), "voice: of_another_kind (nod)", NAMES)
    assert reason not in said
    assert said != other
    assert ("กรุณา" if language == "th" else "ring this person") in said or "โทรหาเอง" in said
    assert "of_another_kind" not in other
