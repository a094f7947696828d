# SPDX-License-Identifier: Apache-2.0
"""Which contacts, lists and campaigns a viewer sees; each subject's service hands its own on.

Row-level security keeps everybody to their tenant. Beneath that an agent sees the lists and
campaigns assigned to them, and the contacts of these: who stands on such a list or on a list that
such a campaign calls, and who is open in such a campaign (X-17).
"""

from dataclasses import replace

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    ColumnElement,
    FromClause,
    Select,
    any_,
    bindparam,
    exists,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from server.domain.permissions import Role, Viewer
from server.models import (
    AdditionalPhone,
    Campaign,
    CampaignAgent,
    CampaignList,
    Contact,
    ContactList,
    HopperEntry,
    ListAgent,
    ListMember,
)


def visible_contacts(viewer: Viewer) -> Select[Contact]:
    """An agent's are those of the lists and campaigns assigned to them."""
    everybody = select(Contact)
    if viewer.role is not Role.AGENT:
        return everybody
    return everybody.where(_in_sight(viewer, Contact.id))


def _in_sight(viewer: Viewer, contact_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """With the numbers of the lists PostgreSQL can tell a small list from a large one.

    Then it looks the few of a small one up, and walks through all in the page's order where most
    are on the list. Contacts that are on none of the lists would spoil that choice, so where there
    are any, all the members are looked up. Without a sight, as where a few rows are written, it is
    asked of each row.
    """
    if viewer.sight is None:
        return or_(_stands_on_list(viewer, contact_id), _is_open_in_campaign(viewer, contact_id))
    lists = bindparam("viewer_lists", list(viewer.sight.list_ids), type_=ARRAY(BigInteger))
    members = select(ListMember.contact_id).where(ListMember.list_id == any_(lists))
    if not viewer.sight.contact_ids:
        return contact_id.in_(members)
    others = list(viewer.sight.contact_ids)
    more = bindparam("viewer_contacts", others, type_=ARRAY(BigInteger))
    return contact_id == any_(func.array_cat(func.array(members.scalar_subquery()), more))


def _stands_on_list(viewer: Viewer, contact_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    assigned = select(ListAgent.list_id).where(ListAgent.user_id == _viewer_id(viewer))
    called = (
        select(CampaignList.list_id)
        .join(CampaignAgent, CampaignAgent.campaign_id == CampaignList.campaign_id)
        .where(CampaignAgent.user_id == _viewer_id(viewer))
    )
    mine = union_all(assigned, called)
    return exists().where(ListMember.contact_id == contact_id, ListMember.list_id.in_(mine))


def _is_open_in_campaign(
    viewer: Viewer, contact_id: InstrumentedAttribute[int]
) -> ColumnElement[bool]:
    mine = select(CampaignAgent.campaign_id).where(CampaignAgent.user_id == _viewer_id(viewer))
    return exists().where(HopperEntry.contact_id == contact_id, HopperEntry.campaign_id.in_(mine))


def visible_lists(viewer: Viewer) -> Select[ContactList]:
    """An agent's are those assigned to them."""
    lists = select(ContactList)
    if viewer.role is not Role.AGENT:
        return lists
    mine = select(ListAgent.list_id).where(ListAgent.user_id == _viewer_id(viewer))
    return lists.where(ContactList.id.in_(mine))


def visible_campaigns(viewer: Viewer) -> Select[Campaign]:
    """An agent's are those assigned to them."""
    campaigns = select(Campaign)
    if viewer.role is not Role.AGENT:
        return campaigns
    mine = select(CampaignAgent.campaign_id).where(CampaignAgent.user_id == _viewer_id(viewer))
    return campaigns.where(Campaign.id.in_(mine))


def _viewer_id(viewer: Viewer) -> BindParameter[int]:
    return bindparam("viewer_id", viewer.user_id)


def visible_phones(viewer: Viewer) -> Select[AdditionalPhone]:
    """Those of visible contacts; read with their contact, so it is asked of the few."""
    phones = select(AdditionalPhone)
    if viewer.role is not Role.AGENT:
        return phones
    bare = replace(viewer, sight=None)
    return phones.where(_in_sight(bare, AdditionalPhone.contact_id))


def contact_is_on_list(contact: FromClause, contact_list: FromClause) -> ColumnElement[bool]:
    """The relation between the two, for either side of it.

    It says what it correlates to: left to itself, a sub-select two levels down takes the outer
    table as one of its own, and everybody would stand on every list.
    """
    members = ListMember.__table__.alias()
    standing = select(members.c.list_id).where(
        members.c.contact_id == contact.c.id, members.c.list_id == contact_list.c.id
    )
    return standing.correlate(contact, contact_list).exists()


def with_campaign_list(campaign: FromClause, contact_list: FromClause) -> ColumnElement[bool]:
    """The relation between a campaign and the lists that it calls."""
    attached = CampaignList.__table__.alias()
    found = select(attached.c.list_id).where(
        attached.c.campaign_id == campaign.c.id, attached.c.list_id == contact_list.c.id
    )
    return found.correlate(campaign, contact_list).exists()


SIGHT = """
WITH campaigns AS MATERIALIZED (SELECT campaign_id FROM campaign_agents WHERE user_id = $1),
lists AS MATERIALIZED (
  SELECT list_id FROM list_agents WHERE user_id = $1
  UNION SELECT list_id FROM campaign_lists JOIN campaigns USING (campaign_id)
), others AS (
  SELECT NULL::bigint AS list_id
  UNION ALL SELECT id FROM contact_lists WHERE id NOT IN (SELECT list_id FROM lists)
)
SELECT ARRAY(SELECT list_id FROM lists ORDER BY list_id), ARRAY(
  SELECT DISTINCT e.contact_id FROM campaigns c CROSS JOIN others o JOIN LATERAL (
    SELECT contact_id FROM hopper_entries
    WHERE list_id = o.list_id AND campaign_id = c.campaign_id
    UNION ALL SELECT contact_id FROM hopper_entries
    WHERE o.list_id IS NULL AND list_id IS NULL AND campaign_id = c.campaign_id
  ) e ON true ORDER BY contact_id
)
"""
"""The sight of the user $1: their lists, and who is open in their campaigns from none of these.

The latter are few: what leaves a list or a campaign's lists leaves the campaign too, unless it is
in a call. Their index is that of lists, so they are looked for list by list.
"""
