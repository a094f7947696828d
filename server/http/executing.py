# SPDX-License-Identifier: Apache-2.0
"""What the three transports share: who asks, whether they may, and the answer as bytes."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Generic, Protocol, TypeVar

from graphql import ExecutionResult
from starlette.types import Scope

from server.database import DatabaseUnavailable
from server.domain.permissions import Permission, Viewer
from server.http import json
from server.http.refusals import (
    Body,
    GraphQLRefusedError,
    body_of,
    coded,
    error,
    refused_body,
    status_of,
    timed_out,
)
from server.http.requests import Parameters
from server.limits import Checked, DocumentError, Documents, Limits, Operation

# A whole GraphQL response: ready bytes, which are taken to hold data, a body, or graphql-core's
# result, whose errors are then masked here.
Answer = bytes | Body | ExecutionResult

ContextT = TypeVar("ContextT")
ContextInT = TypeVar("ContextInT", contravariant=True)


class Executor(Protocol[ContextInT]):
    """Runs checked documents. Its exceptions are masked; DatabaseUnavailable becomes 503."""

    async def execute(
        self,
        document: Checked,
        operation_name: str | None,
        variables: dict[str, object],
        context: ContextInT,
    ) -> Answer:
        """Queries and mutations."""
        ...

    def subscribe(
        self,
        document: Checked,
        operation_name: str | None,
        variables: dict[str, object],
        context: ContextInT,
    ) -> AsyncIterator[Answer]:
        """Subscriptions; the iterator is closed when the listener goes."""
        ...


@dataclass(frozen=True, kw_only=True)
class Service(Generic[ContextT]):
    """Everything a transport needs to answer."""

    documents: Documents
    executor: Executor[ContextT]
    viewer_of: Callable[[Scope], Awaitable[Viewer | None]]
    context_of: Callable[[Scope, Viewer | None], ContextT]
    limits: Limits
    own_origins: frozenset[str] = frozenset()
    # Where `viewer_of` may remember rights: the same, read at this moment.
    current_viewer_of: Callable[[Scope], Awaitable[Viewer | None]] | None = None
    streams: Counter[tuple[int, int]] = field(default_factory=Counter)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def checked(self, parameters: Parameters) -> tuple[Checked, Operation]:
        """Document and operation, within every limit; raises GraphQLRefusedError."""
        try:
            document = self.documents.checked(parameters.query)
            operation = document.operation(parameters.operation_name)
            self.documents.afford(operation, parameters.variables)
        except DocumentError as refusal:
            raise GraphQLRefusedError(refusal.errors) from None
        return document, operation

    async def current(self, scope: Scope) -> Viewer | None:
        return await (self.current_viewer_of or self.viewer_of)(scope)

    async def admit(self, operation: Operation, scope: Scope) -> None:
        """The schema is read only by people who may; `__typename` is always fine (I1-I3)."""
        if not operation.introspects:
            return
        viewer = await self.current(scope)  # no statement of a plan checks the right here
        if viewer is None:
            raise GraphQLRefusedError([error("UNAUTHENTICATED", "Sign in to read the schema.")])
        if not viewer.may(Permission.SCHEMA_INTROSPECT):
            raise GraphQLRefusedError([error("FORBIDDEN", "You may not read the schema.")])

    async def execute(
        self, document: Checked, parameters: Parameters, scope: Scope, viewer: Viewer | None
    ) -> tuple[int, bytes]:
        """Status (for graphql-response+json) and body."""
        limit = asyncio.timeout(self.limits.seconds)
        try:
            async with limit:
                answer = await self.executor.execute(
                    document,
                    parameters.operation_name,
                    parameters.variables,
                    self.context_of(scope, viewer),
                )
        except TimeoutError:
            if limit.expired():
                raise timed_out(self.limits.seconds) from None
            raise
        return rendered(answer)

    async def subscribe(
        self, document: Checked, parameters: Parameters, scope: Scope, viewer: Viewer | None
    ) -> AsyncGenerator[bytes, None]:
        source = self.executor.subscribe(
            document,
            parameters.operation_name,
            parameters.variables,
            self.context_of(scope, viewer),
        )
        try:
            async for answer in source:
                yield rendered(answer)[1]
        finally:
            if close := getattr(source, "aclose", None):
                await close()

    async def rights_changed(self, scope: Scope, viewer: Viewer) -> Viewer | None:
        """Waits until the viewer is not what it was; returns what it is now (X-09, ASVS 7.4.2)."""
        while True:
            await asyncio.sleep(self.limits.recheck_seconds)
            with suppress(DatabaseUnavailable):  # nothing can be read meanwhile either
                now = await self.current(scope)
                # Somebody else's rights may have changed the epoch.
                if now is None or replace(now, epoch=viewer.epoch) != viewer:
                    return now

    @contextmanager
    def counted(self, viewer: Viewer) -> Iterator[None]:
        """One more stream of this viewer, as long as the block runs; refuses one too many."""
        key = viewer.tenant_id, viewer.user_id
        if self.streams[key] >= self.limits.streams_per_viewer:
            raise GraphQLRefusedError([error("LIMIT_EXCEEDED", "Too many streams are open.")])
        self.streams[key] += 1
        try:
            yield
        finally:
            self.streams[key] -= 1
            if not self.streams[key]:
                del self.streams[key]


def rendered(answer: Answer) -> tuple[int, bytes]:
    if isinstance(answer, bytes):
        return 200, answer
    if isinstance(answer, ExecutionResult):
        body = body_of(answer)
    else:
        body, errors = answer, answer.get("errors")
        if isinstance(errors, list):
            body = refused_body([coded(each) for each in errors], answer.get("data"))
    return status_of(body), json.dumps(body)
