"""A call in a visitor's hand: business time stands, the call goes on in real time, and no hold is ever left behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from gateway.kit.clock import Clock, DemoClock
from gateway.sandbox.conversation import RINGS_IN_HAND
from gateway.sandbox.events import EventKind, NetworkEvent
from gateway.sandbox.fetching import FetchRequest, FetchResponse
from gateway.sandbox.hands import GONE_AFTER, MOST_VISITORS, RINGS_FOR, Armed, NotYours
from gateway.sandbox.handsets import Handset, Whose
from gateway.sandbox.network import PhoneNetwork

BASE = "http://127.0.0.1:8000"
START = datetime(2026, 8, 3, 2, 0, tzinfo=UTC)
THAI, LAO, OFF = "+66811111111", "+66822222222", "+66833333333"
ASK = '<Gather numDigits="1" timeout="5" action="/turn"><Pause length="4"/></Gather>'
ME, YOU = "a" * 16, "b" * 16


@dataclass
class World:
    """A network on a demo clock, in a reality that passes when it is told to."""

    seconds: float = 1000.0
    documents: dict[str, str] = field(default_factory=lambda: {"/answer": ASK, "/turn": "<Pause length='2'/>"})
    asked: list[FetchRequest] = field(default_factory=list)
    events: list[NetworkEvent] = field(default_factory=list)
    clock: Clock = field(init=False)

    def __post_init__(self) -> None:
        self.start(DemoClock(START, 20, monotonic=self.now))

    def start(self, clock: Clock) -> None:
        handsets = [
            Handset(THAI, habits="always_answers_1", language="th", site="A"),
            Handset(LAO, habits="never_answers", language="lo", site="B"),
            Handset(OFF, habits="off", language="lo", site="B"),
        ]
        self.clock = clock
        self.network = PhoneNetwork(
            clock, self.fetch, 1, handsets, "AC1", "t", on_event=self.events.append,
            inbound_voice_url=f"{BASE}/answer", inbound_sms_url=f"{BASE}/text", inbound_status_url=f"{BASE}/status",
        )  # fmt: skip
        self.network.hands.monotonic = self.now
        self.hands = self.network.hands

    def now(self) -> float:
        return self.seconds

    def fetch(self, request: FetchRequest) -> FetchResponse:
        self.asked.append(request)
        path = request.url.removeprefix(BASE)
        return FetchResponse(200, "text/xml", f"<Response>{self.documents.get(path, '')}</Response>".encode())

    def passes(self, seconds: float, watched: str = ME) -> None:
        """Let real time pass, with the page of `watched` open."""
        for _ in range(round(seconds * 10)):
            self.seconds += 0.1
            if watched:
                self.hands.see(watched)
            self.network.mind_the_visitors()
            self.network.run_due()

    def call(self, number: str = THAI) -> str:
        form = {"To": number, "From": "+6620000000", "Url": f"{BASE}/answer", "StatusCallback": f"{BASE}/status"}
        events = {"StatusCallbackEvent": "initiated ringing answered completed"}
        return str(self.network.create_call(form | events)["sid"])

    def status(self, sid: str) -> str:
        return str(self.network.get_call(sid)["status"])

    def statuses(self) -> list[str]:
        return [dict(one.form)["CallStatus"] for one in self.asked if one.url.endswith("/status")]

    def keys(self) -> list[str]:
        return [dict(one.form)["Digits"] for one in self.asked if one.url.endswith("/turn")]

    def kinds(self) -> list[EventKind]:
        return [event.kind for event in self.events]

    @property
    def is_held(self) -> bool:
        assert isinstance(self.clock, DemoClock)
        return self.clock.is_held


@dataclass
class WallClock:
    """A clock that nobody can hold."""

    world: World

    def now(self) -> datetime:
        return START + timedelta(seconds=self.world.seconds - 1000)


@pytest.fixture
def world() -> World:
    return World()


def ringing(world: World, number: str = THAI) -> str:
    """The next call rings for me."""
    world.hands.arm(ME, Armed())
    sid = world.call(number)
    world.passes(0.5)
    assert world.status(sid) == "ringing"
    return sid


def talking(world: World) -> str:
    sid = ringing(world)
    world.network.pick_up(sid)
    world.passes(0.2)
    assert world.status(sid) == "in-progress"
    return sid


def test_business_time_stands_from_the_ring_to_the_end_while_the_call_goes_on(world: World) -> None:
    sid = ringing(world)
    at = world.clock.now()
    assert world.is_held
    world.passes(3)
    world.network.pick_up(sid)
    world.passes(2)
    world.network.press(sid, "1")
    world.passes(0.3)
    assert (world.keys(), world.status(sid), world.clock.now()) == (["1"], "in-progress", at)
    world.passes(2.5)
    assert (world.status(sid), world.is_held) == ("completed", False)
    world.passes(1)
    assert (world.clock.now() - at).total_seconds() > 10


def test_receipts_of_a_held_call_are_posted_while_time_stands(world: World) -> None:
    sid = talking(world)
    assert (world.statuses(), world.is_held) == (["initiated", "ringing", "in-progress"], True)
    world.network.hang_up(sid)
    world.passes(0.1)
    assert world.statuses()[-1] == "completed"


def test_a_call_lasts_as_long_as_it_really_lasted(world: World) -> None:
    sid = talking(world)
    world.passes(3)
    world.network.hang_up(sid)
    world.passes(0.2)
    assert world.network.get_call(sid)["duration"] == "3"


def test_a_key_may_come_as_late_after_the_prompt_as_on_a_telephone(world: World) -> None:
    sid = talking(world)
    world.passes(4 + 5)
    world.network.press(sid, "2")
    world.passes(0.3)
    assert world.keys() == ["2"]


def test_a_key_cuts_the_prompt_short_and_the_page_is_told(world: World) -> None:
    sid = talking(world)
    held = world.hands.held_by(ME)
    assert held is not None
    first = held.call.programme
    assert first is not None
    assert (first.number, [one.seconds for one in first.prompts], first.is_cut) == (1, [4.0], False)
    world.network.press(sid, "1")
    world.passes(0.2)
    assert first.is_cut
    assert held.call.programme is not None
    assert held.call.programme.number == 2


def test_who_presses_nothing_is_taken_at_that(world: World) -> None:
    sid = talking(world)
    world.passes(4 + 5 + 3)
    assert (world.keys(), world.status(sid), world.is_held) == ([], "completed", False)


def test_a_visitor_who_looks_away_leaves_the_call_to_the_handset(world: World) -> None:
    sid = ringing(world)
    world.passes(RINGS_FOR + 0.5)
    assert not world.is_held
    world.passes(10)
    assert (world.status(sid), world.keys()) == ("completed", ["1"])


def test_a_phone_that_is_off_rings_for_a_visitor_and_is_off_again_when_they_look_away(world: World) -> None:
    sid = ringing(world, OFF)
    world.passes(RINGS_FOR + 0.5)
    assert (world.status(sid), world.is_held) == ("failed", False)


def test_declining_ends_the_call_and_lets_time_go(world: World) -> None:
    sid = ringing(world)
    world.network.hang_up(sid)
    world.passes(0.2)
    assert (world.status(sid), world.is_held) == ("no-answer", False)
    world.passes(120)
    assert EventKind.CALLED_IN not in world.kinds()


def test_hanging_up_twice_releases_once(world: World) -> None:
    assert isinstance(world.clock, DemoClock)
    sid = talking(world)
    world.clock.hold()  # somebody else's
    world.network.hang_up(sid)
    world.network.hang_up(sid)
    world.passes(0.5)
    world.network.hang_up(sid)
    assert (world.status(sid), world.is_held) == ("completed", True)
    world.clock.release()
    assert not world.is_held


def test_a_visitor_whose_page_is_gone_is_hung_up_for(world: World) -> None:
    sid = talking(world)
    world.documents["/turn"] = ASK * 20
    world.network.press(sid, "1")
    world.passes(GONE_AFTER + 0.5, watched="")
    assert (world.status(sid), world.is_held, world.hands.held_by(ME)) == ("completed", False, None)


def test_a_call_that_rings_for_nobody_any_more_goes_on_by_its_habits(world: World) -> None:
    sid = ringing(world)
    world.passes(GONE_AFTER + 0.5, watched="")
    assert not world.is_held
    world.passes(10, watched="")
    assert (world.status(sid), world.keys()) == ("completed", ["1"])


def test_a_network_that_stops_lets_time_go(world: World) -> None:
    sid = talking(world)
    world.network.let_all_go()
    world.passes(0.2, watched="")
    assert (world.status(sid), world.is_held) == ("completed", False)


def test_a_network_that_stops_at_once_lets_time_go(world: World) -> None:
    talking(world)
    world.hands.release_all()
    assert not world.is_held


def test_a_story_that_breaks_lets_time_go(world: World) -> None:
    sid = ringing(world)

    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    world.network._exchange.post_receipt = broken  # type: ignore[method-assign]
    world.network.pick_up(sid)
    with pytest.raises(RuntimeError):
        world.passes(0.2)
    assert not world.is_held


def test_the_owner_may_end_a_held_call(world: World) -> None:
    sid = talking(world)
    world.network.update_call(sid, {"Status": "completed"})
    world.passes(0.2)
    assert (world.status(sid), world.is_held) == ("completed", False)


def test_armed_once_is_one_call(world: World) -> None:
    sid = talking(world)
    world.network.hang_up(sid)
    world.passes(0.3)
    assert world.hands.armed(ME) is None
    world.call()
    world.passes(0.5)
    assert not world.is_held


@pytest.mark.parametrize(("wish", "number"), [(Armed("lo"), THAI), (Armed("", "B"), THAI), (Armed("th", "B"), THAI)])
def test_a_call_that_is_not_wished_for_rings_for_nobody(world: World, wish: Armed, number: str) -> None:
    world.hands.arm(ME, wish)
    world.call(number)
    world.passes(0.5)
    assert (world.is_held, world.hands.armed(ME)) == (False, wish)


def test_a_call_that_is_wished_for_rings(world: World) -> None:
    world.hands.arm(ME, Armed("lo", "B"))
    sid = world.call(LAO)
    world.passes(0.5)
    held = world.hands.held_by(ME)
    assert held is not None
    assert held.call.sid == sid


def test_a_taken_phone_rings_for_its_visitor_every_time_and_for_no_other(world: World) -> None:
    world.hands.arm(YOU, Armed())
    world.hands.take(ME, THAI)
    for _ in range(2):
        sid = world.call()
        world.passes(0.5)
        held = world.hands.held_by(ME)
        assert held is not None
        assert (held.call.sid, world.hands.held_by(YOU)) == (sid, None)
        world.network.hang_up(sid)
        world.passes(0.3)
    with pytest.raises(NotYours):
        world.hands.take(YOU, THAI)
    world.hands.give_back(YOU, THAI)
    assert world.hands.holder(THAI) == ME
    world.hands.give_back(ME, THAI)
    assert world.hands.holder(THAI) is None


def test_one_hand_holds_one_call(world: World) -> None:
    world.hands.take(ME, THAI)
    world.hands.take(ME, LAO)
    first, second = world.call(THAI), world.call(LAO)
    world.passes(0.5)
    held = world.hands.held_by(ME)
    assert held is not None
    assert held.call.sid == first
    assert world.hands.was_handed(held.call) == ME
    world.network.hang_up(first)
    world.passes(2)
    assert (world.is_held, world.status(second)) == (False, "ringing")


def test_two_visitors_hold_two_calls_and_time_stands_for_both(world: World) -> None:
    world.hands.arm(ME, Armed("th"))
    world.hands.arm(YOU, Armed("lo"))
    first, second = world.call(THAI), world.call(LAO)
    world.passes(0.5)
    world.hands.see(YOU)
    world.network.hang_up(first)
    world.passes(0.2)
    assert world.is_held
    world.network.hang_up(second)
    world.passes(0.2)
    assert not world.is_held


def test_not_everybody_can_wait_at_once(world: World) -> None:
    for n in range(MOST_VISITORS):
        world.hands.arm(f"{n:016x}", Armed())
    with pytest.raises(NotYours):
        world.hands.arm(ME, Armed())


def test_a_visitor_calls_the_hotline_while_time_stands(world: World) -> None:
    world.hands.see(ME)
    at = world.clock.now()
    sid = world.network.call_from(THAI, "+6620000000", visitor=ME)
    world.passes(0.3)
    assert (world.status(sid), world.is_held) == ("in-progress", True)
    world.network.press(sid, "9")
    world.passes(0.3)
    assert (world.keys(), world.clock.now()) == (["9"], at)
    world.network.hang_up(sid)
    world.passes(0.2)
    assert (world.status(sid), world.is_held, world.statuses()[-1]) == ("completed", False, "completed")


def test_a_hotline_that_refuses_the_call_lets_time_go(world: World) -> None:
    world.documents["/answer"] = "<Reject/>"
    world.hands.see(ME)
    sid = world.network.call_from(THAI, "+6620000000", visitor=ME)
    world.passes(0.3)
    assert (world.status(sid), world.is_held) == ("no-answer", False)


def test_a_paused_clock_is_still_paused_after_the_call(world: World) -> None:
    assert isinstance(world.clock, DemoClock)
    sid = talking(world)
    world.clock.pause()
    world.network.hang_up(sid)
    world.passes(0.5)
    assert (world.status(sid), world.clock.is_paused, world.is_held) == ("completed", True, False)


def test_by_the_wall_clock_a_visitor_answers_just_the_same(world: World) -> None:
    world.start(WallClock(world))
    world.hands.take(ME, THAI)
    world.call()
    world.passes(2.5)
    held = world.hands.held_by(ME)
    assert held is not None
    world.network.pick_up(held.call.sid)
    world.passes(0.3)
    world.network.press(held.call.sid, "1")
    world.passes(3)
    assert (world.keys(), world.status(held.call.sid)) == (["1"], "completed")


FAMILY, NOBODYS = "+66844444444", "+66855555555"


def test_a_visitor_may_wait_for_a_familys_call_alone(world: World) -> None:
    world.network.add_handset(Handset(FAMILY, people=3, language="th", site="A"))
    world.hands.arm(ME, Armed(whose=Whose.FAMILY))
    world.call(THAI)
    world.passes(0.5)
    assert world.hands.held_by(ME) is None
    sid = world.call(FAMILY)
    world.passes(0.5)
    held = world.hands.held_by(ME)
    assert held is not None
    assert held.call.sid == sid


@pytest.mark.parametrize(("people", "whose"), [(1, Whose.ONE), (2, Whose.FAMILY), (5, Whose.FAMILY), (0, Whose.NOBODY)])
def test_whose_a_phone_is_follows_from_how_many_it_reaches(people: int, whose: Whose) -> None:
    assert Handset(THAI, people=people).whose is whose


STAFF = "+66898765432"


def asking_for_staff(world: World, habits: str) -> str:
    """I called the hotline, and the clinic's phone rings."""
    world.network.add_handset(Handset(STAFF, habits=habits))
    world.documents["/answer"] = f"<Dial action='/dialled'><Number>{STAFF}</Number></Dial>"
    sid = world.network.call_from(THAI, "+6620000000", visitor=ME)
    world.passes(1)
    assert world.kinds()[-1] is EventKind.DIALLED
    return sid


def told_of_the_dial(world: World) -> str:
    (form,) = [dict(one.form) for one in world.asked if one.url.endswith("/dialled")]
    return form["DialCallStatus"]


@pytest.mark.parametrize(
    ("habits", "picks_up", "status", "seen"),
    [
        ("off", True, "completed", ["dialled", "connected", "left"]),
        ("always_answers_1", False, "no-answer", ["dialled", "untaken"]),
    ],
)
def test_who_holds_the_call_says_whether_the_clinic_picks_up(
    world: World, habits: str, picks_up: bool, status: str, seen: list[str]
) -> None:
    sid = asking_for_staff(world, habits)
    world.network.let_staff(sid, picks_up)
    world.passes(8)
    assert told_of_the_dial(world) == status
    assert [kind for kind in world.kinds() if kind in ("dialled", "connected", "untaken", "left")] == seen


@pytest.mark.parametrize(("habits", "status"), [("off", "failed"), ("always_answers_1", "completed")])
def test_without_a_choice_the_clinic_does_what_it_usually_does(world: World, habits: str, status: str) -> None:
    asking_for_staff(world, habits)
    world.passes(RINGS_IN_HAND + 8)
    assert told_of_the_dial(world) == status


def test_a_choice_that_comes_too_late_cuts_nothing_short(world: World) -> None:
    sid = asking_for_staff(world, "always_answers_1")
    world.network.let_staff(sid, picks_up=True)
    world.passes(1)
    world.network.let_staff(sid, picks_up=False)
    world.passes(2)
    assert world.kinds()[-1] is EventKind.CONNECTED
    world.passes(5)
    assert told_of_the_dial(world) == "completed"


@pytest.mark.parametrize(("digits", "takes_many"), [("1", False), ("13", True)])
def test_the_page_is_told_whether_a_key_or_a_number_is_asked_for(world: World, digits: str, takes_many: bool) -> None:
    world.documents["/answer"] = ASK.replace('numDigits="1"', f'numDigits="{digits}"')
    talking(world)
    held = world.hands.held_by(ME)
    assert held is not None
    assert held.call.programme is not None
    assert held.call.programme.takes_many is takes_many
