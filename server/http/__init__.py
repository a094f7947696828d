# SPDX-License-Identifier: Apache-2.0
"""GraphQL over HTTP, WebSocket and event streams; headers and checks that every answer gets."""

from server.http.endpoint import GraphQLEndpoint
from server.http.executing import Executor
from server.http.graphiql import GraphiQL
from server.http.health import healthz, readyz
from server.http.security import SecurityMiddleware

__all__ = ["Executor", "GraphQLEndpoint", "GraphiQL", "SecurityMiddleware", "healthz", "readyz"]
