# SPDX-License-Identifier: Apache-2.0
"""The sentences the server says when it refuses something; labels of enums are in `labels.py`.

English stands here as message ids; `server.i18n` looks the translations up. A refusal has several
templates, richest first: the first whose placeholders the error fills is used, and the last one
has none, so that a message can always be given.
"""

from server.domain.errors import ErrorCode


def N_(msgid: str) -> str:  # noqa: N802 # gettext's own name for "extract, translate later"
    """Marks a message for extraction and gives it back untouched."""
    return msgid


def NP_(context: str, msgid: str) -> str:  # noqa: N802
    """Marks a message with the context (an enum's name) that tells it from its homonyms."""
    return msgid


REFUSALS: dict[ErrorCode, tuple[str, ...]] = {
    ErrorCode.UNAUTHENTICATED: (N_("You are not signed in. Log in and try again."),),
    ErrorCode.FORBIDDEN: (
        N_("Your profile lacks the permission “%(permission)s”. Ask an administrator for it."),
        N_("Your profile does not permit this. Ask an administrator for the permission."),
    ),
    ErrorCode.NOT_FOUND: (
        N_("“%(number)s” is none of this contact’s numbers. Choose one of them, or add it first."),
        N_("There is nothing here under that id: it may have been deleted. Reload the list."),
    ),
    ErrorCode.REQUIRED: (
        N_("No column gives “%(missing)s”. Choose the one that does."),
        N_("“%(label)s” cannot be blank. Fill it in."),
        N_("This cannot be blank. Fill it in."),
    ),
    ErrorCode.INVALID: (
        N_("“%(value)s” does not fit in “%(label)s”. Give %(expected)s."),
        N_("“%(not_text)s” holds no text, so it begins with nothing. Ask for a whole value."),
        N_("This goes with “%(only)s” only. Leave it out, or choose that."),
        N_("This does not go with “%(without)s”. Leave it out."),
        N_("“%(value)s” does not fit here. Give %(expected)s."),
        N_("This does not fit here. Give %(expected)s."),
        N_("This does not have the form the field takes. Correct it."),
    ),
    ErrorCode.TOO_LONG: (
        N_("“%(label)s” may have %(max)s characters at the most. Shorten it."),
        N_("This is too long: it may have %(max)s characters at the most. Shorten it."),
        N_("This is too long. Shorten it."),
    ),
    ErrorCode.OUT_OF_RANGE: (
        N_("This must lie between %(after)s and %(before)s. Choose another date."),
        N_("This must lie after %(after)s. Choose a later date."),
        N_("This must lie before %(before)s. Choose an earlier date."),
        N_("This must be between %(min)s and %(max)s."),
        N_("This must be %(min)s or more."),
        N_("This must be %(max)s or less."),
        N_("This number is outside what is allowed here. Choose another."),
    ),
    ErrorCode.TAKEN: (
        N_("Another contact has “%(given)s” in “%(label)s”, which is unique. Correct one of them."),
        N_("The column “%(column)s” gives this already. Choose one of the two."),
        N_("“%(listed)s” is on the blacklist already. Edit that entry."),
        N_("“%(value)s” is already taken. Choose another name."),
        N_("This name is already taken. Choose another."),
    ),
    ErrorCode.DUPLICATE_NUMBER: (
        N_("%(number)s is already on this contact. Remove one of the two."),
        N_("This number is already on this contact. Remove one of the two."),
    ),
    ErrorCode.INVALID_NUMBER: (
        N_("“%(number)s” in “%(label)s” is no phone number. Write it with + and the country code."),
        N_("“%(number)s” is not a phone number. Write it with + and the country code."),
        N_("This is not a phone number. Write it with + and the country code."),
    ),
    ErrorCode.INVALID_CHARACTER: (
        N_("“%(label)s” holds a character that text cannot have. Type it instead of pasting."),
        N_("This holds a character that text cannot have. Type it again instead of pasting."),
    ),
    ErrorCode.UNKNOWN_TIMEZONE: (
        N_("There is no time zone “%(value)s”. Pick one such as Europe/Rome."),
        N_("There is no such time zone. Pick one such as Europe/Rome."),
    ),
    ErrorCode.TIME_SKIPPED: (
        N_(
            "In %(zone)s the clocks are put forward over this time. Choose an earlier or later one."
        ),
        N_("The clocks are put forward over this time. Choose an earlier or later one."),
    ),
    ErrorCode.IN_THE_PAST: (N_("This moment has gone by. Choose a later one."),),
    ErrorCode.BEFORE_START: (N_("This ends before it begins. Choose a later end."),),
    ErrorCode.AFTER_END: (N_("The campaign has ended by then. Choose an earlier moment."),),
    ErrorCode.NOT_ASSIGNED: (
        N_("This agent does not work on the campaign. Choose another, or assign the agent to it."),
    ),
    ErrorCode.CONFLICT: (
        N_("The field “%(changed)s” was changed while the file was read. Import the rest anew."),
        N_("Process %(process)s is importing the same file into this list. Wait for its end."),
        N_("There are %(present)s now. Look at them again, then confirm."),
        N_("Somebody else changed this since you opened it. Compare, then save again."),
    ),
    ErrorCode.STALE_CLAIM: (
        N_("This claim is over: its lease ended, or the call belongs to somebody else."),
    ),
    ErrorCode.OTHER_DRIVER: (
        N_(
            "The calls of this campaign are placed by “%(driver)s”. Choose a dialer of one’s own in"
            " its settings first."
        ),
        N_("The calls of this campaign are placed by something else. Look at its settings."),
    ),
    ErrorCode.NO_AGENTS: (
        N_("Nobody works on this campaign who could take its calls. Choose its agents first."),
    ),
    ErrorCode.WRONG_STATE: (
        N_("This cannot be done while it is “%(state)s”."),
        N_("This cannot be done in its present state. Reload to see it."),
    ),
    ErrorCode.IN_USE: (
        N_("Values that do not fit: %(unfit)s, such as “%(example)s”. Correct them first."),
        N_("Values that are not unique: %(repeated)s, such as “%(example)s”. Correct them first."),
        N_("It has values: %(values)s. Make another field, or delete this one with them."),
        N_("Values that would be lost: %(lost)s. Look at that number, then confirm it."),
        N_("“%(used_by)s” still uses this. Take it out there first."),
        N_("Something still uses this. Take it out there first."),
    ),
    ErrorCode.CREDENTIALS: (N_("The name or the password is wrong. Try again."),),
    ErrorCode.THROTTLED: (
        N_("Too many tries. Wait %(seconds)s seconds, then try again."),
        N_("Too many tries. Wait a little, then try again."),
    ),
    ErrorCode.WEAK_PASSWORD: (
        N_("This password is too easy to guess. Take at least %(min)s characters."),
        N_("This password is too easy to guess. Take a longer, less common one."),
    ),
    ErrorCode.COLUMN_MISSING: (
        N_("The file has no column “%(column)s”. Choose another column, or add it to the file."),
        N_("A column you chose is not in the file. Choose another, or add it to the file."),
    ),
    ErrorCode.TOO_MANY_COLUMNS: (
        N_("The file has %(columns)s columns: it may have %(max)s. Delete those not needed."),
        N_("The file has too many columns. Delete those that are not needed."),
    ),
    ErrorCode.EXTRA_CELLS: (
        N_("The row has %(cells)s cells, the header %(columns)s. Put quotes around its commas."),
        N_("The row has more cells than the header. Put quotes around text with separators."),
    ),
    ErrorCode.UNCLOSED_QUOTE: (
        N_("From line %(line)s on, quotation marks are opened and never closed. Correct them."),
        N_("A quotation mark is opened and never closed. Close it or remove it."),
    ),
    ErrorCode.MOST_ROWS_REFUSED: (
        N_("Nearly all of the first %(rows)s rows were refused. Look at the mapping, start again."),
        N_("Nearly all rows were refused. Look at the mapping and start again."),
    ),
    ErrorCode.NUMBER_ROUNDED: (
        N_("“%(number)s” was rounded by a spreadsheet. Format the column as text, export again."),
        N_("This number was rounded by a spreadsheet. Format the column as text, export again."),
    ),
    ErrorCode.FILE_EMPTY: (N_("The file has no rows. Choose another file."),),
    ErrorCode.FILE_TOO_LARGE: (
        N_("The file is larger than %(max)s. Split it."),
        N_("The file is too large. Split it."),
    ),
    ErrorCode.FILE_NOT_TEXT: (
        N_("This is not a text file. Save the table as CSV and choose that file."),
    ),
    ErrorCode.ENCODING_UNKNOWN: (
        N_("The file cannot be read as %(encoding)s. Choose another encoding."),
        N_("The file's encoding is not known. Choose one, or save the file as UTF-8."),
    ),
    ErrorCode.GAVE_UP: (
        N_("It failed %(tries)s times and was given up. What is counted is done."),
        N_("It failed again and again and was given up. What is counted is done."),
    ),
    ErrorCode.CAMPAIGN_LOCKED: (
        N_("“%(process)s” is working on this campaign. Wait until it ends, or cancel it."),
        N_("A process is working on this campaign. Wait until it ends, or cancel it."),
    ),
    ErrorCode.LAST_ADMIN: (
        N_("This is the last active administrator. Make somebody else administrator first."),
    ),
    ErrorCode.ESCALATION: (
        N_("You cannot give what you do not have: “%(permission)s”."),
        N_("You cannot give a permission that you do not have yourself."),
    ),
}
