"""Which number of a site's staff may be dialled from a call."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.care.hotline_waits import HotlineRules
from gateway.records.contacts import Attempt
from gateway.records.conversations import Call
from gateway.records.people import Phone
from gateway.records.places import Site
from gateway.records.status import Channel
from gateway.web.staff_line import number_to_dial
from tests.support import rooms
from tests.support.world import World


@pytest.mark.parametrize(
    ("number", "dialled"),
    [
        ("054 000 901", "+6654000901"),
        ("1800 123 456", "+661800123456"),  # costs nobody anything
        ("1900 123 456", ""),  # costs by the minute
        ("02 000 0000", ""),  # we call from it: we would answer ourselves
        ("054 000 555", ""),  # and this is the hotline
        ("1669", ""),
    ],
)
def test_staff_are_dialled_at_no_costly_number_and_not_at_our_own(
    world: World, tmp_path: Path, number: str, dialled: str
) -> None:
    desk = rooms.desk(world, tmp_path)
    desk = replace(
        desk,
        speech=replace(desk.speech, hotline="054 000 555"),
        hotline=HotlineRules(own_numbers=frozenset({"+6620000000"})),
    )
    world.add(Phone(e164="+66800001001", line_type="mobile"))
    with world.database.unit_of_work() as db:
        db.get_one(Site, "S1").staff_phone = number
        attempt = Attempt(phone=1, channel=Channel.VOICE, created_at=world.clock.now())
        db.add(attempt)
        db.flush()
        call = Call(attempt=attempt.id, carrier_sid="CA1", flow="hotline", opened_at=world.clock.now())
        assert number_to_dial(desk, db, call, "S1") == dialled
