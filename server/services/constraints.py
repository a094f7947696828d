# SPDX-License-Identifier: Apache-2.0
"""Constraints of the database, told to people as refusals.

A check before the write is not enough: two people may take the same name at the same moment.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError


@asynccontextmanager
async def refusing(
    session: AsyncSession, constraints: Mapping[str, DomainError]
) -> AsyncIterator[None]:
    """What the block changes is flushed; a constraint named here raises its refusal instead.

    A savepoint keeps the transaction usable after the refusal. The changes have to be made inside
    the block: what was changed before it is flushed as the savepoint is set, outside of it.
    """
    try:
        async with session.begin_nested():
            yield
    except IntegrityError as error:
        refusal = constraints.get(_constraint(error))
        if refusal is None:
            raise
        raise refusal from error


def _constraint(error: IntegrityError) -> str:
    cause: BaseException | None = error.orig
    while cause is not None:
        name = getattr(cause, "constraint_name", None)
        if isinstance(name, str):
            return name
        cause = cause.__cause__
    return ""
