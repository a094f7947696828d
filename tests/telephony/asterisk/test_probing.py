# SPDX-License-Identifier: Apache-2.0
"""The test of a connection: what is wrong, in words that name the cure (architecture section 6)."""

import asyncio
import socket
from dataclasses import replace
from typing import Any

import pytest

from server.domain.telephony import ConnectionTest, ExchangeFault, Finding
from server.i18n import LANGUAGES, exchange_fault_text
from server.telephony.asterisk.probing import try_connection
from server.telephony.asterisk.rest import UnreachableError, check_address
from tests.telephony.asterisk.replay import Step, probe, replaying


def codes(found: ConnectionTest) -> list[str]:
    return [finding.fault.value for finding in found.findings]


async def tried(steps: list[Step], **changes: Any) -> ConnectionTest:
    has_events = changes.pop("has_events", True)
    async with replaying(steps, has_events=has_events) as replay:
        return await try_connection(replay.exchange(**changes))


async def test_a_good_connection_says_version_applications_and_how_fast() -> None:
    found = await tried(probe("fine"))
    assert codes(found) == []
    assert found.version == "22.10.1"
    assert found.applications == ("rubrica-f42d62453d2d",)
    assert found.milliseconds is not None
    assert 0 <= found.milliseconds < 4000


@pytest.mark.parametrize(
    ("name", "changes", "code", "words"),
    [
        ("read_only", {}, "READ_ONLY", "The user “rubrica” may look but not call."),
        ("wrong_secret", {}, "CREDENTIALS", "Asterisk does not know the user “rubrica”"),
        (
            "trunk_offline",
            {"dial_template": "PJSIP/{number}@offlinetrunk"},
            "TRUNK_OFFLINE",
            "The trunk “offlinetrunk” is out of reach",
        ),
        (
            "trunk_unknown",
            {"dial_template": "PJSIP/{number}@nosuch"},
            "TRUNK_UNKNOWN",
            "Asterisk has no endpoint “nosuch”.",
        ),
        ("fine", {"has_events": False}, "NO_EVENTS", "the event stream cannot be opened"),
    ],
)
async def test_what_is_wrong_is_named_with_its_cure(
    name: str, changes: dict[str, Any], code: str, words: str
) -> None:
    found = await tried(probe(name), **changes)
    assert codes(found) == [code]
    assert words in exchange_fault_text("en", found.findings[0])


async def test_nobody_there_is_told_from_a_name_that_is_none_and_an_address_that_may_not_be() -> (
    None
):
    async with replaying([]) as replay:
        exchange = replay.exchange()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for url, code in (
        (f"http://127.0.0.1:{port}/ari", "REFUSED"),
        ("http://no-such-host.invalid/ari", "HOST_UNKNOWN"),
        ("http://169.254.169.254/ari", "FORBIDDEN_ADDRESS"),
        ("http://[::ffff:169.254.169.254]/ari", "FORBIDDEN_ADDRESS"),
        ("http://0.0.0.0/ari", "FORBIDDEN_ADDRESS"),
    ):
        assert codes(await try_connection(replace(exchange, url=url))) == [code], url


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 200, "body": "<html>"},
        {"status": 200, "body": []},
        {"status": 200, "body": {"system": {"version": 22}}},
        {"status": 200, "body": {"system": {"version": "x" * 1000}}},
        {"status": 302, "body": {}},
        {"status": 404, "body": {"message": "<script>"}},
        {"status": 500, "body": None},
    ],
)
async def test_what_is_not_asterisk_is_not_taken_for_it(answer: Step) -> None:
    """Redirects are not followed: the secret goes to nobody else."""
    request = {"method": "GET", "path": "/asterisk/info"}
    found = await tried([{"request": request, "answer": answer}])
    assert (codes(found), found.version) == (["NOT_ARI"], None)


async def test_nonsense_behind_a_good_version_is_no_crash() -> None:
    bodies: dict[str, object] = {
        "/asterisk/info": {"system": {"version": "13.1.0"}},
        "/applications": [None, {"name": 5}, {"name": "a\nb"}, {"name": "ok"}],
        "/endpoints/PJSIP/trunk": ["offline"],
    }
    steps = [
        {"request": {"method": "GET", "path": path}, "answer": {"status": 200, "body": body}}
        for path, body in bodies.items()
    ]
    found = await tried(steps)
    assert (codes(found), found.applications) == (["TOO_OLD"], ("ok",))


async def test_a_server_that_hangs_up_is_no_exchange() -> None:
    async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(closing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with replaying([]) as replay:
        exchange = replay.exchange(url=f"http://127.0.0.1:{port}/ari")
    assert codes(await try_connection(exchange)) == ["NOT_ARI"]
    server.close()
    await server.wait_closed()


async def test_the_dialer_too_refuses_addresses_that_no_exchange_has() -> None:
    for host in ("169.254.169.254", "fe80::1", "224.0.0.1", "fd00:ec2::254"):
        with pytest.raises(UnreachableError):
            await check_address(host, 80)
    await check_address("127.0.0.1", 80)


def test_every_fault_has_words_in_every_language() -> None:
    params = {"host": "h", "port": 1, "username": "u", "url": "x", "endpoint": "e"}
    params |= {"version": "1", "oldest": 16}
    for fault in ExchangeFault:
        texts = {
            exchange_fault_text(locale, Finding(fault=fault, params=params)) for locale in LANGUAGES
        }
        assert len(texts) == len(LANGUAGES), fault
        assert not any("%(" in text for text in texts)
