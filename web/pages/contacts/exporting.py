# SPDX-License-Identifier: Apache-2.0
"""The list as it is shown, elsewhere: as a CSV (C-51), or as a query of the API."""

import json
from collections.abc import Sequence
from urllib.parse import parse_qsl, quote, urlencode

from graphql import parse, print_ast
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from server.domain.exports import FIELD_PREFIX, ExportColumn
from server.domain.permissions import Permission
from server.i18n import N_, translate
from web.frame import Toast
from web.pages.contacts.columns import columns_of, columns_offered
from web.pages.contacts.fields import SORTS, order_of
from web.pages.contacts.filters import filter_of
from web.pages.contacts.reading import selected_by
from web.places import state_at
from web.site import (
    Data,
    Errors,
    ask,
    change,
    locale_of,
    page,
    redirect,
    site_of,
    sorting,
    viewer_of,
    viewer_who_may,
)
from web.views import ListColumn

NAME = (ExportColumn.FIRST_NAME, ExportColumn.LAST_NAME)
COLUMNS = {
    "phone": ExportColumn.PHONE,
    "phones": ExportColumn.PHONES,
    "company": ExportColumn.COMPANY,
    "email": ExportColumn.EMAIL,
    "tags": ExportColumn.TAGS,
    "lists": ExportColumn.LISTS,
    "priority": ExportColumn.PRIORITY,
    "language": ExportColumn.LANGUAGE,
    "zone": ExportColumn.TIME_ZONE,
    "created": ExportColumn.CREATED_AT,
}
ROWS = 50


async def confirm(request: Request) -> Response:
    viewer_who_may(request, Permission.CONTACTS_EXPORT)
    return await _confirm(request, state_at(request, "/contacts"), [])


async def export(request: Request) -> Response:
    """The file where they are few, else the process that writes it."""
    viewer_who_may(request, Permission.CONTACTS_EXPORT)
    form = await request.form()
    params = QueryParams(parse_qsl(str(form.get("at", "")).removeprefix("?")))
    is_all = form.get("columns") == "all"
    columns = await columns_offered(request) if is_all else await columns_of(request, params)
    given = {
        "columns": [{"column": one} for one in NAME] + _exported(columns),
        "filter": filter_of(request, params),
        **sorting(params, SORTS, "name"),
    }
    payload, errors = await change(request, "contacts/export", input=given)
    if errors:
        return await _confirm(request, params, errors)
    if payload["csv"] is None:
        text = translate(locale_of(request), N_("The export was started."))
        return redirect(request, f"/imports/{payload['process']['id']}", Toast(text=text))
    return Response(
        payload["csv"].encode(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{payload["fileName"]}"'},
    )


async def graphql(request: Request) -> Response:
    """The list's own document with the variables of this very page."""
    params, viewer = state_at(request, "/contacts"), viewer_of(request)
    variables = {
        "filter": filter_of(request, params),
        **order_of(params),
        "first": ROWS,
        "withCount": True,
        **selected_by(await columns_of(request, params)),
    }
    document = print_ast(parse(site_of(request).documents.texts["contacts/index"]))
    written = json.dumps(variables, indent=2, ensure_ascii=False)
    # In the fragment, which never reaches a log; GraphiQL shows it and runs nothing by itself.
    there = urlencode({"query": document, "variables": written}, quote_via=quote)
    return page(
        request,
        "contacts/graphql.html",
        document=document,
        variables=written,
        graphiql=f"/graphiql#{there}" if viewer.may(Permission.SCHEMA_INTROSPECT) else None,
        at=_state(params),
    )


async def _confirm(request: Request, params: QueryParams, errors: Errors) -> Response:
    data = await ask(request, "contacts/capped_count", filter=filter_of(request, params))
    return page(
        request,
        "contacts/export.html",
        status=422 if errors else 200,
        total=data["contacts"]["totalCountCapped"],
        column_names=[one.label for one in await columns_of(request, params)],
        at=_state(params),
        errors=errors,
    )


def _exported(columns: Sequence[ListColumn]) -> list[Data]:
    found: list[Data] = []
    for one in columns:
        if one.key in COLUMNS:
            found.append({"column": COLUMNS[one.key]})
        elif one.key.startswith(FIELD_PREFIX):
            found.append({"column": ExportColumn.FIELD, "fieldId": one.key, "heading": one.msgid})
    return found


def _state(params: QueryParams) -> str:
    kept = [(k, v) for k, v in params.multi_items() if k not in ("after", "before")]
    return "?" + urlencode(kept) if kept else ""
