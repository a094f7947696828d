# SPDX-License-Identifier: Apache-2.0
"""Static files under a version in their address, so that browsers keep them for ever.

The version is one hash over all of them and stands in the path (`/static/<version>/css/app.css`):
relative addresses inside scripts and style sheets carry it along by themselves.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

ROOT = Path(__file__).parent / "static"
PREFIX = "/static"
FOR_EVER = "public, max-age=31536000, immutable"
COMPRESSED = (".css", ".js", ".svg")
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


@dataclass(frozen=True)
class Asset:
    body: bytes
    packed: bytes | None
    media_type: str
    etag: str


class Assets:
    """The ASGI application mounted at `/static`; it serves only what lay there at the start."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.loaded: dict[str, Asset] = {}

    @cached_property
    def paths(self) -> dict[str, Path]:
        files = sorted(path for path in self.root.rglob("*") if path.is_file())
        named = {path.relative_to(self.root).as_posix(): path for path in files}
        return {name: path for name, path in named.items() if "/." not in f"/{name}"}

    @cached_property
    def version(self) -> str:
        digest = hashlib.sha256()
        for name, path in self.paths.items():
            digest.update(name.encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()[:12]

    def url(self, name: str) -> str:
        """The address of a file; KeyError for one that is not there."""
        if name not in self.paths:
            raise KeyError(f"no static file {name}; for vendor files run: python hatch_build.py")
        return f"{PREFIX}/{self.version}/{name}"

    def asset(self, name: str) -> Asset | None:
        if name not in self.loaded and name in self.paths:
            path = self.paths[name]
            body = path.read_bytes()
            kind = TYPES.get(path.suffix) or mimetypes.guess_type(name)[0]
            self.loaded[name] = Asset(
                body=body,
                packed=gzip.compress(body, mtime=0) if path.suffix in COMPRESSED else None,
                media_type=kind or "application/octet-stream",
                etag=f'"{hashlib.sha256(body).hexdigest()[:16]}"',
            )
        return self.loaded.get(name)

    def respond(self, request: Request) -> Response:
        inside = request.url.path.removeprefix(request.scope.get("root_path", "")).lstrip("/")
        version, _, name = inside.partition("/")
        asset = self.asset(name)
        if asset is None:
            return PlainTextResponse("Not found", 404)
        headers = {
            # A page opened before an upgrade asks with the old version: serve it, do not pin it.
            "Cache-Control": FOR_EVER if version == self.version else "no-cache",
            "ETag": asset.etag,
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
        }
        if request.headers.get("if-none-match") == asset.etag:
            return Response(status_code=304, headers=headers)
        body = asset.body
        if asset.packed and "gzip" in request.headers.get("accept-encoding", ""):
            body, headers["Content-Encoding"] = asset.packed, "gzip"
        return Response(body, media_type=asset.media_type, headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if request.method not in {"GET", "HEAD"}:
            response: Response = PlainTextResponse("Method not allowed", 405)
        else:
            response = self.respond(request)
        await response(scope, receive, send)


assets = Assets()
