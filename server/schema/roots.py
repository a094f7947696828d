# SPDX-License-Identifier: Apache-2.0
"""The words for root fields that a resolver serves: `mutates`, `resolves` and `subscribes`."""

import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any, get_type_hints

import strawberry
from strawberry.types import Info
from strawberry.types.base import has_object_definition

from server.context import Context
from server.domain.errors import DomainError, ErrorCode, RefusalsError
from server.domain.permissions import Permission
from server.i18n import refusal_message
from server.planner import requires_directives
from server.planner.declarations import Resolved
from server.planner.fields import DECLARATION
from server.schema.nodes import UserError

Given = dict[str, Any]

# Refusals of the caller, not of an input: they are errors of the whole request.
OF_THE_CALLER = frozenset({ErrorCode.UNAUTHENTICATED, ErrorCode.FORBIDDEN})


def user_errors(errors: list[DomainError], locale: str) -> list[UserError]:
    return [
        UserError(code=error.code, field=error.field, message=refusal_message(locale, error))
        for error in errors
    ]


async def _refusable(gives: type, work: Awaitable[Mapping[str, Any]], locale: str) -> object:
    """The payload of the fields that `work` returns, or of its refusals."""
    payload: dict[str, object] = {}
    try:
        return gives(**await work)
    except RefusalsError as refusals:
        errors = refusals.errors
    except DomainError as refusal:
        errors, payload = [refusal], refusal.payload
    if any(error.code in OF_THE_CALLER for error in errors):
        raise errors[0]
    return gives(**payload, user_errors=user_errors(errors, locale))


def mutates(
    *,
    by: Callable[[Context, Given], Awaitable[Mapping[str, Any]]],
    takes: type | None,
    gives: type,
    description: str,
    requires: Permission | None = None,
    is_public: bool = False,
) -> Any:
    """A mutation: `by(context, given)` gets the input's fields that were sent and returns the
    payload's fields; a refusal becomes `userErrors`. `requires` None: whoever is signed in;
    `takes` None: there is nothing to say.

    Every other field of the payload needs a default.
    """

    async def answer(context: Context, given: Given) -> object:
        return await _refusable(gives, by(context, given), context.locale)

    async def resolve(self: object, info: Info[Any, Any], input: Any) -> object:
        return await answer(info.context, given_of(input))

    async def resolve_bare(self: object, info: Info[Any, Any]) -> object:
        return await answer(info.context, {})

    function: Any = resolve_bare if takes is None else resolve
    function.__annotations__ = {"info": Info[Any, Any], "return": gives}
    if takes is not None:
        function.__annotations__["input"] = takes
    return strawberry.field(
        resolver=function,
        description=description,
        metadata={DECLARATION: Resolved(requires=requires, is_public=is_public)},
        directives=requires_directives(requires),
    )


CLEARS = {"clears": True}  # metadata of an input field for which null means: empty it


def given_of(value: Any) -> Any:
    """An input as plain data, without fields that were not sent; null only where it clears."""
    if isinstance(value, list):
        return [given_of(item) for item in value]
    if not has_object_definition(value):
        return value
    given = {}
    for field in value.__strawberry_definition__.fields:
        item = getattr(value, field.python_name)
        clears = field.metadata.get("clears", False)
        if item is not strawberry.UNSET and (item is not None or clears):
            given[field.python_name] = given_of(item)
    return given


def resolves(
    *,
    by: Callable[..., Awaitable[Any]],
    description: str,
    gives: type | None = None,
    requires: Permission | None = None,
    is_public: bool = False,
) -> Any:
    """A query by `by(context, **arguments)`, for what is not a row of the database.

    With `gives` it returns that payload's fields, and a refusal becomes `userErrors`.
    """

    async def resolve(self: object, info: Info[Any, Any], **arguments: Any) -> object:
        if gives is None:
            return await by(info.context, **arguments)
        return await _refusable(gives, by(info.context, **arguments), info.context.locale)

    _take_signature(resolve, by)
    return strawberry.field(
        resolver=resolve,
        description=description,
        metadata={DECLARATION: Resolved(requires=requires, is_public=is_public)},
        directives=requires_directives(requires),
    )


def subscribes(
    *,
    by: Callable[..., AsyncGenerator[Any]],
    gives: Any,
    description: str,
    requires: Permission | None = None,
) -> Any:
    """A subscription by `by(context, **arguments)`, which yields what it `gives`."""

    async def resolve(
        self: object, info: Info[Any, Any], **arguments: Any
    ) -> AsyncGenerator[Any, None]:
        async with aclosing(by(info.context, **arguments)) as found:
            async for value in found:
                yield value

    _take_signature(resolve, by)
    resolve.__annotations__["return"] = AsyncGenerator[gives, None]
    return strawberry.subscription(
        resolver=resolve,
        description=description,
        metadata={DECLARATION: Resolved(requires=requires)},
        directives=requires_directives(requires),
    )


def _take_signature(resolve: Any, by: Callable[..., Any]) -> None:
    """Strawberry reads a field's arguments from its resolver: those of `by` after the context."""
    hints = get_type_hints(by)
    given = list(inspect.signature(by).parameters.values())[1:]
    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD),
        inspect.Parameter(
            "info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Info[Any, Any]
        ),
        *(p.replace(kind=keyword, annotation=hints[p.name]) for p in given),
    ]
    resolve.__signature__ = inspect.Signature(parameters)
    resolve.__annotations__ = {p.name: p.annotation for p in parameters[1:]}
