# SPDX-License-Identifier: Apache-2.0
"""The house rules that a look at the tree can check; each names what breaks it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, is_introspection_type

from server.domain.errors import DomainError, ErrorCode
from server.i18n import LANGUAGES, refusal_message
from server.limits import Documents, Limits
from server.planner.fields import declaration_of
from server.schema import build_schema
from web.documents import TEMPLATES, PageDocuments
from web.templating import environment

ROOT = Path(__file__).parent.parent
SCHEMA = build_schema()
LONGEST_FILE = 400
LONGEST_TEMPLATE = 120

# What each layer may import of the others; the composition roots are free.
LAYERS: dict[str, set[str]] = {
    "server.domain": set(),
    "server.models": {"server.domain"},
    "server.settings": set(),
    "server.database": {"server.domain", "server.settings", "server.models"},
    "server.limits": set(),
    "server.messages": {"server.domain"},
    "server.dialing_labels": {"server.domain", "server.messages"},
    "server.labels": {"server.domain", "server.messages", "server.dialing_labels"},
    "server.i18n": {"server.domain", "server.messages", "server.labels"},
    "server.context": {"server.database", "server.domain", "server.settings"},
    "server.services": {"server.models", "server.domain", "server.database"},
    "server.planner": {"server.models", "server.domain", "server.context", "server.limits"},
    "server.resolvers": {
        "server.services",
        "server.planner",
        "server.models",
        "server.domain",
        "server.context",
        "server.i18n",
        "server.telephony",  # to test the connection to an exchange
    },
    "server.schema": {
        "server.resolvers",
        "server.planner",
        "server.models",
        "server.services",
        "server.domain",
        "server.context",
        "server.i18n",
        "server.limits",
        "server.database",
    },
    "server.http": {"server.database", "server.domain", "server.limits"},
    "server.downloads": {"server.services", "server.domain", "server.database"},
    "server.uploads": {"server.services", "server.domain", "server.database", "server.context"},
    "server.telephony": {"server.domain", "server.services"},
    "server.dialer": {"server.services", "server.telephony", "server.domain", "server.database"},
    "server.processes": {"server.services", "server.domain", "server.database"},
    "web": {
        "server.schema",
        "server.context",
        "server.i18n",
        "server.domain",
        "server.limits",
        "server.database",
        "server.downloads",
        "server.uploads",
    },
}
ROOTS = ("server.app", "server.cli", "server.demo", "server.schema.__main__")


def modules() -> Iterator[tuple[str, Path]]:
    for folder in ("server", "web"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts).removesuffix(".__init__"), path


def layer_of(module: str) -> str | None:
    return max(
        (name for name in LAYERS if f"{module}.".startswith(f"{name}.")), default=None, key=len
    )


def imports(path: Path, module: str) -> Iterator[str]:
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, *([base] if base else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def test_imports_point_down_only() -> None:
    stray = []
    for module, path in modules():
        layer = layer_of(module)
        if module.startswith(ROOTS) or layer is None:
            continue
        for name in imports(path, module):
            target = layer_of(name)
            if target not in (None, layer) and target not in LAYERS[layer]:
                stray.append(f"{module} imports {name}")
    assert sorted(set(stray)) == []


def test_the_domain_needs_only_the_standard_library() -> None:
    import sys

    stray = [
        f"{module} imports {name}"
        for module, path in modules()
        if module.startswith("server.domain")
        for name in imports(path, module)
        if name.split(".")[0] not in {*sys.stdlib_module_names, "server"}
    ]
    assert stray == []


# Where a module of the server may ask the machine it runs on what time it is, and why.
CLOCK_READERS: dict[str, str] = {}
CLOCKS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime", "asctime", "clock_gettime"},
}


def clocks_read(tree: ast.AST) -> Iterator[str]:
    """The names of clocks of the wall, called or handed on, whatever they were imported as."""
    known = {name: name for name in CLOCKS}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = node.module if isinstance(node, ast.ImportFrom) else None
            for alias in node.names:
                known[alias.asname or alias.name] = alias.name
                if module == "time" and alias.name in CLOCKS["time"]:
                    yield f"time.{alias.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = getattr(node.value, "attr", getattr(node.value, "id", ""))
            clock = known.get(owner, "") if isinstance(node.value, ast.Name) else owner
            if node.attr in CLOCKS.get(clock, ()):
                yield f"{clock}.{node.attr}"


def test_no_clock_but_the_databases_decides_anything() -> None:
    """F15: a server whose clock is hours off leases, retries and judges windows as any other."""
    readers = {
        f"{module} reads {clock}"
        for module, path in modules()
        if module.startswith("server.") and module not in CLOCK_READERS
        for clock in clocks_read(ast.parse(path.read_text()))
    }
    assert sorted(readers) == []


@pytest.mark.parametrize(
    ("source", "clocks"),
    [
        ("from datetime import UTC, datetime\ndatetime.now(UTC)", ["datetime.now"]),
        ("from datetime import datetime as moment\nf = moment.utcnow", ["datetime.utcnow"]),
        ("import datetime as dt\ndt.date.today()", ["date.today"]),
        ("from time import time_ns\ntime_ns()", ["time.time_ns"]),
        ("import time\ntime.monotonic()\ntime.sleep(time.time())", ["time.time"]),
        ("from time import monotonic\nloop.time()\nlocal.date()\nfunc.now()", []),
        ("def rule(local, now): return local.time(), now", []),
    ],
)
def test_a_clock_is_seen_however_it_is_read(source: str, clocks: list[str]) -> None:
    assert list(clocks_read(ast.parse(source))) == clocks


def test_files_stay_short() -> None:
    long = [
        f"{path.relative_to(ROOT)} has {length} lines"
        for folder in ("server", "web", "tests", "bench")
        for path in (ROOT / folder).rglob("*.py")
        if (length := len(path.read_text().splitlines())) > LONGEST_FILE
    ]
    long += [
        f"{path.relative_to(ROOT)} has {length} lines"
        for path in TEMPLATES.rglob("*.html")
        if (length := len(path.read_text().splitlines())) > LONGEST_TEMPLATE
    ]
    assert long == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "helpers", "common", "misc", "manager"}
    assert [str(path) for _, path in modules() if path.stem in empty] == []


def test_the_sdl_is_the_one_checked_in() -> None:
    """A change of the promise is a change of `schema.graphql`: print it by `make schema`."""
    assert (ROOT / "schema.graphql").read_text() == SCHEMA.as_str() + "\n"


def root_fields() -> Iterator[tuple[str, object]]:
    for kind in (SCHEMA._schema.query_type, SCHEMA._schema.mutation_type):
        assert kind is not None
        for name, field in kind.fields.items():
            yield f"{kind.name}.{name}", field


@pytest.mark.parametrize(("name", "field"), list(root_fields()))
def test_every_root_field_declares_its_permission_and_says_what_it_is(
    name: str, field: object
) -> None:
    definition = field.extensions["strawberry-definition"]  # type: ignore[attr-defined]
    assert declaration_of(definition) is not None, f"{name} declares no permission"
    assert field.description, f"{name} has no description"  # type: ignore[attr-defined]


def test_types_inputs_and_enums_say_what_they_are() -> None:
    silent = [
        name
        for name, kind in SCHEMA._schema.type_map.items()
        if not is_introspection_type(kind)
        and not (isinstance(kind, GraphQLObjectType | GraphQLInputObjectType) and not kind.fields)
        and not kind.description
    ]
    assert silent == []


def test_every_page_document_is_valid() -> None:
    documents = PageDocuments(Documents(SCHEMA._schema, Limits(cost=20_000)))
    assert set(documents.checked) == set(documents.texts) != set()


def test_every_template_compiles_and_says_what_it_needs() -> None:
    for path in TEMPLATES.rglob("*.html"):
        name = str(path.relative_to(TEMPLATES))
        environment.get_template(name)
        assert path.read_text().startswith("{# needs:"), f"{name} does not say what it needs"


def test_every_template_is_used() -> None:
    written = [path.read_text() for _, path in modules()]
    written += [path.read_text() for path in TEMPLATES.rglob("*.html")]
    written += [path.read_text() for path in (ROOT / "tests").rglob("*.py")]
    text = "\n".join(written)
    chosen = set(
        re.findall(r'f"([a-z_]+)/\{\w+\}\.html"', text)
    )  # the handler picks one of a folder
    names = [str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")]
    assert [n for n in names if n not in text and n.split("/")[0] not in chosen] == []


def test_pages_have_no_inline_style_script_or_handler() -> None:
    pattern = re.compile(r"<style|<script(?![^>]*nonce)|\son[a-z]+=|\sstyle=|hx-on")
    found = [
        f"{path.name}: {match.group()}"
        for path in TEMPLATES.rglob("*.html")
        for match in pattern.finditer(path.read_text())
        if "application/json" not in path.read_text()[match.start() : match.end() + 80]
    ]
    assert found == []


@pytest.mark.parametrize("code", list(ErrorCode))
def test_every_refusal_has_words_in_every_language(code: ErrorCode) -> None:
    texts = {locale: refusal_message(locale, DomainError(code)) for locale in LANGUAGES}
    assert all(text and code.value not in text for text in texts.values())
    assert len(set(texts.values())) == len(LANGUAGES), f"{code} is not translated"


FEATURES = [
    *(f"X-{number:02}" for number in [*range(1, 18), *range(21, 24), *range(29, 38), 40]),
    "X-20c",
]


@pytest.mark.parametrize("feature", FEATURES)
def test_every_feature_is_cited_by_a_test(feature: str) -> None:
    cited = re.compile(rf"{feature}(?![0-9a-z])")
    tests = [path for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__)]
    assert any(cited.search(path.read_text()) for path in tests), f"no test cites {feature}"


def test_no_path_of_one_machine_is_written_down() -> None:
    pattern = re.compile(r"/(?:work|root|home)/[a-z]")
    suffixes = {".py", ".md", ".toml", ".html", ".js", ".json", ".graphql", ".css"}
    stray = [
        str(path.relative_to(ROOT))
        for folder in ("server", "web/templates", "web/static/js", "bench", "docs", "migrations")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in suffixes and "node_modules" not in path.parts
        if pattern.search(path.read_text())
    ]
    assert stray == []
