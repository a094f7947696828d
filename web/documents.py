# SPDX-License-Identifier: Apache-2.0
"""The pages' GraphQL: one document beside each template, fragments beside the partials.

`contacts/index.graphql` may spread any fragment of any `_*.graphql`; what it spreads is appended.
All are joined and validated once, when the application starts.
"""

from functools import cached_property
from pathlib import Path

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

from server.limits import Checked, Documents

TEMPLATES = Path(__file__).parent / "templates"


class PageDocuments:
    """Every document of the pages by its name, which is its path without the suffix."""

    def __init__(self, documents: Documents, folder: Path = TEMPLATES) -> None:
        self.folder = folder
        self.checked: dict[str, Checked] = {
            name: documents.checked(text) for name, text in self.texts.items()
        }

    @cached_property
    def fragments(self) -> dict[str, FragmentDefinitionNode]:
        """The fragments of all partials; a name stands once."""
        found: dict[str, FragmentDefinitionNode] = {}
        for path in sorted(self.folder.rglob("_*.graphql")):
            for node in parse(path.read_text()).definitions:
                assert isinstance(node, FragmentDefinitionNode), f"{path}: fragments only"
                if node.name.value in found:
                    raise ValueError(f"{path}: fragment {node.name.value} stands twice")
                found[node.name.value] = node
        return found

    @cached_property
    def texts(self) -> dict[str, str]:
        """The joined text of each document."""
        return {
            str(path.relative_to(self.folder).with_suffix("")): self._joined(path)
            for path in sorted(self.folder.rglob("*.graphql"))
            if not path.name.startswith("_")
        }

    def _joined(self, path: Path) -> str:
        text = path.read_text()
        wanted = list(_spreads(parse(text)))
        joined: dict[str, FragmentDefinitionNode] = {}
        while wanted:
            name = wanted.pop()
            if name in joined:
                continue
            if name not in self.fragments:
                raise ValueError(f"{path}: there is no fragment {name}")
            joined[name] = self.fragments[name]
            wanted.extend(_spreads(joined[name]))
        return "\n".join([text, *(print_ast(node) for node in joined.values())])


def _spreads(node: DocumentNode | FragmentDefinitionNode) -> list[str]:
    names: list[str] = []

    class Spreads(Visitor):
        def enter_fragment_spread(self, spread: FragmentSpreadNode, *_: object) -> None:
            names.append(spread.name.value)

    visit(node, Spreads())
    return names
