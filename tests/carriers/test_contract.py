"""The table of contract.py on every carrier we have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from gateway.carriers.memory import MemoryCarrier
from gateway.carriers.port import (
    AskKey,
    CallbackRequest,
    CarrierError,
    CarrierStatus,
    DialNumber,
    Fault,
    HangUp,
    PlayClip,
    Record,
    Speak,
    Submission,
)
from gateway.carriers.twilio import connect
from tests.carriers.conftest import settings_for
from tests.carriers.contract import (
    AWAY,
    CASES,
    OTHER,
    TAKEN_AT,
    TO,
    Case,
    Kind,
    Situation,
    Stage,
    find,
    submit,
    submit_all,
    text_to,
)
from tests.carriers.standin import StandIn, fails_after_taking, hangs, redirects, refuses, resets

FOREIGN_ERRORS = {
    Situation.BAD_NUMBER: (CarrierError(Fault.BAD_NUMBER, permanent=True), False),
    Situation.THROTTLES: (CarrierError(Fault.THROTTLED), False),
    Situation.MISCONFIGURED: (CarrierError(Fault.MISCONFIGURED), False),
    Situation.NO_CONNECTION: (CarrierError(Fault.NOT_CONNECTED), False),
    Situation.HANGS: (CarrierError(Fault.IN_DOUBT, in_doubt=True), True),
    Situation.CUTS: (CarrierError(Fault.IN_DOUBT, in_doubt=True), True),
    Situation.FAILS_AFTER_TAKING: (CarrierError(Fault.IN_DOUBT, in_doubt=True), True),
    Situation.FAILS_BEFORE_TAKING: (CarrierError(Fault.IN_DOUBT, in_doubt=True), False),
    Situation.REDIRECTS: (CarrierError(Fault.IN_DOUBT, in_doubt=True), False),
}
BEHAVIOURS = {
    Situation.BAD_NUMBER: refuses(400, 21211),
    Situation.THROTTLES: refuses(429, 20429),
    Situation.MISCONFIGURED: refuses(401, 20003),
    Situation.HANGS: hangs,
    Situation.CUTS: resets,
    Situation.FAILS_AFTER_TAKING: fails_after_taking,
    Situation.FAILS_BEFORE_TAKING: refuses(503, None),
    Situation.REDIRECTS: redirects,
}


RECORDING = "RE" + "a" * 32


def memory_stage() -> Stage:
    carrier = MemoryCarrier(now=lambda: TAKEN_AT)

    def prepare(situation: Situation) -> None:
        if situation is not Situation.TAKES_IT:
            error, taken = FOREIGN_ERRORS[situation]
            carrier.fail_next(error, taken=taken)

    def record(sound: bytes) -> str:
        carrier.recorded[RECORDING] = sound
        return RECORDING

    def end(call: str) -> None:
        carrier.set_status(call, CarrierStatus.COMPLETED)

    return Stage(carrier, prepare, None, end, record, lambda: len(carrier.recorded))


def twilio_stage(stand_in: StandIn) -> Stage:
    def prepare(situation: Situation) -> None:
        if situation is Situation.NO_CONNECTION:
            stand_in.stop_listening()
            return
        if situation is Situation.HANGS:
            stage.carrier = connect(settings_for(stand_in, read_timeout=0.3))
        if situation is not Situation.TAKES_IT:
            stand_in.then(BEHAVIOURS[situation])

    def end(carrier_id: str) -> None:
        next(call for call in stand_in.calls if call["sid"] == carrier_id)["status"] = "completed"

    def record(sound: bytes) -> str:
        stand_in.recordings[RECORDING] = sound
        return RECORDING

    carrier = connect(settings_for(stand_in))
    stage = Stage(carrier, prepare, lambda: len(stand_in.seen), end, record, lambda: len(stand_in.recordings))
    return stage


@pytest.fixture(params=["memory", "twilio"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    if request.param == "memory":
        yield memory_stage()
        return
    stage = twilio_stage(request.getfixturevalue("stand_in"))
    first = stage.carrier
    yield stage
    for carrier in (first, stage.carrier):
        carrier.close()  # type: ignore[attr-defined]


@pytest.fixture(params=list(Kind))
def kind(request: pytest.FixtureRequest) -> Kind:
    return Kind(request.param)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.situation))
def test_a_submission_ends_as_the_table_says(stage: Stage, kind: Kind, case: Case) -> None:
    stage.prepare(case.situation)

    if case.fault is None:
        assert submit(stage, kind).carrier_id
        return
    with pytest.raises(CarrierError) as caught:
        submit(stage, kind)

    error = caught.value
    assert (error.fault, error.permanent, error.in_doubt) == (case.fault, case.permanent, case.in_doubt)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.situation))
def test_the_wire_is_used_once_whatever_happens(stage: Stage, kind: Kind, case: Case) -> None:
    stage.prepare(case.situation)

    with suppress(CarrierError):
        submit(stage, kind)

    assert stage.requests is None or stage.requests() == case.requests


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.situation))
def test_a_submission_among_many_ends_as_the_table_says(stage: Stage, kind: Kind, case: Case) -> None:
    stage.prepare(case.situation)

    [ended] = submit_all(stage, kind, [TO])

    if isinstance(ended, CarrierError):
        assert (ended.fault, ended.permanent, ended.in_doubt) == (case.fault, case.permanent, case.in_doubt)
    else:
        assert case.fault is None
    if stage.requests is not None:
        assert stage.requests() == case.requests


def test_many_submissions_end_in_the_order_they_were_given(stage: Stage, kind: Kind) -> None:
    numbers = [f"+668123400{n:02d}" for n in range(40)]

    taken = submit_all(stage, kind, numbers)

    assert len({one.carrier_id for one in taken if isinstance(one, Submission)}) == 40
    for number, one in zip(numbers, taken, strict=True):
        assert [found.carrier_id for found in find(stage, kind, to=number)] == [one.carrier_id]  # type: ignore[union-attr]


def test_nothing_more_is_asked_of_a_carrier_that_said_when_to_come_back(stand_in: StandIn, kind: Kind) -> None:
    stage = twilio_stage(stand_in)
    for _ in range(40):
        stand_in.then(refuses(429, 20429, Retry_After="30"))

    ended = submit_all(stage, kind, [f"+668123400{n:02d}" for n in range(40)])
    stage.carrier.close()  # type: ignore[attr-defined]

    assert {one.fault for one in ended if isinstance(one, CarrierError)} == {Fault.THROTTLED}
    assert len(ended) == 40
    assert len(stand_in.seen) < 40


@pytest.mark.parametrize("case", [case for case in CASES if case.requests], ids=lambda case: str(case.situation))
def test_looking_by_number_tells_whether_it_went_out(stage: Stage, kind: Kind, case: Case) -> None:
    stage.prepare(case.situation)
    with suppress(CarrierError):
        submit(stage, kind)

    assert len(find(stage, kind)) == (1 if case.went_out else 0)


def test_what_was_taken_is_found_under_the_id_it_was_given(stage: Stage, kind: Kind) -> None:
    taken = submit(stage, kind)

    assert [found.carrier_id for found in find(stage, kind)] == [taken.carrier_id]


def test_two_submissions_get_two_ids_and_are_found_newest_first(stage: Stage, kind: Kind) -> None:
    first, second = submit(stage, kind), submit(stage, kind)

    assert [found.carrier_id for found in find(stage, kind)] == [second.carrier_id, first.carrier_id]


def test_another_persons_number_finds_nothing(stage: Stage, kind: Kind) -> None:
    submit(stage, kind)

    assert find(stage, kind, to=OTHER) == []


def test_what_is_older_than_asked_for_is_left_out(stage: Stage, kind: Kind) -> None:
    submit(stage, kind)

    assert find(stage, kind, since=TAKEN_AT + timedelta(seconds=1)) == []


def test_a_time_without_a_zone_is_refused(stage: Stage, kind: Kind) -> None:
    with pytest.raises(ValueError, match="naive"):
        find(stage, kind, since=TAKEN_AT.replace(tzinfo=None))


def test_a_found_text_shows_its_words_so_that_it_can_be_matched(stage: Stage) -> None:
    order = text_to()
    stage.carrier.sms.send_sms(order)

    assert [found.body for found in find(stage, Kind.TEXT)] == [order.body]


def test_a_found_submission_bears_an_aware_time(stage: Stage, kind: Kind) -> None:
    submit(stage, kind)

    assert [found.at for found in find(stage, kind)] == [TAKEN_AT]


def test_a_failed_search_leaves_nothing_in_doubt(stage: Stage, kind: Kind) -> None:
    stage.prepare(Situation.THROTTLES)

    with pytest.raises(CarrierError) as caught:
        find(stage, kind)

    assert not caught.value.in_doubt


def test_a_call_under_way_can_be_stopped(stage: Stage) -> None:
    call = submit(stage, Kind.CALL)

    stage.carrier.voice.cancel_call(call.carrier_id)

    assert find(stage, Kind.CALL)[0].status in {CarrierStatus.CANCELLED, CarrierStatus.COMPLETED}


def test_stopping_a_call_already_over_is_no_error(stage: Stage) -> None:
    call = submit(stage, Kind.CALL)
    stage.end(call.carrier_id)

    assert stage.carrier.voice.cancel_call(call.carrier_id) is None


def test_stopping_a_call_nobody_knows_is_no_error(stage: Stage) -> None:
    assert stage.carrier.voice.cancel_call("CA" + "f" * 32) is None


def test_stopping_a_call_while_the_carrier_is_away_is_an_error(stage: Stage) -> None:
    stage.prepare(Situation.NO_CONNECTION)

    with pytest.raises(CarrierError):
        stage.carrier.voice.cancel_call("CA" + "f" * 32)


def test_a_request_without_a_signature_is_not_the_carriers(stage: Stage) -> None:
    assert not stage.carrier.callbacks.verify(CallbackRequest("POST", "https://gw.example/x", {}, (("a", "b"),)))


def test_a_callback_that_says_nothing_we_know_is_none(stage: Stage) -> None:
    request = CallbackRequest("POST", "https://gw.example/x", {}, (("What", "ever"),))
    reader = stage.carrier.callbacks

    assert reader.sms_receipt(request) is None
    assert reader.call_receipt(request) is None
    assert reader.inbound_sms(request) is None
    assert reader.call_event(request) is None


words = st.text(max_size=30)
pairs = st.lists(st.tuples(words, words), max_size=5).map(tuple)


@given(
    method=words, url=words, headers=st.dictionaries(words, words, max_size=3), form=pairs, body=st.binary(max_size=40)
)
@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_request_whatever_makes_the_reader_raise(
    stage: Stage, method: str, url: str, headers: dict[str, str], form: tuple[tuple[str, str], ...], body: bytes
) -> None:
    request, reader = CallbackRequest(method, url, headers, form, body), stage.carrier.callbacks

    read = [reader.sms_receipt(request), reader.call_receipt(request), reader.inbound_sms(request)]

    assert reader.verify(request) is False
    assert read == [None, None, None]


def test_a_language_without_a_voice_is_refused_not_read_in_another(stage: Stage) -> None:
    renderer = stage.carrier.renderer
    ask = AskKey((Speak("မင်္ဂလာပါ", "my"),), "https://gw.example/turn/1")

    assert not renderer.can_speak("my")
    with pytest.raises(ValueError, match="my"):
        renderer.render([ask])


def test_what_was_recorded_is_fetched_byte_by_byte_and_stays_until_it_is_deleted(stage: Stage) -> None:
    name, sound = stage.record(b"RIFF\x00\xff\r\n" * 999), b"RIFF\x00\xff\r\n" * 999

    assert [stage.carrier.recordings.fetch(name) for _ in range(2)] == [sound, sound]
    stage.carrier.recordings.delete(name)

    assert stage.recordings() == 0


def test_a_recording_that_is_not_there_cannot_be_fetched_and_need_not_be_deleted(stage: Stage) -> None:
    with pytest.raises(CarrierError):
        stage.carrier.recordings.fetch(RECORDING)

    assert stage.carrier.recordings.delete(RECORDING) is None


@pytest.mark.parametrize("situation", AWAY)
@pytest.mark.parametrize("deed", ["fetch", "delete"])
def test_from_a_carrier_that_is_away_nothing_is_had_and_nothing_lost(
    stage: Stage, situation: Situation, deed: str
) -> None:
    name = stage.record(b"RIFF")
    stage.prepare(situation)

    with pytest.raises(CarrierError):
        getattr(stage.carrier.recordings, deed)(name)

    assert stage.recordings() == 1


def test_what_is_spoken_can_be_recorded(stage: Stage) -> None:
    rendered = stage.carrier.renderer.render(
        [PlayClip("https://gw.example/a.wav"), Record("https://gw.example/turn/2")]
    )

    assert rendered.body.index("a.wav") < rendered.body.index("Record") < rendered.body.index("turn/2")


def test_a_response_can_play_ask_speak_and_end(stage: Stage) -> None:
    ask = AskKey((PlayClip("https://gw.example/audio/a.wav"), Speak("กด 1", "th")), "https://gw.example/turn/1")

    rendered = stage.carrier.renderer.render([ask, HangUp()])

    assert "https://gw.example/audio/a.wav" in rendered.body
    assert "https://gw.example/turn/1" in rendered.body
    assert "กด 1" in rendered.body


def test_a_carrier_on_this_machine_says_that_it_reaches_nobody(stage: Stage) -> None:
    carrier = stage.carrier

    assert [carrier.reaches_people, carrier.sms.reaches_people, carrier.voice.reaches_people] == [False] * 3


def test_no_number_shows_in_the_text_of_an_error(stage: Stage, kind: Kind) -> None:
    stage.prepare(Situation.BAD_NUMBER)

    with pytest.raises(CarrierError) as caught:
        submit(stage, kind)

    assert TO[1:] not in str(caught.value)


def test_a_call_is_connected_after_what_is_said_and_its_end_is_told(stage: Stage) -> None:
    rendered = stage.carrier.renderer.render(
        [PlayClip("https://gw.example/a.wav"), DialNumber("+6654000901", "https://gw.example/dial/a1", 20)]
    )

    assert rendered.body.index("a.wav") < rendered.body.index("+6654000901")
    assert "https://gw.example/dial/a1" in rendered.body


def test_a_number_to_dial_is_in_no_log(stage: Stage) -> None:
    assert "+6654000901" not in repr(DialNumber("+6654000901", "https://gw.example/dial/a1")), stage.carrier.name
