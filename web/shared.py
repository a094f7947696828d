# SPDX-License-Identifier: Apache-2.0
"""Answers that open pages share: of ten screens with the same campaign one asks the database.

Only viewers who see the same share one: same centre, role, permissions and language, and an agent
with nobody. Rights are checked by whoever shows the answer, never by what is kept here.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from functools import partial
from time import monotonic

from starlette.requests import Request

from server.domain.permissions import Role, Viewer
from web.site import Data, ask, context_of, viewer_of

SHORTEST = 0.5  # seconds that an answer is shown without asking again
SHARE_OF_TIME = 4  # an answer stands at least this many times as long as it took
MOST_KEPT = 500
PATIENCE = 0.1  # seconds that a page waits for counts; what comes later, comes by its live part

Key = tuple[object, ...]


@dataclass
class Kept:
    """An answer, or the question that is being asked."""

    task: asyncio.Task[Data]
    began: float
    stands_until: float = float("inf")


class Answers:
    """One an application."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, Kept] = OrderedDict()

    def of(self, request: Request, name: str, variables: dict[str, object]) -> asyncio.Task[Data]:
        """The answer; notes on the request since when it stands, for its live part."""
        key = (name, *sorted(variables.items()), *_sight(request))
        found = self._kept.get(key)
        if found is None or found.stands_until < monotonic():
            found = Kept(asyncio.create_task(ask(request, name, **variables)), monotonic())
            found.task.add_done_callback(partial(self._settle, key, found))
            self._kept[key] = found
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        request.state.shown_as_of = found.began
        return found.task

    def _settle(self, key: Key, kept: Kept, task: asyncio.Task[Data]) -> None:
        now = monotonic()
        kept.stands_until = now + max(SHORTEST, SHARE_OF_TIME * (now - kept.began))
        if (task.cancelled() or task.exception()) and self._kept.get(key) is kept:
            del self._kept[key]


def _sight(request: Request) -> Key:
    viewer: Viewer = viewer_of(request)
    oneself = viewer.user_id if viewer.role is Role.AGENT else None
    rights = (viewer.tenant_id, viewer.role, viewer.permissions, oneself)
    return (*rights, context_of(request).locale)


async def ask_shared(request: Request, name: str, /, **variables: object) -> Data:
    """Like `ask`, and perhaps a moment old."""
    return await asyncio.shield(_answers(request).of(request, name, variables))


async def ask_soon(request: Request, name: str, /, **variables: object) -> Data | None:
    """The same, or None where it takes longer than a page should wait for it."""
    task = _answers(request).of(request, name, variables)
    done, _ = await asyncio.wait([task], timeout=PATIENCE)
    return task.result() if done else None


def _answers(request: Request) -> Answers:
    state = request.app.state
    if not hasattr(state, "answers"):
        state.answers = Answers()
    answers: Answers = state.answers
    return answers
