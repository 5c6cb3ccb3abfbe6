"""Draw every call as it goes into docs/pictures/flow_<name>.svg, and write docs/calls.md: from the flows themselves.

    python -m docs.pictures.flows

Both are made of the same walk that the tests take through every state, so that no arrow is drawn that no call can go,
and none is missing. A test holds the committed files to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Final

from gateway.calls.calling import Calling
from gateway.calls.flow import (
    Answered,
    Ask,
    CallFacts,
    CallState,
    Command,
    Dial,
    Dialled,
    Event,
    FindHours,
    Flow,
    HangUp,
    Held,
    HoursFound,
    Keys,
    LanguagesFound,
    MessageKept,
    Note,
    NumberKept,
    PhraseFound,
    PinChecked,
    Play,
    PutDown,
    RecordPhrase,
    Request,
    SeatsFound,
    Settled,
    SpokenIn,
    StaffFound,
    Taken,
    advance,
    language_of,
)
from gateway.calls.hotline import Hotline
from gateway.calls.news_call import NewsCall
from gateway.calls.reminder_call import ReminderCall
from gateway.calls.studio_call import StudioCall
from gateway.kit.answers import Answer
from gateway.voice.prompts import Script, load_scripts
from tests.calls.walking import EIGHT, FACTS, Edge, World, household, walk

DOCS: Final = Path(__file__).parents[1]
PICTURES: Final = DOCS / "pictures"
PAGE: Final = DOCS / "calls.md"

REMINDER, HOTLINE, STUDIO, NEWS = ReminderCall(), Hotline(), StudioCall(), NewsCall()
FLOWS: Final[dict[str, Flow]] = {flow.name: flow for flow in (REMINDER, HOTLINE, STUDIO, NEWS)}

MANY: Final = 6  # keys that do the same are "any other key"
ASIDE: Final = frozenset({"0", "6", "*"})  # where these lead is drawn at the first question only
SAME: Final = {  # what the house answers is a part of the node that asked
    "holding": "seats", "keeping": "message", "languages": "language", "speaking": "language",
    "welcome": "first_language", "first_speaking": "first_language", "checking": "number", "hours": "menu",
    "studio_checking": "studio_pin", "studio_finding": "studio_speak", "studio_start": "start",
    "studio_ended": "ended",
}  # fmt: skip
TITLES: Final = {
    "start": "the phone is picked up",
    "lobby": "office hours",
    "household": "all at once, or one by one?",
    "names": "which of you?",
    "everybody": "are you all coming?",
    "question": "are you coming?",
    "ride": "a ride?",
    "other": "anything we should know?",
    "stop": "really no more calls?",
    "nobody": "really nobody of you?",
    "part": "morning or afternoon?",
    "seats": "looking for seats",
    "offer": "which day?",
    "taking": "moving the appointment",
    "moved": "the new day",
    "language": "which language?",
    "staff": "can staff be rung?",
    "dialling": "ringing staff",
    "message": "leave a message",
    "first_language": "which language?",
    "menu": "hours, the list, a question?",
    "number": "thirteen digits",
    "closed": "when is somebody there?",
    "news": "your ride comes at …",
    "studio_pin": "the speaker's PIN",
    "studio_speak": "read a phrase aloud",
    "studio_choice": "keep it?",
    "back": "back",
    "ended": "goodbye",
}


@dataclass(frozen=True, slots=True)
class Story:
    """One picture: a flow with what it is about, and nodes that other pictures show."""

    name: str
    title: str
    flow: Flow
    facts: tuple[CallFacts, ...]
    elsewhere: frozenset[str] = frozenset()


SHOWN_FOR_ONE: Final = frozenset({"seats", "part", "offer", "taking", "moved"}) | {
    "staff", "language", "dialling", "message",
}  # fmt: skip
PUBLIC: Final = replace(FACTS, appointment=None, starts_at=None)
STORIES: Final = (
    Story("reminder_call", "The reminder call, to one person", REMINDER, (FACTS, replace(FACTS, may_move=False))),
    Story(
        "household", "The reminder call, to several people of one telephone", REMINDER,
        (household(3), household(5)), SHOWN_FOR_ONE,
    ),
    Story("hotline", "The hotline: a number with an appointment ahead", HOTLINE, (FACTS,), SHOWN_FOR_ONE),
    Story("stranger", "The hotline: a number with nothing on record", HOTLINE, (PUBLIC,)),
    Story("studio_call", "The studio: a speaker records by telephone", STUDIO, (FACTS,)),
    Story("news_call", "News: a ride is arranged", NEWS, (FACTS,)),
)  # fmt: skip


LOOPS: Final = {  # where a key leads that comes back to the same question
    "hours": "the hours, then this again", "first_speaking": "in that language", "speaking": "in that language",
    "checking": "is it a number?", "studio_checking": "whose PIN is it?",
}  # fmt: skip


@dataclass
class Box:
    """A node as it is drawn."""

    name: str
    loops: dict[str, dict[str, None]] = field(default_factory=dict)  # keys that come back to it, by what they do
    ends: dict[str, None] = field(default_factory=dict)
    returns: dict[str, None] = field(default_factory=dict)
    jumps: dict[str, dict[str, None]] = field(default_factory=dict)  # to boxes beside or above: written, not drawn
    level: int = 0
    x: float = 0
    y: float = 0

    def lines(self) -> list[str]:
        """What stands in the box below its title."""
        returns = {"any other key": None} if len(self.returns) > MANY else self.returns
        said = ((f"to “{TITLES[name]}”", labels) for name, labels in self.jumps.items())
        parts = (*self.loops.items(), *said, ("back to the question", returns), ("goodbye", self.ends))
        return [line for what, labels in parts if labels for line in _wrapped(f"{_listed(labels)}: {what}")]


@dataclass
class Drawing:
    """Boxes and the arrows between them, with what stands on each."""

    boxes: dict[str, Box] = field(default_factory=dict)
    arrows: dict[tuple[str, str], dict[str, None]] = field(default_factory=lambda: defaultdict(dict))


def _is_known(state: CallState) -> bool:
    """Whether nothing new is met behind this state: the third person, the second phrase."""
    return len(state.settled) > 1 or (state.studio is not None and state.studio.turns > 4)


@cache
def walked(story: Story) -> list[Edge]:
    """Every step of the story with no counter used up."""
    world = World(is_rich=not story.facts[0].subjects, counts=False)
    found: list[Edge] = []
    for facts in story.facts:
        edges = walk(FLOWS, story.flow.begin(facts), world, stop=_is_known)
        found.extend(edges)
    return found


def drawn(story: Story) -> Drawing:
    """The picture's boxes and arrows."""
    drawing = Drawing()
    for edge in walked(story):
        source, target = node(edge.before.node), node(edge.after.node)
        label = labelled(edge)
        if not label or source == "ended" or source in story.elsewhere:
            continue
        box = drawing.boxes.setdefault(source, Box(source))
        is_first = source in ("question", "names", "menu", "news")
        if target in ("staff", "language") and label[0] in ASIDE and not is_first:
            continue
        if edge.before.back and edge.after.node == edge.before.back:
            box.returns[label] = None
        elif target == "ended":
            box.ends[label] = None
        elif source == target:
            if does := looped(edge):
                box.loops.setdefault(does, {})[label] = None
        else:
            drawing.boxes.setdefault(target, Box(target))
            drawing.arrows[source, target][label] = None
    _place(drawing)
    return drawing


def looped(edge: Edge) -> str:
    """What a key does that comes back to the same question; "" for 9, and for what is only asked again."""
    if not isinstance(edge.event, Keys) or not edge.event.digits:
        return ""
    if edge.before.node != edge.after.node:
        return LOOPS.get(str(edge.after.node), "")
    if edge.before.page != edge.after.page:
        return "the others"
    return "slower" if edge.event.digits == "6" and edge.after.facts.is_slow else ""


def node(name: str) -> str:
    """The box a node is drawn in."""
    return SAME.get(str(name), str(name))


MEANINGLESS: Final = frozenset({"101", "one", "123456"})
KEYED_AT_LENGTH: Final = {"studio_pin": "six digits", "number": "digits, then #"}


def labelled(edge: Edge) -> str:
    """What stands on an arrow: the key or what the house answered, and what is noted; "" for what is not drawn."""
    event = edge.event
    at_length = KEYED_AT_LENGTH.get(str(edge.before.node))
    if isinstance(event, Keys) and at_length:
        return at_length if event.digits == "123456" else "" if event.digits else "silence"
    if isinstance(event, Keys) and event.digits in MEANINGLESS:
        return ""
    if event == Keys("") and Answer.STAFF in edge.before.noted:  # who left it to staff is not asked three times more
        return ""
    if isinstance(event, PutDown | Settled | MessageKept) and node(edge.before.node) != "message":
        return ""
    noted = [one.answer.value.replace("_", " ") for one in edge.commands if isinstance(one, Note)]
    says = _said(event)
    return f"{says} ({', '.join(dict.fromkeys(noted))})" if noted and says else says


def _said(event: Event) -> str:
    """The key, or in a word what the house answered; "" where it changes nothing that is drawn."""
    words: dict[type, tuple[str, str]] = {
        StaffFound: ("yes", "no"),
        Dialled: ("spoke with them", "no answer"),
        LanguagesFound: ("", "no other"),
        SpokenIn: ("chosen", ""),
        PinChecked: ("right", "wrong"),
        PhraseFound: ("next phrase", "nothing left"),
        NumberKept: ("kept", "no number"),
        HoursFound: ("hours", "hours"),
        MessageKept: ("kept", "kept"),
        Held: ("held", "seat lost"),
        Taken: ("moved", "seat lost"),
        SeatsFound: ("days", "no seat"),
    }
    if isinstance(event, Keys):
        return event.digits or "silence"
    if isinstance(event, SeatsFound) and len(event.parts) > 1:
        return "both halves"
    yes, no = words.get(type(event), ("", ""))
    other = {"Spoken": "spoken", "Answered": "answered", "PutDown": "hung up"}.get(type(event).__name__, "")
    return other or (yes if any(getattr(event, one) for one in event.__slots__) else no)


# Where the boxes stand

WIDE, GAP, ROW, LINE = 244, 36, 84, 15


def _place(drawing: Drawing) -> None:
    _level(drawing)
    for of, to in list(drawing.arrows):
        if drawing.boxes[to].level <= drawing.boxes[of].level:
            drawing.boxes[of].jumps[to] = drawing.arrows.pop((of, to))
    rows: dict[int, list[Box]] = defaultdict(list)
    for box in drawing.boxes.values():
        rows[box.level].append(box)
    widest = max(len(row) for row in rows.values())
    y = 20.0
    for level in sorted(rows):
        row = sorted(rows[level], key=lambda box: (_above(drawing, box), box.name))
        left = (widest - len(row)) * (WIDE + GAP) / 2 + 20
        for at, box in enumerate(row):
            box.x, box.y = left + at * (WIDE + GAP), y
        y += max(height(box) for box in row) + ROW


def _level(drawing: Drawing) -> None:
    here, level, seen = ["start"], 0, {"start"}
    while here:
        for name in here:
            drawing.boxes[name].level = level
        after = dict.fromkeys(to for (of, to) in drawing.arrows if of in here and to not in seen)
        seen |= set(after)
        here, level = list(after), level + 1


def _above(drawing: Drawing, box: Box) -> float:
    """Where a box would like to stand: below those that lead to it, in the order of their keys."""
    over = [(of, labels) for (of, to), labels in drawing.arrows.items() if to == box.name]
    above = [(drawing.boxes[of], labels) for of, labels in over if drawing.boxes[of].level < box.level]
    if not above:
        return 0
    order = min(_order(label) for _, labels in above for label in labels)
    return sum(one.x for one, _ in above) / len(above) + order


def _order(label: str) -> float:
    return "1234567890*#".find(label[0]) * 20.0


def height(box: Box) -> float:
    """A box's height: its title and what stands below it."""
    return 34 + LINE * len(box.lines())


def _listed(labels: Iterable[str]) -> str:
    return " · ".join(sorted(labels, key=lambda label: (_order(label), label)))


def _wrapped(text: str, most: int = 36) -> list[str]:
    lines, line = [], ""
    for word in text.split(" · "):
        if line and len(line) + len(word) + 3 > most:
            lines.append(line)
            line = word
        else:
            line = f"{line} · {word}" if line else word
    return [*lines, line]


# The picture


NARROWEST: Final = 920  # what stands below the picture needs as much
STYLE: Final = """<style>
text { font: 13px system-ui, "Noto Sans", sans-serif; fill: #1c2733 }
.title { font-weight: 600; font-size: 14px } .head { font-weight: 600; font-size: 18px }
.small { font-size: 12px; fill: #52606d } .label { font-size: 12px; fill: #0b4a8f }
.box { fill: #f7f9fb; stroke: #5b6b7b } .house { fill: #fff8e6; stroke: #a3843b }
.arrow { fill: none; stroke: #7b8ea1; stroke-width: 1.4 }
.under { fill: #ffffff; opacity: .92 }
</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">
<path d="M0 0 8 4 0 8z" fill="#7b8ea1"/></marker></defs>"""
HOUSE: Final = frozenset({"seats", "taking", "staff", "dialling", "closed"})
HEAD: Final = 46


def svg(story: Story) -> str:
    """The picture of a story."""
    drawing = drawn(story)
    boxes = drawing.boxes.values()
    width = max(NARROWEST, *(box.x + WIDE + 60 for box in boxes))
    tall = max(box.y + height(box) for box in boxes) + HEAD + 50
    arrows = [_arrow(drawing, of, to, labels) for (of, to), labels in drawing.arrows.items()]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {tall:.0f}" width="{width:.0f}" '
        f'height="{tall:.0f}" role="img" aria-label="{escape(story.title)}">',
        STYLE,
        f'<rect width="{width:.0f}" height="{tall:.0f}" fill="#ffffff"/>',
        f'<text class="head" x="20" y="30">{escape(story.title)}</text>',
        f'<g transform="translate(0 {HEAD})">',
        *(line for line, _ in arrows),
        *(_box(box) for box in boxes),
        *(label for _, label in arrows),
        "</g>",
        f'<text class="small" x="20" y="{tall - 14:.0f}">Everywhere: 9 again; silence or another key twice is asked '
        "again, then the call goes on or ends. 0 staff, 6 slower and * language where those digits are free.</text>",
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _box(box: Box) -> str:
    kind = "house" if box.name in HOUSE else "box"
    rows = [f'<rect class="{kind}" x="{box.x:.0f}" y="{box.y:.0f}" width="{WIDE}" height="{height(box):.0f}" rx="7"/>']
    rows.append(f'<text class="title" x="{box.x + 10:.0f}" y="{box.y + 22:.0f}">{escape(TITLES[box.name])}</text>')
    for at, line in enumerate(box.lines()):
        rows.append(f'<text class="small" x="{box.x + 10:.0f}" y="{box.y + 40 + LINE * at:.0f}">{escape(line)}</text>')
    return "\n".join(rows)


def _arrow(drawing: Drawing, of: str, to: str, labels: Iterable[str]) -> tuple[str, str]:
    """An arrow from below a box to the top of a lower one, and its label."""
    start, end = drawing.boxes[of], drawing.boxes[to]
    x1, y1 = start.x + WIDE * _spread(drawing, of, to), start.y + height(start)
    x2, y2 = end.x + WIDE * _landing(drawing, of, to), end.y
    bend = (y2 - y1) / 2
    path = f"M{x1:.0f} {y1:.0f} C{x1:.0f} {y1 + bend:.0f} {x2:.0f} {y2 - bend:.0f} {x2:.0f} {y2 - 2:.0f}"
    at = (x1 + (x2 - x1) * 0.75, y1 + (y2 - y1) * 0.66)
    return f'<path class="arrow" d="{path}" marker-end="url(#tip)"/>', _label(at, labels)


def _spread(drawing: Drawing, of: str, to: str) -> float:
    """Where along a box's lower edge an arrow leaves: those that go left leave on the left."""
    down = [b for (a, b) in drawing.arrows if a == of and drawing.boxes[b].level > drawing.boxes[of].level]
    down.sort(key=lambda name: (drawing.boxes[name].x, name))
    return (down.index(to) + 1) / (len(down) + 1) if to in down else 0.5


def _landing(drawing: Drawing, of: str, to: str) -> float:
    coming = sorted((drawing.boxes[a].x, a) for (a, b) in drawing.arrows if b == to)
    return ([name for _, name in coming].index(of) + 1) / (len(coming) + 1)


def _label(at: tuple[float, float], labels: Iterable[str]) -> str:
    lines = _wrapped(_listed(labels), 26)
    wide = max(len(line) for line in lines) * 6.4 + 6
    x, y = at
    rows = [
        f'<rect class="under" x="{x - wide / 2:.0f}" y="{y - 11:.0f}" width="{wide:.0f}" '
        f'height="{14 * len(lines) + 2}" rx="3"/>'
    ]
    for row, line in enumerate(lines):
        rows.append(
            f'<text class="label" text-anchor="middle" x="{x:.0f}" y="{y + 14 * row:.0f}">{escape(line)}</text>'
        )
    return "\n".join(rows)


# The page


INTRO: Final = """# What is said in a call, and what the keys do

This page and its pictures are made from the flows themselves by `python -m docs.pictures.flows`; a test holds them to
it. What is heard is given in English as the scripts translate the Thai back; «…» stands for what is put in. A call is
a pure state machine (`gateway/calls/flow.py`); the tests walk every state of it with every key, silence, hang-up and
every answer (`tests/calls/test_every_state.py`).

Keys are the same everywhere: 1 coming, 2 another day, 3 call me back, 9 again; 8 had it already, 7 not this person,
5 no more calls (asked again), 0 staff, 6 slower, * language work at once for who knows them, and are spoken after 3
or after the second silence. Only key 1 at a question whose day was said confirms. A call about one person puts at most
24 questions, a household's four more for each person; a key that is jammed ends it long before.
"""


def page() -> str:
    """docs/calls.md: a picture and a table for every flow."""
    script = _scripts()["th"]
    parts = [INTRO]
    for story in STORIES:
        parts += [f"## {story.title}\n", f"![{story.title}](pictures/flow_{story.name}.svg)\n", _table(story, script)]
        if story.name == "stranger":
            parts += ["## The hotline: who cannot be answered, and who is called back\n", _answerings(script)]
    return "\n".join(parts)


WHEN: Final = {
    Calling.BUSY: "all lines are taken",
    Calling.BUSY_ONLY: "all lines are taken, and the number is not called back",
    Calling.CLOSED: "nobody is there",
    Calling.CLOSED_ONLY: "nobody is there, and the number is not called back",
    Calling.TOO_OFTEN: "one number has called oftener than is answered in an hour",
    Calling.NOTHING_MORE: "a withheld number, or no voice for more",
    Calling.UNSPOKEN: "no voice with the phrases of the hotline; # leads a speaker on to the studio",
    Calling.CALLED_BACK: "we call back, and the number has an appointment ahead",
}


def _answerings(script: Script) -> str:
    """A table of the calls that end, or begin, in words of their own."""
    rows = ["| when | what is heard | then |", "|---|---|---|"]
    for purpose, when in WHEN.items():
        facts = replace(FACTS if purpose is Calling.CALLED_BACK else PUBLIC, purpose=purpose)
        _, commands = advance(HOTLINE, HOTLINE.begin(facts), Answered(), _of_the_house, lambda _: None)
        if any(isinstance(one, HangUp) for one in commands):
            then = "goodbye"
        else:
            then = "as with a number that calls" if purpose is Calling.CALLED_BACK else "goodbye, after three seconds"
        rows.append(f"| {when} | {heard(_words(commands), script)} | {then} |")
    return "\n".join(rows) + "\n"


def _of_the_house(request: Request) -> Event:
    return HoursFound((EIGHT,)) if isinstance(request, FindHours) else LanguagesFound(())


def _table(story: Story, script: Script) -> str:
    edges = walked(story)
    rows = ["| question | what is heard | keys |", "|---|---|---|"]
    for name, own in _questions(story, edges).items():
        drawing = " · ".join(f"{label} → {to}" for label, to in own.items())
        rows.append(f"| **{TITLES[name]}** | {heard(_first_words(edges, name), script)} | {drawing} |")
    return "\n".join(rows) + "\n"


ANSWERED_BY_THE_HOUSE: Final = frozenset({"message", "number", "studio_pin"})


def _questions(story: Story, edges: list[Edge]) -> dict[str, dict[str, str]]:
    """Of each question, in the order in which they are met, the keys and where they lead."""
    found: dict[str, dict[str, str]] = {}
    for edge in edges:
        name, label = node(edge.before.node), labelled(edge)
        is_put = isinstance(edge.event, Keys) and edge.before.node not in SAME
        if not label or name in story.elsewhere or not (is_put or name in ANSWERED_BY_THE_HOUSE):
            continue
        to = "back" if edge.before.back and edge.after.node == edge.before.back else edge.after.node
        if node(to) == name:
            if does := looped(edge):
                found.setdefault(name, {}).setdefault(label, does)
        elif to != "back" or label in ("9", "silence", "kept"):
            found.setdefault(name, {}).setdefault(label, TITLES[node(to)])
    in_order = [name for name in TITLES if name in found]
    return {name: dict(sorted(found[name].items(), key=lambda one: _order(one[0]))) for name in in_order}


def _first_words(edges: list[Edge], name: str) -> tuple[str, ...]:
    """How a question is put when it is come to; the shortest such beginning, with no apology before it."""
    come_to = [edge for edge in edges if node(edge.after.node) == name and is_come_to(edge)]
    words = [_words(edge.commands) for edge in come_to if not edge.before.settled]
    words = [one for one in words if one]
    return min(words, key=lambda one: (len(one), one)) if words else ()


def is_come_to(edge: Edge) -> bool:
    """Whether this step comes to its question from elsewhere, and not back to it; languages are looked for first."""
    if edge.after.node == edge.before.back:
        return False
    return node(edge.before.node) != node(edge.after.node) or edge.before.node in ("welcome", "languages")


def _words(commands: tuple[Command, ...]) -> tuple[str, ...]:
    spoken = (one.prompts for one in commands if isinstance(one, Play | Ask | RecordPhrase | Dial))
    return tuple(str(key) for prompts in spoken for key in prompts)


def heard(keys: tuple[str, ...], script: Script) -> str:
    """What these keys say, in English; what is counted or named is put into «…»."""
    return " ".join(text for text, _ in groupby(_translated(key, script) for key in keys))


_COUNTED: Final = {
    "weekday": "«day»", "day": "«day»", "month": "«day»", "relative": "«day»", "hour": "«hour»", "digit": "«digits»",
    "name": "«name»", "site": "«place»", "dose": "«which dose»",
}  # fmt: skip


@cache
def _scripts() -> dict[str, Script]:
    return dict(load_scripts(DOCS.parent / "voice_prompts"))


def _translated(prompt: str, script: Script) -> str:
    language, key = language_of(prompt, "th")
    counted = _COUNTED.get(key.partition(".")[0])
    if counted:
        return counted
    known = (script if language == "th" else _scripts()[language]).prompts.get(key)
    text = known.back.strip() if known and known.back else key
    text = text if text.endswith((".", "?", "…")) else f"{text} …"
    return f"[{language}: {text}]" if language != "th" else text


def files() -> dict[Path, str]:
    """Every file this makes, with what belongs in it."""
    return {**{PICTURES / f"flow_{story.name}.svg": svg(story) for story in STORIES}, PAGE: page()}


def main() -> int:
    """Write them."""
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
