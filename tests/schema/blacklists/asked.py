# SPDX-License-Identifier: Apache-2.0
"""The documents of these tests, and what comes of them."""

from typing import Any

from tests.schema.asking import Ask

ERRORS = "userErrors { code field message }"
FIELDS = """id name media mediaLabel uri contact { id fullName } campaign { id } contactList { id }
  isEverywhere isOptOut note authorName version"""
ENTRIES = f"""query ($filter: BlacklistFilter) {{
  blacklistEntries(filter: $filter) {{ edges {{ node {{ {FIELDS} }} }} }} }}"""
CREATE = f"""mutation ($input: CreateBlacklistEntryInput!) {{
  result: createBlacklistEntry(input: $input) {{
    blacklistEntry {{ {FIELDS} }} entriesClosed entriesInCall {ERRORS} }} }}"""
EDIT = f"""mutation ($input: EditBlacklistEntryInput!) {{
  result: editBlacklistEntry(input: $input) {{ blacklistEntry {{ {FIELDS} }} {ERRORS} }} }}"""
DELETE = f"""mutation ($input: DeleteBlacklistEntriesInput!) {{
  result: deleteBlacklistEntries(input: $input) {{ deleted name deletionId {ERRORS} }} }}"""
RESTORE = f"""mutation ($input: RestoreBlacklistEntriesInput!) {{
  result: restoreBlacklistEntries(input: $input) {{ restored leftOut {ERRORS} }} }}"""
IMPORT = f"""mutation ($input: ImportBlacklistEntriesInput!) {{
  result: importBlacklistEntries(input: $input) {{
    added failed failures {{ line value code message }} {ERRORS} }} }}"""
OPT_OUT = f"""mutation ($input: OptOutInput!) {{
  result: optOut(input: $input) {{ optOutId name entriesBlocked entriesClosed entriesInCall
    tasksClosed {ERRORS} }} }}"""
WITHDRAW = f"""mutation ($input: WithdrawOptOutInput!) {{
  result: withdrawOptOut(input: $input) {{ withdrawn name {ERRORS} }} }}"""
PREVIEW = f"""query ($number: String, $contactId: ID) {{
  result: optOutPreview(number: $number, contactId: $contactId) {{
    name optOutId entries campaigns inCall tasks contacts {ERRORS} }} }}"""


def faults(answer: Any) -> list[tuple[str, str | None]]:
    return [(error["code"], error["field"]) for error in answer["data"]["result"]["userErrors"]]


async def found(ask: Ask, **wanted: object) -> list[str]:
    """The names of what a filter finds, by both paths."""
    answer = await ask(ENTRIES, filter=wanted)
    assert await ask(ENTRIES, ordinary=True, filter=wanted) == answer
    return [edge["node"]["name"] for edge in answer["data"]["blacklistEntries"]["edges"]]
