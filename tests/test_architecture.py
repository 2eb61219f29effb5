"""The ladder of modules, as the package docstring draws it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import builder

FOLDER = Path(builder.__file__).parent


def ladder() -> list[str]:
    return re.findall(r"^    ([a-z]+) {2,}\S", builder.__doc__ or "", re.M)


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "builder":
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("builder."):
            found.add(str(node.module).split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {one.name.split(".")[1] for one in node.names if one.name.startswith("builder.")}
    return found


def test_the_docstring_names_every_module() -> None:
    assert sorted(ladder()) == sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")


def test_each_module_imports_only_modules_above_it() -> None:
    order = ladder()
    for number, name in enumerate(order):
        assert imported(FOLDER / f"{name}.py") <= set(order[:number]), name


def test_every_module_says_what_it_is_for() -> None:
    for path in FOLDER.glob("*.py"):
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path.name


def test_a_build_with_nothing_to_do_imports_no_library() -> None:
    names = {"jinja2", "markdown", "yaml", "pydantic", "nh3", "livereload", "dataclasses", "typing", "json", "argparse"}
    text = (FOLDER / "cache.py").read_text(encoding="utf-8")
    modules = {
        one.name.split(".")[0]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import)
        for one in node.names
    } | {str(node.module).split(".")[0] for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)}
    assert not modules & names


def test_the_kinds_ask_no_other_package_what_is_valid() -> None:
    script = (
        "import sys; from builder import kinds; kinds.Name.model_validate({'value': 'a', 'language': 'en', 'source': 'b'}); "
        "print(*sorted({'email', 'importlib.metadata'} & sys.modules.keys()), type(kinds.Name.__pydantic_validator__).__name__)"
    )
    made = subprocess.run([sys.executable, "-c", script], cwd=FOLDER.parent, capture_output=True, text=True, check=True)
    assert made.stdout == "SchemaValidator\n"
