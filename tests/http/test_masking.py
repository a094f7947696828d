# SPDX-License-Identifier: Apache-2.0
"""What an exception tells the world (ASVS 16.5.1): refusals by code, bugs by a request id."""

import pytest
from structlog.testing import capture_logs

from server.database import DatabaseUnavailable
from server.domain.errors import DomainError, ErrorCode
from server.http import SecurityMiddleware
from tests.http import toy
from tests.http.conversations import GRAPHQL_JSON, JSON, Caller, codes


async def test_a_bug_is_masked_and_logged_under_the_id_that_the_answer_carries() -> None:
    with capture_logs() as logs:
        async with Caller(SecurityMiddleware(toy.endpoint())) as caller:
            answer = await caller.ask("{broken __typename}")
    assert answer.status_code == 200
    body = answer.json()
    assert body["data"] == {"broken": None, "__typename": "Query"}
    (error,) = body["errors"]
    assert error["message"] == "Unexpected error."
    assert error["path"] == ["broken"]
    assert error["extensions"] == {
        "code": "INTERNAL",
        "requestId": answer.headers["x-request-id"],
    }
    assert "secret" not in answer.text
    (line,) = logs
    assert line["request_id"] == answer.headers["x-request-id"]
    assert "secret detail" in str(line["exc_info"])


async def test_an_unreachable_database_is_503_whoever_meets_it(anyone: Caller) -> None:  # F9, F20
    for accept in (JSON, GRAPHQL_JSON):
        answer = await anyone.ask("{away}", accept)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert codes(answer) == ["UNAVAILABLE"]
        assert "internal" not in answer.text


async def test_a_refusal_of_the_domain_keeps_its_code(anyone: Caller) -> None:
    answer = await anyone.ask("{forbidden}")
    assert codes(answer) == ["FORBIDDEN"]
    assert answer.json()["data"] == {"forbidden": None}


async def test_a_request_ends_within_its_time() -> None:
    async with Caller(toy.endpoint(seconds=0.1)) as caller:
        answer = await caller.ask("{slow}")
    assert answer.status_code == 503
    assert codes(answer) == ["TIMEOUT"]
    assert answer.extensions["waited"] < 2


class Raising(toy.CoreExecutor):
    """The planned path raises instead of collecting errors."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def execute(self, *arguments: object) -> bytes:  # type: ignore[override]
        raise self.error


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RuntimeError("secret"), 500, "INTERNAL"),
        (TimeoutError("secret"), 500, "INTERNAL"),
        (DatabaseUnavailable("secret"), 503, "UNAVAILABLE"),
        (DomainError(ErrorCode.FORBIDDEN), 403, "FORBIDDEN"),
        (DomainError(ErrorCode.UNAUTHENTICATED), 401, "UNAUTHENTICATED"),
        (DomainError(ErrorCode.INVALID), 400, "INVALID"),
    ],
)
async def test_what_the_executor_raises_becomes_one_error(
    error: Exception, status: int, code: str
) -> None:
    endpoint = toy.endpoint()
    object.__setattr__(endpoint.service, "executor", Raising(error))
    async with Caller(endpoint) as caller:
        answer = await caller.ask("{__typename}", GRAPHQL_JSON)
    assert (answer.status_code, codes(answer)) == (status, [code])
    assert "secret" not in answer.text
    assert "data" not in answer.json()


class Planned(toy.CoreExecutor):
    """The planned path refuses with a ready body."""

    def __init__(self, body: dict[str, object]) -> None:
        self.body = body

    async def execute(self, *arguments: object) -> dict[str, object]:  # type: ignore[override]
        return self.body


@pytest.mark.parametrize(
    ("error", "status", "keeps_data"),
    [
        ({"message": "no", "path": ["a"], "extensions": {"code": "FORBIDDEN"}}, 403, True),
        ({"message": "no", "path": ["a"], "extensions": {"code": "UNAUTHENTICATED"}}, 401, True),
        ({"message": "no", "path": ["a"], "extensions": {"code": "WRONG_STATE"}}, 200, True),
        ({"message": "Bad value. Did you mean 'secret'?"}, 400, False),
    ],
)
async def test_a_ready_body_of_errors_gets_its_status(
    error: dict[str, object], status: int, keeps_data: bool
) -> None:
    endpoint = toy.endpoint()
    executor = Planned({"data": None, "errors": [error]})
    object.__setattr__(endpoint.service, "executor", executor)
    async with Caller(endpoint) as caller:
        answer = await caller.ask("{__typename}", GRAPHQL_JSON)
        assert (await caller.ask("{__typename}")).status_code == 200
    assert answer.status_code == status
    assert ("data" in answer.json()) is keeps_data
    assert all(codes(answer))
    assert "secret" not in answer.text


class Ready(toy.CoreExecutor):
    async def execute(self, *arguments: object) -> bytes:  # type: ignore[override]
        return b'{"data":{"fast":true}}'


async def test_bytes_of_the_executor_go_out_as_they_are() -> None:
    endpoint = toy.endpoint()
    object.__setattr__(endpoint.service, "executor", Ready())
    async with Caller(endpoint) as caller:
        answer = await caller.ask("{__typename}", GRAPHQL_JSON)
    assert answer.status_code == 200
    assert answer.content == b'{"data":{"fast":true}}'
    assert answer.headers["content-length"] == str(len(answer.content))
