# SPDX-License-Identifier: Apache-2.0
"""Runs checked documents: planned where every root field is declared, else by graphql-core."""

from collections.abc import AsyncIterator, Awaitable
from typing import Any

import orjson
import strawberry
from graphql import (
    ExecutionResult,
    GraphQLError,
    execute,
    subscribe,
)

from server.context import Context
from server.domain.errors import DomainError, ErrorCode
from server.i18n import refusal_message
from server.limits import Checked
from server.planner import Planner, RefusedError, StaleViewerError, Unplanned
from server.schema.sights import Sights

Body = dict[str, Any]
OPTIONS = orjson.OPT_UTC_Z


class SchemaExecutor:
    """One executor a schema; it keeps no state between requests but the planner's plans."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self.schema = schema._schema
        self.planner = Planner(self.schema)
        self.sights = Sights()

    async def execute(
        self,
        document: Checked,
        operation_name: str | None,
        variables: dict[str, object],
        context: Context,
    ) -> bytes | Body | ExecutionResult:
        """The whole response: bytes when planned, else graphql-core's result."""
        answer = await self.answer(document, operation_name, variables, context)
        if isinstance(answer, ExecutionResult) or "errors" in answer:
            return answer
        return orjson.dumps(answer, option=OPTIONS)

    async def answer(
        self,
        document: Checked,
        operation_name: str | None,
        variables: dict[str, object],
        context: Context,
    ) -> Body | ExecutionResult:
        """The response as Python values, which is how pages read it."""
        operation = document.operation(operation_name)
        for _ in range(3):  # rights that change twice while one request runs are a loop, not luck
            await self.sights.renew(context)
            try:
                data = await self.planner.execute(document, operation, variables, context)
                return {"data": data}
            except Unplanned:
                return await self._ordinary(document, operation_name, variables, context)
            except StaleViewerError:
                await renew(context)
            except RefusedError as refused:
                # The right may have been given since the viewer was read.
                if context.refresh is None or not await renew(context):
                    return refusal(refused, context)
            except GraphQLError as error:
                return ExecutionResult(None, [error])
        raise StaleViewerError

    async def _ordinary(
        self,
        document: Checked,
        operation_name: str | None,
        variables: dict[str, object],
        context: Context,
    ) -> Body | ExecutionResult:
        if context.refresh is not None:  # no statement of the plan checks the rights here
            await renew(context)
        await self.sights.renew(context)
        operation = document.operation(operation_name)
        try:
            self.planner.permit(document, operation, variables, context)
        except RefusedError as refused:
            return refusal(refused, context)
        except GraphQLError as error:
            return ExecutionResult(None, [error])
        result = execute(
            self.schema,
            document.document,
            context_value=context,
            variable_values=variables,
            operation_name=operation_name,
        )
        if not isinstance(result, ExecutionResult):
            result = await result
        if result.errors:
            result.errors[:] = [named(error, context.locale) for error in result.errors]
        return result

    async def subscribe(
        self,
        document: Checked,
        operation_name: str | None,
        variables: dict[str, object],
        context: Context,
    ) -> AsyncIterator[bytes | Body | ExecutionResult]:
        operation = document.operation(operation_name)
        if context.refresh is not None:
            await renew(context)
        try:
            self.planner.permit(document, operation, variables, context)
        except RefusedError as refused:
            yield refusal(refused, context)
            return
        source = subscribe(
            self.schema,
            document.document,
            context_value=context,
            variable_values=variables,
            operation_name=operation_name,
        )
        if isinstance(source, Awaitable):
            source = await source
        if isinstance(source, ExecutionResult):
            yield source
            return
        async for result in source:
            context.loaders.clear()  # each event reads the rows anew
            await self.sights.renew(context)
            if result.errors:
                result.errors[:] = [named(error, context.locale) for error in result.errors]
            yield result


async def renew(context: Context) -> bool:
    """Read the viewer's rights of this moment; whether they are other than those known."""
    known = context.viewer
    context.viewer = await context.refresh() if context.refresh else None
    context.loaders.clear()
    if known and context.viewer and known.locale != context.viewer.locale:
        context.locale = context.viewer.locale
    return context.viewer != known


def refusal(refused: RefusedError, context: Context) -> Body:
    """One error a refused field; nothing ran, so there is no data."""
    code = ErrorCode.UNAUTHENTICATED if context.viewer is None else ErrorCode.FORBIDDEN
    errors = []
    for permission, path in refused.refused:
        error = DomainError(code, permission=permission.value if permission else "")
        errors.append(
            {
                "message": refusal_message(context.locale, error),
                "path": list(path),
                "extensions": {"code": code.value, "permission": permission},
            }
        )
    return {"data": None, "errors": errors}


def named(error: GraphQLError, locale: str) -> GraphQLError:
    """A refusal raised inside a resolver, with its code; anything else stays a bug."""
    reason = error.original_error
    if not isinstance(reason, DomainError):
        return error
    return GraphQLError(
        refusal_message(locale, reason),
        nodes=error.nodes,
        path=error.path,
        extensions={"code": reason.code.value},
    )
