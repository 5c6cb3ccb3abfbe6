"""The pictures of calls and the page of what they say are what the flows are."""

from __future__ import annotations

import re

from docs.pictures.flows import FLOWS, PAGE, PICTURES, STORIES, TITLES, WIDE, drawn, files
from gateway.calls.steps import Node


def test_the_committed_pictures_and_the_page_are_made_from_the_flows_of_today() -> None:
    stale = [path.name for path, text in files().items() if path.read_text(encoding="utf-8") != text]
    assert not stale, "run python -m docs.pictures.flows"


def test_every_flow_has_a_picture_and_every_node_a_title() -> None:
    assert {story.flow.name for story in STORIES} == set(FLOWS)
    assert {node.value for node in Node} - {"holding", "languages", "speaking", "keeping"} <= set(TITLES)


def test_what_leads_to_a_yes_is_drawn() -> None:
    reminder = next(story for story in STORIES if story.name == "reminder_call")
    assert drawn(reminder).arrows["question", "ride"] == {"1 (coming)": None}


def test_no_box_lies_over_another_and_none_outside_the_picture() -> None:
    for story in STORIES:
        boxes = list(drawn(story).boxes.values())
        places = [(box.x, box.y) for box in boxes]
        assert len(set(places)) == len(places)
        text = (PICTURES / f"flow_{story.name}.svg").read_text(encoding="utf-8")
        width = int(re.findall(r'width="(\d+)"', text)[0])
        assert all(0 <= box.x <= width - WIDE for box in boxes)


def test_the_page_shows_every_picture() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert all(f"pictures/flow_{story.name}.svg" in page for story in STORIES)
