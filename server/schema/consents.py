# SPDX-License-Identifier: Apache-2.0
"""Consents to be called, and entries in a register of objections."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import UNSET

from server import models
from server.domain.permissions import Permission
from server.planner import column, entity, expression, identity
from server.resolvers import consents
from server.schema.nodes import Node, UserError
from server.schema.roots import mutates
from server.services import consents as services

if TYPE_CHECKING:
    from server.schema.contacts import Contact

ContactRef = Annotated["Contact", strawberry.lazy("server.schema.contacts")]
EDIT = Permission.CONTACTS_EDIT


@entity(
    models.Consent,
    prefix="consent",
    visible=services.visible_consents,
    requires=Permission.CONTACTS_VIEW,
    description="A consent to be called, or an entry in a register of objections.",
)
class Consent(Node):
    id: strawberry.ID = identity()
    is_objection: bool = column(
        models.Consent.is_objection, "An entry in a register, which voids the consents before it."
    )
    matter: str = column(models.Consent.matter, "What it is a consent to; blank: everything.")
    evidence: str = column(models.Consent.evidence, "Where and how it was given.")
    given_at: datetime = column(models.Consent.given_at)
    withdrawn_at: datetime | None = column(models.Consent.withdrawn_at, "It no longer holds.")
    recorded_by: str | None = expression(services.recorder_name, "Who recorded it.")
    created_at: datetime = column(models.Consent.created_at)


@strawberry.input(description="A consent that a contact has given.")
class RecordConsentInput:
    contact_id: strawberry.ID
    evidence: str = strawberry.field(description="Where and how it was given; 1,000 characters.")
    matter: str | None = strawberry.field(
        default=UNSET, description="As a campaign's matter; blank: a consent to everything."
    )
    given_at: datetime | None = strawberry.field(default=UNSET, description="Left out: now.")


@strawberry.input(description="A contact's entry in a register of objections.")
class RecordObjectionInput:
    contact_id: strawberry.ID
    evidence: str = strawberry.field(description="Which register, and how it is known.")
    given_at: datetime | None = strawberry.field(default=UNSET, description="Left out: now.")


@strawberry.input(description="The consent that ends, or the objection that is lifted.")
class WithdrawConsentInput:
    id: strawberry.ID
    at: datetime | None = strawberry.field(default=UNSET, description="Left out: now.")


@strawberry.type(description="The record and its contact, or why it was refused.")
class ConsentPayload:
    consent: Consent | None = None
    contact: ContactRef | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ConsentMutation:
    record_consent: ConsentPayload = mutates(
        by=consents.record,
        takes=RecordConsentInput,
        gives=ConsentPayload,
        requires=EDIT,
        description="Record that a contact agreed to be called.",
    )
    record_objection: ConsentPayload = mutates(
        by=consents.record_objection,
        takes=RecordObjectionInput,
        gives=ConsentPayload,
        requires=EDIT,
        description="Record that a contact entered a register of objections, which revokes the "
        "consents given before.",
    )
    withdraw_consent: ConsentPayload = mutates(
        by=consents.withdraw,
        takes=WithdrawConsentInput,
        gives=ConsentPayload,
        requires=EDIT,
        description="End a consent, or lift an objection; the record of it stays.",
    )
