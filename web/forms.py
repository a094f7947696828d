# SPDX-License-Identifier: Apache-2.0
"""Reading what the pages' forms send, in the shapes that the schema's inputs have."""

from starlette.datastructures import FormData

PHONE_COLUMNS = {
    "id": "additionalPhones.id",
    "number": "additionalPhones.number",
    "itemTypeId": "additionalPhones.itemTypeId",
    "description": "additionalPhones.description",
}


def phone_rows(form: FormData) -> list[dict[str, str | None]]:
    """The rows of a phone field in the order shown; a row without a number is no phone (X-12).

    Each is `{"id", "number", "itemTypeId", "description"}`, blanks as None, so that the index in
    a refusal's `additionalPhones.1.number` is the row's place when the form is shown again.
    """
    columns = {
        key: [str(text) for text in form.getlist(name)] for key, name in PHONE_COLUMNS.items()
    }
    rows = []
    for place, number in enumerate(columns["number"]):
        if not number.strip():
            continue
        row = {key: texts[place] if place < len(texts) else "" for key, texts in columns.items()}
        rows.append({key: text.strip() or None for key, text in row.items()})
    return rows


def blank_rows(form: FormData) -> int:
    """How many empty phone rows to show: more after “Add another”, which needs no script."""
    shown = sum(1 for text in form.getlist(PHONE_COLUMNS["number"]) if not str(text).strip())
    return min(shown + 3, 50) if "add_phone" in form else 1
