# SPDX-License-Identifier: Apache-2.0
"""No argument of any root field brings the server down (reliability S5, S6)."""

import json
import time
from typing import Any

import pytest

from tests.schema.asking import Ask, executor
from tests.schema.hostile import attacks, document_of, operations

SCHEMA = executor()[0].schema
SLOWEST = 2.0  # seconds of our own work, whatever else the machine does


@pytest.mark.parametrize(
    ("operation", "name", "field"),
    [pytest.param(*found, id=f"{found[0]}.{found[1]}") for found in operations(SCHEMA)],
)
async def test_hostile_values_are_refused_and_nothing_breaks(
    ask: Ask, operation: str, name: str, field: Any
) -> None:
    document = document_of(operation, name, field)
    for given in attacks(field):
        started = time.process_time()
        answer = await ask(document, **given)
        took = time.process_time() - started
        codes = {error.get("extensions", {}).get("code") for error in answer.get("errors", ())}
        shown = json.dumps(given)[:300]
        assert codes <= {"BAD_USER_INPUT", "NOT_FOUND"}, (shown, answer["errors"])
        assert took < SLOWEST, (shown, took)
