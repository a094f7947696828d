# SPDX-License-Identifier: Apache-2.0
"""The Jinja environment: `render()` writes a page or a partial for one reader.

Language, zone and region of the reader stand in a context variable while a template runs, so that
imported macros (which Jinja caches and runs without the page's values) format and translate too.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import escape

from server.domain.colors import ink_for, parse_color
from server.domain.counts import COUNT_CAP, SEARCH_CAP
from server.i18n import catalog, label, translate
from web.assets import assets
from web.formats import FILTERS, Reader, conventions
from web.frame import Frame
from web.marks import marked
from web.tones import tone

# Where the head takes the colours that the page's chips turned out to need.
CHIP_STYLES = "<!-- chip styles -->"


@dataclass(kw_only=True)
class Writing:
    """What is being written, and for whom."""

    reader: Reader = field(default_factory=Reader)
    csrf: str = ""
    nonce: str = ""
    colors: set[str] = field(default_factory=set)
    focused: bool = False  # whether a field with an error has already taken the focus


writing: ContextVar[Writing] = ContextVar("writing")


def unfolded(function: Callable[..., object]) -> Callable[..., object]:
    """Gives `function` the reader, and keeps Jinja from computing it once while compiling."""

    @pass_context
    @functools.wraps(function)
    def formatted(_: Context, *args: object, **kwargs: object) -> object:
        return function(writing.get().reader, *args, **kwargs)

    return formatted


def gettext(message: str) -> str:
    return catalog(writing.get().reader.locale).gettext(message)


def ngettext(one: str, many: str, number: int) -> str:
    return catalog(writing.get().reader.locale).ngettext(one, many, number)


def pgettext(context: str, message: str) -> str:
    return catalog(writing.get().reader.locale).pgettext(context, message)


def npgettext(context: str, one: str, many: str, number: int) -> str:
    return catalog(writing.get().reader.locale).npgettext(context, one, many, number)


def link(query: Mapping[str, object], **changes: object) -> str:
    """The query string of a list with some of its state changed; None takes a key out."""
    merged = {**query, **changes}
    kept = {key: value for key, value in merged.items() if value not in (None, "", [], ())}
    return "?" + urlencode(kept, doseq=True)


def written() -> Mapping[str, str]:
    """How scripts format: the locale as browsers spell it (`en-IT`), and the reader's zone."""
    reader = writing.get().reader
    locale = str(conventions(reader.locale, reader.region)).replace("_", "-")
    return {"locale": locale, "timezone": reader.timezone}


def takes_focus() -> bool:
    """True for the first caller on a page: of several wrong fields the first is focused."""
    job = writing.get()
    first, job.focused = not job.focused, True
    return first


def error_for(errors: Sequence[Mapping[str, object]], field: str) -> str | None:
    """The message of the `userErrors` entry for an input path, or None."""
    return next((str(error["message"]) for error in errors if error["field"] == field), None)


def error_below(errors: Sequence[Mapping[str, object]], field: str) -> str | None:
    """The first message of an input path or of one below it, as of `tags.2` for `tags`."""
    return next(
        (str(error["message"]) for error in errors if is_at(str(error["field"]), field)), None
    )


def is_at(path: str, field: str) -> bool:
    """Whether an input path is the field, or lies below it."""
    return path == field or path.startswith(f"{field}.")


def chip_class(color: str | None) -> str:
    """The class that paints a chip, `c-aabbcc`; its rule goes into the page's head (X-07)."""
    parsed = parse_color(color) if color else None
    if parsed is None:
        return ""
    writing.get().colors.add(parsed)
    return f"c-{parsed[1:].lower()}"


def chip_styles(colors: set[str], nonce: str) -> str:
    """A strict policy refuses inline styles, so each colour is a class with its legible ink."""
    if not colors:
        return ""
    rules = "".join(
        f".c-{color[1:].lower()}{{--chip:{color};--chip-ink:{ink_for(color)}}}"
        for color in sorted(colors)
    )
    return f'<style nonce="{escape(nonce)}">{rules}</style>'


def make_environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined] # added by the extension
        gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.filters.update({name: unfolded(filter_) for name, filter_ in FILTERS.items()})
    environment.filters["label"] = unfolded(lambda reader, member: label(reader.locale, member))
    environment.filters["translated"] = unfolded(
        lambda reader, msgid: translate(reader.locale, msgid)
    )
    environment.filters["marked"] = unfolded(marked)
    environment.filters["tone"] = tone
    environment.filters["error_for"] = error_for
    environment.filters["error_below"] = error_below
    environment.filters["from_epoch"] = lambda seconds: datetime.fromtimestamp(seconds, UTC)
    environment.globals.update(
        takes_focus=takes_focus,
        static=assets.url,
        link=link,
        written=written,
        chip_class=chip_class,
        count_cap=COUNT_CAP,
        search_cap=SEARCH_CAP,
        csrf_token=lambda: writing.get().csrf,
    )
    return environment


environment = make_environment()


def render(
    name: str,
    locale: str,
    /,
    *,
    frame: Frame | None = None,
    timezone: str | None = None,
    region: str | None = None,
    now: datetime | None = None,
    **values: object,
) -> str:
    """The text of the template `name`; zone and region are those of the frame's viewer."""
    viewer = frame.viewer if frame else None
    job = Writing(
        reader=Reader(
            locale=locale,
            timezone=timezone or (viewer.timezone if viewer else "UTC"),
            region=region or (viewer.region if viewer else "IT"),
            now=now or datetime.now(UTC),
        ),
        csrf=frame.csrf if frame else "",
        nonce=frame.nonce if frame else "",
    )
    token = writing.set(job)
    try:
        if frame is not None:
            values["frame"] = frame
        text = environment.get_template(name).render(values)
    finally:
        writing.reset(token)
    styles = "" if frame is None or frame.is_htmx else chip_styles(job.colors, job.nonce)
    return text.replace(CHIP_STYLES, styles, 1)
