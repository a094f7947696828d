# SPDX-License-Identifier: Apache-2.0
"""A small centre behind the real endpoint: cycles, pages, faults and a ticking subscription."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field

import strawberry
from graphql import ExecutionResult, GraphQLError, execute, subscribe
from starlette.types import Scope
from strawberry.schema.config import StrawberryConfig

from server.database import DatabaseUnavailable
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import ALL_PERMISSIONS, Permission, Role, Viewer
from server.http import GraphQLEndpoint
from server.http.headers import headers_of
from server.limits import Checked, Limits


@strawberry.type
class Contact:
    id: strawberry.ID

    @strawberry.field
    def phones(self) -> list["Phone"]:
        return [Phone(number="+390612345", contact=self)]

    @strawberry.field
    def name(self, style: str = "plain") -> str:
        return f"Contact {self.id}"


@strawberry.type
class Phone:
    number: str
    contact: Contact


@strawberry.type
class ContactEdge:
    cursor: str
    node: Contact


@strawberry.type
class ContactConnection:
    edges: list[ContactEdge]
    total_count: int


@strawberry.type
class Query:
    @strawberry.field
    def echo(self, text: str) -> str:
        executed.append(text)
        return text

    @strawberry.field
    def twice(self, number: int) -> int:
        return number * 2

    @strawberry.field
    def contact(self, id: strawberry.ID) -> Contact | None:
        return Contact(id=id)

    @strawberry.field
    def nodes(self, ids: list[strawberry.ID]) -> list[Contact]:
        return [Contact(id=each) for each in ids]

    @strawberry.field
    def contacts(self, first: int | None = None, last: int | None = None) -> ContactConnection:
        found = [Contact(id=strawberry.ID(str(number))) for number in range(first or 2)]
        edges = [ContactEdge(cursor=str(each.id), node=each) for each in found]
        return ContactConnection(edges=edges, total_count=len(edges))

    @strawberry.field
    def broken(self) -> str | None:
        raise RuntimeError("secret detail of the machine")

    @strawberry.field
    def away(self) -> str | None:
        raise DatabaseUnavailable("host db.internal refuses")

    @strawberry.field
    def forbidden(self) -> str | None:
        raise DomainError(ErrorCode.FORBIDDEN)

    @strawberry.field
    def unstorable(self, text: str) -> str:
        return text.encode().decode()

    @strawberry.field
    async def slow(self) -> str:
        await asyncio.sleep(30)
        return "late"


@strawberry.type
class Mutation:
    @strawberry.mutation
    def rename(self, text: str) -> str:
        executed.append(text)
        return text


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self, count: int) -> AsyncGenerator[int, None]:
        running.append(1)
        try:
            for number in range(count):
                yield number
                await asyncio.sleep(0)
            if count > 100:
                await asyncio.sleep(60)
        finally:
            running.pop()

    @strawberry.subscription
    async def breaks(self) -> AsyncGenerator[int, None]:
        yield 1
        raise RuntimeError("secret detail of the machine")


executed: list[str] = []
running: list[int] = []
SCHEMA = strawberry.Schema(
    Query, Mutation, Subscription, config=StrawberryConfig(disable_field_suggestions=True)
)


@dataclass
class ToyContext:
    viewer: Viewer | None


class CoreExecutor:
    """graphql-core and nothing else."""

    async def execute(
        self,
        document: Checked,
        operation_name: str | None,
        variables: dict[str, object],
        context: ToyContext,
    ) -> ExecutionResult:
        result = execute(
            SCHEMA._schema,
            document.document,
            context_value=context,
            variable_values=variables,
            operation_name=operation_name,
        )
        return result if isinstance(result, ExecutionResult) else await result

    async def subscribe(
        self,
        document: Checked,
        operation_name: str | None,
        variables: dict[str, object],
        context: ToyContext,
    ) -> AsyncIterator[ExecutionResult]:
        source = subscribe(
            SCHEMA._schema,
            document.document,
            context_value=context,
            variable_values=variables,
            operation_name=operation_name,
        )
        stream = source if hasattr(source, "__aiter__") else await source
        if isinstance(stream, ExecutionResult):
            yield stream
            return
        try:
            async for result in stream:
                yield result
        except GraphQLError as error:
            yield ExecutionResult(None, [error])
        finally:
            await stream.aclose()


def person(role: Role = Role.ADMIN, *permissions: Permission, user_id: int = 1) -> Viewer:
    held = ALL_PERMISSIONS if role is Role.ADMIN else frozenset(permissions)
    return Viewer(
        user_id=user_id, tenant_id=1, name="ada", full_name="Ada", role=role, permissions=held
    )


@dataclass
class Doors:
    """Who a token or a cookie belongs to; a test may change it while a stream runs."""

    people: dict[bytes, Viewer] = field(
        default_factory=lambda: {b"admin": person(), b"agent": person(Role.AGENT, user_id=2)}
    )

    async def viewer_of(self, scope: Scope) -> Viewer | None:
        headers = headers_of(scope)
        bearer = headers.get(b"authorization", b"").removeprefix(b"Bearer ")
        cookie = headers.get(b"cookie", b"").removeprefix(b"session=")
        return self.people.get(bearer or cookie)


def endpoint(doors: Doors | None = None, **limits: float) -> GraphQLEndpoint[ToyContext]:
    return GraphQLEndpoint(
        SCHEMA,
        CoreExecutor(),
        viewer_of=(doors or Doors()).viewer_of,
        context_of=lambda scope, viewer: ToyContext(viewer),
        limits=Limits(**limits),  # type: ignore[arg-type]
    )
