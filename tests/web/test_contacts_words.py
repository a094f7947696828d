# SPDX-License-Identifier: Apache-2.0
"""Every label of fast edit and of the choice after a conflict is translated (X-20)."""

import re

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from bench.messages import CATALOGS, ROOT, catalog_path, locales

TEMPLATES = ROOT / "web" / "templates"
OPTIONS = {"trimmed": "true", "extensions": "jinja2.ext.do,jinja2.ext.loopcontrols"}


def templates_of(name: str) -> set[str]:
    """The template with all that it extends, includes and imports."""
    found = {name}
    for tag in re.findall(r"\{% (?:extends|include|from) .*?%\}", (TEMPLATES / name).read_text()):
        for other in re.findall(r'"([\w/]+\.html)"', tag):
            found |= templates_of(other)
    return found


def messages_of(name: str) -> list[tuple[str, str | None]]:
    """The messages of one template, singular and context."""
    found = extract_from_file("jinja2.ext:babel_extract", TEMPLATES / name, options=OPTIONS)
    return [
        (message[0] if isinstance(message, tuple) else message, context)
        for _, message, _, context in found
    ]


def is_translated(catalog: Catalog, message: str, context: str | None) -> bool:
    found = catalog.get(message, context)
    if found is None or found.fuzzy:
        return False
    texts = found.string if isinstance(found.string, tuple) else (found.string,)
    return all(texts)


@pytest.mark.parametrize("name", ["contacts/quick.html", "contacts/conflict.html"])
@pytest.mark.parametrize("locale", [locale for locale in locales() if locale != "en"])
def test_every_message_that_the_dialog_uses_is_translated(name: str, locale: str) -> None:
    with catalog_path(CATALOGS, locale).open("rb") as source:
        catalog = read_po(source, locale=locale)
    messages = {message for one in templates_of(name) for message in messages_of(one)}
    assert len(messages) > 40
    assert [message for message in messages if not is_translated(catalog, *message)] == []
