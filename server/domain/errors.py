# SPDX-License-Identifier: Apache-2.0
"""Refusals are data: one enum of codes for the whole API, and the exception that carries one."""

from enum import StrEnum


class ErrorCode(StrEnum):
    """Why a request was refused; `userErrors.code` in the API."""

    UNAUTHENTICATED = "UNAUTHENTICATED"  # nobody is signed in
    FORBIDDEN = "FORBIDDEN"  # signed in, without the permission
    NOT_FOUND = "NOT_FOUND"  # missing, or another tenant's: the two look alike
    REQUIRED = "REQUIRED"  # blank where something must stand
    INVALID = "INVALID"  # not of the form that the field takes
    TOO_LONG = "TOO_LONG"  # more characters than the field holds
    OUT_OF_RANGE = "OUT_OF_RANGE"  # a number outside its bounds
    TAKEN = "TAKEN"  # a name that something else carries
    DUPLICATE_NUMBER = "DUPLICATE_NUMBER"  # the same number twice on one contact (X-20c)
    INVALID_NUMBER = "INVALID_NUMBER"  # no phone number can be read from it
    INVALID_CHARACTER = "INVALID_CHARACTER"  # NUL or a lone surrogate, which text cannot hold
    UNKNOWN_TIMEZONE = "UNKNOWN_TIMEZONE"  # no such IANA zone
    TIME_SKIPPED = "TIME_SKIPPED"  # the clocks leave this local time out, as spring does
    IN_THE_PAST = "IN_THE_PAST"  # a moment that has gone by
    BEFORE_START = "BEFORE_START"  # an end that does not come after its start
    AFTER_END = "AFTER_END"  # a moment at or after the end of what it belongs to
    NOT_ASSIGNED = "NOT_ASSIGNED"  # the agent does not work on the campaign
    STALE_CLAIM = "STALE_CLAIM"  # the call is no longer the reporter's (reliability J5)
    OTHER_DRIVER = "OTHER_DRIVER"  # the campaign's calls are placed by something else
    CONFLICT = "CONFLICT"  # somebody else changed it since it was read
    NO_AGENTS = "NO_AGENTS"  # a campaign whose calls are for agents has none
    WRONG_STATE = "WRONG_STATE"  # not possible in the state that it is in
    IN_USE = "IN_USE"  # something still depends on it
    CREDENTIALS = "CREDENTIALS"  # wrong name or password
    THROTTLED = "THROTTLED"  # too many tries; wait
    WEAK_PASSWORD = "WEAK_PASSWORD"  # noqa: S105 # too short or among the most common
    COLUMN_MISSING = "COLUMN_MISSING"  # a mapped column is not in the file
    TOO_MANY_COLUMNS = "TOO_MANY_COLUMNS"  # more columns than a table of contacts has
    EXTRA_CELLS = "EXTRA_CELLS"  # a row with more cells than the header: its columns are shifted
    UNCLOSED_QUOTE = "UNCLOSED_QUOTE"  # a quotation mark that opens a cell and never closes it
    MOST_ROWS_REFUSED = "MOST_ROWS_REFUSED"  # hardly a row could be taken: the mapping is wrong
    NUMBER_ROUNDED = "NUMBER_ROUNDED"  # a spreadsheet has rounded it, as in 3.9E+11
    FILE_EMPTY = "FILE_EMPTY"  # the file has no rows
    FILE_TOO_LARGE = "FILE_TOO_LARGE"  # more bytes than an upload may have
    FILE_NOT_TEXT = "FILE_NOT_TEXT"  # binary, not a CSV
    ENCODING_UNKNOWN = "ENCODING_UNKNOWN"  # cannot be read in the encoding given or guessed
    GAVE_UP = "GAVE_UP"  # the work failed each time it was tried
    CAMPAIGN_LOCKED = "CAMPAIGN_LOCKED"  # a process holds the campaign
    LAST_ADMIN = "LAST_ADMIN"  # the last active administrator stays one
    ESCALATION = "ESCALATION"  # nobody grants what they do not have


class DomainError(Exception):
    """A refusal. `field` is the input path in API spelling, `params` fill the message."""

    def __init__(self, code: ErrorCode, field: str | None = None, **params: object) -> None:
        super().__init__(code, field, params)
        self.code = code
        self.field = field
        self.params = params
        # Fields of a mutation's payload that go with the refusal, as the row as it stands now.
        self.payload: dict[str, object] = {}


class RefusalsError(Exception):
    """Several refusals at once, so that a form shows each of its faults in one answer."""

    def __init__(self, errors: list[DomainError]) -> None:
        super().__init__(errors)
        self.errors = errors
