"""The handsets are open to all while everybody is invented, and to staff of all sites once somebody is real."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from gateway.records.staffing import Role, StaffSession
from gateway.staff.sessions import IDLE
from tests.web.console.conftest import Console

HANDSETS = "/sandbox/"
STATE = "/sandbox/state"


@pytest.fixture
def console(serve: Callable[..., Console]) -> Console:
    """A house with its telephone network, and a manager of all sites signed in."""
    started = serve(with_network=True)
    started.sign_in()
    return started


def test_invented_people_may_be_seen_by_anybody(console: Console) -> None:
    console.world.person(sample=True)
    console.client.cookies.clear()
    assert console.get(HANDSETS).status_code == 200


def test_a_real_person_among_them_shuts_the_door_to_strangers(console: Console) -> None:
    console.world.person(sample=True)
    console.world.person(sample=False)
    console.client.cookies.clear()
    for path in (HANDSETS, STATE):
        answer = console.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/sign-in?next=/sandbox")
    assert "not of the sample" in console.follow(answer).text


def test_staff_of_all_sites_come_in_and_staff_of_one_do_not(console: Console) -> None:
    console.world.person(sample=False)
    assert console.get(HANDSETS).status_code == 200
    console.sign_in(Role.STAFF, site="S1")
    refused = console.get(HANDSETS)
    assert (refused.status_code, "one site only" in refused.text) == (403, True)


def test_a_speaker_from_outside_does_not_come_in(console: Console) -> None:
    console.world.person(sample=False)
    console.sign_in(Role.SPEAKER)
    for path in (HANDSETS, STATE):
        refused = console.get(path)
        assert (refused.status_code, "sees nobody" in refused.text) == (403, True)


@pytest.mark.parametrize(("path", "is_use"), [(STATE, False), (HANDSETS, True)])
def test_a_page_of_handsets_that_is_only_left_open_is_no_use_of_a_session(
    console: Console, path: str, is_use: bool
) -> None:
    console.world.person(sample=False)
    [session] = console.world.all(StaffSession)
    session.seen_at = datetime.now(UTC) - timedelta(minutes=90)
    session.expires_at = ends = session.seen_at + IDLE
    console.world.add(session)
    assert console.get(f"{path}?visitor={'a' * 32}").status_code == 200
    assert [one.expires_at > ends for one in console.world.all(StaffSession)] == [is_use]
