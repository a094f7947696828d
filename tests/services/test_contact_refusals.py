# SPDX-License-Identifier: Apache-2.0
"""What a contact may not hold: every fault at once, each on its own field (X-14, X-20c)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from server.database import Database
from server.domain.permissions import Viewer
from server.models import AdditionalPhone, Contact, Event
from server.services import contacts
from server.services.contacts import ContactInput, PhoneInput
from tests.factories.contacts import PRIMARY, phones
from tests.factories.refusals import refusals
from tests.factories.users import make_viewer

FIVE = [f"+39061234500{digit}" for digit in range(1, 6)]


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant)


LONG = "x" * 100_000
ADA = ContactInput(first_name="Ada", phone=PRIMARY)


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        (replace(ADA, first_name=" "), [("REQUIRED", "firstName")]),
        (replace(ADA, first_name="A\x00"), [("INVALID_CHARACTER", "firstName")]),
        (replace(ADA, last_name="\udfff"), [("INVALID_CHARACTER", "lastName")]),
        (replace(ADA, last_name=LONG), [("TOO_LONG", "lastName")]),
        (replace(ADA, company=LONG), [("TOO_LONG", "company")]),
        (replace(ADA, email="ada"), [("INVALID", "email")]),
        (replace(ADA, email="ada@home"), [("INVALID", "email")]),
        (replace(ADA, email="ada love@example.com"), [("INVALID", "email")]),
        (replace(ADA, email="a@b@example.com"), [("INVALID", "email")]),
        (replace(ADA, email=LONG), [("TOO_LONG", "email")]),
        (replace(ADA, phone="no number"), [("INVALID_NUMBER", "phone")]),
        (replace(ADA, phone="\x00"), [("INVALID_CHARACTER", "phone")]),
        (replace(ADA, phone=LONG), [("TOO_LONG", "phone")]),
        (replace(ADA, priority=0), [("OUT_OF_RANGE", "priority")]),
        (replace(ADA, priority=4), [("OUT_OF_RANGE", "priority")]),
        (replace(ADA, scheduled_at=datetime(2027, 1, 1)), [("INVALID", "scheduledAt")]),  # noqa: DTZ001
        (
            replace(ADA, scheduled_at=datetime(1, 1, 1, tzinfo=UTC)),
            [("OUT_OF_RANGE", "scheduledAt")],
        ),
        (
            replace(ADA, additional_phones=phones("06 12345001", "")),
            [("REQUIRED", "additionalPhones.1.number")],
        ),
        (
            replace(ADA, additional_phones=phones("06 12345001", "x", "12")),
            [
                ("INVALID_NUMBER", "additionalPhones.1.number"),
                ("INVALID_NUMBER", "additionalPhones.2.number"),
            ],
        ),
        (
            replace(ADA, additional_phones=[PhoneInput(number=FIVE[0], description="x" * 256)]),
            [("TOO_LONG", "additionalPhones.0.description")],
        ),
        (
            replace(ADA, additional_phones=[PhoneInput(number=FIVE[0], description="\x00")]),
            [("INVALID_CHARACTER", "additionalPhones.0.description")],
        ),
        # X-20c: the primary among them, however it is written
        (
            replace(ADA, additional_phones=phones("06 12345001", "0039 06 12345000")),
            [("DUPLICATE_NUMBER", "additionalPhones.1.number")],
        ),
        (
            replace(ADA, additional_phones=phones("06 12345001", "06 12345002", "+390612345001")),
            [("DUPLICATE_NUMBER", "additionalPhones.2.number")],
        ),
        (
            replace(ADA, phone=None, additional_phones=phones("06 12345001", "(06) 12345001")),
            [("DUPLICATE_NUMBER", "additionalPhones.1.number")],
        ),
        (
            replace(ADA, additional_phones=phones((FIVE[0], 2**62), (FIVE[1], 0))),
            [
                ("NOT_FOUND", "additionalPhones.0.itemTypeId"),
                ("NOT_FOUND", "additionalPhones.1.itemTypeId"),
            ],
        ),
        (
            replace(ADA, additional_phones=[PhoneInput(number=FIVE[0], id=1)]),
            [("NOT_FOUND", "additionalPhones.0.id")],
        ),
        (replace(ADA, list_ids=[2**62]), [("NOT_FOUND", "listIds.0")]),
        (
            replace(ADA, additional_phones=phones(*(f"+39061{n:07}" for n in range(101)))),
            [("OUT_OF_RANGE", "additionalPhones")],
        ),
        (  # all at once
            ContactInput(
                first_name="",
                email="@",
                phone="x",
                priority=9,
                additional_phones=phones("y", (FIVE[0], 2**62), FIVE[0]),
                list_ids=[2**62],
            ),
            [
                ("REQUIRED", "firstName"),
                ("INVALID", "email"),
                ("INVALID_NUMBER", "phone"),
                ("OUT_OF_RANGE", "priority"),
                ("INVALID_NUMBER", "additionalPhones.0.number"),
                ("DUPLICATE_NUMBER", "additionalPhones.2.number"),
                ("NOT_FOUND", "additionalPhones.1.itemTypeId"),
                ("NOT_FOUND", "listIds.0"),
            ],
        ),
    ],
)
async def test_every_fault_is_named_by_its_field_and_nothing_is_stored(
    database: Database, viewer: Viewer, given: ContactInput, refused: list[tuple[str, str]]
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        with refusals() as told:
            await contacts.create_contact(session, viewer, given)
    assert told == refused
    async with database.transaction(viewer.tenant_id) as session:
        for model in (Contact, AdditionalPhone, Event):
            assert await session.scalar(select(func.count()).select_from(model)) == 0
