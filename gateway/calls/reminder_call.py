"""The reminder call: when and where, no swindle, then one question; a yes, another day, or somebody calls back.

Only key 1 at a question whose day was said confirms (law 5). Whatever else happens, the call ends politely within
`bounds.most_turns`. What the keys lead to lives beside this: `another_day`, `after_yes`, `other_answers`, `household`,
`languages_menu`, `staff`, `message`. `Hotline` builds on this and puts the beginning differently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from gateway.calls import after_yes, another_day, household, languages_menu, message, other_answers, people, staff
from gateway.calls.bounds import counted
from gateway.calls.closing import call_back
from gateway.calls.flow import Answered, CallFacts, CallState, Event, Keys, Play
from gateway.calls.phrases import said_appointment, said_when, stands
from gateway.calls.steps import (
    AFRESH,
    BACK,
    CHOSEN,
    Because,
    Handler,
    Node,
    Step,
    ask,
    ask_again,
    end,
    keyed,
    note_about,
    noting,
    saying,
)
from gateway.kit.answers import Answer
from gateway.voice.keys import Key
from gateway.voice.phrases import dose_phrases

Menu = Callable[[CallState], tuple[str, ...]]


class ReminderCall:
    """Calls the people of a telephone about their appointments of a day; see the module.

    A flow that builds on this adds to `_handlers` what its own nodes do, and to `_menus` what is said when the call
    comes back to one of them from a side menu.
    """

    name = "reminder_call"
    version = 2
    takes_ride_at_question = False  # key 4 before a yes: for who calls us about an appointment confirmed already

    def __init__(self) -> None:
        self._handlers: Mapping[tuple[str, type], Handler] = {
            (Node.START, Answered): self._open,
            (Node.QUESTION, Keys): self._at_question,
            **household.HANDLERS,
            **another_day.HANDLERS,
            **after_yes.HANDLERS,
            **other_answers.HANDLERS,
            **languages_menu.HANDLERS,
            **staff.HANDLERS,
            **message.HANDLERS,
        }
        self._menus: Mapping[str, Menu] = {
            Node.QUESTION: lambda state: self._question_again(state.facts),
            Node.HOUSEHOLD: people.household_menu,
            Node.NAMES: people.names_menu,
            Node.EVERYBODY: people.everybody_menu,
            Node.RIDE: after_yes.ride_menu,
            Node.OTHER: lambda _: other_answers.OTHER_MENU,
            Node.PART: another_day.part_menu,
            Node.OFFER: another_day.offer_menu,
            Node.MOVED: another_day.moved_menu,
        }

    def begin(self, facts: CallFacts) -> CallState:
        """The state before anything was said."""
        return CallState(self.name, Node.START, facts, version=self.version)

    def step(self, state: CallState, event: Event) -> Step:
        """What happens next; an event that does not fit ends the call politely, never raises."""
        if (state.flow, state.version) != (self.name, self.version):
            return self._of_another_version(state, event)
        handler = self._handlers.get((state.node, type(event)))
        if handler is None:
            return end(state, Key.END_UNANSWERED, Key.BYE)
        after, commands = self._led(handler(state, event))
        return counted((after, commands)) if after.flow == self.name else (after, commands)

    def _of_another_version(self, state: CallState, event: Event) -> Step:
        """A call begun before the gateway was renewed: what a key meant then is not guessed at, and not lost either."""
        if not keyed(event) or not (state.facts.appointment or state.facts.subjects) or state.node == Node.ENDED:
            return end(state, Key.END_UNANSWERED, Key.BYE)
        of = state if state.chosen or not state.facts.subjects else people.of_all(state)
        return noting(note_about(of, Answer.CALLBACK, Because.RENEWED), end(of, Key.ACK_CALLBACK, Key.BYE))

    def _led(self, step: Step) -> Step:
        """Where a step says no node but a way (back, afresh, to the one who was chosen), follow it."""
        state, commands = step
        first = tuple(key for one in commands if isinstance(one, Play) for key in one.prompts)
        if state.node == BACK:
            return saying(first, self._put_again(state))
        if state.node == AFRESH:
            return saying(first, self._afresh(state))
        if state.node == CHOSEN:
            return self._ask_chosen(state)
        return step

    def _put_again(self, state: CallState) -> Step:
        """The question that a side menu comes back to."""
        menu = self._menus.get(state.back)
        return ask(state, state.back, menu(state)) if menu else end(state, Key.END_UNANSWERED, Key.BYE)

    def _afresh(self, state: CallState) -> Step:
        """The call from its beginning, in another language; once somebody has answered, the question that was left."""
        if state.chosen or state.settled or state.noted or state.back not in self._beginnings:
            return self._put_again(state)
        return self._open(state, Answered())

    # What is said first; `Hotline` puts it differently.

    _beginnings: frozenset[str] = frozenset({Node.QUESTION, Node.HOUSEHOLD, Node.NAMES})

    def _greeting(self, facts: CallFacts) -> tuple[str, ...]:
        name = (facts.name,) if facts.name else ()
        if facts.neutral:
            return (Key.GREET_NEUTRAL, *name)
        return (Key.GREET_SECOND_DOSE if facts.purpose == "second_dose" else Key.GREET_REMINDER, *name)

    def _greeting_household(self, facts: CallFacts) -> tuple[str, ...]:
        return (Key.GREET_HOUSEHOLD,)

    def _reasons(self, facts: CallFacts) -> tuple[str, ...]:
        if facts.neutral:
            return (Key.SAFETY,)
        why = (Key.WHY_SECOND_DOSE,) if facts.purpose == "second_dose" else ()
        return (*dose_phrases(facts.dose_number), *why, Key.SAFETY)

    def _nothing_to_ask(self, state: CallState) -> Step:
        return end(state, Key.END_SETTLED, Key.BYE)

    def _open(self, state: CallState, _: Event) -> Step:
        if state.facts.subjects:
            return self._open_household(household.standing(state))
        return self._open_one(state) if stands(state.facts) else self._nothing_to_ask(state)

    def _open_household(self, state: CallState) -> Step:
        left = people.left(state)
        if not left:
            return self._nothing_to_ask(state)
        if len(left) > 1:
            return household.open_household(state, *self._greeting_household(state.facts))
        only = state.facts.subjects[left[0]]  # the others were settled meanwhile: a call like any other
        return self._open_one(replace(state, chosen=left, facts=replace(state.facts.about(only), name=only.name)))

    def _open_one(self, state: CallState) -> Step:
        facts = state.facts
        if not said_when(facts):
            return call_back(state, Because.UNSPEAKABLE, *self._greeting(facts))
        prompts = (*self._greeting(facts), *self._appointment(facts), *self._reasons(facts), Key.ASK_COMING)
        return ask(state, Node.QUESTION, prompts)

    def _ask_chosen(self, state: CallState) -> Step:
        """The question to one of a household; that this is no swindle was said before."""
        facts = state.facts
        if not said_when(facts):
            return call_back(state, Because.UNSPEAKABLE)
        name = facts.subjects[state.chosen[0]].name if state.chosen else ""
        why = tuple(key for key in self._reasons(facts) if key != Key.SAFETY)
        called = (name,) if name else ()
        return ask(state, Node.QUESTION, (*called, *self._appointment(facts), *why, Key.ASK_COMING))

    def _appointment(self, facts: CallFacts) -> tuple[str, ...]:
        return said_appointment(facts)

    # The question

    def _at_question(self, state: CallState, event: Event) -> Step:
        match keyed(event):
            case "1":
                return after_yes.coming(state)
            case "2":
                return another_day.another_day(state)
            case "3":
                return other_answers.ask_other(state)
            case "4" if self.takes_ride_at_question and Answer.RIDE not in state.noted:
                again = ask(state, Node.QUESTION, (Key.ACK_RIDE, *self._question_again(state.facts)))
                return noting(note_about(state, Answer.RIDE), again)
        return other_answers.other_answer(state, event) or self._unclear(state, event)

    def _unclear(self, state: CallState, event: Event) -> Step:
        again, help_menu = (
            self._question_again(state.facts),
            (*self._appointment(state.facts), *other_answers.HELP_MENU),
        )
        return ask_again(state, event, again, help_menu) or end(state, Key.END_UNANSWERED, Key.BYE)

    def _question_again(self, facts: CallFacts) -> tuple[str, ...]:
        """The question put once more, with all that may be pressed."""
        return (*self._appointment(facts), Key.ASK_COMING, Key.ASK_CALLBACK, Key.ASK_AGAIN)
