"""What the workflows may do; actionlint and zizmor, which know more, run in .ci/run."""

from __future__ import annotations

import re
from typing import Any

import yaml
from conftest import ROOT

FOLDER = ROOT / ".github" / "workflows"
FLOWS: dict[str, dict[Any, Any]] = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yml"))
}
STEPS = [(name, step) for name, flow in FLOWS.items() for job in flow["jobs"].values() for step in job["steps"]]


def test_every_action_is_named_by_commit_with_its_release() -> None:
    lines = [line for path in FOLDER.glob("*.yml") for line in path.read_text().split("\n") if "uses:" in line]
    assert lines
    for line in lines:
        assert re.fullmatch(r"\s+(- )?uses: actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line
    pairs = {re.search(r"uses: (\S+)@", line)[1]: line.split("@")[1] for line in lines}  # type: ignore[index]
    assert all(pairs[re.search(r"uses: (\S+)@", line)[1]] == line.split("@")[1] for line in lines)  # type: ignore[index]


def test_where_strangers_code_runs_nothing_can_be_written_and_there_is_no_secret() -> None:
    check = FLOWS["check"]
    assert set(check[True]) == {"pull_request"}  # YAML reads the word on as true
    assert check["permissions"] == {}
    assert [job["permissions"] for job in check["jobs"].values()] == [{"contents": "read"}]
    for path in FOLDER.glob("*.yml"):
        text = re.sub("(?m)#.*$", "", path.read_text())
        assert not re.search(r"pull_request_target|workflow_run|secrets\.|actions/cache|self-hosted", text)


def test_nothing_that_a_stranger_chose_is_put_into_a_script() -> None:
    for name, step in STEPS:
        assert "${{" not in step.get("run", ""), (name, step)
        if str(step.get("uses", "")).startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_the_job_that_publishes_runs_no_code_of_the_repository() -> None:
    deploy = FLOWS["deploy"]
    assert deploy[True] == {"push": {"branches": ["main"]}}
    assert deploy["concurrency"]["cancel-in-progress"] is False
    last = deploy["jobs"]["deploy"]
    assert [step["uses"].partition("@")[0] for step in last["steps"]] == ["actions/deploy-pages"]
    assert last["permissions"] == {"pages": "write", "id-token": "write"}
    assert "pages" not in deploy["jobs"]["build"]["permissions"]
    assert any("! -type f ! -type d" in step.get("run", "") for step in deploy["jobs"]["build"]["steps"])


def test_packages_are_installed_as_locked() -> None:
    runs = [
        step["run"] for _, step in STEPS if "requirements.txt" in step.get("run", "") and "pip install" in step["run"]
    ]
    assert all("--require-hashes --only-binary :all: -r requirements.txt" in run for run in runs if ".venv" in run)
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    entries = re.findall(r"^([a-zA-Z0-9._-]+)(?:\[\w+\])?==\S+ \\\n    --hash=sha256:", lock, re.M)
    assert len(entries) == len(re.findall(r"^[a-zA-Z0-9]", lock, re.M)) > 20
