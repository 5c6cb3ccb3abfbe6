"""The page of handsets over real HTTP: what it shows, what a visitor does, and whom it refuses."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from gateway.cli.serving import listen, serving
from gateway.kit.clock import Clock, DemoClock, SteppedClock
from gateway.sandbox.directory import Caption, Directory, Named, PageParts
from gateway.sandbox.fetching import FetchRequest, FetchResponse
from gateway.sandbox.handsets import Handset
from gateway.sandbox.loop import NetworkLoop
from gateway.sandbox.network import PhoneNetwork
from gateway.sandbox.page import MOST_BYTES, read_posted
from gateway.sandbox.rest import sandbox_app
from gateway.sandbox.visits import Complaint
from gateway.wiring import data_dir

START = datetime(2026, 8, 3, 2, 0, tzinfo=UTC)
OURS = "+6620000000"
THAI, LAO, LANDLINE = "+66811111111", "+66822222222", "+6654000333"
ME, YOU = "a" * 24, "b" * 24
SOUND = "http://127.0.0.1:1/audio/x.wav"
ASK = f'<Gather numDigits="1" timeout="30" action="http://127.0.0.1:1/turn"><Play>{SOUND}</Play></Gather>'
NAME = "<script>alert(1)</script>"


def fetch(request: FetchRequest) -> FetchResponse:
    if request.url == SOUND:
        return FetchResponse(200, "audio/wav", b"\xff" * 8000)
    body = f"<Response>{ASK if request.url.endswith('/answer') else ''}</Response>"
    return FetchResponse(200, "text/xml", body.encode())


class Page:
    """A served page, and what one does with it."""

    def __init__(self, clock: Clock, **parts: Any) -> None:
        self.clock = clock
        handsets = [
            Handset(THAI, "ก. th", "always_answers_1", language="th", site="A", name="กิตติ อินต๊ะสาร"),
            Handset(LAO, "ข. lo", "never_answers", language="lo", site="B", name=NAME),
            Handset(LANDLINE, "ค. th", "landline", line="landline", language="th", site="A"),
        ]
        self.network = PhoneNetwork(
            clock, fetch, 1, handsets, "AC1", "t", inbound_voice_url="http://127.0.0.1:1/answer",
            inbound_sms_url="http://127.0.0.1:1/text",
        )  # fmt: skip
        self.loop = NetworkLoop(self.network, clock)
        directory = Directory(
            languages={"th": Named("ไทยกลาง", "Thai", "ไทย"), "lo": Named("ลาว", "Lao", "ລາວ")},
            sites={"A": Named("รพ.ก", "Hospital A"), "B": Named("รพ.ข", "Hospital B")},
            caption=lambda url: Caption("สวัสดีค่ะ", "th", "Hello.", is_placeholder=True) if url == SOUND else None,
            sms_number=OURS,
            voice_number=parts.pop("voice_number", OURS),
        )
        self.app = FastAPI()
        self.app.mount("/sandbox", sandbox_app(self.network, page=PageParts(data_dir("templates"), directory, **parts)))
        self.listener = listen(0)
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{self.listener.getsockname()[1]}/sandbox", trust_env=False, timeout=20
        )

    def post(self, path: str, visitor: str = ME, **fields: str) -> httpx.Response:
        return self.http.post(path, json={"visitor": visitor} | fields)

    def state(self, visitor: str = ME, **query: Any) -> dict[str, Any]:
        answer = self.http.get("/state", params={"visitor": visitor} | query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def key(self, number: str) -> str:
        ends = number[-3:]
        return next(str(phone["key"]) for phone in self.state()["phones"] if phone["number"].endswith(ends))

    def phone(self, number: str, visitor: str = ME) -> dict[str, Any]:
        found: dict[str, Any] = self.state(visitor, featured=self.key(number))["featured"]
        return found

    def act(self, number: str, act: str, visitor: str = ME, **fields: str) -> httpx.Response:
        return self.post(f"/handsets/{self.key(number)}/{act}", visitor, **fields)

    def call(self, number: str = THAI) -> str:
        return str(self.network.create_call({"To": number, "From": OURS, "Url": "http://127.0.0.1:1/answer"})["sid"])

    def rings(self, number: str = THAI) -> str:
        assert self.post("/arm").status_code == 200
        sid = self.call(number)
        until(lambda: self.state()["held"] == self.key(number))
        return sid

    def talks(self, number: str = THAI) -> str:
        sid = self.rings(number)
        assert self.act(number, "answer").status_code == 200
        until(lambda: self.phone(number)["entries"][-1]["state"] == "talking")
        return sid


def until(is_so: Any) -> None:
    give_up = time.monotonic() + 60  # a guard against hanging, not an expectation of speed
    while not is_so():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def running(page: Page) -> Iterator[Page]:
    with serving(page.app, page.listener), page.http:
        page.loop.start()
        yield page
        page.loop.stop()
        if isinstance(page.clock, DemoClock):
            assert not page.clock.is_held


@pytest.fixture
def page() -> Iterator[Page]:
    yield from running(Page(DemoClock(START, 20)))


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def test_the_page_is_there_with_and_without_the_slash_in_thai_and_english(page: Page) -> None:
    for path, language, title in (("", "th", "โทรศัพท์จำลอง"), ("/", "en", "Handsets"), ("/", "de", "โทรศัพท์จำลอง")):
        url = str(page.http.base_url).rstrip("/") + path
        answer = page.http.get(url, headers={"Accept-Language": f"{language}-XX"}, follow_redirects=True)
        assert (answer.status_code, title in answer.text, "style=" in answer.text) == (200, True, False)
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert (answer.headers["x-content-type-options"], answer.headers["referrer-policy"]) == (
            "nosniff", "same-origin",
        )  # fmt: skip


def test_the_language_that_was_chosen_stays(page: Page) -> None:
    answer = page.post("/language", language="en")
    assert (answer.status_code, page.http.cookies["tamnat_language"]) == (204, "en")
    assert '<html lang="en">' in page.http.get("/", headers={"Accept-Language": "th"}).text
    assert refusal(page.post("/language", language="xx"))[0] == 400


def test_the_page_and_its_files_are_small_and_found(page: Page) -> None:
    html = page.http.get("/")
    assert "handsets.js" in html.text
    sizes = [len(html.content)]
    for name in ("handsets.css", "handsets.js", "icon.svg"):
        answer = page.http.get(f"/static/{name}")
        assert answer.status_code == 200
        again = page.http.get(f"/static/{name}", headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        sizes.append(len(answer.content))
    assert sum(sizes) < 300_000
    for name in ("console.css", "..%2f..%2fpyproject.toml", "nothing.js"):
        assert page.http.get(f"/static/{name}").status_code in (401, 404)


def test_no_number_is_shown_in_full_anywhere(page: Page) -> None:
    page.talks()
    shown = page.http.get("/").text + page.http.get("/state", params={"visitor": ME, "featured": page.key(THAI)}).text
    for number in (THAI, LAO, LANDLINE):
        assert number not in shown
        assert number.removeprefix("+66") not in shown
    assert "+66 8• ••• •111" in shown


def test_a_name_that_looks_like_markup_comes_as_json_only(page: Page) -> None:
    assert NAME not in page.http.get("/").text
    assert page.phone(LAO)["title"] == NAME


def test_phones_are_found_by_language_and_site_and_no_more_than_asked_for(page: Page) -> None:
    def numbers(**query: Any) -> set[str]:
        return {phone["number"][-3:] for phone in page.state(**query)["phones"]}

    assert numbers() == {"111", "222", "333"}
    assert numbers(language="lo") == {"222"}
    assert [phone["line"] for phone in page.state(language="lo")["phones"]] == ["mobile"]
    assert numbers(site="A", language="lo") == set()
    few = page.state(shown=1)
    assert (len(few["phones"]), few["found"]) == (1, 3)
    assert (len(page.state(shown="nan")["phones"]), len(page.state(shown="1e9")["phones"])) == (1, 3)


def test_an_idle_look_costs_next_to_nothing(page: Page) -> None:
    page.network.hands.see(ME)
    first = page.http.get("/state", params={"visitor": ME})
    version = first.json()["version"]
    again = page.http.get("/state", params={"visitor": ME, "known": version})
    assert again.json() == {"unchanged": True}
    by_tag = page.http.get("/state", params={"visitor": ME}, headers={"If-None-Match": first.headers["etag"]})
    assert (by_tag.status_code, by_tag.content) == (304, b"")
    page.post("/clock/pause")
    assert page.http.get("/state", params={"visitor": ME, "known": version}).json()["clock"]["paused"] is True


def test_a_text_arrives_on_the_screen_and_its_answer_stands_beside_it(page: Page) -> None:
    page.network.create_message({"To": LAO, "From": OURS, "Body": "ສະບາຍດີ"})
    until(lambda: [entry["state"] for entry in page.phone(LAO)["entries"]] == ["arrived"])
    assert page.act(LAO, "text", body=" 1 ").status_code == 200
    until(lambda: len(page.phone(LAO)["entries"]) == 2)
    shown = [(entry["body"], entry["from_phone"]) for entry in page.phone(LAO)["entries"]]
    assert shown == [("ສະບາຍດີ", False), ("1", True)]
    assert page.state()["phones"][0]["language"] == "lo"  # the newest contact comes first


def test_a_call_is_answered_heard_and_keyed_while_the_clock_stands(page: Page) -> None:
    sid = page.rings()
    entry = page.phone(THAI)["entries"][-1]
    assert (entry["state"], entry["mine"], 20 < entry["rings_for"] <= 25) == ("ringing", True, True)
    at = page.state()["clock"]
    assert (at["held"], page.phone(THAI)["holder"], page.phone(THAI, YOU)["holder"]) == (True, "me", "other")
    assert page.act(THAI, "answer").status_code == 200
    until(lambda: page.phone(THAI)["entries"][-1].get("programme"))
    programme = page.phone(THAI)["entries"][-1]["programme"]
    prompt = programme["prompts"][0]
    assert (prompt["url"], prompt["seconds"], prompt["text"], prompt["back"]) == (SOUND, 1.0, "สวัสดีค่ะ", "Hello.")
    assert (prompt["is_placeholder"], "programme" in page.phone(THAI, YOU)["entries"][-1]) == (True, False)
    assert page.act(THAI, "press", keys="1").status_code == 200
    until(lambda: page.phone(THAI)["entries"][-1]["state"] == "over")
    entry = page.phone(THAI)["entries"][-1]
    assert (entry["keys"], entry["outcome"], entry["by"]) == (["1"], "completed", "document")
    assert (page.network.get_call(sid)["status"], page.network.clock.now().isoformat()[:16]) == (
        "completed", at["now"][:16],
    )  # fmt: skip
    assert page.state()["clock"]["held"] is False


def test_declining_and_hanging_up(page: Page) -> None:
    page.rings()
    assert page.act(THAI, "decline").status_code == 200
    until(lambda: page.state()["held"] is None)
    assert page.phone(THAI)["entries"][-1]["outcome"] == "no-answer"
    page.talks()
    assert page.act(THAI, "hangup").status_code == 200
    until(lambda: page.state()["held"] is None)
    assert page.phone(THAI)["entries"][-1]["by"] == "handset"
    assert refusal(page.act(THAI, "hangup")) == (409, "สายนี้จบแล้ว")


def test_calling_the_hotline_from_a_phone(page: Page) -> None:
    assert page.act(LANDLINE, "call").status_code == 200
    until(lambda: page.phone(LANDLINE)["entries"][-1:] and page.phone(LANDLINE)["entries"][-1]["state"] == "talking")
    assert refusal(page.act(THAI, "call")) == (409, "คุณคุยอยู่กับอีกสาย โปรดวางสายนั้นก่อน")
    assert page.act(LANDLINE, "press", keys="9").status_code == 200
    until(lambda: page.state()["held"] is None)
    assert page.phone(LANDLINE)["entries"][-1]["from_phone"] is True


def test_a_phone_that_is_held_rings_here_until_it_is_given_back(page: Page) -> None:
    assert page.act(LAO, "take").status_code == 200
    assert (page.phone(LAO)["kept"], page.phone(LAO)["holder"]) == (True, "me")
    for act in ("take", "release", "text", "call"):
        assert refusal(page.act(LAO, act, YOU, body="1"))[0] == 409
    page.call(LAO)
    until(lambda: page.state()["held"] == page.key(LAO))
    assert refusal(page.act(LAO, "answer", YOU))[0] == 409
    assert page.act(LAO, "decline").status_code == 200
    assert page.act(LAO, "release").status_code == 200
    assert page.phone(LAO)["kept"] is False


def test_waiting_for_a_call_can_be_given_up(page: Page) -> None:
    page.post("/arm", language="th")
    assert (page.state()["armed"], page.state(YOU)["armed"]) == (True, False)
    page.post("/disarm")
    assert page.state()["armed"] is False


def test_the_clock_is_paused_sped_up_and_goes_on(page: Page) -> None:
    assert page.post("/clock/pause").status_code == 200
    before = page.state()["clock"]
    assert (before["paused"], page.state()["clock"]["now"]) == (True, before["now"])
    assert page.post("/clock/speed", speed="300").status_code == 200
    assert page.post("/clock/resume").status_code == 200
    assert (page.state()["clock"]["speed"], page.state()["clock"]["paused"]) == (300, False)
    for speed in ("0", "-1", "nan", "inf", "1e99", "fast", "99999"):
        assert refusal(page.post("/clock/speed", speed=speed))[0] == 400
    assert page.state()["clock"]["speed"] == 300


@pytest.mark.parametrize(
    ("act", "fields", "status", "sentence"),
    [
        ("press", {"keys": "1"}, 409, "สายนี้จบแล้ว"),
        ("press", {"keys": "A"}, 400, "กดได้เฉพาะ 0 ถึง 9 ดอกจัน และสี่เหลี่ยม"),
        ("press", {"keys": "1" * 21}, 400, "กดได้เฉพาะ 0 ถึง 9 ดอกจัน และสี่เหลี่ยม"),
        ("press", {}, 400, "กดได้เฉพาะ 0 ถึง 9 ดอกจัน และสี่เหลี่ยม"),
        ("speak", {}, 409, "สายนี้จบแล้ว"),
        ("answer", {}, 409, "สายนี้จบแล้ว"),
        ("decline", {}, 409, "สายนี้จบแล้ว"),
        ("text", {"body": "  "}, 400, "ข้อความว่าง โปรดพิมพ์ข้อความก่อนส่ง"),
        ("text", {"body": "ก" * 2000}, 400, "ข้อความยาวเกินไป ส่งได้ไม่เกิน 480 ตัวอักษร"),
        ("explode", {}, 404, "หน้านี้ส่งคำสั่งที่อ่านไม่ออก โปรดโหลดหน้าใหม่"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    page: Page, act: str, fields: dict[str, str], status: int, sentence: str
) -> None:
    assert refusal(page.act(THAI, act, **fields)) == (status, sentence)


def test_the_sentence_is_in_the_language_of_the_page(page: Page) -> None:
    page.post("/language", language="en")
    assert refusal(page.act(THAI, "press", keys="1")) == (409, "This call is over.")
    assert refusal(page.act(LANDLINE, "text", body="1")) == (409, "A landline cannot text. It can call the hotline.")


def test_keys_are_not_taken_before_the_answer_nor_answers_after_it(page: Page) -> None:
    page.rings()
    assert refusal(page.act(THAI, "press", keys="1"))[1] == "โปรดรับสายก่อนแล้วจึงกดปุ่ม"
    page.act(THAI, "answer")
    until(lambda: page.phone(THAI)["entries"][-1]["state"] == "talking")
    assert refusal(page.act(THAI, "answer"))[1] == "สายนี้ไม่ได้ดังอยู่แล้ว"
    assert refusal(page.act(THAI, "decline"))[1] == "สายนี้ไม่ได้ดังอยู่แล้ว"
    assert refusal(page.act(THAI, "call"))[0] == 409


def test_a_phone_nobody_has_is_not_found(page: Page) -> None:
    assert refusal(page.post("/handsets/0123456789/take"))[0] == 404
    assert refusal(page.post(f"/handsets/{THAI}/take"))[0] == 404
    assert page.state(featured="0123456789")["featured"] is None


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"visitor": 1}', b"\xff", b'{"visitor": "x"}', b"{}"])
def test_a_body_that_is_none_is_refused(page: Page, body: bytes) -> None:
    answer = page.http.post("/arm", content=body, headers={"Content-Type": "application/json"})
    assert refusal(answer)[0] == 400


def test_a_form_or_a_flood_is_refused(page: Page) -> None:
    assert refusal(page.http.post("/arm", data={"visitor": ME}))[0] == 400
    assert refusal(page.post("/arm", language="x" * 10_000))[0] == 400
    assert page.http.get("/state", params={"visitor": "<script>"}).status_code == 400


@pytest.mark.parametrize("path", ["/arm", "/clock/speed"])
def test_brackets_without_end_are_refused(page: Page, path: str) -> None:
    for body in (b"[" * 5000, b'{"speed":' * 800):
        answer = page.http.post(path, content=body, headers={"Content-Type": "application/json"})
        assert refusal(answer)[0] == 400


def test_a_flood_is_read_no_further_than_it_may_be_long() -> None:
    sent = 0

    async def receive() -> dict[str, Any]:
        nonlocal sent
        sent += 1
        return {"type": "http.request", "body": b"x" * 1000, "more_body": True}

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", b"application/json")]}
    with pytest.raises(Complaint) as raised:
        asyncio.run(read_posted(Request(scope, receive)))
    assert (raised.value.word, sent) == ("error.long_text", MOST_BYTES // 1000 + 1)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "192.168.1.4", "[", ""]
)
def test_another_name_for_this_machine_is_refused(page: Page, host: str) -> None:
    for method, path in (("GET", "/"), ("GET", "/state"), ("GET", "/static/handsets.js"), ("POST", "/arm")):
        answer = page.http.request(method, path, headers={"Host": host})
        assert answer.status_code in ((403, 400) if host in ("[", "") else (403,)), (method, path)
    assert page.state()["armed"] is False


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9999", "[::1]:8000", "127.8.9.1"])
def test_every_name_of_this_machine_is_let_in(page: Page, host: str) -> None:
    assert page.http.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_site_may_press_nothing(page: Page, headers: dict[str, str]) -> None:
    answer = page.http.post("/arm", json={"visitor": ME}, headers=headers)
    assert (answer.status_code, page.state()["armed"]) == (403, False)


def test_twilios_own_addresses_need_its_token_as_ever(page: Page) -> None:
    path = "/2010-04-01/Accounts/AC1/Calls.json"
    assert page.http.get(path).json()["code"] == 20003
    assert page.http.get(path, auth=("AC1", "t"), headers={"Host": "sandbox.example"}).json()["calls"] == []
    form = {"To": THAI, "From": OURS, "Url": "http://127.0.0.1:1/answer"}
    made = page.http.post(path, data=form, auth=("AC1", "t"), headers={"Origin": "http://elsewhere.example"})
    assert made.status_code == 201
    assert page.http.get("/nothing").json()["code"] == 20404


def test_where_there_is_no_demo_clock_its_buttons_are_not_there() -> None:
    for page in running(Page(SteppedClock(START), next_morning=lambda: True)):
        html = page.http.get("/").text
        assert 'id="clock-time"' in html
        assert 'id="clock-pause"' not in html
        assert 'id="clock-morning"' not in html
        for act in ("pause", "resume", "morning"):
            assert refusal(page.post(f"/clock/{act}"))[0] == 409
        assert refusal(page.post("/clock/speed", speed="20"))[0] == 409


def test_the_next_morning_is_asked_for_once_and_not_during_a_call() -> None:
    mornings = [True]
    for page in running(Page(DemoClock(START, 20), next_morning=lambda: bool(mornings) and mornings.pop())):
        assert 'id="clock-morning"' in page.http.get("/").text
        page.talks()
        assert refusal(page.post("/clock/morning"))[0] == 409
        page.act(THAI, "hangup")
        until(lambda page=page: page.state()["held"] is None)
        assert page.post("/clock/morning").status_code == 200
        assert refusal(page.post("/clock/morning"))[0] == 409


def test_where_nobody_would_answer_there_is_no_hotline() -> None:
    for page in running(Page(DemoClock(START, 20), voice_number="")):
        assert 'data-hotline="no"' in page.http.get("/").text
        assert refusal(page.act(THAI, "call"))[0] == 409


def test_a_guard_is_asked_at_every_door() -> None:
    def guard(request: Any) -> Response | None:
        return None if request.headers.get("x-staff") else PlainTextResponse("sign in", 401)

    for page in running(Page(DemoClock(START, 20), guard=guard)):
        for method, path in (("GET", "/"), ("GET", "/state"), ("POST", "/arm"), ("POST", "/clock/pause")):
            assert page.http.request(method, path).text == "sign in"
        assert page.http.get("/", headers={"x-staff": "1"}).status_code == 200


def test_phones_that_came_on_record_are_there_when_the_page_is_opened_again() -> None:
    def renew() -> Directory:
        page.network.add_handset(Handset("+66844444444", language="km", site="C"))
        return Directory(languages={"km": Named("เขมร", "Khmer", "ខ្មែរ")}, sites={"C": Named("รพ.ค", "Hospital C")})

    page = Page(DemoClock(START, 20), renew=renew)
    for _ in running(page):
        assert page.state()["found"] == 3
        html = page.http.get("/").text
        assert ("ខ្មែរ" in html, "รพ.ค" in html, page.state()["found"]) == (True, True, 4)


def test_every_word_is_there_in_both_languages(tmp_path: Path) -> None:
    from gateway.sandbox.page_words import PageWords

    words = PageWords(data_dir("templates") / "sandbox" / "words.toml")
    assert set(words.of("th")) == set(words.of("en"))
    assert all(words.of("th").values())
    for broken in ('a = { th = "x" }', 'a = "x"', 'a = { th = "x", en = 1 }', 'a = { th = "x", en = { b = "y" } }'):
        file = tmp_path / "words.toml"
        file.write_text(broken)
        with pytest.raises(ValueError, match=r"words.toml: a: expected th and en"):
            PageWords(file)


def test_every_word_that_the_page_asks_for_is_there() -> None:
    import re

    from gateway.sandbox.page_words import PageWords

    words = set(PageWords(data_dir("templates") / "sandbox" / "words.toml").of("th"))
    script = (data_dir("templates") / "static" / "handsets.js").read_text(encoding="utf-8")
    asked = set(re.findall(r"""["']((?:arm|call|clock|error|filter|phone|sound)\.[a-z_]+)["']""", script))
    visits = "".join(
        file.read_text(encoding="utf-8") for file in Path(data_dir("templates").parent, "gateway/sandbox").glob("*.py")
    )
    asked |= set(re.findall(r'"(error\.[a-z_]+)"', visits))
    assert asked - words == set()
    assert len(asked) > 60


def test_a_phone_says_how_many_share_it_and_families_and_a_borrowed_one_are_found(page: Page) -> None:
    page.network.add_handset(Handset("+66844444444", people=3, language="th", site="A"))
    page.network.add_handset(Handset("+66855555555", "a borrowed phone", "borrowed", people=0))
    every = page.state()["phones"]
    assert every[0]["people"] == 0  # found at once, whatever else goes on
    assert [phone["people"] for phone in page.state(whose="family")["phones"]] == [3]
    assert [phone["title"] for phone in page.state(whose="nobody")["phones"]] == ["a borrowed phone"]
    assert page.state(whose="family", language="lo")["found"] == 0


def test_the_clinic_picks_up_only_while_its_phone_rings(page: Page) -> None:
    page.talks()
    assert page.act(THAI, "staff", picks_up="perhaps").status_code == 400
    assert page.act(THAI, "staff", picks_up="yes").status_code == 409
    assert page.phone(THAI)["entries"][-1]["dials"] is False
