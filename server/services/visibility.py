# SPDX-License-Identifier: Apache-2.0
"""Which contacts, lists and campaigns a viewer sees; each subject's service hands its own on.

Row-level security keeps everybody to their tenant. Beneath that an agent sees the lists and
campaigns assigned to them, and the contacts that stand on such a list (X-17).
"""

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Select,
    bindparam,
    func,
    select,
    true,
)

from server.domain.permissions import Role, Viewer
from server.models import (
    AdditionalPhone,
    Campaign,
    CampaignAgent,
    CampaignList,
    Contact,
    ContactList,
    ListAgent,
    ListMember,
)


def visible_contacts(viewer: Viewer) -> Select[Contact]:
    """An agent's are those on at least one list assigned to them.

    PostgreSQL cannot tell a small list from a large one here. An array and not IN, and each list
    in the order of its index: so the few are looked up, and not searched for among all.
    """
    everybody = select(Contact)
    if viewer.role is not Role.AGENT:
        return everybody
    members = (
        select(ListMember.contact_id)
        .where(ListMember.list_id == ListAgent.list_id)
        .order_by(ListMember.contact_id)
        .correlate(ListAgent)
        .lateral()
    )
    mine = (
        select(members.c.contact_id)
        .select_from(ListAgent)
        .join(members, true())
        .where(ListAgent.user_id == _viewer_id(viewer))
    )
    return everybody.where(Contact.id == func.any(func.array(mine.scalar_subquery())))


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
    """Those of visible contacts.

    Phones are read with their contact. So here it is IN: their few are looked up among the members,
    where an array would have the phones of all an agent's contacts fetched for one page.
    """
    phones = select(AdditionalPhone)
    if viewer.role is not Role.AGENT:
        return phones
    mine = (
        select(ListMember.contact_id)
        .join(ListAgent, ListAgent.list_id == ListMember.list_id)
        .where(ListAgent.user_id == _viewer_id(viewer))
    )
    return phones.where(AdditionalPhone.contact_id.in_(mine))


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
