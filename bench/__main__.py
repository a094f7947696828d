# SPDX-License-Identifier: Apache-2.0
"""Each benchmark in turn, with its defaults: `python -m bench [NAME ...]`.

Each is a process of its own, so that none is slowed by what another left behind.
"""

import argparse
import subprocess
import sys

BENCHMARKS = {
    "machine": "The dial machine: decisions a second, a thousand scenarios",
    "live": "The live dialer: complete calls a second",
    "claims": "Claims with every gate on, against bare SQL: how dear, how flat, how soon",
    "imports": "Imports: rows a second, and hostile files",
    "reads": "Reads over HTTP: against an ordinary server, and against pgbench",
    "pages": "Pages of the list of contacts over HTTP: every sort, every filter, far down",
    "planning": "Looking ahead over a million open entries: forecast, explain, coming calls",
    "merges": "Merges of contacts with 20 numbers and 500 calls each, and undoing them",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    names = parser.parse_args().names or list(BENCHMARKS)
    if unknown := [name for name in names if name not in BENCHMARKS]:
        parser.error(f"no benchmark is called {unknown[0]}; there are {', '.join(BENCHMARKS)}")
    failed = []
    for name in names:
        print(f"\n== {BENCHMARKS[name]} (python -m bench.{name})", flush=True)
        if subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode:
            failed.append(name)
    if failed:
        sys.exit(f"\nfailed: {', '.join(failed)}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
