"""Measures the built site with Lighthouse, a page of each type, and prints a Markdown table.

    python build.py && python tests/benchmark/lighthouse.py --lighthouse DIR [--3g] [--lang en] [ADDRESS ...]

DIR holds `npm install lighthouse@12.8.2`. The site is served compressed, as real servers do.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import brotli

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from test_site import CHROMIUM, FLAGS, TYPES  # noqa: E402

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
# The slow line of READERS: 3G, and a processor six times slower than this one.
SLOW = ("--throttling.rttMs=300", "--throttling.throughputKbps=700", "--throttling.cpuSlowdownMultiplier=6")


class Compressed(http.server.SimpleHTTPRequestHandler):
    """The files of a folder, compressed as the browser asks."""

    def do_GET(self) -> None:
        """Answers with a file."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        data = path.read_bytes()
        kind = self.guess_type(str(path))
        asked = self.headers.get("Accept-Encoding", "")
        encoding = "br" if "br" in asked else "gzip" if "gzip" in asked else ""
        self.send_response(200)
        if encoding and kind.startswith(("text/", "application/", "image/svg")):
            data = brotli.compress(data, quality=9) if encoding == "br" else gzip.compress(data)
            self.send_header("Content-Encoding", encoding)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "max-age=31536000" if "/static/" in self.path else "max-age=300")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


def measured(lighthouse: Path, address: str, slow: bool) -> dict[str, Any]:
    """What Lighthouse says of an address."""
    command = [
        str(lighthouse / "node_modules" / ".bin" / "lighthouse"), address, "--quiet", "--output=json",
        "--output-path=stdout", f"--only-categories={','.join(CATEGORIES)}",
        f"--chrome-flags=--headless=new {' '.join(FLAGS)}", *(SLOW if slow else ()),
    ]  # fmt: skip
    environment = os.environ | {"CHROME_PATH": os.environ.get("CHROME_PATH", CHROMIUM)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"Lighthouse failed at {address}:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def row(address: str, found: dict[str, Any]) -> str:
    """One line of the table; below 100, what is at fault."""
    scores = [round(100 * (found["categories"][name]["score"] or 0)) for name in CATEGORIES]
    audits = found["audits"]
    paints = [
        audits[name]["displayValue"].replace("\xa0", " ")
        for name in ("first-contentful-paint", "largest-contentful-paint", "cumulative-layout-shift")
    ]
    faults = [
        one["id"]
        for name in CATEGORIES[1:]
        for one in found["categories"][name]["auditRefs"]
        if one["weight"] and audits[one["id"]]["score"] not in (None, 1)
    ]
    size = f"{audits['total-byte-weight']['numericValue']:,.0f}"
    return f"| /{address} | {' | '.join(map(str, scores))} | {' | '.join(paints)} | {size} | {', '.join(faults)} |"


def main() -> None:
    """Serves, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lighthouse", type=Path, required=True, help="the folder with node_modules/lighthouse")
    parser.add_argument("--site", type=Path, default=ROOT / "public", help="the built site")
    parser.add_argument("--lang", default="en", help="the language of the pages")
    parser.add_argument("--3g", dest="slow", action="store_true", help="3G and a processor six times slower")
    parser.add_argument("pages", nargs="*", metavar="ADDRESS", help="below the language; by default one of each type")
    given = parser.parse_args()
    if not (CHROMIUM or os.environ.get("CHROME_PATH")) or not shutil.which("node"):
        raise SystemExit("Lighthouse needs node and Chromium (or CHROME_PATH).")
    handler = functools.partial(Compressed, directory=str(given.site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print("| page | performance | accessibility | best practices | SEO | FCP | LCP | CLS | bytes | faults |")
        print("|---|---|---|---|---|---|---|---|---|---|")
        for page in given.pages or [*(one for one in TYPES if one != "404.html"), "search/?q=border"]:
            address = f"{given.lang}/{page}"
            found = measured(given.lighthouse, f"http://127.0.0.1:{server.server_address[1]}/{address}", given.slow)
            print(row(address, found), flush=True)
        server.shutdown()


if __name__ == "__main__":
    main()
