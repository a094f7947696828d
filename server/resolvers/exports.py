# SPDX-License-Identifier: Apache-2.0
"""Exports: inputs onto services, and columns in the reader's words (C-51)."""

from typing import Any

from server.context import Context
from server.domain.exports import ExportColumn, Heading
from server.i18n import label
from server.planner import key_of, reference
from server.resolvers.contact_filters import criteria_of
from server.resolvers.inputs import NO_ROW, Given
from server.services import exports
from server.services.contacts.selections import ContactCriteria


async def export(context: Context, given: Given) -> dict[str, Any]:
    """A small one as text; a large one, or one that is wanted so, as a process."""
    viewer = context.require(None)
    criteria = await criteria_of(context, given.get("filter", {}))
    asked = _asked(context, given, criteria)
    async with context.writing() as session:
        if not given.get("in_background", False):
            file = await exports.export_now(session, viewer, asked)
            if file is not None:
                return {"csv": file.content.decode(), "file_name": file.name, "rows": file.rows}
        process = await exports.start_export(session, viewer, asked)
    return {"process": reference("Process", process.id)}


def _asked(context: Context, given: Given, criteria: ContactCriteria) -> exports.ExportInput:
    locale, viewer = context.locale, context.require(None)
    headings = [
        Heading(
            column=one["column"],
            text=one.get("heading") or label(locale, one["column"]),
            field_id=key_of(one["field_id"], "MasterDataField") or NO_ROW
            if "field_id" in one
            else None,
        )
        for one in given["columns"]
    ]
    return exports.ExportInput(
        headings=headings,
        untyped=label(locale, ExportColumn.PHONES),
        criteria=criteria,
        sort=str(getattr(given.get("sort"), "value", given.get("sort") or "NAME")),
        is_descending=str(getattr(given.get("direction"), "value", "ASC")) == "DESC",
        timezone=viewer.timezone,
        comment=given.get("comment", ""),
    )
