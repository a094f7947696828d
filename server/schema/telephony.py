# SPDX-License-Identifier: Apache-2.0
"""Telephone exchanges: how each is reached, and whether it is (architecture section 6)."""

from datetime import datetime
from enum import StrEnum

import strawberry

from server import models
from server.domain.permissions import Permission
from server.domain.telephony import ExchangeFault
from server.planner import by_id, column, connection, entity, expression, identity
from server.resolvers import telephony
from server.schema.nodes import Connection, Node, UserError
from server.schema.roots import mutates
from server.services import telephony as services

VIEW, EDIT = Permission.TELEPHONY_VIEW, Permission.TELEPHONY_EDIT
strawberry.enum(ExchangeFault, description="What a test of a connection finds wrong.")


@entity(
    models.TelephonyExchange,
    prefix="exchange",
    visible=services.visible_exchanges,
    requires=VIEW,
    description="A telephone exchange: an Asterisk that is reached by its REST interface, ARI.",
)
class TelephonyExchange(Node):
    id: strawberry.ID = identity()
    name: str = column(models.TelephonyExchange.name, "Unique in the tenant, whatever its case.")
    url: str = column(
        models.TelephonyExchange.url, "Of ARI, as in `http://pbx.example:8088/ari`.", requires=VIEW
    )
    username: str = column(
        models.TelephonyExchange.username,
        "Who we are there; the secret is written only.",
        requires=VIEW,
    )
    application: str = column(
        models.TelephonyExchange.application,
        "Begins the names of our Stasis applications, one a worker.",
    )
    dial_template: str = column(
        models.TelephonyExchange.dial_template,
        "What rings a number: `{number}` is E.164, `{digits}` the same without its +.",
    )
    agent_template: str = column(
        models.TelephonyExchange.agent_template, "What rings an agent: `{endpoint}` is theirs."
    )
    answered_context: str = column(
        models.TelephonyExchange.answered_context,
        "The dialplan's context for answered calls without an agent; blank: they stay with us.",
    )
    detects_machines: bool = column(
        models.TelephonyExchange.detects_machines,
        "Whether the dialplan listens for answering machines first.",
    )
    campaign_count: int = expression(services.campaign_count, "How many campaigns call by it.")
    version: int = column(models.TelephonyExchange.version, "Send it back with an edit.")
    created_at: datetime = column(models.TelephonyExchange.created_at)


@strawberry.enum(description="What exchanges are sorted by.")
class TelephonyExchangeSort(StrEnum):
    NAME = "NAME"
    CREATED_AT = "CREATED_AT"


SORTS = {
    "NAME": (models.TelephonyExchange.name_key,),
    "CREATED_AT": (models.TelephonyExchange.created_at,),
}


@strawberry.input(description="Which exchanges are wanted.")
class TelephonyExchangeFilter:
    search: str | None = strawberry.field(
        default=None, description="Part of the name or the address."
    )


@strawberry.input(description="A new exchange.")
class CreateTelephonyExchangeInput:
    name: str
    url: str
    username: str
    secret: str
    application: str = "rubrica"
    dial_template: str = "PJSIP/{number}@trunk"
    agent_template: str = "PJSIP/{endpoint}"
    answered_context: str = ""
    detects_machines: bool = False


@strawberry.input(description="What to change; fields left out stay as they are.")
class EditTelephonyExchangeInput:
    id: strawberry.ID
    name: str | None = strawberry.UNSET
    url: str | None = strawberry.UNSET
    username: str | None = strawberry.UNSET
    secret: str | None = strawberry.field(
        default=strawberry.UNSET, description="Asked for again where the address changes."
    )
    application: str | None = strawberry.UNSET
    dial_template: str | None = strawberry.UNSET
    agent_template: str | None = strawberry.UNSET
    answered_context: str | None = strawberry.UNSET
    detects_machines: bool | None = strawberry.UNSET
    version: int | None = None


@strawberry.input(description="The exchange to delete.")
class DeleteTelephonyExchangeInput:
    id: strawberry.ID
    version: int | None = None


@strawberry.input(description="The exchange whose connection is tested.")
class TestTelephonyExchangeInput:
    id: strawberry.ID


@strawberry.type(description="The exchange as it stands now, or why it was refused.")
class TelephonyExchangePayload:
    telephony_exchange: TelephonyExchange | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="What the deletion did.")
class DeleteTelephonyExchangePayload:
    deleted: bool = False
    name: str | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="Something that keeps calls from being made.")
class ExchangeFinding:
    code: ExchangeFault
    message: str = strawberry.field(description="What is wrong, and what to do.")


@strawberry.type(description="What the exchange answered.")
class TestTelephonyExchangePayload:
    telephony_exchange: TelephonyExchange | None = None
    is_fine: bool = strawberry.field(default=False, description="Calls can be made.")
    version: str | None = strawberry.field(default=None, description="Of the Asterisk.")
    applications: list[str] = strawberry.field(
        default_factory=list, description="The Stasis applications that are connected to it."
    )
    milliseconds: int | None = strawberry.field(default=None, description="Of one request.")
    findings: list[ExchangeFinding] = strawberry.field(default_factory=list)
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class TelephonyQuery:
    telephony_exchanges: Connection[TelephonyExchange] = connection(
        description="Telephone exchanges, by name unless sorted otherwise.",
        sort=TelephonyExchangeSort,
        sorts=SORTS,
        default_sort="NAME",
        filter=TelephonyExchangeFilter,
        filters={"search": services.matching},
        requires=VIEW,
    )
    telephony_exchange: TelephonyExchange | None = by_id(
        description="One telephone exchange.", requires=VIEW
    )
    offered_exchanges: Connection[TelephonyExchange] = connection(
        description="What a campaign can call by, for whoever may edit campaigns.",
        sorts=SORTS,
        default_sort="NAME",
        page=200,
        requires=Permission.CAMPAIGNS_EDIT,
    )


@strawberry.type
class TelephonyMutation:
    create_telephony_exchange: TelephonyExchangePayload = mutates(
        by=telephony.create,
        takes=CreateTelephonyExchangeInput,
        gives=TelephonyExchangePayload,
        requires=EDIT,
        description="Add a telephone exchange.",
    )
    edit_telephony_exchange: TelephonyExchangePayload = mutates(
        by=telephony.edit,
        takes=EditTelephonyExchangeInput,
        gives=TelephonyExchangePayload,
        requires=EDIT,
        description="Change an exchange; the next calls go by it.",
    )
    delete_telephony_exchange: DeleteTelephonyExchangePayload = mutates(
        by=telephony.delete,
        takes=DeleteTelephonyExchangeInput,
        gives=DeleteTelephonyExchangePayload,
        requires=EDIT,
        description="Delete an exchange that no campaign calls by.",
    )
    test_telephony_exchange: TestTelephonyExchangePayload = mutates(
        by=telephony.test,
        takes=TestTelephonyExchangeInput,
        gives=TestTelephonyExchangePayload,
        requires=EDIT,
        description="Ask the exchange all that calls will need; places none.",
    )
