# SPDX-License-Identifier: Apache-2.0
"""Every keyboard shortcut: the help dialog is written from here, and so is what the keys do.

`action` names what `keyboard.js` does; keys are those of `KeyboardEvent.key`, `mod` is Ctrl or Cmd.
"""

from dataclasses import dataclass

from server.i18n import N_


@dataclass(frozen=True)
class Shortcut:
    action: str
    keys: tuple[str, ...]
    msgid: str

    @property
    def spelled(self) -> tuple[str, ...]:
        """The keys as keyboards print them."""
        names = {"mod": "Ctrl", "alt": "Alt", "arrowdown": "↓", "arrowup": "↑"}
        names |= {"enter": "Enter", "escape": "Esc"} | {f"f{n}": f"F{n}" for n in range(1, 13)}
        return tuple(
            " + ".join(
                names.get(part, part.upper() if "+" in key else part) for part in key.split("+")
            )
            for key in self.keys
        )


@dataclass(frozen=True)
class Section:
    """Shortcuts of one place; with a `scope` they hold only where a script asks for that scope."""

    msgid: str
    shortcuts: tuple[Shortcut, ...]
    scope: str = ""


SECTIONS = (
    Section(
        N_("Everywhere"),
        (
            Shortcut("search", ("/",), N_("Search")),
            Shortcut("help", ("?",), N_("All shortcuts")),
            Shortcut("palette", ("mod+k",), N_("Go to a page, an action or a record")),
            Shortcut("new", ("n",), N_("New")),
            Shortcut("edit", ("e",), N_("Edit")),
            Shortcut("save", ("mod+enter",), N_("Save")),
        ),
    ),
    Section(
        N_("In lists"),
        (
            Shortcut("find", ("f",), N_("Search in this list")),
            Shortcut("next", ("j", "arrowdown"), N_("Next row")),
            Shortcut("previous", ("k", "arrowup"), N_("Previous row")),
            Shortcut("select", ("x",), N_("Select the row")),
            Shortcut("open", ("enter",), N_("Open the row")),
        ),
    ),
    Section(
        N_("At the desk"),
        (
            Shortcut("desk-on", ("f2",), N_("Go on: start, show the next, dial, save the result")),
            Shortcut("desk-off", ("f4",), N_("Skip, let go or hang up")),
            Shortcut("desk-pause", ("f8",), N_("Pause or resume")),
            Shortcut("desk-result", ("f9",), N_("To the result of the call")),
        ),
    ),
    Section(
        N_("In search results"),
        (
            Shortcut("next", ("arrowdown",), N_("Next result")),
            Shortcut("previous", ("arrowup",), N_("Previous result")),
            Shortcut("open", ("enter",), N_("Open the result")),
            Shortcut("edit", ("alt+enter",), N_("Fast edit of a contact")),
            Shortcut("close", ("escape",), N_("Close")),
        ),
        scope="results",
    ),
)
