# SPDX-License-Identifier: Apache-2.0
"""`rubrica run` and `serve` as processes: up, two at once, through a killed database, and down."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from server.database.embedded import server_status
from tests.cli.running import ENVIRONMENT, is_ready, running, stops_well, wait_until_ready


def test_run_and_serve_share_a_database_that_may_be_killed(data: Path) -> None:
    with running("run", "--no-demo", "--data-dir", data) as (run, first):
        wait_until_ready(first, 20)
        with running("serve", "--data-dir", data) as (serve, second):
            wait_until_ready(second, 20)
            os.kill(server_status(data).pid or 0, signal.SIGKILL)
            deadline = time.monotonic() + 5
            while is_ready(first) and time.monotonic() < deadline - 4.5:
                time.sleep(0.02)
            for address in (first, second):
                wait_until_ready(address, deadline - time.monotonic())
            assert stops_well(run, signal.SIGTERM)
            assert is_ready(second)
            assert server_status(data).running is True
            assert stops_well(serve, signal.SIGINT)
            assert server_status(data).running is False


def test_the_demo_tells_its_log_ins_and_warns_where_others_may_come(data: Path) -> None:
    with running("run", "--host", "0.0.0.0", "--no-workers", "--data-dir", data) as (run, _):
        assert run.stdout is not None
        said = [run.stdout.readline() for _ in range(7)]
        assert said[2:] == [
            "Log-in    admin       admin / quaderno-verde-27\n",
            "Log-in    supervisor  supervisor / quaderno-rosso-27\n",
            "Log-in    agent       agent / quaderno-giallo-27\n",
            "Log-in    agent       agent2 / quaderno-bianco-27\n",
            "Warning   the demo's passwords are public: change them, or run with --no-demo\n",
        ]
        assert stops_well(run, signal.SIGTERM)


def test_a_killed_app_leaves_nothing_that_stop_does_not_end(data: Path) -> None:
    with running("serve", "--data-dir", data) as (serve, address):
        wait_until_ready(address, 20)
        serve.kill()
        serve.wait()
    status = server_status(data)
    assert (status.running, status.in_use) == (True, False)
    stop = [sys.executable, "-m", "server.cli", "db", "stop", "--data-dir", str(data)]
    done = subprocess.run(stop, check=True, capture_output=True, text=True, env=ENVIRONMENT)
    assert done.stdout == f"The database in {data} is stopped.\n"
    assert server_status(data).running is False
    url = [*stop[:4], "url", *stop[5:]]
    told = subprocess.run(url, check=True, capture_output=True, text=True, env=ENVIRONMENT)
    assert told.stdout == f"{status.url}\n"
    assert told.stderr == "It is not running: 'rubrica db start' starts it.\n"
