# SPDX-License-Identifier: Apache-2.0
"""How the reader looks at a list: the columns they chose, and filters under a name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from starlette.requests import Request

from server.domain.permissions import Permission, Viewer
from server.domain.views import ViewSubject
from server.i18n import translate
from web.site import Data, ask


@dataclass(frozen=True, kw_only=True)
class ListColumn:
    """A column that a list can show; `permission`: for whom there is one."""

    key: str
    msgid: str
    sort: str | None = None  # as the address names it
    css: str = ""
    permission: Permission | None = None
    label: str = ""  # in the reader's words; of a column that people named, from the first


@dataclass(frozen=True, kw_only=True)
class Views:
    """What the reader keeps for one list."""

    subject: ViewSubject
    filters: Sequence[Data]
    columns: Sequence[str] | None  # None: as at first


async def views_of(request: Request, subject: ViewSubject) -> Views:
    """Columns are chosen of contacts alone; another list does not ask for them."""
    is_chosen = subject is ViewSubject.CONTACTS
    data = await ask(request, "views/mine", subject=subject.value, withColumns=is_chosen)
    rows = data["columnChoices"]["edges"] if is_chosen else []
    chosen = [edge["node"]["columns"] for edge in rows]
    return Views(
        subject=subject,
        filters=[edge["node"] for edge in data["savedFilters"]["edges"]],
        columns=chosen[0] if chosen else None,
    )


def offered(columns: Sequence[ListColumn], viewer: Viewer) -> list[ListColumn]:
    """Those that there are for the viewer, in their words."""
    return [
        replace(one, label=one.label or translate(viewer.locale, one.msgid))
        for one in columns
        if one.permission is None or viewer.may(one.permission)
    ]


def shown(
    columns: Sequence[ListColumn],
    usual: Sequence[str],
    query: Mapping[str, str],
    chosen: Sequence[str] | None,
) -> list[ListColumn]:
    """What the address names, else what the reader chose, else the usual, each in that order."""
    given = query.get("columns")
    wanted = given.split(",") if given is not None else chosen or usual
    known = {one.key: one for one in columns}
    return [known[key] for key in dict.fromkeys(wanted) if key in known]
