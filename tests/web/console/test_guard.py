"""The handsets are open to all while everybody is invented, and to staff of all sites once somebody is real."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.records.staffing import Role
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


def test_staff_of_all_sites_come_in_and_staff_of_one_do_not(console: Console) -> None:
    console.world.person(sample=False)
    assert console.get(HANDSETS).status_code == 200
    console.sign_in(Role.STAFF, site="S1")
    refused = console.get(HANDSETS)
    assert (refused.status_code, "one site only" in refused.text) == (403, True)
