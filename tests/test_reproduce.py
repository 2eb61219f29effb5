"""The same sources make the same bytes anywhere, and a published folder can be held to its sources."""

from __future__ import annotations

from conftest import Workshop


def test_two_builds_under_different_circumstances_are_the_same(workshop: Workshop) -> None:
    done = workshop.run("verify")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == "two builds under different circumstances are the same, byte for byte\n"
    assert not workshop.output.exists()


def test_what_depends_on_circumstances_is_named_with_its_line(workshop: Workshop) -> None:
    """A template cannot read the clock or the system; one that shows where an object lies in memory is as bad."""
    workshop.one_language()
    workshop.write("templates/once/moment.txt", "one\n{{ site.pages }}\n")
    done = workshop.run("verify")
    assert done.returncode == 1
    assert done.stdout.startswith("moment.txt: line 2 is '")
    assert done.stdout.count("\n") == 1


def test_a_published_folder_is_held_to_its_manifest_and_its_sources(workshop: Workshop) -> None:
    workshop.one_language()
    assert workshop.run().returncode == 0
    folder = ("verify", "--against", str(workshop.output))
    same = workshop.run(*folder)
    assert (same.returncode, same.stdout) == (0, f"{workshop.output} is what the sources make on 2026-11-24\n")
    page = workshop.output / "en/about/index.html"
    page.write_text(page.read_text(encoding="utf-8").replace("Made for", "Forged for"), encoding="utf-8")
    (workshop.output / "extra.html").write_text("x")
    (workshop.output / "robots.txt").unlink()
    lines = workshop.run(*folder).stdout.split("\n")
    assert f"en/about/index.html: is not what the manifest of {workshop.output} says" in lines
    assert any(one.startswith("en/about/index.html: line ") and "Forged for" in one for one in lines)
    assert "extra.html: only in the published" in lines
    assert "robots.txt: only in the built" in lines


def test_a_folder_that_is_not_there_is_said_to_be(workshop: Workshop) -> None:
    done = workshop.run("verify", "--against", str(workshop.output))
    assert done.returncode == 1
    assert "is not a folder" in done.stderr
