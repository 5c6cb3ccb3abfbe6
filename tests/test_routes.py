"""Every route of the house: signed, behind a token, or on the short list of those open to all."""

from __future__ import annotations

import re
from collections import Counter as Counts
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gateway.app import application, create_app
from gateway.cli.serving import listen, serving
from gateway.kit.clock import SteppedClock
from gateway.records.contacts import Attempt, Receipt
from gateway.records.conversations import Reply
from gateway.records.house import Counter
from gateway.records.status import Channel
from gateway.settings import Settings
from gateway.wiring import SANDBOX, WEBHOOKS, House
from gateway.wiring.house import sandbox_account
from tests.support.engines import url_of
from tests.support.routes import calls, routes
from tests.support.world import NINE, World

REFUSAL = {"signed": 403, "token": 401}
OPEN_TO_ALL = {
    "/", "/healthz", "/readyz", "/metrics", "/audio/{sha256}.wav", "/audio/slow/{sha256}.wav", "/openapi.json",
}  # fmt: skip
OF_THE_DESIGN = {
    "/webhooks/twilio/sms/inbound",
    "/webhooks/twilio/sms/status/{attempt}",
    "/webhooks/twilio/voice/answer/{attempt}",
    "/webhooks/twilio/voice/turn/{attempt}",
    "/webhooks/twilio/voice/dial/{attempt}",
    "/webhooks/twilio/voice/status/{attempt}",
    "/webhooks/twilio/voice/fallback/{attempt}",
    "/webhooks/twilio/voice/recording/{take}",
    "/webhooks/twilio/voice/inbound",
}
NUMBER = "+66812345678"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def house(world: World, tmp_path: Path) -> Iterator[House]:
    """A house on the sandbox with one person who is about to be texted."""
    listener = listen(0)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = Settings(database_url=str(world.database.url), audio_dir=tmp_path / "audio")
    world.due(Channel.SMS, phone=NUMBER, surname="ใจดี", id_kind="thai_cid", id_value="1101700207030")
    house = House(settings, clock=SteppedClock(NINE), public_url=address)
    with serving(create_app(house), listener):
        yield house
    house.close()


@pytest.fixture
def client(house: House) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=house.public_url, trust_env=False) as client:
        yield client


def kind_of(path: str) -> str:
    """Who may ask: a carrier that signs, whoever holds the token, this machine, staff, or anybody."""
    if path.startswith(f"{WEBHOOKS}/"):
        return "signed"
    if path.startswith(f"{SANDBOX}/2010-04-01/"):
        return "token"
    if path == SANDBOX or path.startswith(f"{SANDBOX}/"):
        return "this machine"  # the handsets
    return "console" if path == "/console" or path.startswith("/console/") else "open"


def test_every_route_is_signed_or_behind_a_token_or_on_the_short_list(house: House, client: httpx.Client) -> None:
    looked_at = Counts()
    for path, route in routes(create_app(house)):
        kind = kind_of(path)
        looked_at[kind] += 1
        assert kind != "open" or path in OPEN_TO_ALL, f"{path} is open to anybody: is that meant?"
        if kind not in REFUSAL:
            continue
        for method, url in calls(path, route):
            wrong = {"X-Twilio-Signature": "wrong", "Authorization": "Basic d3Jvbmc6d3Jvbmc="}
            for headers in ({}, wrong):
                answer = client.request(method, url, headers=headers, data={"Body": "1"} if method == "POST" else None)
                assert answer.status_code == REFUSAL[kind], (method, url)
    assert (looked_at["open"], looked_at["signed"], looked_at["token"]) == (len(OPEN_TO_ALL), 9, 11)
    assert looked_at["console"] >= 40  # each is asked in tests/web/console/test_gate.py


def test_the_handsets_are_for_this_machine_and_their_buttons_for_their_own_page(
    house: House, client: httpx.Client
) -> None:
    looked_at = 0
    for path, route in routes(create_app(house)):
        for method, url in calls(path, route) if kind_of(path) == "this machine" else ():
            looked_at += 1
            assert client.request(method, url, headers={"Host": "evil.example"}).status_code == 403, url
            foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
            if method == "POST":
                assert client.post(url, headers=foreign).status_code == 403, url
    assert looked_at >= 8


def test_the_addresses_are_those_of_the_design(house: House) -> None:
    paths = {path for path, _ in routes(create_app(house))}
    assert paths >= OF_THE_DESIGN | OPEN_TO_ALL


def test_without_the_sandbox_there_is_no_telephone_network(house: House) -> None:
    paths = [path for path, _ in routes(create_app(house, with_network=False))]
    assert [path for path in paths if path.startswith(SANDBOX)] == []


def test_with_another_carrier_there_is_no_telephone_network(tmp_path: Path) -> None:
    settings = Settings(
        carrier="twilio", twilio_account_sid="AC1", twilio_auth_token="secret", twilio_voice_from="+6620000001",
        twilio_sms_from="Clinic", database_url=url_of(tmp_path / "x.db"), audio_dir=tmp_path / "audio",
    )  # fmt: skip
    house = House(settings)
    assert [path for path, _ in routes(create_app(house)) if path.startswith(SANDBOX)] == []
    house.close()


def test_no_open_route_shows_a_person(house: House, world: World, client: httpx.Client) -> None:
    house.sender.pass_once()
    house.network.play_until_idle()  # type: ignore[attr-defined]
    assert world.all(Attempt)
    shown = "".join(client.get(re.sub(r"\{\w+\}", "0" * 64, path)).text for path in sorted(OPEN_TO_ALL))
    assert "tamnat_attempts" in shown
    for secret in (NUMBER, "812345678", "ใจดี", "คนที่0", "1101700207030"):
        assert secret not in shown


def test_a_forged_webhook_leaves_a_counter_and_no_row(world: World, client: httpx.Client) -> None:
    form = {"From": NUMBER, "To": "+6620000000", "Body": "1", "MessageSid": "SM1"}
    assert client.post(f"{WEBHOOKS}/sms/inbound", data=form).status_code == 403
    assert (world.all(Reply), world.all(Receipt)) == ([], [])
    assert [(row.name, row.n) for row in world.all(Counter)] == [("webhook_bad_signature", 1)]


def test_who_has_the_token_is_let_in(house: House, client: httpx.Client) -> None:
    account, token = sandbox_account(house.settings)
    answer = client.get(f"{SANDBOX}/2010-04-01/Accounts/{account}/Messages.json", auth=(account, token))
    assert (answer.status_code, answer.json()["messages"]) == (200, [])


def test_health_is_told(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ok"}


def test_not_ready_is_told_with_what_to_do_and_503(tmp_path: Path) -> None:
    house = House(Settings(database_url=url_of(tmp_path / "empty.db"), audio_dir=tmp_path / "audio"))
    listener = listen(0)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with serving(create_app(house, with_network=False), listener):
        answer = httpx.get(f"{address}/readyz", trust_env=False)
    house.close()
    assert (answer.status_code, "gateway db upgrade" in answer.text) == (503, True)


def test_a_server_can_build_the_app_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    World(tmp_path, file="x.db").database.close()
    monkeypatch.setenv("GATEWAY_DATABASE_URL", url_of(tmp_path / "x.db"))
    monkeypatch.setenv("GATEWAY_AUDIO_DIR", str(tmp_path / "audio"))
    monkeypatch.setenv("TZ", "UTC")
    assert {path for path, _ in routes(application())} >= OF_THE_DESIGN


def test_no_answer_of_the_house_is_taken_for_another_kind_than_it_says(house: House, client: httpx.Client) -> None:
    """Pages, files, JSON, sound, the sandbox's REST, and what is said of an address nobody has."""
    looked_at = Counts()
    urls = {(method, url) for path, route in routes(create_app(house)) for method, url in calls(path, route)}
    extra = {("GET", path) for path in ("/static/console.css", "/static/nothing.css", "/nothing", "/console/nothing")}
    for method, url in sorted(urls | extra):
        answer = client.request(method, url)
        looked_at[answer.status_code] += 1
        assert answer.headers.get_list("x-content-type-options") == ["nosniff"], (method, url, answer.status_code)
    assert {200, 404, 401, 403} <= set(looked_at)
