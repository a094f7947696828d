# SPDX-License-Identifier: Apache-2.0
"""Record content: the values of a centre's own fields, in the form and on the record (C-05, C-22).

A group of rows for the person, and one for each campaign that the contact has a record in. A row
is `{field, key, text, before, value, is_required, error}`: `text` is what its box holds, `before`
what it held when the form was opened.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from starlette.datastructures import FormData
from starlette.requests import Request

from server.domain.fields import FieldType
from server.domain.permissions import Permission, Viewer
from web.formats import phone_in, zone_of
from web.forms import written_instant
from web.site import Data, Errors, ask, viewer_of

COLUMNS = ("fieldId", "campaignId", "type", "isRequired", "before", "value")
NOBODY = "contact_0"


async def content_of(
    request: Request, contact_id: str | None, errors: Errors | None = None
) -> list[Data]:
    """The fields with what they hold; in a form that was sent, with what was typed."""
    viewer = viewer_of(request)
    may_see = viewer.may(Permission.CAMPAIGNS_VIEW)
    data = await ask(request, "contacts/content", id=contact_id or NOBODY, withCampaigns=may_see)
    contact = data["contact"] or {"values": []}
    own = [edge["node"] for edge in data["offeredFields"]["edges"]]
    groups = [_group(None, own, contact["values"], viewer)]
    campaigns = {one["id"]: one for one in _campaigns(contact)}
    for key, campaign in campaigns.items():
        values = [
            value
            for value in contact.get("recordValues", [])
            if value["campaign"] and value["campaign"]["id"] == key
        ]
        fields = campaign.get("fields") or [value["field"] for value in values]
        groups.append(_group(campaign, fields, values, viewer))
    groups = [group for group in groups if group["rows"]]
    if request.method == "POST":
        _lay_over(groups, await request.form(), errors or [])
    return groups


async def script_of(request: Request, data: Data, errors: Errors | None = None) -> list[Data]:
    """What the script of a campaign asks during a call: its record, then what the person lacks.

    `data` are the contact, the campaign and the fields offered. Required fields are marked in
    both: without them the script does not go on (C-22).
    """
    viewer = viewer_of(request)
    contact, campaign = data["contact"], data["campaign"]
    if contact is None or campaign is None:
        return []
    values = [
        value
        for value in contact["recordValues"]
        if value["campaign"] and value["campaign"]["id"] == campaign["id"]
    ]
    own = [edge["node"] for edge in data["offeredFields"]["edges"] if edge["node"]["isRequired"]]
    person = _group(None, own, contact["values"], viewer)
    person["rows"] = [row for row in person["rows"] if row["value"] is None]
    groups = [_group(campaign, campaign["fields"], values, viewer), person]
    for group in groups:
        for row in group["rows"]:
            row["is_required"] = row["field"]["isRequired"]
    groups = [group for group in groups if group["rows"]]
    if request.method == "POST":
        _lay_over(groups, await request.form(), errors or [])
        _mark_blank(groups, errors or [])
    return groups


def _mark_blank(groups: list[Data], errors: Errors) -> None:
    """A required field without a value is told by its name: it was not sent."""
    told = [error["message"] for error in errors if error["field"] == "values"]
    for group in groups:
        for row in group["rows"]:
            if row["is_required"] and not row["text"].strip():
                name = f"“{row['field']['displayName']}”"
                row["error"] = next((text for text in told if name in text), row["error"])


def given_content(form: FormData, viewer: Viewer) -> Data:
    """What the form changed of them, as fields of an input; a required one that is blank too."""
    rows = _sent(form)
    values = [_given(row, viewer) for row in rows if _is_given(row)]
    return {"values": values} if values else {}


def _campaigns(contact: Data) -> list[Data]:
    """Those that the contact is in, then those that it has values of; each once is enough."""
    told = [value["campaign"] for value in contact.get("recordValues", [])]
    entered = [entry["campaign"] for entry in contact.get("openEntries", [])]
    return [one for one in (*told, *entered) if one]


def _group(
    campaign: Data | None, fields: Sequence[Data], values: Sequence[Data], viewer: Viewer
) -> Data:
    found = {value["field"]["id"]: value for value in values if value["field"]}
    rows = []
    for field in fields:
        value = found.get(field["id"])
        text = _shown(field, value, viewer)
        rows.append(
            {
                "field": field,
                "key": f"{field['id']}-{campaign['id']}" if campaign else field["id"],
                "value": value,
                "text": text,
                "before": text,
                # In a record it is asked of the agent, before the script's next page.
                "is_required": field["isRequired"] and campaign is None,
                "error": None,
            }
        )
    return {"campaign": campaign, "rows": rows}


def _shown(field: Data, value: Data | None, viewer: Viewer) -> str:
    """A value as its box holds it."""
    if value is None:
        return ""
    if field["type"] == FieldType.DATETIME:
        return written_instant(value["instantValue"], viewer.timezone)
    if field["type"] == FieldType.PHONE:
        return phone_in(value["text"], viewer.region)
    return str(value["text"])


def _sent(form: FormData) -> list[dict[str, str]]:
    """The rows as they were sent; boxes that are cut off count as blank."""
    columns = {name: [str(text) for text in form.getlist(f"values.{name}")] for name in COLUMNS}
    return [
        {name: texts[place] if place < len(texts) else "" for name, texts in columns.items()}
        for place in range(len(columns["fieldId"]))
    ]


def _is_given(row: dict[str, str]) -> bool:
    is_changed = row["value"].replace("\r\n", "\n") != row["before"].replace("\r\n", "\n")
    return is_changed or bool(row["isRequired"] and not row["value"].strip())


def _given(row: dict[str, str], viewer: Viewer) -> Data:
    campaign = {"campaignId": row["campaignId"]} if row["campaignId"] else {}
    value = row["value"]
    if row["type"] == FieldType.DATETIME:
        value = _instant(value, viewer)
    return {"fieldId": row["fieldId"], "value": value, **campaign}


def _instant(text: str, viewer: Viewer) -> str:
    """A time of the reader's zone in UTC; what is none is sent as it is, to be refused."""
    try:
        moment = datetime.fromisoformat(text.strip())
        local = moment if moment.tzinfo else moment.replace(tzinfo=zone_of(viewer.timezone))
        return local.astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return text


def _lay_over(groups: list[Data], form: FormData, errors: Errors) -> None:
    """What was typed, and what was refused of it: its index counts the values that were given."""
    sent = _sent(form)
    typed = {(row["fieldId"], row["campaignId"]): row for row in sent}
    given = [(row["fieldId"], row["campaignId"]) for row in sent if _is_given(row)]
    told = {error["field"]: error["message"] for error in errors}
    for group in groups:
        campaign = group["campaign"]["id"] if group["campaign"] else ""
        for row in group["rows"]:
            place = (row["field"]["id"], campaign)
            if place in typed:
                row["text"], row["before"] = typed[place]["value"], typed[place]["before"]
            if place in given:
                path = f"values.{given.index(place)}"
                names = (f"{path}.value", f"{path}.fieldId", f"{path}.campaignId")
                row["error"] = next((told[name] for name in names if name in told), None)
