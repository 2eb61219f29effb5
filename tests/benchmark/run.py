"""Builds the corpus with this program and every peer that is installed, and prints the medians as a Markdown table."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import corpus

ROOT = Path(__file__).parent.parent.parent


REAL = "this program, templates of its site"


@dataclass
class Peer:
    """A generator: how its corpus is written, what builds it, what it leaves that a cold build must not find."""

    name: str
    version: str
    write: Callable[[Path, int], Path]
    command: list[str]
    leaves: tuple[str, ...]
    template: str


def peers(options: argparse.Namespace) -> list[Peer]:
    """This program and every peer that answers."""
    python = sys.executable
    found = [
        Peer(
            name,
            "",
            write,
            [python, str(ROOT / "build.py"), "--root", "."],
            ("public", ".public-build"),
            "templates/base.html",
        )
        for name, write in (("this program", corpus.ours), (REAL, corpus.with_templates_of_the_site))
    ]
    hugo = shutil.which("hugo") or next((str(one) for one in Path(python).parent.glob("hugo")), "")
    if hugo:
        hugo = binary(hugo)
        found.append(
            Peer(
                "Hugo",
                said([hugo, "version"]).split()[1].partition("-")[0].lstrip("v"),
                corpus.hugo,
                [hugo, "--quiet", "--cleanDestinationDir=false"],
                ("public", "resources"),
                "layouts/_default/single.html",
            )
        )
    if options.eleventy:
        command = ["node", str(Path(options.eleventy).resolve() / "node_modules/@11ty/eleventy/cmd.cjs"), "--quiet"]
        found.append(
            Peer(
                "Eleventy",
                said([*command[:2], "--version"]),
                corpus.eleventy,
                command,
                ("public",),
                "_includes/page.njk",
            )
        )
    other = options.peers or python
    for name, module, write, words, template in (
        ("MkDocs", "mkdocs", corpus.mkdocs, ["build", "-q"], "theme/main.html"),
        ("Pelican", "pelican", corpus.pelican, ["-q", "-s", "pelicanconf.py"], "theme/templates/article.html"),
    ):
        version = said([other, "-c", f"import importlib.metadata as m; print(m.version('{module}'))"])
        if version:
            found.append(Peer(name, version, write, [other, "-m", module, *words], ("public", "cache"), template))
    return found


def binary(path: str) -> str:
    """The program itself, without the launcher of its Python package."""
    for one in Path(path).resolve().parent.parent.glob("lib/python*/site-packages/hugo/binaries/hugo*"):
        return str(one)
    return path


def said(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def run(peer: Peer, folder: Path) -> float:
    """Seconds of one whole process."""
    os.sync()
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    begun = time.perf_counter()
    child = subprocess.Popen(
        peer.command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
    )
    output, _ = child.communicate()
    seconds = time.perf_counter() - begun
    if child.returncode:
        raise SystemExit(f"{peer.name} failed:\n{output.decode()[-2000:]}")
    return seconds


def memory(peer: Peer, folder: Path) -> float:
    """Peak MiB of the largest process, by a build of its own under a parent that is asked afterwards."""
    code = "import resource,subprocess,sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    return int(said_in([sys.executable, "-c", code, *peer.command], folder)) / 1024


def said_in(command: list[str], folder: Path) -> str:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def clean(peer: Peer, folder: Path) -> None:
    for name in peer.leaves:
        if (folder / name).exists():
            (folder / name).rename(folder.parent / f"old-{peer.name.split()[0]}-{name.strip('.')}-{time.time_ns()}")


BUILDS = ("cold", "nothing", "body", "template")


def measured(found: list[Peer], many: int, runs: int, top: Path) -> list[dict[str, float]]:
    """For each peer the medians of the four builds, and the peak memory of a cold one; peers take turns."""
    folders = [top / peer.name.replace(" ", "-") for peer in found]
    pages = [peer.write(folder, many) for peer, folder in zip(found, folders, strict=True)]
    seconds: list[dict[str, list[float]]] = [{name: [] for name in BUILDS} for _ in found]
    for number in range(runs):
        for peer, folder, page, result in zip(found, folders, pages, seconds, strict=True):
            clean(peer, folder)
            result["cold"].append(run(peer, folder))
            result["nothing"].append(run(peer, folder))
            with page.open("a") as file:
                file.write(f"\nOne more sentence {number}.\n")
            result["body"].append(run(peer, folder))
            template = folder / peer.template
            template.write_text(template.read_text().replace("</body>", f"<!-- {number} --></body>"))
            result["template"].append(run(peer, folder))
    medians = [{name: statistics.median(each) for name, each in result.items()} for result in seconds]
    for peer, folder, result in zip(found, folders, medians, strict=True):
        clean(peer, folder)
        result["memory"] = memory(peer, folder)
    return medians


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--pages", type=int, nargs="+", default=[100, 1000])
    words.add_argument("--runs", type=int, default=5)
    words.add_argument("--eleventy", help="a folder with node_modules/@11ty/eleventy")
    words.add_argument("--peers", help="a Python that has mkdocs and pelican")
    words.add_argument("--only", nargs="*", help="names of generators")
    options = words.parse_args()
    python = f"{platform.python_implementation()} {platform.python_version()}"
    print(f"{python}, {os.cpu_count()} cores, {time.strftime('%Y-%m-%d')}\n")
    for many in options.pages:
        found = [peer for peer in peers(options) if not options.only or peer.name in options.only]
        with tempfile.TemporaryDirectory() as top:
            rows = list(zip(found, measured(found, many, options.runs, Path(top)), strict=True))
        print(f"### {many:,} pages (seconds, medians of {options.runs}; ratio to Hugo)\n")
        print(
            "| | cold | nothing changed | one body edited | base template edited | peak MiB |\n|---|---|---|---|---|---|"
        )
        hugo = next((figures for peer, figures in rows if peer.name == "Hugo"), None)
        for peer, figures in rows:
            cells = [
                f"{figures[name]:.3f}" + (f" ({figures[name] / hugo[name]:.2f})" if hugo else "") for name in BUILDS
            ]
            size = f"{figures['memory']:.0f}" + (f" ({figures['memory'] / hugo['memory']:.2f})" if hugo else "")
            print(f"| {peer.name} {peer.version} | {' | '.join(cells)} | {size} |", flush=True)
        print(flush=True)


if __name__ == "__main__":
    main()
