"""`/audio/{sha256}.wav` as a carrier's proxies and a browser's player ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from gateway.cli.serving import listen, serving
from gateway.voice import slow
from gateway.voice.assets import ClipSource
from gateway.voice.slow import PACE, PAUSE
from gateway.voice.wav import placeholder, seconds_of
from gateway.web import audio
from tests.support.clips import MemoryClips

WAV = placeholder(1.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("audio")


@pytest.fixture(scope="module")
def http(folder: Path) -> Iterator[httpx.Client]:
    app = FastAPI()
    app.include_router(audio.router(MemoryClips(folder)))
    listener = listen(0)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with serving(app, listener), httpx.Client(base_url=address, trust_env=False) as client:
        yield client


@pytest.fixture
def url(folder: Path) -> str:
    return f"/audio/{MemoryClips(folder).keep_loose(WAV, ClipSource.PLACEHOLDER).sha256}.wav"


def test_a_clip_may_be_kept_for_ever(http: httpx.Client, url: str) -> None:
    answer = http.get(url)
    assert (answer.status_code, answer.content) == (200, WAV)
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["etag"] == f'"{url[7:71]}"'
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_its_head_says_how_long_it_is(http: httpx.Client, url: str) -> None:
    answer = http.head(url)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(WAV))
    assert answer.headers["content-type"] == "audio/wav"


@pytest.mark.parametrize("mark", ['"{}"', 'W/"{}"', '"another", "{}"', "*"])
def test_who_has_it_already_is_told_so(http: httpx.Client, url: str, mark: str) -> None:
    answer = http.get(url, headers={"If-None-Match": mark.format(url[7:71]), "Range": "bytes=0-9"})
    assert (answer.status_code, answer.content) == (304, b"")
    assert "immutable" in answer.headers["cache-control"]
    assert "etag" in answer.headers


def test_who_has_something_else_gets_it(http: httpx.Client, url: str) -> None:
    assert http.get(url, headers={"If-None-Match": '"another"'}).content == WAV


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("0-3", 0, 3), ("8-11", 8, 11), ("100-", 100, len(WAV) - 1), ("-10", len(WAV) - 10, len(WAV) - 1),
     ("0-999999", 0, len(WAV) - 1), ("-999999", 0, len(WAV) - 1)],
)  # fmt: skip
def test_a_player_may_ask_for_a_part(http: httpx.Client, url: str, asked: str, first: int, last: int) -> None:
    answer = http.get(url, headers={"Range": f"bytes={asked}"})
    assert answer.status_code == 206
    assert answer.content == WAV[first : last + 1]
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(WAV)}"
    assert answer.headers["content-type"] == "audio/wav"
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("asked", ["999999-", "999999-1000000", "-0"])
def test_a_part_beyond_the_end_cannot_be_had(http: httpx.Client, url: str, asked: str) -> None:
    answer = http.get(url, headers={"Range": f"bytes={asked}"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(WAV)}"
    assert answer.headers.get_list("cache-control") == ["no-store"]


def test_a_part_that_ends_before_it_begins_is_a_mistake_that_nobody_keeps(http: httpx.Client, url: str) -> None:
    answer = http.get(url, headers={"Range": "bytes=9-3"})
    assert answer.status_code == 400
    assert answer.headers.get_list("cache-control") == ["no-store"]


@pytest.mark.parametrize("content", [b"", WAV[:500], placeholder(1.0, "another phrase"), WAV[::-1]])
def test_a_damaged_file_is_not_served_and_not_remembered_as_missing(
    http: httpx.Client, folder: Path, url: str, content: bytes
) -> None:
    assert http.get(url).status_code == 200
    (folder / url[7:]).write_bytes(content)
    for headers in ({}, {"Range": "bytes=0-9"}, {"If-None-Match": f'"{url[7:71]}"'}):
        answer = http.get(url, headers=headers)
        assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")
    MemoryClips(folder).keep_loose(WAV, ClipSource.PLACEHOLDER)
    assert http.get(url).content == WAV


@pytest.mark.parametrize("asked", ["bytes=0-1,4-5", "seconds=0-5", "bytes=", "bytes=a-b", "rubbish"])
def test_what_else_a_range_may_say_is_answered_with_all_of_it(http: httpx.Client, url: str, asked: str) -> None:
    answer = http.get(url, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (200, WAV)


def test_a_part_of_something_else_is_not_glued_onto_it(http: httpx.Client, url: str) -> None:
    of_this = http.get(url, headers={"Range": "bytes=4-7", "If-Range": f'"{url[7:71]}"'})
    of_another = http.get(url, headers={"Range": "bytes=4-7", "If-Range": '"another"'})
    assert (of_this.status_code, of_this.content) == (206, WAV[4:8])
    assert (of_another.status_code, of_another.content) == (200, WAV)


@pytest.mark.parametrize(
    "name",
    ["0" * 64, "F" * 64, "abc", "a" * 65, "..%2f..%2fetc%2fpasswd", "%2e%2e%2fsecret", "0" * 63 + "\u0663", "%00"],
)
def test_a_strange_name_is_nothing_whatever_lies_beside_the_clips(http: httpx.Client, folder: Path, name: str) -> None:
    (folder.parent / "secret.wav").write_bytes(WAV)
    (folder / "abc.wav").write_bytes(WAV)
    answer = http.get(f"/audio/{name}.wav")
    assert answer.status_code == 404
    assert answer.headers.get("cache-control", "no-store") == "no-store"


def test_nothing_else_can_be_done_to_a_clip(http: httpx.Client, url: str) -> None:
    assert [http.request(method, url).status_code for method in ("PUT", "POST", "DELETE")] == [405, 405, 405]


def test_a_clip_is_given_slowly_under_an_address_of_its_own(http: httpx.Client, url: str, folder: Path) -> None:
    address = url.replace("/audio/", "/audio/slow/")
    answer = http.get(address)

    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert seconds_of(answer.content) == pytest.approx(1.0 / PACE + PAUSE, abs=0.05)
    assert http.get(address).content == answer.content == (folder / "slow" / address[12:]).read_bytes()
    assert http.get(address, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    assert http.get(url, headers={"If-None-Match": answer.headers["etag"]}).status_code == 200


@pytest.mark.parametrize("name", ["0" * 64, "..", "x", "a" * 63, "slow"])
def test_only_what_is_a_clip_is_given_slowly(http: httpx.Client, name: str) -> None:
    answer = http.get(f"/audio/slow/{name}.wav")

    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")


def test_a_clip_too_long_to_be_slowed_down_is_given_at_its_own_pace(
    http: httpx.Client, url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slow, "LONGEST", 0.5)
    (folder / "slow" / url[7:]).unlink(missing_ok=True)
    answer = http.get(url.replace("/audio/", "/audio/slow/"))

    assert (answer.content, answer.headers["cache-control"]) == (WAV, "no-store")
