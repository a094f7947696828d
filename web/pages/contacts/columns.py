# SPDX-License-Identifier: Apache-2.0
"""Which columns the list of contacts shows; the address names them, so that a link keeps them."""

from collections.abc import Mapping

from server.domain.permissions import Permission, Viewer
from server.i18n import N_, translate

NAMES = {
    "phones": N_("Additional phones"),
    "company": N_("Company"),
    "email": N_("E-mail"),
    "lists": N_("Lists"),
    "created": N_("Added"),
}
USUAL = ("phones", "company", "email")


def column_names(viewer: Viewer) -> list[tuple[str, str]]:
    """Those that there are for the viewer, in the reader's words."""
    return [
        (key, translate(viewer.locale, name))
        for key, name in NAMES.items()
        if key != "lists" or viewer.may(Permission.LISTS_VIEW)
    ]


def shown_columns(query: Mapping[str, str], viewer: Viewer) -> list[str]:
    """Those that the address wants, in our order."""
    given = query.get("columns")
    wanted = USUAL if given is None else tuple(given.split(","))
    return [key for key, _ in column_names(viewer) if key in wanted]
