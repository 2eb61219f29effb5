"""From save to repaint: edits a copy of the real site under `build.py serve` and waits for each in Chromium.

Prints the median and the 95th percentile of each sort of save as a Markdown table, and whether a burst of saves came
through to the last. Nothing here is part of the tests: no test asserts a time.
"""

from __future__ import annotations

import argparse
import atexit
import itertools
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PAGE = "content/en/programmes/ccp.md"
# Each waits for the frame in which the change is seen.
TEXT = "mark => document.body && document.body.innerText.includes(mark)"
STYLE = "mark => getComputedStyle(document.documentElement).getPropertyValue('--mark') === mark"
WRONG = "mark => document.querySelector('.preview-problems') && document.body.innerText.includes(mark)"
RIGHT = "() => document.querySelector('main h1') && !document.querySelector('.preview-problems')"


def marks() -> Iterator[str]:
    """Words that the site does not hold, and no digits: those would be facts that the translations lack."""
    for letters in itertools.product("bcdfghjk", repeat=4):
        yield "zq" + "".join(letters)


class Desk:
    """The copy of the site, the preview of it and the browser that shows it."""

    def __init__(self, folder: Path, browser: Any) -> None:
        self.root = folder / "site"
        for name in ("content", "templates", "static"):
            shutil.copytree(ROOT / name, self.root / name)
        shutil.copy(ROOT / "config.yaml", self.root)
        words = ["serve", "--port", "0", "--root", str(self.root)]
        self.log = open(folder / "log", "w")  # noqa: SIM115 - it stays open as long as the preview
        command = [sys.executable, str(ROOT / "build.py"), *words]
        self.preview = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        address = next(line.split()[0] for line in self.preview.stdout or () if line.startswith("http"))
        atexit.register(self.close)
        self.page = browser.new_page()
        self.page.goto(f"{address}en/programmes/ccp/")
        self.page.wait_for_function("() => window.LiveReload && LiveReload.connector && LiveReload.connector.protocol")
        self.marks = marks()
        self.texts = {
            path: self.read(path) for path in (PAGE, "templates/parts/page-foot.html", "static/css/2-base.css")
        }

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def save(self, path: str, text: str) -> float:
        """Saves as editors do, a new file in the place of the old one; returns the moment before."""
        begun = time.perf_counter()
        new = self.root / (path + "~")
        new.write_text(text, encoding="utf-8")
        os.replace(new, self.root / path)
        return begun

    def seen(self, what: str, mark: str = "") -> float:
        self.page.wait_for_function(what, arg=mark, polling="raf", timeout=60_000)
        return time.perf_counter()

    def content(self) -> float:
        mark = next(self.marks)
        begun = self.save(PAGE, self.texts[PAGE] + f"\nThe word {mark}.\n")
        return self.seen(TEXT, mark) - begun

    def part(self) -> float:
        mark, path = next(self.marks), "templates/parts/page-foot.html"
        begun = self.save(path, self.texts[path] + f"<p>{mark}</p>\n")
        return self.seen(TEXT, mark) - begun

    def style(self) -> float:
        mark, path = next(self.marks), "static/css/2-base.css"
        self.page.evaluate("window.stayed = true")
        begun = self.save(path, self.texts[path] + f"\n:root {{ --mark:{mark}; }}\n")
        seconds = self.seen(STYLE, mark) - begun
        if not self.page.evaluate("window.stayed"):
            raise SystemExit("the page was reloaded for a style sheet")
        return seconds

    def broken(self) -> float:
        mark = next(self.marks)
        begun = self.save(PAGE, self.texts[PAGE].replace("title:", f"@{mark}\ntitle:", 1))
        return self.seen(WRONG, mark) - begun

    def mended(self) -> float:
        begun = self.save(PAGE, self.texts[PAGE])
        return self.seen(RIGHT) - begun

    def burst(self, many: int, pause: float) -> float:
        """Saves faster than the site can be built: the last must be seen."""
        begun, mark = 0.0, ""
        for _ in range(many):
            mark = next(self.marks)
            begun = self.save(PAGE, self.texts[PAGE] + f"\nThe word {mark}.\n")
            time.sleep(pause)
        return self.seen(TEXT, mark) - begun

    def close(self) -> None:
        """Ends the preview."""
        self.preview.terminate()
        self.preview.wait()
        self.log.close()


def percentile(values: list[float], share: float) -> float:
    """The value that `share` of all do not exceed."""
    return sorted(values)[max(0, -(-len(values) * int(share * 100) // 100) - 1)]


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--saves", type=int, default=30, help="saves of each sort")
    words.add_argument("--only", nargs="*", help="sorts of saves")
    words.add_argument("--browser", default=shutil.which("chromium") or "", help="the Chromium to use")
    options = words.parse_args()
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, sync_playwright() as player:
        browser = player.chromium.launch(executable_path=options.browser or None, args=FLAGS)
        desk = Desk(Path(folder), browser)
        sorts: dict[str, list[Callable[[], float]]] = {
            "a text": [desk.content], "a template part": [desk.part], "a style sheet": [desk.style],
            "YAML broken": [desk.broken, desk.mended],
        }  # fmt: skip
        said = f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores"
        print(f"{said}, load {os.getloadavg()[0]:.1f}\n\n| saved | p50 | p95 | worst |\n|---|---|---|---|")
        for name, steps in sorts.items():
            if options.only and name not in options.only:
                continue
            for step in steps:
                step()  # the first is not counted
            rows = [[step() for step in steps] for _ in range(options.saves)]
            for number, step in enumerate(steps):
                values = [row[number] for row in rows]
                label = name if not number else "YAML " + step.__name__
                cells = (percentile(values, 0.5), percentile(values, 0.95), max(values))
                print(f"| {label} | " + " | ".join(f"{one:.2f} s" for one in cells) + " |", flush=True)
        print(f"\nThe last of 20 saves, 50 ms apart, was seen {desk.burst(20, 0.05):.2f} s after it.")
        browser.close()


if __name__ == "__main__":
    main()
