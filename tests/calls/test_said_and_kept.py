"""What must be said after a move, and what must not be lost when a call begins again in another language."""

from __future__ import annotations

from dataclasses import replace

from gateway.calls.flow import Event, Keys, LanguagesFound, Request, SpeakIn, SpokenIn
from tests.calls.test_other_answers import Phone
from tests.calls.walking import FACTS


class Strict(Phone):
    """Its house gives the facts as it would make them anew: it does not remember how the call was spoken."""

    def answer(self, request: Request) -> Event:
        if isinstance(request, SpeakIn):
            self.requests.append(request)
            return SpokenIn(replace(FACTS, language=request.language, is_slow=False))
        return super().answer(request)


def test_after_a_move_the_queue_number_is_said_behind_the_new_day() -> None:
    said = Phone(replace(FACTS, ticket=3)).press("2", "1").prompts
    assert said.index("ack.moved") < said.index("ticket") < said.index("digit.7")
    assert "digit.3" not in said  # the one of the seat they left
    assert said[-1] == "ask.change_mind"


def test_who_was_spoken_to_slowly_is_so_in_another_language_too() -> None:
    phone = Strict(FindLanguages=LanguagesFound(("my", "en"))).on(Keys("6"), Keys("*"), Keys("1"))
    assert (phone.state.facts.language, phone.state.facts.is_slow) == ("my", True)


def test_who_was_not_spoken_to_slowly_is_not_in_another_language_either() -> None:
    phone = Strict(FindLanguages=LanguagesFound(("my", "en"))).on(Keys("*"), Keys("1"))
    assert (phone.state.facts.language, phone.state.facts.is_slow) == ("my", False)
