# SPDX-License-Identifier: Apache-2.0
"""Which columns the list of contacts shows: those that the reader chose, or the address names."""

from collections.abc import Mapping, Sequence

from starlette.requests import Request

from server.domain.permissions import Permission
from server.domain.views import ViewSubject
from server.i18n import N_
from web.pages.contacts.fields import field_columns, fields_of
from web.site import Data, viewer_of
from web.views import ListColumn, Views, offered, shown, views_of

COLUMNS = (
    ListColumn(key="phone", msgid=N_("Phone"), css="fact tel"),
    ListColumn(key="phones", msgid=N_("Additional phones"), css="if-room"),
    ListColumn(key="company", msgid=N_("Company"), sort="company", css="clip if-wide"),
    ListColumn(key="email", msgid=N_("E-mail"), sort="email", css="clip if-wide"),
    ListColumn(key="tags", msgid=N_("Tags"), css="clip if-wide"),
    ListColumn(
        key="lists", msgid=N_("Lists"), css="clip if-wide", permission=Permission.LISTS_VIEW
    ),
    ListColumn(key="priority", msgid=N_("Priority"), css="if-room"),
    ListColumn(key="language", msgid=N_("Language"), css="if-room"),
    ListColumn(key="zone", msgid=N_("Time zone"), css="if-room"),
    ListColumn(key="created", msgid=N_("Added"), sort="created", css="if-room nowrap"),
)
USUAL = ("phone", "phones", "company", "email")


async def columns_offered(
    request: Request, fields: Sequence[Data] | None = None
) -> list[ListColumn]:
    """All that there are for the reader, the centre's own fields among them."""
    own = field_columns(await fields_of(request) if fields is None else fields)
    return [*offered(COLUMNS, viewer_of(request)), *own]


async def columns_of(
    request: Request,
    query: Mapping[str, str],
    views: Views | None = None,
    fields: Sequence[Data] | None = None,
) -> list[ListColumn]:
    """Those that the list shows at this address."""
    kept = views or await views_of(request, ViewSubject.CONTACTS)
    return shown(await columns_offered(request, fields), USUAL, query, kept.columns)
