# SPDX-License-Identifier: Apache-2.0
"""`make messages`: takes new messages of code and templates into the catalogs, drops dead ones.

A test runs the same into a temporary folder and compares, so a forgotten run is refused.
"""

import sys
import tempfile
from pathlib import Path

from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
CATALOGS = ROOT / "locale"
# No line numbers: they would change with every edit, and catalogs would never merge.
EXTRACT = ["extract", "-F", "pyproject.toml", "--no-location", "--sort-output"]
EXTRACT += ["-k", "NP_:1c,2", "-k", "translate:2", "-k", "translate_plural:2,3"]
EXTRACT += ["--width", "100", "--project", "Rubrica", "--version", "1"]
EXTRACT += ["--ignore-dirs", "node_modules build .* _*"]
UPDATE = ["update", "--no-fuzzy-matching", "--ignore-obsolete"]
UPDATE += ["--ignore-pot-creation-date", "--width", "100"]


def locales() -> list[str]:
    return sorted(path.name for path in CATALOGS.iterdir() if path.is_dir())


def catalog_path(folder: Path, locale: str) -> Path:
    return folder / locale / "LC_MESSAGES" / "messages.po"


def pybabel(*words: str) -> None:
    CommandLineInterface().run(["pybabel", "-q", *words])  # type: ignore[no-untyped-call]


def update_catalogs(folder: Path = CATALOGS) -> None:
    """Brings the catalogs in `folder` up to date; the working directory must be the project's."""
    with tempfile.TemporaryDirectory() as scratch:
        template = f"{scratch}/messages.pot"
        pybabel(*EXTRACT, "-o", template, ".")
        for locale in locales():
            pybabel(*UPDATE, "-i", template, "-d", str(folder), "-l", locale)


def untranslated(locale: str, folder: Path = CATALOGS) -> list[str]:
    """The messages that have no translation, or only a guessed one."""
    with catalog_path(folder, locale).open("rb") as text:
        catalog = read_po(text, locale=locale)
    return [
        str(message.id)
        for message in catalog
        if message.id and (message.fuzzy or not all(_strings(message.string)))
    ]


def _strings(value: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (value or "",) if value is None or isinstance(value, str) else tuple(value)


if __name__ == "__main__":
    update_catalogs()
    missing = untranslated("it")
    print("\n".join([f"{len(missing)} messages need their Italian:", *missing]))
    sys.exit(bool(missing))
