# SPDX-License-Identifier: Apache-2.0
"""Every message that is shipped stands in every catalog, translated (X-20)."""

import re
import shutil
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from bench.messages import CATALOGS, ROOT, catalog_path, locales, untranslated, update_catalogs

LOCALES = locales()
TRANSLATIONS = [locale for locale in LOCALES if locale != "en"]
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")


def settled(folder: Path, locale: str) -> str:
    """The catalog without the one line that names the extracting program's version."""
    text = catalog_path(folder, locale).read_text(encoding="utf-8")
    return re.sub(r'"Generated-By: .*"\n', "", text)


def messages(locale: str) -> list[Message]:
    with catalog_path(CATALOGS, locale).open("rb") as text:
        return [message for message in read_po(text, locale=locale) if message.id]


def forms(value: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


@pytest.fixture(scope="module")
def updated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogs as `make messages` would leave them."""
    folder = tmp_path_factory.mktemp("messages") / "locale"
    shutil.copytree(CATALOGS, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        update_catalogs(folder)
    return folder


@pytest.mark.parametrize("locale", LOCALES)
def test_catalogs_hold_exactly_the_messages_of_code_and_templates(
    locale: str, updated: Path
) -> None:
    before, after = settled(CATALOGS, locale), settled(updated, locale)
    lines = re.compile(r'^msgid "(.+)"', re.MULTILINE)
    new = set(lines.findall(after)) - set(lines.findall(before))
    assert before == after, f"run `make messages`; not yet in the {locale} catalog: {new}"


@pytest.mark.parametrize("locale", TRANSLATIONS)
def test_no_message_is_untranslated_or_fuzzy(locale: str) -> None:
    assert untranslated(locale) == []


@pytest.mark.parametrize("locale", TRANSLATIONS)
def test_translations_keep_the_placeholders_of_their_message(locale: str) -> None:
    for message in messages(locale):
        allowed = {frozenset(PLACEHOLDER.findall(text)) for text in forms(message.id)}
        for text in filter(None, forms(message.string)):
            assert frozenset(PLACEHOLDER.findall(text)) in allowed, message.id


def test_english_adds_no_words_of_its_own() -> None:
    assert [message.id for message in messages("en") if any(forms(message.string))] == []
