# SPDX-License-Identifier: Apache-2.0
"""Refusals on the way to an answer, and what an exception may say to the world."""

from collections.abc import Iterable, Mapping
from secrets import token_hex

import structlog
from graphql import ExecutionResult, GraphQLError, GraphQLFormattedError

from server.database import DatabaseUnavailable
from server.domain.errors import DomainError, ErrorCode, RefusalsError
from server.http.headers import RawHeaders

log = structlog.get_logger(__name__)

Body = dict[str, object]

# With application/graphql-response+json the status tells what the code tells; the rest are 400.
STATUS_OF_CODE = {
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "INTERNAL": 500,
    "TIMEOUT": 503,
    "UNAVAILABLE": 503,
}
NOT_PERMITTED = ("UNAUTHENTICATED", "FORBIDDEN")
RETRY_AFTER_SECONDS = b"2"
MESSAGES = {
    ErrorCode.UNAUTHENTICATED: "Sign in first.",
    ErrorCode.FORBIDDEN: "You do not have the permission that this takes.",
    ErrorCode.NOT_FOUND: "There is no such thing.",
}


class RefusedError(Exception):
    """An answer that is none: its status holds whatever media type the caller accepts."""

    def __init__(self, status: int, code: str, message: str, headers: RawHeaders | None = None):
        super().__init__(status, code, message)
        self.status = status
        self.headers = headers or []
        self.body: Body = {"errors": [error(code, message)]}


class GraphQLRefusedError(Exception):
    """A well-formed request that GraphQL refuses before any data: 200 for plain JSON."""

    def __init__(self, errors: Iterable[GraphQLFormattedError]) -> None:
        super().__init__(errors)
        self.body: Body = {"errors": list(errors)}


def error(code: str, message: str, **extensions: object) -> GraphQLFormattedError:
    return {"message": message, "extensions": {"code": code, **extensions}}


def unavailable() -> RefusedError:
    """The database cannot be asked now (F9, F20); nothing about it goes out."""
    return RefusedError(
        503,
        "UNAVAILABLE",
        "The service cannot answer now. Try again in a moment.",
        [(b"retry-after", RETRY_AFTER_SECONDS)],
    )


def timed_out(seconds: float) -> RefusedError:
    return RefusedError(
        503,
        "TIMEOUT",
        f"The request took longer than {seconds:g} seconds.",
        [(b"retry-after", RETRY_AFTER_SECONDS)],
    )


def refusal_of(reason: BaseException) -> RefusedError | GraphQLRefusedError:
    """Any exception of an execution as what the caller may know of it."""
    if isinstance(reason, RefusedError | GraphQLRefusedError):
        return reason
    if isinstance(reason, DatabaseUnavailable):
        log.warning("database_unavailable", error=str(reason))
        return unavailable()
    shown = shown_exception(reason)
    if shown["extensions"]["code"] == "INTERNAL":
        refusal = RefusedError(500, "INTERNAL", "")
        refusal.body = {"errors": [shown]}
        return refusal
    return GraphQLRefusedError([shown])


def body_of(result: ExecutionResult) -> Body:
    """graphql-core's result as an answer; raises DatabaseUnavailable where that is the cause.

    A request that was refused before its execution began (a variable of the wrong type) has no
    `data` entry at all.
    """
    if not result.errors:
        return {"data": result.data}
    return refused_body([shown_error(each) for each in result.errors], result.data)


def refused_body(errors: list[GraphQLFormattedError], data: object) -> Body:
    if data is None and not any("path" in each for each in errors):
        return {"errors": errors}
    return {"errors": errors, "data": data}


def shown_error(each: GraphQLError) -> GraphQLFormattedError:
    """Code and message of one error: GraphQL's own are told, bugs are masked and logged."""
    shown = each.formatted
    reason = each.original_error
    if isinstance(reason, DatabaseUnavailable):
        raise reason
    if reason is not None and not isinstance(reason, GraphQLError):
        shown.update(shown_exception(reason))
    return coded(shown)


def coded(shown: GraphQLFormattedError) -> GraphQLFormattedError:
    """GraphQL's own error with a code, and without the suggestion that would name a field to
    people who may not read the schema (I5)."""
    if not shown.get("extensions", {}).get("code"):
        shown["extensions"] = {**shown.get("extensions", {}), "code": "BAD_USER_INPUT"}
        shown["message"] = shown["message"].partition(" Did you mean")[0][:1000]
    return shown


def shown_exception(reason: BaseException) -> GraphQLFormattedError:
    if isinstance(reason, RefusalsError):
        reason = reason.errors[0]
    if isinstance(reason, DomainError):
        return error(reason.code.value, MESSAGES.get(reason.code, "This is refused."))
    if _is_unstorable(reason):
        log.info("unstorable_value", error=type(reason).__name__)
        return error("BAD_USER_INPUT", "A value cannot be used: a character or a size is outside.")
    request_id = structlog.contextvars.get_contextvars().get("request_id") or token_hex(8)
    log.error("unexpected_error", request_id=request_id, exc_info=reason)
    return error("INTERNAL", "Unexpected error.", requestId=request_id)


# Character not in repertoire, untranslatable character, number out of range: SQLSTATE classes
# that only a caller's value brings about.
UNSTORABLE = frozenset({"22021", "22P05", "22003"})


def _is_unstorable(reason: BaseException) -> bool:
    """NUL, a lone surrogate or 10^30 that reached the database: the caller's doing, not a bug."""
    cause: BaseException | None = reason
    for _ in range(5):
        if cause is None:
            return False
        if isinstance(cause, UnicodeEncodeError) and "surrogates" in cause.reason:
            return True
        if getattr(cause, "sqlstate", None) in UNSTORABLE:
            return True
        cause = getattr(cause, "orig", None) or cause.__cause__
    return False


def status_of(body: Mapping[str, object]) -> int:
    """The status with application/graphql-response+json: data says 200, else the first code."""
    errors = body.get("errors")
    if body.get("data") is not None or not isinstance(errors, list) or not errors:
        return 200
    code = errors[0].get("extensions", {}).get("code")
    # A nullable root that failed leaves `data: null`: executed, unless nobody permitted it.
    return STATUS_OF_CODE.get(code, 400) if "data" not in body or code in NOT_PERMITTED else 200
