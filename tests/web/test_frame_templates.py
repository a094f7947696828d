# SPDX-License-Identifier: Apache-2.0
"""The template files themselves, and what rendering promises: nothing escapes, nothing inline."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jinja2 import ChoiceLoader, DictLoader, UndefinedError
from starlette.datastructures import FormData

from web.forms import blank_rows, phone_rows
from web.frame import Frame
from web.templating import chip_styles, environment, link, render

Written = Callable[..., str]
ROOT = Path(__file__).parents[2] / "web" / "templates"
FILES = sorted(ROOT.rglob("*.html"))
INLINE = re.compile(r"\sstyle=|\son\w+=|hx-on|<script(?![^>]*(src=|application/json))|javascript:")
NOW = datetime(2026, 3, 27, 14, 5, tzinfo=UTC)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Written:
    """`written(source, locale, frame=…, **values)`: the text of a template."""
    sources: dict[str, str] = {}
    assert environment.loader is not None
    loader = ChoiceLoader([DictLoader(sources), environment.loader])
    monkeypatch.setattr(environment, "loader", loader)

    def write(source: str, locale: str = "en", **values: Any) -> str:
        name = f"written/{hash(source)}.html"
        sources[name] = source
        return render(name, locale, now=NOW, **values)

    return write


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_compiles_says_what_it_needs_and_has_nothing_inline(path: Path) -> None:
    text = path.read_text()
    environment.get_template(str(path.relative_to(ROOT)))
    assert text.startswith("{#"), "the first line says what the template needs"
    assert "needs:" in text.partition("#}")[0]
    found = INLINE.search(text)
    assert found is None, found and found[0]
    assert len(text.splitlines()) <= 120


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_htmx_attributes_are_valid_html(path: Path) -> None:
    assert re.findall(r"(?<!data-)(?<!<)(?<!</)\bhx-[a-z]+=", path.read_text()) == []


def test_values_are_escaped_and_unknown_ones_are_errors(written: Written) -> None:
    assert written("{{ name }}", name="<b>") == "&lt;b&gt;"
    with pytest.raises(UndefinedError):
        written("{{ nobody }}")


def test_messages_and_filters_speak_the_readers_language_inside_imported_macros(
    written: Written,
) -> None:
    source = '{% from "macros/lists.html" import count_line %}{{ count_line(9, 1204331) }}'
    assert "9 di 1.204.331" in written(source, "it")
    assert written("{{ _('Contacts') }} {{ 1234567|number }}", "it") == "Contatti 1.234.567"
    assert written("{{ _('Contacts') }}", "en") == "Contacts"


def test_chips_bring_their_rules_into_the_head_under_the_pages_nonce(
    written: Written,
) -> None:
    source = (
        '<!-- chip styles -->{% from "macros/badges.html" import chip %}'
        '{{ chip("Office", "#AABBCC") }}{{ chip("Evil", "red;}</style>") }}'
    )
    page = written(source, frame=Frame(locale="en", nonce="n0nce"))
    rule = ".c-aabbcc{--chip:#AABBCC;--chip-ink:#000000}"
    assert page.startswith(f'<style nonce="n0nce">{rule}</style>')
    assert '<span class="chip c-aabbcc">Office</span>' in page
    assert '<span class="chip ">Evil</span>' in page
    assert chip_styles(set(), "x") == ""
    swapped = written(source, frame=Frame(locale="en", nonce="n0nce", is_htmx=True))
    assert "<style" not in swapped
    assert "c-aabbcc" in swapped


def test_only_the_first_wrong_field_takes_the_focus(written: Written) -> None:
    source = (
        '{% from "macros/forms.html" import field %}'
        '{{ field("a", "A") }}{{ field("b", "B", error="Wrong.") }}'
        '{{ field("c", "C", error="No.") }}'
    )
    page = written(source)
    assert page.count("autofocus") == 1
    assert page.index("autofocus") < page.index('name="c"')
    assert 'aria-describedby=" field-b-error" aria-invalid="true"' in page


def test_the_state_of_a_list_is_its_query_string() -> None:
    query = {"q": "rossi & co", "sort": "name", "after": "x"}
    assert link(query, sort="-name", after=None) == "?q=rossi+%26+co&sort=-name"
    assert link({}, q="") == "?"


def test_phone_rows_keep_their_order_and_leave_blanks_out() -> None:
    form = FormData(
        [
            ("additionalPhones.number", " 02 1 "),
            ("additionalPhones.number", ""),
            ("additionalPhones.number", "333"),
            ("additionalPhones.itemTypeId", "7"),
            ("additionalPhones.itemTypeId", ""),
            ("additionalPhones.itemTypeId", ""),
            ("additionalPhones.description", "a"),
            ("additionalPhones.id", "1"),
            ("additionalPhones.state", "INACTIVE"),
            ("additionalPhones.state", "AVAILABLE"),
            ("additionalPhones.state", "BLOCKED"),
            ("additionalPhones.stateBefore", "INACTIVE"),
            ("additionalPhones.stateBefore", "AVAILABLE"),
            ("additionalPhones.stateBefore", "AVAILABLE"),
        ]
    )
    assert phone_rows(form) == [
        # A state that nobody touched is none: changed digits are available then (C-06).
        {"id": "1", "number": "02 1", "itemTypeId": "7", "description": "a", "state": None},
        {
            "id": None,
            "number": "333",
            "itemTypeId": None,
            "description": None,
            "state": "BLOCKED",
        },
    ]
    assert blank_rows(form) == 1
    assert blank_rows(FormData([*form.multi_items(), ("add_phone", "1")])) == 4
