# SPDX-License-Identifier: Apache-2.0
"""Asking the schema as a viewer would, by either of its two paths."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import orjson
import pytest
from graphql import ExecutionResult

from server.context import Context
from server.database import Database
from server.domain.permissions import Viewer
from server.http.refusals import body_of
from server.limits import Documents, Limits
from server.schema import build_schema
from server.schema.execution import OPTIONS, SchemaExecutor
from tests.factories.users import make_viewer

Ask = Callable[..., Awaitable[Any]]


@lru_cache(maxsize=1)
def executor() -> tuple[SchemaExecutor, Documents]:
    schema = build_schema()
    return SchemaExecutor(schema), Documents(schema._schema, Limits())


def plain(answer: Any) -> Any:
    """A response as a client reads it."""
    if isinstance(answer, ExecutionResult):
        answer = body_of(answer)
    return orjson.loads(
        answer if isinstance(answer, bytes) else orjson.dumps(answer, option=OPTIONS)
    )


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    """An administrator of the test's own tenant."""
    return await make_viewer(database, tenant)


@pytest.fixture
def ask(database: Database, viewer: Viewer) -> Ask:
    """`await ask(document, as_=viewer, ordinary=False, **variables)` → the response."""

    async def run(
        document: str, *, as_: Viewer | None = viewer, ordinary: bool = False, **variables: object
    ) -> Any:
        runner, documents = executor()
        checked = documents.checked(document)
        context = Context(database=database, viewer=as_)

        async def refresh() -> Viewer | None:
            if as_ is None:
                return None
            [row] = await database.read(as_.tenant_id, "SELECT access_epoch()")
            return replace(as_, epoch=row[0])

        context.refresh = refresh
        if ordinary:
            return plain(await runner._ordinary(checked, None, variables, context))
        return plain(await runner.execute(checked, None, variables, context))

    return run
