"""`workshop`: a small site in a folder of its own, with one page of each kind in each language."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from builder import pipeline, reading
from builder.model import SiteError

ROOT = Path(__file__).parent.parent
SAMPLE = Path(__file__).parent / "sample"
TODAY = "2026-11-24"


class Workshop:
    """A copy of the sample site that a test may change and build."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "site"
        self.output = folder / "public"
        shutil.copytree(SAMPLE, self.root)
        for name in ("templates", "static"):
            shutil.copytree(ROOT / name, self.root / name)
        for lang in ("en", "ru", "tg"):
            for name in ("interface.yaml", "formats.yaml"):
                shutil.copy(ROOT / "content" / lang / name, self.root / "content" / lang / name)
        for lang in ("ru", "tg"):
            self._complete(f"content/{lang}/interface.yaml")

    def _complete(self, path: str) -> None:
        """Words that a language lacks are those of the original: translators may be a step behind the templates."""
        first = yaml.load(self.read("content/en/interface.yaml"), Loader=yaml.BaseLoader)
        second = yaml.load(self.read(path), Loader=yaml.BaseLoader)
        if first.keys() != second.keys():
            lines = (f"{key}: {json.dumps(second.get(key, first[key]), ensure_ascii=False)}\n" for key in first)
            self.write(path, "".join(lines))

    def path(self, path: str) -> Path:
        """A file of the site."""
        return self.root / path

    def read(self, path: str) -> str:
        """The text of a file of the site."""
        return self.path(path).read_text(encoding="utf-8")

    def write(self, path: str, text: str) -> None:
        """Writes a file of the site."""
        self.path(path).parent.mkdir(parents=True, exist_ok=True)
        self.path(path).write_text(text, encoding="utf-8", newline="\n")

    def change(self, path: str, old: str, new: str) -> None:
        """Replaces text that must be there."""
        text = self.read(path)
        assert old in text, f"{old!r} is not in {path}"
        self.write(path, text.replace(old, new, 1))

    def remove(self, *paths: str) -> None:
        """Removes files of the site."""
        for path in paths:
            self.path(path).unlink()

    def one_language(self) -> None:
        """Leaves only the original, for tests that are not about translation."""
        self.change("config.yaml", "languages: [en, ru, tg]", "languages: [en]")
        self.change("config.yaml", "drift: {ru: error, tg: error}\n", "")
        for lang in ("ru", "tg"):
            shutil.rmtree(self.root / "content" / lang)

    def result(self, **options: object) -> pipeline.Result:
        """Builds into the output folder."""
        settings = {"as_of": TODAY} | options
        return pipeline.build(reading.Request(str(self.root), str(self.output), **settings))  # type: ignore[arg-type]

    def build(self, **options: object) -> dict[str, str]:
        """Builds, and returns the text of every published file by path."""
        self.result(**options)
        return self.published()

    def published(self) -> dict[str, str]:
        """The text of every published file by path."""
        return {path: data.decode("utf-8", "replace") for path, data in self.tree().items()}

    def tree(self) -> dict[str, bytes]:
        """The bytes of every published file by path, the manifest too."""
        return {
            str(path.relative_to(self.output)): path.read_bytes()
            for path in sorted(self.output.rglob("*"))
            if path.is_file()
        }

    def problems(self, **options: object) -> list[str]:
        """The problems of a check, as an editor reads them; warnings too."""
        try:
            result = self.result(writes=False, **options)
        except SiteError as error:
            return [str(one) for one in error.problems]
        return [str(one) for one in result.warnings]

    def hints(self) -> list[str]:
        """The hints of the problems of a check."""
        try:
            self.result(writes=False)
        except SiteError as error:
            return [one.hint for one in error.problems]
        return []

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs the command on this site, as a maintainer would."""
        command = [
            sys.executable,
            str(ROOT / "build.py"),
            *words,
            "--root",
            str(self.root),
            "--output",
            str(self.output),
        ]
        settings = {**os.environ, "SOURCE_DATE_EPOCH": "1795478400", **environment}  # 2026-11-24
        return subprocess.run(command, capture_output=True, text=True, env=settings, check=False)


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """A copy of the sample site."""
    return Workshop(tmp_path)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The published sample site, built once."""
    return Workshop(tmp_path_factory.mktemp("sample")).build()


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published real site, built once for all workers, in a folder; it has no problem, not even a warning."""
    base = tmp_path_factory.getbasetemp()
    top = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "real"
    output, end = top / "public", top / "warnings"
    try:
        top.mkdir()
    except FileExistsError:  # another worker builds it
        for _ in range(3000):
            if end.exists():
                break
            time.sleep(0.1)
    else:
        result = pipeline.build(reading.Request(str(ROOT), str(output), TODAY))
        (top / "warnings.new").write_text("\n".join(map(str, result.warnings)), encoding="utf-8")
        (top / "warnings.new").rename(end)
    assert end.read_text(encoding="utf-8") == ""
    return output


def correct(kind: str) -> list[tuple[str, str, str]]:
    """The rows of one kind in forms.yaml: language, value, the form that a source attests or a rule gives."""
    forms = yaml.load((Path(__file__).parent / "forms.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
    rows = [(lang, *row) for lang, table in forms[kind].items() for row in table]
    assert all(source for *_, source in rows), "each form needs a source or a rule"
    return [(lang, value, form.replace("_", "\u00a0")) for lang, value, form, _ in rows]


Make = Callable[..., Workshop]
