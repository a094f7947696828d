# SPDX-License-Identifier: Apache-2.0
"""Documents parsed, measured and validated once, then kept by their exact text."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLFormattedError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from server.limits import cost
from server.limits.budget import Limits
from server.limits.measure import Measure, page_defaults

RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
BYTES_PER_TOKEN = 600  # measured: syntax tree with locations
MESSAGE_CHARACTERS = 300  # a refusal does not send a 200 kB name back


class DocumentError(Exception):
    """A document that cannot run; its errors, as an answer shows them, carry `extensions.code`."""

    def __init__(self, *errors: GraphQLFormattedError) -> None:
        super().__init__(errors)
        self.errors = errors


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One operation of a checked document."""

    name: str | None
    node: OperationDefinitionNode
    introspects: bool  # `__schema` or `__type`, in fragments too; `__typename` is always fine
    terms: cost.Terms
    defaults: Mapping[str, int]
    varies: frozenset[str]  # variables that its cost depends on

    @property
    def kind(self) -> OperationType:
        return self.node.operation


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """A valid document. `plans` belongs to whoever executes: what is kept there lives exactly as
    long as the document stays in the cache."""

    text: str
    document: DocumentNode
    operations: tuple[Operation, ...]
    plans: dict[object, object] = field(default_factory=dict)

    def operation(self, name: str | None) -> Operation:
        """The one to run; raises DocumentError where the name does not single one out."""
        if name is None:
            if len(self.operations) == 1:
                return self.operations[0]
            raise _no_operation("Say which operation to run: operationName is missing.")
        for operation in self.operations:
            if operation.name == name:
                return operation
        raise _no_operation("No operation of the document has this operationName.")


def _no_operation(message: str) -> DocumentError:
    return DocumentError({"message": message, "extensions": {"code": "BAD_USER_INPUT"}})


class Documents:
    """The cache. Refusals are kept too: a bad document sent again costs nothing."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self.schema = schema
        self.limits = limits
        self.kept: OrderedDict[str, tuple[Checked | DocumentError, int]] = OrderedDict()
        self.kept_bytes = 0

    def checked(self, text: str) -> Checked:
        """Raises DocumentError, whose codes are GRAPHQL_PARSE_FAILED,
        GRAPHQL_VALIDATION_FAILED and LIMIT_EXCEEDED."""
        found = self.kept.get(text)
        if found is None:
            outcome = self._remembered(text)
        else:
            self.kept.move_to_end(text)
            outcome = found[0]
        if isinstance(outcome, DocumentError):
            raise DocumentError(*outcome.errors)
        return outcome

    def afford(self, operation: Operation, variables: Mapping[str, object]) -> None:
        """Refuse what its variables make too costly; free where none bears on the cost."""
        if not operation.varies:
            return
        sizes = {names: self._size(operation, names, variables) for names in operation.varies}
        if cost.evaluate(operation.terms, sizes) > self.limits.cost:
            raise DocumentError(
                {
                    "message": f"The request asks for more than {self.limits.cost} objects.",
                    "extensions": {"code": "LIMIT_EXCEEDED", "limit": "cost"},
                }
            )

    def _size(self, operation: Operation, names: str, variables: Mapping[str, object]) -> int:
        """A page's size: what its variables say, or the default where none says anything."""
        sizes = [
            self._said(variables[name]) if name in variables else operation.defaults.get(name)
            for name in names.split(" ")
        ]
        given = [size for size in sizes if size is not None]
        return sum(given) if given else self.limits.page_size

    def _said(self, value: object) -> int | None:
        if isinstance(value, list):
            return len(value)
        if isinstance(value, int | float):
            return int(min(max(value, 0), cost.ENORMOUS))
        return None

    def _remembered(self, text: str) -> Checked | DocumentError:
        weight = len(text)
        try:
            outcome: Checked | DocumentError = self._check(text)
            assert isinstance(outcome, Checked)
            weight += BYTES_PER_TOKEN * outcome.document.token_count
        except DocumentError as refusal:
            outcome = refusal
        self.kept[text] = outcome, weight
        self.kept_bytes += weight
        while self.kept_bytes > self.limits.cached_bytes or (
            len(self.kept) > self.limits.cached_documents
        ):
            self.kept_bytes -= self.kept.popitem(last=False)[1][1]
        return outcome

    def _check(self, text: str) -> Checked:
        try:
            document = parse(text, max_tokens=self.limits.tokens)
        except GraphQLError as error:
            over = f"more than {self.limits.tokens} tokens" in error.message
            raise _refused("LIMIT_EXCEEDED" if over else "GRAPHQL_PARSE_FAILED", error) from None
        try:
            measure = Measure(self.schema, document, self.limits)
            operations = tuple(
                _operation(node, measure)
                for node in document.definitions
                if isinstance(node, OperationDefinitionNode)
            )
        except GraphQLError as error:
            raise _refused("LIMIT_EXCEEDED", error) from None
        errors = validate(
            self.schema, document, RULES, max_errors=self.limits.errors, hide_suggestions=True
        )
        if errors:
            raise _refused("GRAPHQL_VALIDATION_FAILED", *errors)
        return Checked(text=text, document=document, operations=operations)


def _operation(node: OperationDefinitionNode, measure: Measure) -> Operation:
    found = measure.operation(node)
    return Operation(
        name=node.name.value if node.name else None,
        node=node,
        introspects=found.introspects,
        terms=found.terms,
        defaults=page_defaults(node),
        varies=frozenset(name for names in found.terms for name in names),
    )


def _refused(code: str, *errors: GraphQLError) -> DocumentError:
    """As plain data: a kept error must not hold its syntax tree or traceback in memory."""
    return DocumentError(*(_shown(error, code) for error in errors))


def _shown(error: GraphQLError, code: str) -> GraphQLFormattedError:
    shown = error.formatted
    shown["message"] = shown["message"][:MESSAGE_CHARACTERS]
    shown["extensions"] = shown.get("extensions") or {"code": code}
    return shown
