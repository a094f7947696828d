# SPDX-License-Identifier: Apache-2.0
"""A stream goes by the rights of this moment, whatever is remembered (X-09, ASVS 7.4.2)."""

import asyncio
from dataclasses import replace

import pytest

from server.http import GraphQLEndpoint
from server.limits import Limits
from tests.http import toy
from tests.http.test_event_streams import heard, started, stream

TICKS = "subscription{ticks(count:101)}"


def remembering(remembered: toy.Doors, stored: toy.Doors) -> GraphQLEndpoint[toy.ToyContext]:
    return GraphQLEndpoint(
        toy.SCHEMA,
        toy.CoreExecutor(),
        viewer_of=remembered.viewer_of,
        current_viewer_of=stored.viewer_of,
        context_of=lambda scope, viewer: toy.ToyContext(viewer),
        limits=Limits(recheck_seconds=0.02),
    )


async def test_a_stream_ends_though_its_session_is_still_remembered() -> None:
    remembered, stored = toy.Doors(), toy.Doors()
    conversation = await started(stream(remembering(remembered, stored), TICKS))
    del stored.people[b"admin"]
    async with asyncio.timeout(2):
        await conversation.task
    assert not toy.running


async def test_a_stream_goes_on_when_only_somebody_elses_rights_changed() -> None:
    remembered, stored = toy.Doors(), toy.Doors()
    conversation = await started(stream(remembering(remembered, stored), TICKS))
    stored.people[b"admin"] = replace(toy.person(), epoch=7)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(conversation.task), 0.2)
    await heard(conversation)
    await conversation.end()
