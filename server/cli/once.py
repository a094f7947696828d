# SPDX-License-Identifier: Apache-2.0
"""One act of a command on the database, brought to this version's schema before."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from server.settings import Settings, SetupError

if TYPE_CHECKING:
    from server.database import Database

T = TypeVar("T")


def once(settings: Settings, act: "Callable[[Database], Awaitable[T]]") -> T:
    """What `act` gives back; the embedded server runs meanwhile."""
    from server.database import Database
    from server.database.migrations import migrate

    from .logs import configure_logs
    from .options import database_url

    async def acting(url: str) -> T:
        database = Database(url, pool_size=2)
        await database.start()
        try:
            return await act(database)
        finally:
            await database.stop()

    configure_logs(settings.log_level)
    with database_url(settings) as url:
        migrate(url)
        return asyncio.run(acting(url))


@contextmanager
def naming(**named: str | None) -> Iterator[None]:
    """What is not found is told by the name that the operator gave: there is no id to look at."""
    from server.domain.errors import DomainError, ErrorCode

    try:
        yield
    except DomainError as error:
        if error.code is not ErrorCode.NOT_FOUND or error.field not in named:
            raise
        raise SetupError(
            f"there is no {error.field} {named[error.field]!r} here: correct the name, or --tenant"
        ) from error
