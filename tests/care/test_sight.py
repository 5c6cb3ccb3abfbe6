"""Whom the staff of one site may see."""

from __future__ import annotations

from pathlib import Path

from gateway.care.sight import seen_from
from gateway.records.places import Site
from gateway.reports.people_search import is_seen_from
from tests.support.world import World


def test_a_site_sees_its_own_people_and_those_with_an_appointment_there_as_the_pages_do(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.add(Site(code="S2", name="รพ.สต."))
    own, guest, stranger, nobodys = (world.person() for _ in range(4))
    for one, site in ((guest, "S2"), (stranger, "S2"), (nobodys, None)):
        with world.database.unit_of_work() as db:
            one.site = site
            db.merge(one)
    world.appointment(guest)
    everybody = [own, guest, stranger, nobodys]
    with world.database.reading() as db:
        seen = seen_from(db, [one.id for one in everybody], "S1")
        assert seen == {own.id, guest.id} == {one.id for one in everybody if is_seen_from(db, one, "S1")}
    world.database.close()
