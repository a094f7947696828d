# SPDX-License-Identifier: Apache-2.0
"""What surrounds every page: who reads it, how it looks to them, where they are."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from server.domain.permissions import Permission, Role, Viewer
from server.i18n import LANGUAGES
from web.navigation import HOME, Group, Item, navigation
from web.shortcuts import SECTIONS, Section

NAV_COOKIE = "rubrica_nav"
INDICATOR = "/live/indicator"


@dataclass(frozen=True, kw_only=True)
class Toast:
    """A word about what was just done; with `undo` it offers to take it back for ten seconds."""

    text: str
    tone: str = "ok"  # ok, wait, warn or stop
    undo: str | None = None  # where to POST to take it back


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The values of `layout/base.html` that are not the page's own."""

    locale: str
    nonce: str = ""
    path: str = "/"
    viewer: Viewer | None = None
    csrf: str = ""
    theme: str = "auto"
    density: str = "comfortable"
    nav: str = "open"  # or "icons"
    groups: tuple[Group, ...] = ()
    toasts: tuple[Toast, ...] = ()
    search_url: str | None = None  # where the search box of the top bar sends `q`
    live_url: str | None = None  # the event stream of the live indicator
    # htmx parses its answers under the first page's nonce: a style block of ours would be refused.
    is_htmx: bool = False
    home: Item = HOME
    languages: Mapping[str, str] = field(default_factory=lambda: LANGUAGES)
    sections: tuple[Section, ...] = SECTIONS

    @property
    def place(self) -> Item | None:
        """The navigation's page that this one is, or lies under."""
        items = [item for group in self.groups for item in group.items if item.holds(self.path)]
        return max(items, key=lambda item: len(item.url), default=None)


def indicator_of(viewer: Viewer | None) -> str | None:
    """Where the top bar's figures come from; agents have their desk instead."""
    if viewer is None or viewer.role is Role.AGENT or not viewer.may(Permission.CALLS_VIEW):
        return None
    return INDICATOR


def frame_for(
    viewer: Viewer | None,
    *,
    path: str,
    locale: str,
    nonce: str,
    csrf: str = "",
    paths: Collection[str] = (),
    cookies: Mapping[str, str] | None = None,
    toasts: tuple[Toast, ...] = (),
    search_url: str | None = None,
    live_url: str | None = None,
    is_htmx: bool = False,
) -> Frame:
    """The frame of one answer; `paths` are the routes that exist, so that no link leads nowhere."""
    return Frame(
        locale=locale,
        nonce=nonce,
        path=path,
        viewer=viewer,
        csrf=csrf,
        theme=viewer.theme if viewer else "auto",
        density=viewer.density if viewer else "comfortable",
        nav="icons" if (cookies or {}).get(NAV_COOKIE) == "icons" else "open",
        groups=navigation(viewer, paths) if viewer else (),
        toasts=toasts,
        search_url=search_url,
        live_url=live_url or (indicator_of(viewer) if INDICATOR in paths else None),
        is_htmx=is_htmx,
    )
