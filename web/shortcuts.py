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
        names = {"mod": "Ctrl", "arrowdown": "↓", "arrowup": "↑", "enter": "Enter"}
        return tuple(
            " + ".join(
                names.get(part, part.upper() if "+" in key else part) for part in key.split("+")
            )
            for key in self.keys
        )


@dataclass(frozen=True)
class Section:
    msgid: str
    shortcuts: tuple[Shortcut, ...]


SECTIONS = (
    Section(
        N_("Everywhere"),
        (
            Shortcut("search", ("/",), N_("Search")),
            Shortcut("help", ("?",), N_("All shortcuts")),
            Shortcut("palette", ("mod+k",), N_("Go to a page or do an action")),
            Shortcut("new", ("n",), N_("New")),
            Shortcut("edit", ("e",), N_("Edit")),
            Shortcut("save", ("mod+enter",), N_("Save")),
        ),
    ),
    Section(
        N_("In lists"),
        (
            Shortcut("next", ("j", "arrowdown"), N_("Next row")),
            Shortcut("previous", ("k", "arrowup"), N_("Previous row")),
            Shortcut("select", ("x",), N_("Select the row")),
            Shortcut("open", ("enter",), N_("Open the row")),
        ),
    ),
)
