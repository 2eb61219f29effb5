"""The site in memory, for the preview: what was read stays known, and an output is rendered when it is asked for.

A save costs the reading of what was saved and the checks between files, not the rendering of every page that it touches.
What stands here is the last good site: a problem is raised, and changes nothing.
"""

from __future__ import annotations

import dataclasses
import difflib
import gc
from typing import Any

import yaml

from builder import cache, check, examine, metadata, pipeline, reading, render
from builder.model import SiteError
from builder.site import Site

# What reads a file is loaded here, once: files are read in child processes, and each would load it anew.
READERS = (examine, metadata, yaml, difflib)


def _lenient(config: dict[str, Any]) -> dict[str, Any]:
    """The configuration under which a text can be looked at before its translations follow; a build asks for them."""
    levels = {code: config["drift"].get(code, "error") for code in config["languages"][1:]}
    return config | {"drift": {code: "allow" if level == "allow" else "warn" for code, level in levels.items()}}


class Live:
    """A site that is read again at each change."""

    def __init__(self, root: str, as_of: str) -> None:
        self.request = reading.Request(root, "", as_of)
        self._stores: dict[str, cache.Store] = {}
        self._decoded: dict[str, tuple[str, dict[str, Any]]] = {}
        self._spoken: check.Memory = {}
        self._files: dict[str, list[object]] = {}
        self._read: dict[str, str] = {}  # the digests of the files that this was made from
        self._site: Site | None = None
        self._renderer: render.Renderer | None = None
        self._jobs: dict[str, render.Job] = {}
        self._assets: dict[str, bytes] = {}
        self._made: dict[str, bytes] = {}  # outputs of this state of the site
        self._before: dict[str, bytes] = {}  # and of the states before it

    def read(self) -> None:
        """Reads what changed. Raises SiteError, and then everything is as it was."""
        gc.disable()  # what a site is made of has no cycles; looking for some takes longer than reading it
        try:
            self._again()
        finally:
            gc.enable()
            gc.freeze()

    def _again(self) -> None:
        files = cache.Files(self.request.root, self._files)
        self._files = files.rows()
        changed = {path for path, one in files.digests.items() if self._read.get(path) != one}
        changed |= self._read.keys() - files.digests.keys()
        folders = {path.partition("/")[0] for path in changed}
        site = self._site
        work = reading.Build(
            self.request, None, cache.Kept("", self.request.root), files, stores=self._stores, decoded=self._decoded
        )
        if site is None or not folders <= {"templates", "static"}:
            config, examined, problems = reading.surveyed(work)
            site, _ = check.site(_lenient(config), examined, problems, pipeline.pictures(work), self._spoken)
            site = dataclasses.replace(site, texts=files.digests)
        renderer = self._renderer
        if renderer is None or "static" in folders:
            names, assets = render.assets(self.request.root)
        else:
            names, assets = renderer.assets, self._assets
        convert = pipeline.converter(work, site, names)
        if renderer is None:
            renderer = render.Renderer(self.request.root, site, names, convert)
            jobs = {job.path: job for job in renderer.jobs()}
        else:
            jobs = self._turned(renderer, site, names, convert, afresh="templates" in folders)
        self._read = files.digests
        self._site, self._renderer, self._jobs, self._assets = site, renderer, jobs, assets
        self._before |= self._made
        self._made = {}

    def _turned(
        self, renderer: render.Renderer, site: Site, names: dict[str, str], convert: render.Convert, *, afresh: bool
    ) -> dict[str, render.Job]:
        """The outputs of another state of the site, to which the renderer turns if they can be told."""
        before = (renderer.site, renderer.assets, renderer.convert)
        renderer.turn(site, names, convert, afresh=afresh)
        if not afresh and self._site and site.stamp == self._site.stamp:
            return self._jobs
        try:
            return {job.path: job for job in renderer.jobs()}
        except SiteError:
            renderer.turn(*before, afresh=afresh)
            raise

    def output(self, path: str) -> bytes | None:
        """The bytes of an output, or None if there is none. Raises SiteError if it cannot be made now."""
        if path in self._assets:
            return self._assets[path]
        job, renderer = self._jobs.get(path), self._renderer
        if job is None or renderer is None:
            return None
        if path not in self._made:
            renderer.problems, renderer.converted = [], []
            output, _ = renderer.render(job)
            renderer.env.compiled.save()
            for name, token, data in renderer.converted:
                self._stores["bodies"].put(name, token, data)
            if faults := [one for one in renderer.problems if not one.warning]:
                raise SiteError(faults)
            self._made[path] = output.data
        return self._made[path]

    def earlier(self, path: str) -> bytes | None:
        """An output as it was when it could last be made."""
        return self._made.get(path) or self._before.get(path)

    def fingerprinted(self, path: str) -> bool:
        """Does the name of this file change with its bytes?"""
        return path in self._assets

    def current(self, path: str) -> str:
        """The present name of a file that was published under another fingerprint, so that styles can be swapped."""
        stem, _, rest = path.rpartition("/")
        parts = rest.split(".")
        if len(parts) != 3:
            return path
        like = (f"{stem}/{parts[0]}.", f".{parts[2]}")
        return next((one for one in self._assets if one.startswith(like[0]) and one.endswith(like[1])), path)

    @property
    def base(self) -> str:
        """The folder of the site's address."""
        return self._renderer.base if self._renderer else ""

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return sum(path.endswith(".html") for path in self._jobs)
