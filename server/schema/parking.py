# SPDX-License-Identifier: Apache-2.0
"""Entries that are parked, let go on (reliability F21)."""

import strawberry

from server.domain.permissions import Permission
from server.resolvers import reasons
from server.schema.dialer import HopperEntry
from server.schema.nodes import UserError
from server.schema.roots import mutates


@strawberry.input(description="The entry that may be called again.")
class ReleaseEntryInput:
    entry_id: strawberry.ID


@strawberry.type(description="The entry as it stands now, or why it was refused.")
class ReleaseEntryPayload:
    hopper_entry: HopperEntry | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ParkingMutation:
    release_entry: ReleaseEntryPayload = mutates(
        by=reasons.release_entry,
        takes=ReleaseEntryInput,
        gives=ReleaseEntryPayload,
        requires=Permission.CAMPAIGNS_EDIT,
        description="Let an entry go on that was parked because processing it failed.",
    )
