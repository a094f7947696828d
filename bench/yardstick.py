# SPDX-License-Identifier: Apache-2.0
"""The yardstick: the same types as an ordinary Strawberry server with SQLAlchemy's ORM.

Written as the libraries' own documentation teaches it: mapped classes, one session a request,
DataLoaders against N+1. No log-in, no tenants, no limits: it does less than the product.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import strawberry
from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.applications import Starlette
from starlette.requests import Request
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.types import Info


class Base(DeclarativeBase):
    pass


class ItemTypeRow(Base):
    __tablename__ = "contact_item_types"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    color: Mapped[str]


class PhoneRow(Base):
    __tablename__ = "additional_phones"
    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    number: Mapped[str]
    description: Mapped[str]
    item_type_id: Mapped[int | None] = mapped_column(ForeignKey("contact_item_types.id"))
    position: Mapped[int]


class ContactRow(Base):
    __tablename__ = "contacts"
    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int]
    first_name: Mapped[str]
    last_name: Mapped[str]
    name_key: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str | None]


@strawberry.type
class ContactItemType:
    id: strawberry.ID
    name: str
    color: str


@strawberry.type
class AdditionalPhone:
    id: strawberry.ID
    number: str
    description: str
    item_type_id: strawberry.Private[int | None]

    @strawberry.field
    async def item_type(self, info: Info) -> ContactItemType | None:
        if self.item_type_id is None:
            return None
        found: ContactItemType = await info.context["types"].load(self.item_type_id)
        return found


@strawberry.type
class Contact:
    id: strawberry.ID
    first_name: str
    last_name: str
    email: str
    phone: str | None

    @strawberry.field
    async def additional_phones(self, info: Info) -> list[AdditionalPhone]:
        found: list[AdditionalPhone] = await info.context["phones"].load(int(self.id))
        return found


def contact_of(row: ContactRow) -> Contact:
    return Contact(
        id=strawberry.ID(str(row.id)),
        first_name=row.first_name,
        last_name=row.last_name,
        email=row.email,
        phone=row.phone,
    )


@strawberry.type
class ContactEdge:
    node: Contact


@strawberry.type
class ContactConnection:
    edges: list[ContactEdge]


@strawberry.type
class Query:
    @strawberry.field
    async def contacts(self, info: Info, first: int = 50) -> ContactConnection:
        by_name = (ContactRow.tenant_id, ContactRow.name_key, ContactRow.id)  # as the index has it
        statement = select(ContactRow).order_by(*by_name).limit(first)
        rows = await info.context["session"].scalars(statement)
        return ContactConnection(edges=[ContactEdge(node=contact_of(row)) for row in rows])

    @strawberry.field
    async def contact(self, info: Info, id: strawberry.ID) -> Contact | None:
        row = await info.context["session"].get(ContactRow, int(id.rpartition("_")[2]))
        return None if row is None else contact_of(row)


def loaders(session: AsyncSession) -> dict[str, Any]:
    async def load_phones(keys: list[int]) -> list[list[AdditionalPhone]]:
        statement = select(PhoneRow).where(PhoneRow.contact_id.in_(keys))
        found: dict[int, list[AdditionalPhone]] = {key: [] for key in keys}
        for row in await session.scalars(statement.order_by(PhoneRow.position, PhoneRow.id)):
            found[row.contact_id].append(
                AdditionalPhone(
                    id=strawberry.ID(str(row.id)),
                    number=row.number,
                    description=row.description,
                    item_type_id=row.item_type_id,
                )
            )
        return [found[key] for key in keys]

    async def load_types(keys: list[int]) -> list[ContactItemType | None]:
        rows = await session.scalars(select(ItemTypeRow).where(ItemTypeRow.id.in_(keys)))
        found = {
            row.id: ContactItemType(id=strawberry.ID(str(row.id)), name=row.name, color=row.color)
            for row in rows
        }
        return [found.get(key) for key in keys]

    return {"phones": DataLoader(load_fn=load_phones), "types": DataLoader(load_fn=load_types)}


def create_app(url: str) -> Starlette:
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1))
    sessions = async_sessionmaker(engine, expire_on_commit=False)

    class Server(GraphQL[dict[str, Any], None]):
        async def get_context(self, request: Any, response: Any) -> dict[str, Any]:
            session = request.state.session
            return {"request": request, "session": session, **loaders(session)}

    class WithSession:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            async with sessions() as session:
                Request(scope).state.session = session
                await self.app(scope, receive, send)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    app = Starlette(lifespan=lifespan)
    app.mount("/graphql", WithSession(Server(strawberry.Schema(query=Query))))
    return app
