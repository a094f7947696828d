# SPDX-License-Identifier: Apache-2.0
"""Compiles a layout into one Python function, so that a page of rows costs microseconds."""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from server.planner.ids import cursor
from server.planner.layout import (
    Array,
    Connection,
    Constant,
    Cursor,
    Flattened,
    FunctionOf,
    IdSlot,
    Object,
    Picks,
    Slot,
    Value,
)

Renderer = Callable[[Sequence[Any], str], Any]

TYPENAME = "__typename"
PAGE_INFO = "PageInfo"


class Source:
    """The text of the function under construction, and the objects that it names."""

    def __init__(self) -> None:
        self.names: dict[str, object] = {"cursor": cursor}
        self.functions: list[str] = []
        self._numbers = count()
        self.flattened: list[tuple[str, str]] = []

    def name(self, value: object) -> str:
        name = f"k{next(self._numbers)}"
        self.names[name] = value
        return name

    def variable(self, letter: str = "v") -> str:
        return f"{letter}{next(self._numbers)}"

    def value(self, value: Value, row: str) -> str:
        """A Python expression of `row` and `locale` for one value of the answer."""
        match value:
            case Slot(index=index, convert=None):
                return f"{row}[{index}]"
            case Slot(index=index, convert=convert):
                return f"{self.name(convert)}({row}[{index}])"
            case IdSlot(index=index, prefix=prefix):
                return f'f"{prefix}_{{{row}[{index}]}}"'
            case Constant(value=constant):
                return repr(constant)
            case Cursor(slots=slots):
                return self.cursor(slots, row)
            case FunctionOf():
                return self.function_of(value, row)
            case Object(presence=presence):
                text = self.object(value, row)
                return (
                    text if presence is None else f"None if {row}[{presence}] is None else {text}"
                )
            case Array(index=index, item=item):
                inner = self.variable("r")
                return f"[{self.object(item, inner)} for {inner} in {row}[{index}]]"
            case Flattened(presence=presence, item=item):
                name = self.variable("l")
                append = (
                    f"if {row}[{presence}] is not None: {name}.append({self.object(item, row)})"
                )
                self.flattened.append((name, append))
                return name
            case Connection():
                return self.page(value, row)

    @staticmethod
    def cursor(slots: list[int], row: str) -> str:
        return f"cursor([{', '.join(f'{row}[{slot}]' for slot in slots)}])"

    def object(self, value: Object, row: str) -> str:
        fields = (f"{key!r}: {self.value(item, row)}" for key, item in value.fields)
        return "{" + ", ".join(fields) + "}"

    def function_of(self, value: FunctionOf, row: str) -> str:
        arguments = "".join(f", {row}[{index}]" for index in value.indexes)
        call = f"{self.name(value.function)}(locale{arguments})"
        return call if value.picks is None else f"{self.name(picker(value.picks))}({call})"

    def page(self, value: Connection, row: str) -> str:
        """A call of a function made for this connection, over the array in the row."""
        name = self.variable("page")
        lines = [f"def {name}(rows, row, locale):", *self._page_body(value, self._edges(value))]
        self.functions.append("\n".join(lines))
        return f"{name}({row}[{value.index}], {row}, locale)"

    def _page_body(self, value: Connection, edges: list[tuple[str, str]]) -> list[str]:
        """`edges` are expressions of `r`, by response key."""
        lines = [f"    more = len(rows) > {value.size}", f"    rows = rows[:{value.size}]"]
        if value.is_backward:
            lines.append("    rows = rows[::-1]")
        lists = {key: f"[{text} for r in rows]" for key, text in edges}
        lines.append(f"    return {self._page_fields(value, lists, 'rows')}")
        return lines

    def _edges(self, value: Connection) -> list[tuple[str, str]]:
        return [(key, self.object(edge, "r")) for key, edge in value.edges]

    def _page_fields(self, value: Connection, edges: dict[str, str], rows: str) -> str:
        parts = dict(edges)
        parts.update({key: repr(constant) for key, constant in value.constants})
        parts.update({key: f"row[{index}]" for key, index in value.totals})
        for key, fields in value.page_infos:
            parts[key] = self._page_info(value, fields, rows)
        return "{" + ", ".join(f"{key!r}: {parts[key]}" for key in value.order) + "}"

    def _page_info(self, value: Connection, fields: list[tuple[str, str]], rows: str) -> str:
        ahead, behind = "more", repr(value.has_other_side)
        if value.is_backward:
            ahead, behind = behind, ahead
        first = self.cursor(value.cursor_slots, f"{rows}[0]")
        last = self.cursor(value.cursor_slots, f"{rows}[-1]")
        texts = {
            "hasNextPage": ahead,
            "hasPreviousPage": behind,
            "startCursor": f"{first} if {rows} else None",
            "endCursor": f"{last} if {rows} else None",
            TYPENAME: repr(PAGE_INFO),
        }
        return "{" + ", ".join(f"{key!r}: {texts[name]}" for key, name in fields) + "}"

    def root_row(self, value: Object) -> list[str]:
        text = self.object(value, "r")
        lines = ["def render(rows, locale):", "    if not rows: return None", "    r = rows[0]"]
        lines += [f"    {name} = []" for name, _ in self.flattened]
        lines.append(f"    result = {text}")
        if self.flattened:
            lines.append("    for r in rows:")
            lines += [f"        {append}" for _, append in self.flattened]
        return [*lines, "    return result"]

    def root_page(self, value: Connection, key: int) -> list[str]:
        """Rows grouped by their key: a joined list repeats the row it belongs to."""
        head = ["def render(rows, locale):", "    row = rows[0] if rows else None"]
        head.append(f"    if row is not None and row[{key}] is None: rows = []")
        edges = self._edges(value)
        if not self.flattened:
            return [*head, *self._page_body(value, edges)]
        [(edges_key, edge_text)] = edges
        lines = [
            *head,
            "    edges = []",
            "    firsts = []",
            "    seen = None",
            "    for r in rows:",
        ]
        lines += [f"        if r[{key}] != seen:", f"            seen = r[{key}]"]
        lines += [f"            {name} = []" for name, _ in self.flattened]
        lines += [f"            edges.append({edge_text})", "            firsts.append(r)"]
        lines += [f"        {append}" for _, append in self.flattened]
        lines.append(f"    more = len(edges) > {value.size}")
        lines.append(f"    edges = edges[:{value.size}]")
        lines.append(f"    firsts = firsts[:{value.size}]")
        if value.is_backward:
            lines += ["    edges.reverse()", "    firsts.reverse()"]
        lines.append(f"    return {self._page_fields(value, {edges_key: 'edges'}, 'firsts')}")
        return lines


def picker(picks: Picks) -> Callable[[Any], Any]:
    """Takes the selected names out of the dict, or the list of dicts, that a function gave."""

    def pick(value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, list):
            return [pick(item) for item in value]
        return {
            key: value[name] if inner is None else inner(value[name])
            for key, name, inner in compiled
        }

    compiled = [
        (key, name, None if inner is None else picker(inner)) for key, name, inner in picks.items
    ]
    return pick


def compile_renderer(layout: Value, key: int) -> Renderer:
    """The function `(rows, locale) → value of the root field`."""
    source = Source()
    if isinstance(layout, Connection):
        body = source.root_page(layout, key)
    else:
        assert isinstance(layout, Object)
        body = source.root_row(layout)
    text = "\n\n".join([*source.functions, "\n".join(body)])
    exec(compile(text, "<plan>", "exec"), source.names)  # noqa: S102 — our own generated text
    renderer: Renderer = source.names["render"]  # type: ignore[assignment]
    return renderer
