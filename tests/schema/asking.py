# SPDX-License-Identifier: Apache-2.0
"""The schema's executor for tests, once a process; conftest is imported twice, this is not."""

from collections.abc import Awaitable, Callable
from functools import lru_cache
from json import loads
from typing import Any

from graphql import ExecutionResult

from server.http import json
from server.http.refusals import body_of
from server.limits import Documents, Limits
from server.schema import build_schema
from server.schema.execution import SchemaExecutor

Ask = Callable[..., Awaitable[Any]]


@lru_cache(maxsize=1)
def executor() -> tuple[SchemaExecutor, Documents]:
    schema = build_schema()
    return SchemaExecutor(schema), Documents(schema._schema, Limits())


def plain(answer: Any) -> Any:
    """A response as a client reads it."""
    if isinstance(answer, ExecutionResult):
        answer = body_of(answer)
    # Not orjson: a message may name a lone surrogate that was sent.
    return loads(answer if isinstance(answer, bytes) else json.dumps(answer))
