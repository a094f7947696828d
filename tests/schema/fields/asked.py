# SPDX-License-Identifier: Apache-2.0
"""The documents about master data fields that more than one test sends."""

from typing import Any

from tests.schema.asking import Ask

ERRORS = "userErrors { code field message }"
FIELD = """id name displayName type scope size validValues isRequired isUnique isMultiLine
  isSearchable position valueCount version"""
VALUE = """field { name } campaign { name } textValue numberValue dateValue instantValue
  booleanValue text display"""
CREATE = f"""mutation ($input: CreateMasterDataFieldInput!) {{
  result: createMasterDataField(input: $input) {{ masterDataField {{ {FIELD} }} {ERRORS} }} }}"""
EDIT = f"""mutation ($input: EditMasterDataFieldInput!) {{
  result: editMasterDataField(input: $input) {{ masterDataField {{ {FIELD} }} {ERRORS} }} }}"""
REORDER = f"""mutation ($input: ReorderMasterDataFieldsInput!) {{
  result: reorderMasterDataFields(input: $input) {{ masterDataFields {{ name }} {ERRORS} }} }}"""
DELETE = f"""mutation ($input: DeleteMasterDataFieldInput!) {{
  result: deleteMasterDataField(input: $input) {{
    deleted name valuesLost deletedField {{ id name valueCount }} {ERRORS} }} }}"""
RESTORE = f"""mutation ($input: RestoreMasterDataFieldInput!) {{
  result: restoreMasterDataField(input: $input) {{
    masterDataField {{ {FIELD} }} valuesRestored {ERRORS} }} }}"""
STRUCTURE = f"""mutation ($input: SetRecordStructureInput!) {{
  result: setRecordStructure(input: $input) {{
    campaign {{ fields {{ name }} }} valuesLost {ERRORS} }} }}"""
FIELDS = f"""query ($filter: MasterDataFieldFilter, $sort: MasterDataFieldSort) {{
  masterDataFields(filter: $filter, sort: $sort) {{
    totalCount edges {{ node {{ {FIELD} }} }} }} }}"""
CREATE_CONTACT = f"""mutation ($input: CreateContactInput!) {{
  result: createContact(input: $input) {{ contact {{ id version }} {ERRORS} }} }}"""
EDIT_CONTACT = f"""mutation ($input: EditContactInput!) {{
  result: editContact(input: $input) {{ contact {{ id version }} {ERRORS} }} }}"""
CONTACT = f"""query ($id: ID!, $campaign: ID) {{ contact(id: $id) {{
  values(campaignId: $campaign) {{ {VALUE} }}
  missingRequired(campaignId: $campaign) {{ name }} }} }}"""
CAMPAIGN = "query ($id: ID!) { campaign(id: $id) { fields { name } } }"
CREATE_CAMPAIGN = f"""mutation ($input: CreateCampaignInput!) {{
  result: createCampaign(input: $input) {{ campaign {{ id fields {{ name }} }} {ERRORS} }} }}"""
CONTACTS = """query ($fields: [FieldConditionInput!], $sort: FieldSortInput,
    $direction: SortDirection, $first: Int, $after: String, $last: Int, $before: String) {
  contacts(filter: {fields: $fields}, fieldSort: $sort, direction: $direction, first: $first,
      after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { node { firstName additionalPhones { number } values { text } } } } }"""


def faults(answer: Any) -> list[tuple[str, str | None]]:
    return [(error["code"], error["field"]) for error in answer["data"]["result"]["userErrors"]]


def messages(answer: Any) -> list[str]:
    return [error["message"] for error in answer["data"]["result"]["userErrors"]]


async def made(ask: Ask, name: str = "Segment", type: str = "TEXT", **given: object) -> Any:
    """A new field, as the API shows it."""
    answer = await ask(CREATE, input={"name": name, "type": type, **given})
    assert faults(answer) == []
    return answer["data"]["result"]["masterDataField"]


async def person(ask: Ask, name: str, values: dict[str, str | None] | None = None) -> str:
    """A new contact with values by field id."""
    given: dict[str, object] = {"firstName": name}
    if values is not None:
        given["values"] = [{"fieldId": key, "value": text} for key, text in values.items()]
    answer = await ask(CREATE_CONTACT, input=given)
    assert faults(answer) == []
    return str(answer["data"]["result"]["contact"]["id"])


async def values_of(ask: Ask, contact: str, campaign: str | None = None) -> dict[str, str]:
    """By field the value's text; both paths have to give the same."""
    answer = await ask(CONTACT, id=contact, campaign=campaign)
    assert await ask(CONTACT, ordinary=True, id=contact, campaign=campaign) == answer
    found = answer["data"]["contact"]["values"]
    return {value["field"]["name"]: value["text"] for value in found}


async def who(ask: Ask, **variables: object) -> list[str]:
    """First names in order; both paths have to give the same."""
    answer = await ask(CONTACTS, **variables)
    assert "errors" not in answer, answer
    assert await ask(CONTACTS, ordinary=True, **variables) == answer
    return [edge["node"]["firstName"] for edge in answer["data"]["contacts"]["edges"]]


async def campaign(ask: Ask, name: str = "Spring") -> Any:
    answer = await ask(CREATE_CAMPAIGN, input={"name": name})
    assert faults(answer) == []
    return answer["data"]["result"]["campaign"]


def one(field: Any, text: str | None, campaign: Any = None) -> dict[str, object]:
    where = {"campaignId": campaign["id"]} if campaign else {}
    return {"fieldId": field["id"], "value": text, **where}
