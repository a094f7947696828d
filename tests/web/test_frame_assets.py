# SPDX-License-Identifier: Apache-2.0
"""Static files: found by name, kept for ever under their version, packed, and nothing else."""

import gzip
import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from web.assets import FOR_EVER, Assets, assets

STATIC = Path(__file__).parents[2] / "web" / "static"
FRAME = {"css/app.css", "js/app.js"}  # what every page loads


@pytest.fixture
def client() -> httpx.AsyncClient:
    application = Starlette(routes=[Mount("/static", assets)])
    transport = httpx.ASGITransport(application)
    return httpx.AsyncClient(transport=transport, base_url="http://centre.example")


async def test_a_file_is_kept_for_ever_under_its_version(client: httpx.AsyncClient) -> None:
    answer = await client.get(assets.url("css/app.css"))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == FOR_EVER
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.text == (STATIC / "css" / "app.css").read_text()


async def test_a_page_from_before_an_upgrade_still_gets_its_files(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/static/000000000000/js/app.js")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"
    same = {"If-None-Match": answer.headers["etag"]}
    assert (await client.get("/static/000000000000/js/app.js", headers=same)).status_code == 304


async def test_files_go_unpacked_to_whom_cannot_unpack(client: httpx.AsyncClient) -> None:
    plain = {"Accept-Encoding": "identity"}
    answer = await client.get(assets.url("icons/sprite.svg"), headers=plain)
    assert "content-encoding" not in answer.headers
    assert answer.content == (STATIC / "icons" / "sprite.svg").read_bytes()


@pytest.mark.parametrize(
    "path",
    [
        "/static/x/../../pyproject.toml",
        "/static/x/%2e%2e/%2e%2e/pyproject.toml",
        "/static/x/vendor/.stamp",
        "/static/x/css",
        "/static/x/nothing.css",
        "/static/",
    ],
)
async def test_nothing_else_is_served(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_static_files_are_only_read(client: httpx.AsyncClient) -> None:
    assert (await client.post(assets.url("css/app.css"))).status_code == 405


def test_a_name_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError, match="hatch_build"):
        assets.url("css/nothing.css")


def test_the_version_follows_the_content(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a{}")
    first = Assets(tmp_path).version
    (tmp_path / "a.css").write_text("b{}")
    assert Assets(tmp_path).version != first


def test_every_style_sheet_and_script_is_loaded_by_every_page_or_by_those_that_name_it() -> None:
    own = set().union(*own_files().values())
    ours = {name for name in assets.paths if name.startswith(("css/", "js/"))}
    assert loaded(FRAME) | loaded(own) == ours - {"css/graphiql.css", "js/graphiql.js"}
    assert not own & loaded(FRAME)
    for name in own:
        # Outside the layers they would win against what is stronger, such as states.
        assert name.startswith("js/") or "@layer pieces {" in assets.paths[name].read_text(), name


def test_every_icon_that_templates_name_is_drawn() -> None:
    drawn = set(re.findall(r'id="(\w+)"', (STATIC / "icons" / "sprite.svg").read_text()))
    named: set[str] = set()
    for path in (STATIC.parent / "templates").rglob("*.html"):
        named |= set(re.findall(r'icon\("(\w+)"', path.read_text()))
    for path in STATIC.parent.glob("navigation.py"):
        named |= set(re.findall(r'N_\("[^"]+"\), "(\w+)"', path.read_text()))
    assert named <= drawn


def own_files() -> dict[str, set[str]]:
    """What each template loads beside what every page has."""
    root, own = STATIC.parent / "templates", {}
    for path in sorted(root.rglob("*.html")):
        block = re.search(r"{% block modules %}(.*?){% endblock %}", path.read_text(), re.S)
        named = re.findall(r"static\('([^']+)'\)", block[1] if block else "")
        own[str(path.relative_to(root))] = set(named)
    return own


def loaded(names: set[str]) -> set[str]:
    """These files and what they import."""
    found, left = set(), set(names)
    while left:
        found.add(name := left.pop())
        imported = re.findall(
            r'(?:from |import |url\()"(?:\./)?(\w+\.(?:js|css))"', assets.paths[name].read_text()
        )
        left |= {f"{name.partition('/')[0]}/{each}" for each in imported} - found
    return found


def test_scripts_styles_and_icons_of_every_page_stay_small() -> None:
    icons = {name for name in assets.paths if name.startswith("icons/")}
    for page, own in own_files().items():
        names = loaded(FRAME | own) | icons
        weight = sum(len(gzip.compress(assets.paths[name].read_bytes())) for name in names)
        assert weight < 50_000, page
