# SPDX-License-Identifier: Apache-2.0
"""The words a schema writes its read fields with; each is a Strawberry field with a declaration."""

import inspect
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeVar

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.schema_directive import Location
from strawberry.types import Info
from strawberry.types.field import StrawberryField

from server.domain.permissions import Permission, Viewer
from server.planner import ordinary
from server.planner.declarations import (
    ENTITIES,
    LARGEST_PAGE,
    PAGE,
    Attribute,
    ById,
    Column,
    Computed,
    Declaration,
    Entity,
    Expression,
    Filter,
    Identity,
    Join,
    Many,
    NodeById,
    NodesById,
    One,
    Ordering,
    Paged,
    Placed,
    Rule,
    SqlExpression,
    Visible,
)
from server.planner.ids import key_of

T = TypeVar("T")

DECLARATION = "declaration"


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="The permission a caller must hold; without it the whole operation is refused.",
)
class Requires:
    permission: str


class SortDirection(Enum):
    """Which way a list runs."""

    ASC = "ASC"
    DESC = "DESC"


strawberry.enum(SortDirection, description="Which way a list runs.")


def declaration_of(field: StrawberryField) -> Declaration | None:
    """The declaration behind a Strawberry field, or None where a resolver serves it."""
    found = field.metadata.get(DECLARATION)
    return found if isinstance(found, Declaration) else None


def requires_directives(permission: Permission | None) -> list[object]:
    return [] if permission is None else [Requires(permission=permission.value)]


def _declared(
    declaration: Declaration,
    description: str | None,
    arguments: Mapping[str, tuple[object, object]] | None = None,
    extensions: list[FieldExtension] | None = None,
) -> Any:
    """A Strawberry field with the declaration, its arguments as name → (type, default)."""

    async def resolve(self: object, info: Info[Any, Any], **arguments: object) -> object:
        return await ordinary.resolve(declaration, self, info, arguments)

    names = {"self": object, "info": Info[Any, Any]}
    parameters = [
        inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD),
        inspect.Parameter(
            "info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=names["info"]
        ),
    ]
    for name, (kind, default) in (arguments or {}).items():
        parameters.append(
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=default
            )
        )
    resolve.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    resolve.__annotations__ = {p.name: p.annotation for p in parameters[1:]}
    return strawberry.field(
        resolver=resolve,
        description=description,
        metadata={DECLARATION: declaration},
        directives=requires_directives(declaration.requires),
        extensions=extensions or [],
    )


def identity() -> Any:
    return _declared(Identity(), "Global id, for `node` and for every `id` argument.")


def column(
    attribute: Any,
    description: str | None = None,
    *,
    convert: Callable[[Any], object] | None = None,
    requires: Permission | None = None,
) -> Any:
    """A column of the row."""
    declaration = Column(attribute=attribute, convert=convert, requires=requires)
    return _declared(declaration, description)


def expression(
    build: Expression,
    description: str | None = None,
    *,
    function: Callable[..., object] | None = None,
    requires: Permission | None = None,
) -> Any:
    """A scalar the database computes from the row's table alias, through `function(locale, it)`."""
    declaration = SqlExpression(build=build, function=function, requires=requires)
    return _declared(declaration, description)


def computed(
    function: Callable[..., object],
    *needs: Any,
    description: str | None = None,
    requires: Permission | None = None,
) -> Any:
    """`function(locale, *values of the columns in needs)`; dicts (or lists of them) for objects."""
    return _declared(Computed(function=function, needs=needs, requires=requires), description)


def one(
    key: Any,
    description: str | None = None,
    *,
    moved: tuple[Any, Any] | None = None,
    requires: Permission | None = None,
) -> Any:
    """The row that the foreign key `key` names, or the one that it became (old id, new id)."""
    return _declared(One(key=key, moved=moved, requires=requires), description)


def many(
    on: Join,
    *,
    order_by: tuple[Any | Placed, ...],
    description: str | None = None,
    arguments: Mapping[str, tuple[object, object]] | None = None,
    given: Callable[[Mapping[str, Any], Viewer], Join] | None = None,
    requires: Permission | None = None,
) -> Any:
    """All rows for which `on(parent, child)` holds.

    `arguments` are name → (type, default), and `given` what they ask of parent and child.
    """
    declaration = Many(on=on, order_by=order_by, given=given, requires=requires)
    return _declared(declaration, description, arguments)


def connection(
    *,
    description: str,
    sorts: Mapping[str, tuple[Any, ...]],
    default_sort: str,
    default_descending: bool = False,
    on: Join | None = None,
    sort: type[Enum] | None = None,
    filter: type | None = None,
    filters: Mapping[str, Filter] | None = None,
    ordering: Ordering | None = None,
    page: int = PAGE,
    largest: int = LARGEST_PAGE,
    defaults: Mapping[str, Any] | None = None,
    requires: Permission | None = None,
) -> Any:
    """A keyset-paged list. `sorts` maps the `sort` enum's values to non-null columns.

    `ordering` is a further argument of a root field, and takes the place of `sort`. `defaults` are
    the values of filters that are not given, by the names of the API.
    """
    declaration = Paged(
        on=on,
        sorts=sorts,
        default_sort=default_sort,
        default_descending=default_descending,
        filters=filters or {},
        ordering=ordering,
        page=page,
        largest=largest,
        defaults=defaults or {},
        requires=requires,
    )
    arguments: dict[str, tuple[object, object]] = {
        "first": (int | None, None),
        "after": (str | None, None),
        "last": (int | None, None),
        "before": (str | None, None),
    }
    if sort is not None:
        arguments["sort"] = (sort | None, None)
        arguments["direction"] = (SortDirection | None, None)
    if ordering is not None:
        arguments[ordering.argument] = (ordering.takes | None, None)
    if filter is not None:
        arguments["filter"] = (filter | None, None)
    return _declared(declaration, description, arguments)


def id_filter(name: str, rule: Rule) -> Filter:
    """A filter by the global id of an entity; `rule` gets the key, 0 where the id names nothing."""
    return lambda value, viewer: rule(key_of(value, name) or 0, viewer)


def by_id(*, description: str, requires: Permission) -> Any:
    arguments = {"id": (strawberry.ID, inspect.Parameter.empty)}
    return _declared(ById(requires=requires), description, arguments)


def node_by_id() -> Any:
    arguments = {"id": (strawberry.ID, inspect.Parameter.empty)}
    return _declared(
        NodeById(), "Any object by its global id; null when it is not there.", arguments
    )


def nodes_by_id() -> Any:
    arguments = {"ids": (list[strawberry.ID], inspect.Parameter.empty)}
    text = "Objects by their global ids, in the order of `ids`; null for each that is not there."
    return _declared(NodesById(), text, arguments)


def entity(
    model: Any, *, prefix: str, visible: Visible, requires: Permission | None, description: str
) -> Callable[[type[T]], type[T]]:
    """Make a class a GraphQL type whose rows are read by declaration."""

    def decorate(cls: type[T]) -> type[T]:
        ENTITIES.add(
            Entity(
                name=cls.__name__,
                prefix=prefix,
                table=model.__table__,
                visible=visible,
                requires=requires,
            )
        )

        def is_type_of(value: object, _info: object) -> bool:
            return isinstance(value, ordinary.Row) and value.entity.name == cls.__name__

        cls.is_type_of = is_type_of  # type: ignore[attr-defined]
        return strawberry.type(cls, description=description)

    return decorate


__all__ = [
    "Attribute",
    "Requires",
    "SortDirection",
    "by_id",
    "column",
    "computed",
    "connection",
    "declaration_of",
    "entity",
    "expression",
    "id_filter",
    "identity",
    "many",
    "node_by_id",
    "nodes_by_id",
    "one",
]
