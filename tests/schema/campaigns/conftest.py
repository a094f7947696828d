# SPDX-License-Identifier: Apache-2.0
"""A centre with two small lists, for campaigns to call."""

from dataclasses import dataclass

import pytest

from server.database import Database
from server.domain.permissions import Viewer
from tests.factories.contacts import make_contact, phones
from tests.factories.lists import make_list


@dataclass(frozen=True, kw_only=True)
class Lists:
    """Global ids: two contacts with three and one number on `spring`, one contact on `autumn`."""

    spring: str
    autumn: str
    contacts: tuple[str, str, str]


@pytest.fixture
async def lists(database: Database, viewer: Viewer) -> Lists:
    async with database.transaction(viewer.tenant_id) as session:
        spring = await make_list(session, viewer, "Spring")
        autumn = await make_list(session, viewer, "Autumn")
        ada = await make_contact(
            session,
            viewer,
            "Ada",
            phone="+390612345000",
            additional=phones("+390612345001", "+390612345002"),
            list_ids=[spring.id],
        )
        bruno = await make_contact(
            session, viewer, "Bruno", phone="+390612345010", list_ids=[spring.id]
        )
        clara = await make_contact(
            session, viewer, "Clara", phone="+390612345020", list_ids=[autumn.id]
        )
    return Lists(
        spring=f"list_{spring.id}",
        autumn=f"list_{autumn.id}",
        contacts=(f"contact_{ada.id}", f"contact_{bruno.id}", f"contact_{clara.id}"),
    )
