# SPDX-License-Identifier: Apache-2.0
"""`/graphql`: GraphQL over HTTP as a bare ASGI application (architecture section 4).

A page of contacts costs the database less than a framework's request and response objects would
cost here, so the hot path touches none.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Generic

import strawberry
from graphql import OperationType
from starlette.types import Receive, Scope, Send

from server.domain.permissions import Viewer
from server.http import json, requests
from server.http.events import EventStream
from server.http.executing import ContextT, Executor, Service
from server.http.headers import Headers, RawHeaders, headers_of
from server.http.negotiation import Media, is_json, media_for, names_json
from server.http.origins import is_own
from server.http.refusals import GraphQLRefusedError, RefusedError, error, refusal_of, status_of
from server.http.requests import ClientGoneError, Parameters
from server.http.sockets import Socket
from server.limits import Documents, Limits

METHODS = b"GET, POST, OPTIONS"
_FIXED = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
_START: dict[Media, RawHeaders] = {
    media: [(b"content-type", media.value), (b"vary", b"accept"), *_FIXED] for media in Media
}


class GraphQLEndpoint(Generic[ContextT]):
    """Queries and mutations by POST, queries by GET, subscriptions by WebSocket and event stream.

    `viewer_of` reads session cookie or bearer token; `context_of` makes what resolvers see. Where
    the former remembers rights, `current_viewer_of` reads those of this moment. `stopping` ends
    subscriptions, which would not end of themselves.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        executor: Executor[ContextT],
        *,
        viewer_of: Callable[[Scope], Awaitable[Viewer | None]],
        context_of: Callable[[Scope, Viewer | None], ContextT],
        limits: Limits | None = None,
        documents: Documents | None = None,
        own_origins: frozenset[str] = frozenset(),
        current_viewer_of: Callable[[Scope], Awaitable[Viewer | None]] | None = None,
        stopping: asyncio.Event | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.documents = documents or Documents(schema._schema, self.limits)
        self.service = Service(
            documents=self.documents,
            executor=executor,
            viewer_of=viewer_of,
            context_of=context_of,
            limits=self.limits,
            own_origins=own_origins,
            current_viewer_of=current_viewer_of,
            stopping=stopping or asyncio.Event(),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await Socket(self.service, scope, receive, send).run()
            return
        headers = headers_of(scope)
        media = media_for(headers.get(b"accept"))
        try:
            status, body, extra = await self._answer(scope, receive, send, headers, media)
        except ClientGoneError:
            return
        except Exception as reason:
            refusal = refusal_of(reason)
            body = json.dumps(refusal.body)
            extra = []
            if isinstance(refusal, RefusedError):
                status, extra = refusal.status, refusal.headers
            else:
                status = 200 if media is Media.JSON else status_of(refusal.body)
        if status:
            shown = Media.JSON if media is None or media is Media.EVENTS else media
            await send(
                {
                    "type": "http.response.start",
                    "status": status,
                    "headers": [
                        *_START[shown],
                        (b"content-length", str(len(body)).encode()),
                        *extra,
                    ],
                }
            )
            await send({"type": "http.response.body", "body": body})

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, headers: Headers, media: Media | None
    ) -> tuple[int, bytes, RawHeaders]:
        """Status 0 means that the answer has been sent."""
        method = scope["method"]
        if method == "POST":
            parameters = await self._posted(headers, receive, media)
        elif method == "GET":
            parameters = self._got(scope, headers, media)
        elif method == "OPTIONS":
            return 204, b"", [(b"allow", METHODS)]
        else:
            raise RefusedError(405, "METHOD_NOT_ALLOWED", "Use POST.", [(b"allow", METHODS)])
        if media is Media.EVENTS:
            await EventStream(self.service, scope, receive, send).run(parameters)
            return 0, b"", []
        document, operation = self.service.checked(parameters)
        if operation.kind is not OperationType.QUERY:
            self._refuse_kind(operation.kind, method)
        viewer = await self.service.viewer_of(scope)
        await self.service.admit(operation, scope)
        status, body = await self.service.execute(document, parameters, scope, viewer)
        return (200 if media is Media.JSON and status != 503 else status), body, []

    async def _posted(self, headers: Headers, receive: Receive, media: Media | None) -> Parameters:
        if not is_json(headers.get(b"content-type")):
            raise RefusedError(
                415,
                "UNSUPPORTED_MEDIA_TYPE",
                "Send application/json in UTF-8.",
                [(b"accept-post", b"application/json")],
            )
        if headers.get(b"content-encoding", b"identity") != b"identity":
            raise RefusedError(415, "UNSUPPORTED_MEDIA_TYPE", "Send the body uncompressed.")
        if b"authorization" not in headers and not is_own(headers, self.service.own_origins):
            raise RefusedError(403, "FORBIDDEN", "Requests from other sites are refused.")
        _refuse_media(media)
        body = await requests.read_body(
            headers, receive, self.limits.body_bytes, self.limits.seconds
        )
        return requests.from_body(body)

    def _got(self, scope: Scope, headers: Headers, media: Media | None) -> Parameters:
        """A link, an image or a navigation of another page must not run a query (C8)."""
        site = headers.get(b"sec-fetch-site")
        if site is not None and site not in (b"same-origin", b"none"):
            raise RefusedError(403, "FORBIDDEN", "Requests from other sites are refused.")
        deliberate = (
            headers.get(b"sec-fetch-mode") in (b"cors", b"same-origin")
            or names_json(headers.get(b"accept"))
            or b"x-requested-with" in headers
            or b"graphql-require-preflight" in headers
        )
        _refuse_media(media)
        parameters = requests.from_query_string(scope["query_string"])
        self._refuse_mutation(parameters)
        if not deliberate:
            raise RefusedError(
                406, "NOT_ACCEPTABLE", "Send 'Accept: application/json', or use POST."
            )
        return parameters

    def _refuse_mutation(self, parameters: Parameters) -> None:
        """Nothing changes by GET, in whatever form the answer would come (C7, ASVS 3.5.3)."""
        with suppress(GraphQLRefusedError):  # said later, in the form that the caller accepts
            kind = self.service.checked(parameters)[1].kind
            if kind is OperationType.MUTATION:
                self._refuse_kind(kind, "GET")

    def _refuse_kind(self, kind: OperationType, method: str) -> None:
        if method == "GET":
            raise RefusedError(
                405, "METHOD_NOT_ALLOWED", "By GET only queries run.", [(b"allow", b"POST")]
            )
        if kind is OperationType.SUBSCRIPTION:
            raise GraphQLRefusedError([SUBSCRIPTION_ELSEWHERE])


SUBSCRIPTION_ELSEWHERE = error(
    "BAD_USER_INPUT",
    "Subscribe over WebSocket (graphql-transport-ws) or with 'Accept: text/event-stream'.",
)


def _refuse_media(media: Media | None) -> None:
    if media is None:
        raise RefusedError(
            406,
            "NOT_ACCEPTABLE",
            "Accept application/graphql-response+json, application/json or text/event-stream.",
        )
