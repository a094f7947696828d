# SPDX-License-Identifier: Apache-2.0
"""Every message that is shipped stands in every catalog, translated (X-20)."""

import re
import shutil
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
LOCALES = sorted(path.name for path in (ROOT / "locale").iterdir() if path.is_dir())
# The same words as in the Makefile's `messages`.
EXTRACT = ["pybabel", "-q", "extract", "-F", "pyproject.toml", "-k", "NP_:1c,2"]
EXTRACT += ["--no-location", "--sort-output", "--width", "100"]
EXTRACT += ["--project", "Rubrica", "--version", "1", "--ignore-dirs", "node_modules build .* _*"]
UPDATE = ["pybabel", "-q", "update", "--no-fuzzy-matching", "--ignore-obsolete"]
UPDATE += ["--ignore-pot-creation-date", "--width", "100"]
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")


def catalog_path(root: Path, locale: str) -> Path:
    return root / locale / "LC_MESSAGES" / "messages.po"


def settled(path: Path) -> str:
    """The catalog without the one line that names the extracting program's version."""
    return re.sub(r'"Generated-By: .*"\n', "", path.read_text(encoding="utf-8"))


def messages(locale: str) -> list[Message]:
    with catalog_path(ROOT / "locale", locale).open("rb") as text:
        return [message for message in read_po(text, locale=locale) if message.id]


@pytest.fixture(scope="module")
def updated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogs as `make messages` would leave them."""
    folder = tmp_path_factory.mktemp("messages")
    template = folder / "messages.pot"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        CommandLineInterface().run([*EXTRACT, "-o", str(template), "."])
        shutil.copytree(ROOT / "locale", folder / "locale")
        for locale in LOCALES:
            arguments = ["-i", str(template), "-d", str(folder / "locale"), "-l", locale]
            CommandLineInterface().run([*UPDATE, *arguments])
    return folder / "locale"


@pytest.mark.parametrize("locale", LOCALES)
def test_catalogs_hold_exactly_the_messages_of_code_and_templates(
    locale: str, updated: Path
) -> None:
    before = settled(catalog_path(ROOT / "locale", locale))
    after = settled(catalog_path(updated, locale))
    missing = set(re.findall(r'^msgid "(.+)"', after, re.M)) - set(
        re.findall(r'^msgid "(.+)"', before, re.M)
    )
    assert before == after, f"run `make messages`; not yet in the {locale} catalog: {missing}"


@pytest.mark.parametrize("locale", [locale for locale in LOCALES if locale != "en"])
def test_no_message_is_untranslated_or_fuzzy(locale: str) -> None:
    poor = [
        message.id
        for message in messages(locale)
        if message.fuzzy
        or not all(message.string if isinstance(message.string, tuple) else (message.string,))
    ]
    assert poor == []


@pytest.mark.parametrize("locale", [locale for locale in LOCALES if locale != "en"])
def test_translations_keep_the_placeholders_of_their_message(locale: str) -> None:
    for message in messages(locale):
        wanted = message.id if isinstance(message.id, tuple) else (message.id,)
        given = message.string if isinstance(message.string, tuple) else (message.string,)
        allowed = {frozenset(PLACEHOLDER.findall(text)) for text in wanted}
        for text in filter(None, given):
            assert frozenset(PLACEHOLDER.findall(text)) in allowed, message.id


def test_english_adds_no_words_of_its_own() -> None:
    assert [message.id for message in messages("en") if any(message.string)] == []
