# SPDX-License-Identifier: Apache-2.0
"""The documents about contacts that more than one test sends."""

from typing import Any

ERRORS = "userErrors { code field message }"
FIELDS = """id firstName lastName fullName email company phone priority scheduledAt version
  additionalPhoneCount additionalPhones { id number description position itemType { id name } }
  lists { name }"""
CONTACT = f"query ($id: ID!) {{ contact(id: $id) {{ {FIELDS} }} }}"
CREATE = f"""mutation ($input: CreateContactInput!) {{
  result: createContact(input: $input) {{ contact {{ {FIELDS} }} {ERRORS} }} }}"""
EDIT = f"""mutation ($input: EditContactInput!) {{
  result: editContact(input: $input) {{ contact {{ {FIELDS} }} {ERRORS} }} }}"""
DELETE = f"""mutation ($input: DeleteContactInput!) {{
  result: deleteContact(input: $input) {{ deleted name entriesClosed {ERRORS} }} }}"""


def faults(answer: Any) -> list[tuple[str, str | None]]:
    return [(error["code"], error["field"]) for error in answer["data"]["result"]["userErrors"]]


def messages(answer: Any) -> list[str]:
    return [error["message"] for error in answer["data"]["result"]["userErrors"]]


def numbers(contact: Any) -> list[tuple[str, str | None, str]]:
    """The additional phones in their order: number, type, description."""
    return [
        (phone["number"], (phone["itemType"] or {}).get("name"), phone["description"])
        for phone in contact["additionalPhones"]
    ]
