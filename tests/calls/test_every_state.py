"""Every state a call can reach, with every key, silence, hang-up and every answer to what it asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from gateway.calls.bounds import MOST_TURNS, TURNS_A_PERSON, most_turns
from gateway.calls.calling import Calling
from gateway.calls.flow import (
    Answered,
    Ask,
    CallFacts,
    CallState,
    CheckPin,
    Command,
    Dial,
    Event,
    FindPhrase,
    Flow,
    HangUp,
    Held,
    Hold,
    KeepMessage,
    Keys,
    MessageKept,
    Note,
    Play,
    PutDown,
    RecordPhrase,
    Request,
    Settle,
    Settled,
    Taken,
    advance,
    language_of,
)
from gateway.calls.hotline import MOST_VISITS, Hotline
from gateway.calls.last_words import last_words
from gateway.calls.news_call import NewsCall
from gateway.calls.reminder_call import ReminderCall
from gateway.calls.steps import AFRESH, BACK, CHOSEN, Node
from gateway.calls.stranger import StrangerNode
from gateway.calls.studio_call import MOST_PINS, StudioCall, StudioNode
from gateway.kit.answers import Answer
from gateway.voice.keys import HotlineKey, Key, is_key
from gateway.voice.prompts import load_scripts
from tests.calls.walking import (
    FACTS,
    KEYS,
    NOW,
    ODD,
    SPEAKER,
    STARTS,
    Edge,
    World,
    household,
    on_days_of_their_own,
    walk,
)

SCRIPTS = load_scripts(Path(__file__).parents[2] / "voice_prompts")
REMINDER, HOTLINE, STUDIO, NEWS = ReminderCall(), Hotline(), StudioCall(), NewsCall()
FLOWS: dict[str, Flow] = {flow.name: flow for flow in (REMINDER, HOTLINE, STUDIO, NEWS)}
ENDS = (Node.ENDED, StudioNode.ENDED)
QUESTIONS_OF_A_YES = {Node.QUESTION, Node.EVERYBODY}
CHOICES: dict[str, int] = {
    Key.ASK_COMING: 2, Key.ASK_PART: 3, Key.STOP_SURE: 2, Key.WRONG_SURE: 2, Key.ASK_RIDE_ELSE: 2, HotlineKey.MENU: 4,
}  # fmt: skip
CHOOSING = ("ask.", "press.", "offer.later", "offer.neither", "stop.sure", "ask.wrong_sure", "hotline.menu")
RICH, POOR = World(), World(is_rich=False)
ONE_LANGUAGE = World(is_rich=False, speaks=False)
ONE = {
    "one person": FACTS,
    "a second dose": replace(FACTS, purpose="second_dose", dose_number=2, ticket=12),
    "neutral": replace(FACTS, neutral=True, purpose="second_dose", dose_number=3),
    "must not wait": replace(FACTS, may_move=False),
    "two appointments": replace(FACTS, also=("a2",)),
    "settled meanwhile": replace(FACTS, is_open=False),
    "nothing ahead": replace(FACTS, appointment=None, starts_at=None),
    "an odd hour": replace(FACTS, starts_at=ODD.starts_at),
    "begun already": replace(FACTS, starts_at=NOW - timedelta(hours=1)),
}
MANY = {
    "two people": household(2),
    "three people": household(3),
    "five people": household(5),
    "unnamed": household(2, name=""),
    "the same hour": household(3, name="", starts_at=STARTS),
    "five of one hour": household(5, name="", starts_at=STARTS),
    "an odd hour each": household(2, starts_at=ODD.starts_at),
    "neutral people": household(2, neutral=True),
    "must not wait, two": household(2, may_move=False),
    "two of one person": household(2, appointments=("a", "b")),
    "one of them is settled": replace(
        household(2), subjects=(household(2).subjects[0], replace(household(2).subjects[1], is_open=False))
    ),
    "all settled": household(2, is_open=False),
    "days of their own": on_days_of_their_own(2),
    "days of their own, unnamed": on_days_of_their_own(2, name=""),
    "four days": on_days_of_their_own(4),
}


def _one_after_another(facts: CallFacts) -> Callable[[CallState], bool]:
    """Of more than three people only those states are gone on from in which they answered in the menu's order: the
    others differ in nothing but whose names are left; of three, every order is walked."""
    if len(facts.subjects) <= 3:
        return lambda _: False
    return lambda state: state.settled != tuple(range(len(state.settled)))


def steps() -> Iterator[tuple[str, Edge]]:
    for name, facts in ONE.items():
        world = RICH if name == "one person" else POOR
        yield from ((name, edge) for edge in walk(FLOWS, REMINDER.begin(facts), world))
        world = POOR if name in ("one person", "nothing ahead") else ONE_LANGUAGE
        yield from (("hotline, " + name, edge) for edge in walk(FLOWS, HOTLINE.begin(facts), world))
    for name, facts in MANY.items():
        stop, world = _one_after_another(facts), POOR if name == "two people" else ONE_LANGUAGE
        yield from ((name, edge) for edge in walk(FLOWS, REMINDER.begin(facts), world, stop=stop))
    for purpose in Calling:
        told = replace(FACTS, appointment=None, starts_at=None, purpose=purpose)
        yield from ((f"hotline, {purpose}", edge) for edge in walk(FLOWS, HOTLINE.begin(told), ONE_LANGUAGE))
    called_back = HOTLINE.begin(replace(FACTS, purpose=Calling.CALLED_BACK))
    yield from (("hotline, called back", edge) for edge in walk(FLOWS, called_back, ONE_LANGUAGE))
    yield from (("news", edge) for edge in walk(FLOWS, NEWS.begin(FACTS), POOR))
    for name in ("two people", "days of their own, unnamed"):
        yield from (("hotline, " + name, edge) for edge in walk(FLOWS, HOTLINE.begin(MANY[name]), ONE_LANGUAGE))


ALL: list[tuple[str, Edge]] = list(steps())
EDGES = [edge for _, edge in ALL]


def of_kind(kind: type) -> Iterator[tuple[Edge, Command]]:
    return ((edge, one) for edge in EDGES for one in edge.commands if isinstance(one, kind))


def asked(commands: tuple[Command, ...]) -> int:
    return sum(isinstance(one, Ask | RecordPhrase) for one in commands)


def said(commands: tuple[Command, ...]) -> tuple[str, ...]:
    spoken = (one.prompts for one in commands if isinstance(one, Play | Ask | RecordPhrase | Dial))
    return tuple(str(key) for prompts in spoken for key in prompts)


def test_a_walk_meets_every_node_and_no_way_that_leads_nowhere() -> None:
    met = {edge.after.node for edge in EDGES} | {Node.START}
    assert set(Node) | set(StrangerNode) <= met
    assert not met & {BACK, AFRESH, CHOSEN}


def test_every_step_leaves_the_phone_something_or_asks_for_something() -> None:
    assert all(edge.commands or isinstance(edge.event, Settled | MessageKept) for edge in EDGES)


def test_a_call_hangs_up_exactly_when_it_has_ended() -> None:
    for edge in EDGES:
        if edge.before.node in ENDS:
            continue
        assert (HangUp() in edge.commands) == (edge.after.node in ENDS)
        if edge.after.node in ENDS:
            assert edge.commands[-1] == HangUp()


def test_every_question_is_counted_so_that_no_call_outlasts_its_number() -> None:
    for edge in EDGES:
        if edge.before.flow == edge.after.flow != STUDIO.name and edge.after.node not in ENDS:
            assert edge.after.turns == edge.before.turns + asked(edge.commands)


def test_from_every_state_the_question_that_is_too_much_is_not_put_and_the_call_ends_in_words() -> None:
    last: dict[tuple[str, str, type], Edge] = {}
    for edge in EDGES:
        if edge.after.flow == edge.before.flow != STUDIO.name and asked(edge.commands):
            last.setdefault((edge.before.flow, edge.before.node, type(edge.event), edge.after.node), edge)  # type: ignore[arg-type]
    for edge in last.values():
        tired = replace(edge.before, turns=most_turns(edge.before.facts))
        after, commands = FLOWS[tired.flow].step(tired, edge.event)
        assert after.node == Node.ENDED
        assert commands[-1] == HangUp()
        assert not asked(commands)
        assert said(commands)[-1] == Key.BYE
        assert [one for one in commands if isinstance(one, Note)][: len(notes(edge))] == notes(edge)


def notes(edge: Edge) -> list[Note]:
    return [one for one in edge.commands if isinstance(one, Note)]


def test_the_figures_of_the_longest_calls() -> None:
    assert (MOST_TURNS, TURNS_A_PERSON) == (24, 4)
    assert most_turns(FACTS) == 24
    assert most_turns(MANY["five people"]) == 44


class Line:
    """A call in which every counter counts; the house answers each kind of request always alike."""

    def __init__(self, flow: Flow, facts: CallFacts, pick: int) -> None:
        self.flow, self.pick, self.asked, self.requests, self.notes = flow, pick, 0, 0, 0
        self.state = flow.begin(facts)
        self.commands: tuple[Command, ...] = ()
        self.on(Answered())

    def on(self, event: Event) -> None:
        self.state, self.commands = advance(FLOWS[self.state.flow], self.state, event, self.answer, self.note)
        self.asked += asked(self.commands)

    def answer(self, request: Request) -> Event:
        self.requests += 1
        assert self.requests < 200, "a call asks the house for ever"
        answers = RICH.answers(self.state, request)
        return answers[min(self.pick, len(answers) - 1)]

    def note(self, note: Note) -> None:
        self.notes += 1

    def press(self, key: str) -> None:
        last = self.commands[-1]
        self.on(RICH.answers(self.state, last)[0] if isinstance(last, Dial | RecordPhrase) else Keys(key))


@pytest.mark.parametrize(
    ("name", "most"),
    [("one person", 17), ("must not wait", 17), ("nothing ahead", 20), ("five people", 30), ("four days", 30)],
)
@pytest.mark.parametrize("flow", [REMINDER, HOTLINE], ids=lambda flow: flow.name)
def test_a_jammed_key_holds_no_line(flow: Flow, name: str, most: int) -> None:
    facts = {**ONE, **MANY}[name]
    for key, pick in product(KEYS, range(4)):
        line = Line(flow, facts, pick)
        while HangUp() not in line.commands:
            line.press(key)
            assert line.asked <= most, (key, pick)
        assert line.notes <= 12


def test_two_keys_in_turn_hold_no_line_either() -> None:
    for first, second, pick in product(KEYS[:13], KEYS[:13], range(3)):
        line = Line(REMINDER, FACTS, pick)
        while HangUp() not in line.commands:
            line.press(first if line.asked % 2 else second)
        assert line.asked <= MOST_TURNS


# What counts as an answer


def test_only_key_1_at_a_question_confirms() -> None:
    confirmed = {(edge.before.node, edge.event) for edge, note in of_kind(Note) if note.answer is Answer.COMING}
    assert confirmed == {(node, Keys("1")) for node in QUESTIONS_OF_A_YES}


def test_whoever_can_say_yes_was_told_the_day_in_the_same_breath() -> None:
    for edge in EDGES:
        words = said(edge.commands)
        if edge.after.node in QUESTIONS_OF_A_YES and asked(edge.commands):
            assert any(key.startswith("day.") for key in words)
            assert any(key.startswith("month.") for key in words)


def test_only_key_4_asks_for_a_ride_and_before_a_yes_only_who_called_us() -> None:
    rides = {(edge.before.flow, edge.before.node, edge.event)
             for edge, note in of_kind(Note) if note.answer is Answer.RIDE}  # fmt: skip
    assert {(REMINDER.name, Node.RIDE, Keys("4")), (HOTLINE.name, Node.RIDE, Keys("4"))} <= rides
    assert {(flow, node) for flow, node, _ in rides if flow == REMINDER.name} == {(REMINDER.name, Node.RIDE)}
    assert {event for *_, event in rides} == {Keys("4")}
    ways = {edge.before.node for edge in EDGES if edge.after.node == Node.RIDE != edge.before.node}
    asides = {Node.LANGUAGES, Node.LANGUAGE, Node.SPEAKING, Node.MESSAGE, Node.KEEPING, Node.STAFF}
    assert ways <= QUESTIONS_OF_A_YES | asides


def test_only_a_second_five_stops_and_whoever_stopped_hears_nothing_more() -> None:
    stops = {(edge.before.node, edge.event) for edge, note in of_kind(Note) if note.answer is Answer.STOP}
    assert stops == {(Node.STOP, Keys("5"))}
    for edge, note in of_kind(Note):
        if note.answer is Answer.STOP:
            assert notes(edge) == [note]
            assert edge.after.node == Node.ENDED or set(edge.before.chosen) <= set(edge.after.settled)


def test_only_a_second_seven_says_that_nobody_of_a_household_belongs_to_the_number() -> None:
    nobody = {(edge.before.node, edge.event) for name, edge in ALL if name in MANY and len(edge.before.chosen) != 1
              for note in notes(edge) if note.answer is Answer.WRONG_PERSON}  # fmt: skip
    assert nobody == {(Node.NOBODY, Keys("7"))}


def test_nobody_is_asked_about_again_who_has_answered() -> None:
    for edge in EDGES:
        assert set(edge.before.settled) <= set(edge.after.settled)
        if edge.after.node not in (*ENDS, Node.START):
            assert not set(edge.after.chosen) & set(edge.after.settled)


def test_every_answer_of_a_household_names_its_appointments() -> None:
    for name, edge in ALL:
        if name in MANY and name not in ("all settled",):
            for note in notes(edge):
                subjects = edge.before.facts.subjects
                left = (at for at in range(len(subjects)) if at not in edge.before.settled)
                mine = {one for at in edge.before.chosen or left for one in subjects[at].appointments}
                assert note.appointments
                assert set(note.appointments) <= mine | {"moved"}


SILENT = {Keys(keys) for keys in ("", "101", "one")}


def test_news_are_told_and_answer_nothing_but_a_wish_for_staff() -> None:
    news = [edge for name, edge in ALL if name == "news"]
    assert {note.answer for edge in news for note in notes(edge)} == {Answer.STAFF}
    assert not any(key.startswith(HEALTH) for edge in news for key in said(edge.commands))


def test_silence_and_101_never_mean_anything() -> None:
    for edge, note in of_kind(Note):
        if edge.event in SILENT:
            assert (note.answer, note.detail) == (Answer.CALLBACK, "no_choice")


def test_each_answer_has_its_key() -> None:
    keys = {Answer.ALREADY_VACCINATED: {"8"}, Answer.WRONG_PERSON: {"7"}, Answer.CALLBACK: {"2", "3"}}
    for edge, note in of_kind(Note):
        if note.answer in keys and isinstance(edge.event, Keys) and note.detail in ("", "several_appointments"):
            assert edge.event.digits in keys[note.answer]


# Other days


def test_nothing_is_taken_that_was_not_held() -> None:
    for edge in EDGES:
        for command in edge.commands:
            if type(command).__name__ == "Take":
                assert edge.before.node == Node.OFFER
                assert command.offer in edge.before.offers  # type: ignore[union-attr]
        if edge.after.node == Node.OFFER and isinstance(edge.event, Held):
            assert set(edge.after.offers) <= set(edge.event.offers)


def test_no_more_than_two_seats_are_held_and_each_that_is_elsewhere_is_offered_with_its_place() -> None:
    assert all(1 <= len(hold.offers) <= 2 for _, hold in of_kind(Hold))  # type: ignore[attr-defined]
    for edge in EDGES:
        if edge.after.node == Node.OFFER and asked(edge.commands):
            words = said(edge.commands)
            for offer, press in zip(edge.after.offers, (Key.PRESS_1, Key.PRESS_2), strict=False):
                assert not offer.place or words[words.index(press) - 1] == offer.place


def test_a_move_is_noted_only_when_the_seat_was_really_taken() -> None:
    for edge, note in of_kind(Note):
        if note.answer is Answer.MOVE:
            assert edge.before.node == Node.TAKING
            assert isinstance(edge.event, Taken)
            assert edge.event.starts_at is not None


def test_a_course_that_must_not_wait_is_never_moved_and_staff_are_rung() -> None:
    for name, edge in ALL:
        if "must not wait" in name:
            assert not isinstance(edge.event, Taken | Held)
            if edge.before.node == Node.QUESTION and edge.event == Keys("2"):
                assert Key.MUST_NOT_WAIT in said(edge.commands)
                assert {note.answer for note in notes(edge)} <= {Answer.STAFF, Answer.CALLBACK}
                assert notes(edge)


# What is said


def choices(words: tuple[str, ...]) -> int:
    """How many keys these words speak of."""
    keys = [language_of(key, "th")[1] for key in words]
    plain = (key for key in keys if key.startswith(CHOOSING))
    return keys.count(Key.LANGUAGE_MORE) + sum(CHOICES.get(key, 1) for key in plain)


def test_no_question_speaks_of_more_than_four_choices() -> None:
    for edge in EDGES:
        for command in edge.commands:
            if isinstance(command, Ask) and edge.after.flow != STUDIO.name:
                assert choices(tuple(map(str, command.prompts))) <= 4, command.prompts


HEALTH = ("dose.", "why.", "course.", "greet.reminder", "greet.second_dose")


def test_in_a_household_nothing_of_health_is_said_before_somebody_was_chosen() -> None:
    for name, edge in ALL:
        if name in MANY and len(edge.after.chosen) != 1:
            before = edge.before.chosen and set(edge.before.chosen) <= set(edge.after.settled)
            assert before or not any(key.startswith(HEALTH) for key in said(edge.commands))


def test_of_neutral_people_nothing_of_health_is_ever_said() -> None:
    for name, edge in ALL:
        if name.startswith(("neutral", "hotline")):
            assert not any(key.startswith(HEALTH) for key in said(edge.commands) if key != Key.MUST_NOT_WAIT)


def test_a_menu_names_nobody_who_has_answered_and_no_ticket_of_many() -> None:
    for name, edge in ALL:
        if name in MANY and edge.after.node == Node.NAMES and asked(edge.commands):
            gone = {edge.after.facts.subjects[at].name for at in edge.after.settled} - {""}
            assert not gone & set(said(edge.commands))


def test_every_prompt_a_call_can_say_is_a_key_and_every_key_is_said_by_some_call() -> None:
    heard = {language_of(key, "th")[1] for edge in EDGES for key in said(edge.commands)}
    assert all(is_key(key) for key in heard)
    later = {Key.TODAY, Key.TOMORROW, Key.NEWS_RIDE, Key.OFFICE_HOURS, Key.PRESS_4}  # other days' calls, other flows
    assert set(Key) - later <= heard


def test_whatever_was_spoken_is_kept_even_when_the_phone_is_put_down() -> None:
    kept = {type(edge.event) for edge, _ in of_kind(KeepMessage)}
    assert {type(event) for event in RICH.answers(EDGES[0].before, RecordPhrase(()))} - {Keys} <= kept


def test_an_event_that_does_not_fit_ends_the_call_politely_in_every_node() -> None:
    met: dict[tuple[str, str], CallState] = {}
    for edge in EDGES:
        if edge.after.flow != STUDIO.name:
            met.setdefault((edge.after.flow, edge.after.node), edge.after)
    for (flow, _), state in met.items():
        after, commands = FLOWS[flow].step(state, Settled())
        assert after.node == Node.ENDED
        assert commands == (Play((Key.END_UNANSWERED, Key.BYE)), HangUp())


def test_a_key_in_a_call_that_another_version_began_confirms_nothing_and_staff_ring_back() -> None:
    for facts in (FACTS, MANY["two people"]):
        begun = REMINDER.step(REMINDER.begin(facts), Answered())[0]
        for old in (replace(begun, version=1), replace(begun, flow="hotline")):
            after, (note, words, last) = REMINDER.step(old, Keys("1"))
            appointments = tuple(one for subject in facts.subjects for one in subject.appointments)
            assert note == Note(Answer.CALLBACK, "renewed", appointments)
            assert (words, last) == (Play((Key.ACK_CALLBACK, Key.BYE)), HangUp())
            assert after.node == Node.ENDED
            for said_nothing in (Keys(""), PutDown()):
                assert REMINDER.step(old, said_nothing)[1] == (Play((Key.END_UNANSWERED, Key.BYE)), HangUp())


def test_a_node_nobody_knows_and_a_call_about_nobody_end_politely_and_note_nothing() -> None:
    at_question = REMINDER.step(REMINDER.begin(FACTS), Answered())[0]
    nobody = replace(HOTLINE.begin(replace(FACTS, appointment=None)), version=1)
    for flow, state in ((REMINDER, replace(at_question, node="unheard-of")), (HOTLINE, nobody)):
        after, commands = flow.step(state, Keys("1"))
        assert after.node == Node.ENDED
        assert commands == (Play((Key.END_UNANSWERED, Key.BYE)), HangUp())


# The studio


@pytest.fixture(scope="module")
def with_the_studio() -> list[Edge]:
    """Every step of a hotline call that # leads into the studio and out of it, whichever flow goes on with it.

    What a speaker does there is walked through once, for the first phrase: the rest is in test_studio_call.
    """
    beyond = {
        Node.OTHER,
        Node.STOP,
        Node.RIDE,
        Node.PART,
        Node.SEATS,
        Node.OFFER,
        Node.MOVED,
        Node.STAFF,
        Node.LANGUAGES,
    }

    def stop(state: CallState) -> bool:
        return state.node in beyond or bool(state.studio and state.studio.speaker and state.studio.turns > 2)

    starts = (replace(facts, may_record=True) for facts in (FACTS, replace(FACTS, appointment=None)))
    return [edge for facts in starts for edge in walk(FLOWS, HOTLINE.begin(facts), ONE_LANGUAGE, stop=stop)]


def test_a_walk_through_the_studio_meets_its_nodes_and_always_leaves_something(with_the_studio: list[Edge]) -> None:
    assert {edge.before.node for edge in with_the_studio} >= {*StudioNode} - {StudioNode.START, StudioNode.ENDED}
    for edge in with_the_studio:
        assert edge.commands or isinstance(edge.event, Settled | MessageKept)
        assert (HangUp() in edge.commands) == (edge.after.node in ENDS and bool(edge.commands))


def test_only_six_digits_are_ever_tried_as_a_pin_and_no_oftener_than_may_be(with_the_studio: list[Edge]) -> None:
    tried = {(edge.before.node, edge.event) for edge in with_the_studio
             if any(isinstance(one, CheckPin) for one in edge.commands)}  # fmt: skip
    assert tried == {(StudioNode.PIN, Keys("123456"))}
    assert max(edge.after.studio.wrong_pins for edge in with_the_studio if edge.after.studio) == MOST_PINS


def test_who_comes_back_from_the_studio_is_where_they_left_in_their_own_language(with_the_studio: list[Edge]) -> None:
    ways_back = [edge for edge in with_the_studio
                 if (edge.before.flow, edge.after.flow) == (STUDIO.name, HOTLINE.name)]  # fmt: skip
    assert {edge.event for edge in ways_back} >= {Keys(keys) for keys in ("", "#", "1", "*")}
    assert Node.QUESTION in {edge.after.node for edge in ways_back}
    for edge in ways_back:
        (ask,) = edge.commands
        back = edge.before.studio.back if edge.before.studio else None
        assert back is not None
        assert isinstance(ask, Ask)
        assert (ask.prompts, ask.digits) == (back.prompts, 1)
        assert (edge.after.node, edge.after.misses) == (back.node, back.misses)
        assert edge.after.facts == replace(edge.before.facts, language="th", voice="")


def test_hash_leads_to_the_studio_no_oftener_than_may_be_and_every_call_ends(with_the_studio: list[Edge]) -> None:
    assert max(edge.after.studio.visits for edge in with_the_studio if edge.after.studio) == MOST_VISITS
    for facts, nothing in product((FACTS, replace(FACTS, appointment=None)), ("", "1234", "#")):
        line = Line(HOTLINE, replace(facts, may_record=True), 1)
        while HangUp() not in line.commands:
            line.press("#" if line.state.flow == HOTLINE.name else nothing)
        assert line.asked <= 2 * MOST_VISITS + MOST_TURNS


def test_nothing_a_speaker_does_is_an_answer_and_nothing_a_caller_does_is_settled(with_the_studio: list[Edge]) -> None:
    for edge in with_the_studio:
        if edge.before.flow == edge.after.flow == STUDIO.name:
            assert not any(isinstance(one, Note | Hold | KeepMessage) for one in edge.commands)
        if any(isinstance(one, FindPhrase | Settle) for one in edge.commands):
            assert edge.after.studio is not None
            assert edge.after.studio.speaker == SPEAKER


def test_whatever_cannot_be_said_any_more_ends_in_whole_statements_and_at_last_in_nothing(
    with_the_studio: list[Edge],
) -> None:
    words = {
        (edge.after.flow, edge.after.node,
         tuple(one for one in edge.commands if isinstance(one, Play | Ask | RecordPhrase | Dial | HangUp)))
        for edge in (*EDGES, *with_the_studio)
    }  # fmt: skip
    for flow, node, commands in words:
        endings = list(last_words(CallState(flow, node, FACTS), commands))
        assert endings[-1] == ()
        for ending in endings:
            assert all(is_key(key) for key in ending)
            asking = (
                "ask.",
                "offer.",
                "press.",
                "stop.sure",
                "ask.wrong_sure",
                "language.",
                "household.",
                "name.",
                "message.speak",
            )
            assert not any(key.startswith(asking) for key in ending)
