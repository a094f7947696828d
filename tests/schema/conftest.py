# SPDX-License-Identifier: Apache-2.0
"""Asking the schema as a viewer would, by either of its two paths."""

from dataclasses import replace
from typing import Any

import pytest

from server.context import Context
from server.database import Database
from server.domain.permissions import Viewer
from tests.factories.users import make_viewer
from tests.schema.asking import Ask, executor, plain


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    """An administrator of the test's own tenant."""
    return await make_viewer(database, tenant)


@pytest.fixture
def ask(database: Database, viewer: Viewer) -> Ask:
    """`await ask(document, as_=viewer, ordinary=False, **variables)` → the response."""

    async def run(
        document: str,
        *,
        as_: Viewer | None = viewer,
        ordinary: bool = False,
        locale: str = "en",
        **variables: object,
    ) -> Any:
        runner, documents = executor()
        checked = documents.checked(document)
        context = Context(database=database, viewer=as_, locale=locale)

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
