# SPDX-License-Identifier: Apache-2.0
"""Who is woken by what happens in the hopper; a notification only wakes, polling decides."""

import asyncpg

DIALER_CHANNEL = "dialer"
"""Heard by every dialer worker; the payload is the id of a campaign that may have work."""

_TELL_CENTRE = "pg_notify('centre:' || rubrica_tenant(), '')"


def campaign_topic(campaign_id: int) -> str:
    """The channel of one campaign's hopper, history and final results; pages listen to it."""
    return f"campaign:{campaign_id}"


def centre_topic(tenant_id: int) -> str:
    """The channel of all campaigns of a tenant, for who looks at the centre as a whole."""
    return f"centre:{tenant_id}"


async def wake_dialer(connection: asyncpg.Connection, campaign_id: int) -> None:
    """Once the transaction commits: the workers look at the campaign, its pages show the change."""
    await connection.execute(
        f"SELECT pg_notify($1, $2), pg_notify($3, ''), {_TELL_CENTRE}",
        DIALER_CHANNEL,
        str(campaign_id),
        campaign_topic(campaign_id),
    )


async def tell_campaign(connection: asyncpg.Connection, campaign_id: int) -> None:
    """Once the transaction commits, the pages of a campaign show what has changed."""
    await connection.execute(
        f"SELECT pg_notify($1, ''), {_TELL_CENTRE}", campaign_topic(campaign_id)
    )
