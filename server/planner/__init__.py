# SPDX-License-Identifier: Apache-2.0
"""The read planner: a whole GraphQL selection as one SQL statement, with a cached plan.

A schema declares its read fields with the words of `fields`; `plans.Planner` runs the operations
that consist of them, `ordinary` resolves the same fields for graphql-core.
"""

from server.planner.arguments import BadArgumentError
from server.planner.declarations import Beside, Informed, Ordering, Probed, Within
from server.planner.fields import (
    Requires,
    SortDirection,
    by_id,
    column,
    computed,
    connection,
    entity,
    expression,
    id_filter,
    identity,
    many,
    node_by_id,
    nodes_by_id,
    one,
    requires_directives,
)
from server.planner.ids import global_id, key_of, parse_id
from server.planner.ordinary import reference
from server.planner.plans import Planner, RefusedError, StaleViewerError
from server.planner.selection import Unplanned

__all__ = [
    "BadArgumentError",
    "Beside",
    "Informed",
    "Ordering",
    "Planner",
    "Probed",
    "RefusedError",
    "Requires",
    "SortDirection",
    "StaleViewerError",
    "Unplanned",
    "Within",
    "by_id",
    "column",
    "computed",
    "connection",
    "entity",
    "expression",
    "global_id",
    "id_filter",
    "identity",
    "key_of",
    "many",
    "node_by_id",
    "nodes_by_id",
    "one",
    "parse_id",
    "reference",
    "requires_directives",
]
