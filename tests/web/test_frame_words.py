# SPDX-License-Identifier: Apache-2.0
"""Refusals and labels in the reader's language; the language itself (X-20)."""

import importlib
import inspect
import pkgutil
from enum import StrEnum

import pytest

import server.domain
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Permission, Role
from server.i18n import LANGUAGES, label, negotiate, refusal_message, translate, translate_plural
from server.labels import LABELS, PLAIN
from server.messages import REFUSALS


def domain_enums() -> list[type[StrEnum]]:
    found: set[type[StrEnum]] = set()
    for module in pkgutil.walk_packages(server.domain.__path__, "server.domain."):
        members = vars(importlib.import_module(module.name)).values()
        found |= {
            thing
            for thing in members
            if inspect.isclass(thing) and issubclass(thing, StrEnum) and thing is not StrEnum
        }
    return sorted(found, key=lambda kind: kind.__name__)


@pytest.mark.parametrize("code", ErrorCode)
def test_every_refusal_has_a_message_that_needs_nothing(code: ErrorCode) -> None:
    for locale in LANGUAGES:
        message = refusal_message(locale, DomainError(code))
        assert message
        assert "%(" not in message
    assert "%(" not in REFUSALS[code][-1]


def test_a_refusal_tells_as_much_as_it_knows() -> None:
    error = DomainError(ErrorCode.OUT_OF_RANGE, "orderBy", min=1)
    assert refusal_message("en", error) == "This must be 1 or more."
    assert refusal_message("it", error) == "Deve essere almeno 1."
    both = DomainError(ErrorCode.OUT_OF_RANGE, "orderBy", min=1, max=9)
    assert refusal_message("en", both) == "This must be between 1 and 9."


def test_a_refusal_names_a_permission_in_the_readers_language() -> None:
    error = DomainError(ErrorCode.FORBIDDEN, permission=Permission.ITEM_TYPES_VIEW)
    assert "«Contact item type: Vedere»" in refusal_message("it", error)


@pytest.mark.parametrize("kind", domain_enums(), ids=lambda kind: kind.__name__)
def test_every_enum_of_the_domain_has_labels_or_is_declared_plain(kind: type[StrEnum]) -> None:
    if kind in PLAIN:
        return
    if kind is Permission:
        assert all(label("it", member) for member in kind)
        return
    assert kind in LABELS, f"add {kind.__name__} to LABELS (or PLAIN) in server/labels.py"
    assert set(LABELS[kind]) == set(kind)


def test_labels_of_different_enums_do_not_mix() -> None:
    assert label("en", Role.ADMIN) == "Administrator"
    assert label("it", Role.ADMIN) == "Amministratore"


def test_translating_fills_placeholders_and_counts() -> None:
    assert translate("it", "More about %(name)s", name="Anna") == "Altro su Anna"
    row, rows = "%(done)s row", "%(done)s rows"
    assert translate_plural("it", row, rows, 1, done=1) == "1 riga"
    assert translate_plural("it", row, rows, 2, done=2) == "2 righe"


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        (None, "en"),
        ("", "en"),
        ("it", "it"),
        ("it-IT,it;q=0.9,en;q=0.8", "it"),
        ("de, it;q=0.5, en;q=0.4", "it"),
        ("en;q=0.2, it;q=0.7", "it"),
        ("it;q=0, en", "en"),
        ("it;q=9", "en"),
        ("xx" * 5000, "en"),
        ("*", "en"),
    ],
)
def test_the_language_is_the_readers_best_that_we_have(header: str | None, locale: str) -> None:
    assert negotiate(header) == locale


def test_an_unknown_language_speaks_english() -> None:
    assert translate("tlh", "Contacts") == "Contacts"
