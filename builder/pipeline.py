"""From content to published site, as a sentence.

files    = cache.Files(root, kept)       what is there, and what of it changed
examined = every file on its own         kept by content; the rest read, examined and converted in the pool
site     = check.site(examined)          typed, cross-referenced, or SiteError with every Problem; that of before, if
                                         nothing changed that the checks look at
made     = render, in the pool           only what asked a question whose answer changed
verify.links(made)                       every link and anchor of the whole site
write.publish(made)                      all or nothing
"""

from __future__ import annotations

import gc
import hashlib
import marshal
import os
import re
import time
from array import array
from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from builder import cache, load, marks, pool, reading, verify, write
from builder.model import Output, Problem, SiteError
from builder.site import VOLATILE, Body, Packed, Site

if TYPE_CHECKING:
    from builder import render


@dataclass(frozen=True)
class Result:
    """What a build did."""

    pages: int
    files: int
    size: int  # bytes
    warnings: tuple[Problem, ...]
    counts: dict[str, int]
    rendered: tuple[str, ...] = ()
    written: int = 0
    converted: int = 0
    times: tuple[tuple[str, float], ...] = ()  # phase, seconds
    spent: tuple[tuple[str, str, float], ...] = ()  # file examined or output rendered, template of an output, seconds
    note: str = ""


def build(request: reading.Request) -> Result:
    """Builds the site; raises SiteError with every problem, and then the published site is as it was."""
    reading.present(request.root)
    _apart(request)
    before, often = gc.isenabled(), gc.get_threshold()
    gc.disable()  # what a site is made of has no cycles: looking for some takes longer than reading it
    try:
        return _built(request)
    finally:
        gc.unfreeze()
        gc.set_threshold(*often)
        if before:
            gc.enable()


def _built(request: reading.Request) -> Result:
    begun = time.perf_counter()
    if not request.writes:
        kept = cache.Kept("", request.root)
        return _made(reading.Build(request, None, kept, cache.Files(request.root, {}), converts=True, since=begun))
    with write.locked(request.output) as place:
        kept, files = cache.look(place.work, request.root)
        afresh = False
        while True:
            try:
                write.clear(place)
                return _made(reading.Build(request, place, kept, files, afresh=afresh, converts=True, since=begun))
            except cache.Damaged as damage:
                kept.forget("site", str(damage))
            except write.Changed as change:
                if afresh:
                    raise
                # The published tree is not what we left there: nothing that was kept of it holds; all is made again.
                kept.why, afresh = str(change), True
            except OSError as error:
                raise SiteError([write.unwritten(place, error)]) from error


def _apart(request: reading.Request) -> None:
    """Refuses an output among the sources: what is published would be read again, or lie between them."""
    for name in cache.FOLDERS:
        if (request.output + os.sep).startswith(os.path.join(request.root, name) + os.sep):
            message = f"the output lies in {name}/, which holds sources of the site"
            hint = "Name a folder beside them, in config.yaml or with --output."
            raise SiteError(
                [Problem(os.path.relpath(request.output, request.root), 0, 0, "output-within", message, hint)]
            )


def _made(work: reading.Build) -> Result:
    work.timed("look at files")
    survey = reading.read(work, work.ready)
    site, problems = _as_before(work, survey), list[Problem]()
    if site is None:
        from builder import check

        examined = reading.whole(work, survey)
        work.timed("read and examine")
        site, problems = check.site(survey.config, examined, survey.problems, pictures(work))
        if not problems:
            essences = {path: (token, examined[path].get("essence", b"")) for path, token in survey.tokens.items()}
            work.checked = {"of": _of(work, survey), "essences": essences}
    else:
        work.timed("read and examine")
    if work.request.strict and problems:
        raise SiteError([one._replace(warning=False) for one in problems])
    work.timed("check")
    return _rendered(work, site, problems)


def _of(work: reading.Build, survey: reading.Survey) -> list[object]:
    """What the checks look at besides the files of content."""
    config = {name: one for name, one in survey.config.items() if name != "as_of"}
    return [config, sorted(pictures(work)), work.files.digests.get(load.ADDRESSES, "")]


def _as_before(work: reading.Build, survey: reading.Survey) -> Site | None:
    """The site as it was checked last, if there was no problem and nothing changed that the checks look at."""
    kept: dict[str, Any] = work.kept.part("site")
    if (
        not kept
        or survey.problems
        or kept["of"] != _of(work, survey)
        or kept["essences"].keys() != survey.tokens.keys()
    ):
        return None
    for path, (token, essence) in kept["essences"].items():
        if token != survey.tokens[path]:
            row = survey.found.get(path) or work.decode(path, survey.tokens[path])
            if row is None or row["problems"] or row.get("essence", b"") != essence or not essence:
                return None
    of, rows = kept["site"], cache.Rows(work.kept.work, "pages")
    bodies = {key: Body._make(one) for key, one in of["bodies"].items()}
    return Site(
        **of | {name: Packed(of[name], rows.read) for name in APART} | {"config": survey.config, "bodies": bodies}
    )


APART = ("pages", "needs", "lines")  # fields of a site of which a build looks at little, kept in a file of rows


def _plainly(site: Site, rows: cache.Rows) -> dict[str, object]:
    """The fields of a checked site as data that can be kept; of some, the rows of what is written by itself."""
    names = [one.name for one in fields(Site) if one.init and one.default is MISSING and one.default_factory is MISSING]
    parts = [getattr(site, name) for name in APART]
    made = rows.write(one for part in parts for one in part.values())
    return (
        {name: getattr(site, name) for name in names}
        | {name: {key: next(made) for key in part} for name, part in zip(APART, parts, strict=True)}
        | {"bodies": {key: tuple(one) for key, one in site.bodies.items()}}
    )


def pictures(work: reading.Build) -> frozenset[str]:
    """The pictures and downloads that a text may show or lead to."""
    return frozenset(path for path in work.files.digests if path.startswith("static/images/"))


Leads = tuple[tuple[str, ...], tuple[str, ...]]  # the links of a page and its anchors


# What is known of an output: the sum of its bytes, how many there are, and the numbers of the questions that it asked,
# as an array; none for a file of static/.
Fact = tuple[str, int, bytes | None]


@dataclass
class Made:
    """The outputs of a build by path, those rendered now and those that stand from before; `packed` is marshal data."""

    outputs: dict[str, Fact] = field(default_factory=dict)
    stories: dict[str, bytes] = field(default_factory=dict)  # packed: origin, template, job, leads (a digest), why
    numbers: dict[Any, int] = field(default_factory=dict)  # of the questions that were asked
    links: dict[str, bytes] = field(default_factory=dict)  # packed: links and anchors that are new
    changed: set[str] = field(default_factory=set)
    faults: list[Problem] = field(default_factory=list)

    def line(self) -> tuple[int, int, int]:
        """How many pages and files there are, and how many bytes."""
        pages = sum([path.endswith(".html") for path in self.outputs])
        return pages, len(self.outputs), sum([size for _, size, _ in self.outputs.values()])


def _rendered(work: reading.Build, site: Site, problems: list[Problem]) -> Result:
    from builder import render

    names, files = render.assets(work.request.root)
    folder = "templates/"
    templates = {path[len(folder) :]: one for path, one in work.files.digests.items() if path.startswith(folder)}
    site = replace(site, texts=work.files.digests, templates=templates, assets=names)
    renderer = render.Renderer(work.request.root, site, names, converter(work, site, names))
    before = _before_this(work)
    base = cache.digest(repr({name: one for name, one in site.config.items() if name != "as_of"}).encode())
    made = Made()
    todo = _stale(work, site, renderer, before, base, made)
    live, behind = _begun(work, [job.path for job in todo], files)
    work.timed("compare")
    _render(work, renderer, todo, made, live, before)
    work.timed("render")
    for path, data in files.items():
        _asset(work, path, data, made, live)
    if not made.faults:
        made.faults += _followed(work, site, renderer, made, before)
    if any(not one.warning for one in made.faults):
        raise SiteError([*problems, *made.faults])
    work.timed("verify")
    if work.place:
        _publish(work, site, made, base, live, behind, [*problems, *made.faults])
    return _result(work, site, made, [job.path for job in todo], [*problems, *made.faults])


def _begun(work: reading.Build, todo: list[str], files: dict[str, bytes]) -> tuple[dict[str, str], set[str]]:
    """The sums of the live files that can be trusted, and in what the spare tree is behind them: it is ready for more."""
    place = work.place
    if place is None:
        return {}, set()
    live = {} if work.afresh else write.sums(place.output)
    there = os.path.join(place.output, "")
    lacking = (path for path in files if path not in live or not os.path.isfile(there + path))
    return live, write.begin(place, {*todo, *lacking})


def _before_this(work: reading.Build) -> dict[str, Any]:
    """What is kept of the outputs, if it is about the tree that is published now."""
    if work.afresh or not work.place or not work.kept.state:
        return {}
    if work.kept.state.get("identity") != cache.identity(work.place.output):
        work.kept.why = "the published site is not the one that was made last"
        return {}
    before = work.kept.part("outputs")
    if not before:
        work.kept.why = "what was kept of the outputs is damaged or gone"
    return before


def _followed(
    work: reading.Build, site: Site, renderer: render.Renderer, made: Made, before: dict[str, Any]
) -> list[Problem]:
    """The problems of links: of pages whose links changed, or of the whole site if addresses or anchors went."""
    from builder import render

    store = work.store("links")
    outputs, stories = before.get("outputs", {}), before.get("stories", {})

    def known(path: str) -> Leads:
        """The links and anchors of a page as it was."""
        if path not in stories:
            return (), ()
        data = store.one(path, marshal.loads(stories[path])["leads"])
        if data is not None:
            leads: Leads = marshal.loads(data)
            return leads
        # The cache lost it; the published page has it.
        return render.leads(write.read(work.place, path)) if work.place else ((), ())

    def now(path: str) -> Leads:
        return marshal.loads(made.links[path]) if path in made.links else known(path)

    lost = not outputs or not outputs.keys() <= made.outputs.keys()
    lost = lost or any(path in outputs and not set(known(path)[1]) <= set(now(path)[1]) for path in made.links)
    chosen = {path for path in made.outputs if path.endswith(".html")} if lost else set(made.links)
    pages = (Output(path, b"", marshal.loads(made.stories[path])["origin"], *now(path)) for path in sorted(chosen))
    there = made.outputs.keys()
    faults = verify.links(pages, there, lambda path: frozenset(now(path)[1]), renderer.base, _home(site))
    for path, data in made.links.items():
        store.put(path, cache.digest(data), data)
    if work.place and not faults:
        store.save(path for path in there if path.endswith(".html"))
    return faults


def _result(work: reading.Build, site: Site, made: Made, rendered: list[str], problems: list[Problem]) -> Result:
    return Result(
        *made.line(), tuple(problems), site.counts, tuple(rendered), len(made.changed), work.converted,
        tuple(work.times), tuple(work.spent), work.kept.why,
    )  # fmt: skip


def _stale(
    work: reading.Build, site: Site, renderer: render.Renderer, before: dict[str, Any], base: str, made: Made
) -> dict[render.Job, str]:
    """The jobs that must be done, each with the reason; what is known of the other outputs is taken over."""
    from builder import render

    outputs: dict[str, Fact] = before.get("outputs", {})
    stories: dict[str, bytes] = before.get("stories", {})
    if before.get("base") != base or not outputs:
        why = "config.yaml changed" if outputs else "nothing was kept"
        return dict.fromkeys(renderer.jobs(), why)
    questions = before["questions"]
    made.numbers = {question: number for number, question in enumerate(questions)}
    changed = _changed(work, site, before)

    def reason(asked: bytes) -> str:
        new = sorted(" ".join(map(str, questions[one])) for one in changed.intersection(memoryview(asked).cast("I")))
        return "these answers changed: " + "; ".join(new)

    todo: dict[render.Job, str] = {}
    if (before["stamp"], before["templates"]) == (site.stamp, sorted(site.templates)):  # the same outputs as before
        for path, fact in outputs.items():
            if fact[2] is None:
                continue
            if changed.isdisjoint(memoryview(fact[2]).cast("I")):
                made.outputs[path], made.stories[path] = fact, stories[path]
            else:
                story = marshal.loads(stories[path])
                todo[render.Job(path, story["template"], *story["job"])] = reason(fact[2])
        return todo
    for job in renderer.jobs():
        asked = outputs.get(job.path, ("", 0, None))[2]
        if asked is None or marshal.loads(stories[job.path])["template"] != job.template:
            todo[job] = "it is new"
        elif changed.isdisjoint(memoryview(asked).cast("I")):
            made.outputs[job.path], made.stories[job.path] = outputs[job.path], stories[job.path]
        else:
            todo[job] = reason(asked)
    return todo


def _changed(work: reading.Build, site: Site, before: dict[str, Any]) -> set[int]:
    """The numbers of the questions whose answers are not as before."""
    same, found = before["stamp"] == site.stamp, set()
    moved = work.files.changed | work.files.gone
    for number, (question, old) in enumerate(zip(before["questions"], before["digests"], strict=True)):
        if same and question[0] == "body":  # what texts have in common has not changed, nor where they stand
            body = site.bodies.get(question[1:])
            known = (
                body is not None and body.path not in moved and not any("static/" + one in moved for one in body.shown)
            )
        else:
            known = same and question[0] not in VOLATILE
        if known:
            site.digests[question] = old
        elif _digest(site, question) != old:
            found.add(number)
    return found


def _render(
    work: reading.Build, renderer: render.Renderer, todo: dict[render.Job, str], made: Made,
    live: dict[str, str], before: dict[str, Any],
) -> None:  # fmt: skip
    place, known, stories = work.place, dict(made.numbers), before.get("stories", {})
    jobs = sorted(todo, key=lambda job: job.lang)  # a child that stays with a language makes its parts once

    def do(number: int) -> list[Any]:
        begun, job = time.perf_counter(), jobs[number]
        renderer.problems, renderer.converted = [], []
        try:
            output, asked = renderer.render(job)
        except cache.Damaged as damage:
            return [str(damage)]
        except SiteError as error:
            return [None, b"", [tuple(one) for one in error.problems], [], b"", 0.0]
        total = hashlib.sha256(output.data).hexdigest()
        if place and live.get(output.path) != total:
            try:
                write.put(place, output.path, output.data)
            except OSError as error:
                return [None, b"", [tuple(write.unwritten(place, error))], [], b"", 0.0]
        leads = marshal.dumps((output.links, output.anchors)) if output.path.endswith(".html") else b""
        story = {
            "origin": output.origin, "template": job.template, "job": (job.lang, job.page, job.names),
            "leads": cache.digest(leads) if leads else "", "why": todo[job],
        }  # fmt: skip
        if output.path in stories and marshal.loads(stories[output.path])["leads"] == story["leads"]:
            leads = b""
        numbers = array("I", [known[one] for one in asked if one in known]).tobytes()
        fact = (total, len(output.data), numbers, [one for one in asked if one not in known])
        faulty = [tuple(one) for one in renderer.problems]
        return [fact, marshal.dumps(story), faulty, renderer.converted, leads, time.perf_counter() - begun]

    if len(jobs) > pool.FEW:
        gc.freeze()  # rendering makes cycles; the site is not looked through for them
        gc.set_threshold(100_000)  # often enough: a page makes some thousands of things, and leaves few
        gc.enable()
        renderer.warm(jobs)
    compiled = renderer.env.compiled
    results, failures, ends = pool.run(
        len(jobs), do, work.limits, work.request.jobs, lambda: compiled.fresh, work.request.progress
    )
    for fresh in ends:
        compiled.take(fresh)
    compiled.save()
    made.faults += reading.given_up({renderer.origin(jobs[number]): said for number, said in failures.items()})
    bodies = work.store("bodies")
    for job, result in zip(jobs, results, strict=True):
        if result is None:
            continue
        if len(result) == 1:
            raise cache.Damaged(*result)
        fact, story, faults, converted, leads, seconds = result
        work.spent.append((job.path, job.template, seconds))
        made.faults += [Problem(*fault) for fault in faults]
        if fact is not None:
            total, size, numbers, fresh = fact
            if fresh:
                new = [made.numbers.setdefault(one, len(made.numbers)) for one in fresh]
                numbers += array("I", new).tobytes()
            made.outputs[job.path], made.stories[job.path] = (total, size, numbers), story
            if live.get(job.path) != total:
                made.changed.add(job.path)
            if leads:
                made.links[job.path] = leads
        for name, token, data in converted:
            work.converted += 1
            bodies.put(name, token, data)


def _asset(work: reading.Build, path: str, data: bytes, made: Made, live: dict[str, str]) -> None:
    total = hashlib.sha256(data).hexdigest()
    made.outputs[path] = (total, len(data), None)
    made.stories[path] = marshal.dumps({"origin": "static", "template": "", "job": (), "leads": "", "why": ""})
    place = work.place
    if place and (live.get(path) != total or not os.path.isfile(os.path.join(place.output, path))):
        write.put(place, path, data)
        made.changed.add(path)


def _publish(
    work: reading.Build, site: Site, made: Made, base: str, live: dict[str, str], behind: set[str],
    problems: list[Problem],
) -> None:  # fmt: skip
    """Publishes what changed, then writes the cache."""
    place = work.place
    assert place is not None
    sums = {path: total for path, (total, _, _) in made.outputs.items()}
    if any(live.get(path) != sums[path] and path not in made.changed for path in sums):
        raise write.Changed("the published site was changed by others")
    if moved := work.files.moved("templates", "static"):
        raise SiteError([reading.changed_meanwhile(path) for path in moved])
    gone = (live or write.sums(place.output)).keys() - sums.keys()
    name = cache.identity(place.output) or ""
    if made.changed or gone or place.first:
        name = write.publish(place, sums, made.changed, gone, behind)
    work.timed("publish")
    try:
        work.store("bodies").save(one.path for one in site.bodies.values())
        parts = {"outputs": _to_keep(site, made, base)}
        if work.checked:
            parts["site"] = work.checked | {"site": _plainly(site, cache.Rows(work.kept.work, "pages"))}
        work.kept.save(parts, _state(work, site, made, name, problems))
    except OSError as error:
        work.kept.why = (
            f"nothing is kept of this build: {error.strerror}"  # the site is published; the next build starts afresh
        )
    work.timed("keep")


def _to_keep(site: Site, made: Made, base: str) -> dict[str, object]:
    digests = [site.digests.get(one) or _digest(site, one) for one in made.numbers]
    return {
        "base": base, "stamp": site.stamp, "templates": sorted(site.templates), "outputs": made.outputs,
        "stories": made.stories, "questions": list(made.numbers), "digests": digests,
    }  # fmt: skip


def _digest(site: Site, question: Any) -> bytes:
    """The digest of an answer; none for a question that nobody asks any more and that has no answer now."""
    try:
        return site.digest(question)
    except KeyError:
        return b""


def _state(work: reading.Build, site: Site, made: Made, name: str, problems: list[Problem]) -> dict[str, object]:
    low, high = "0", "9"
    for question in made.numbers:
        if question[0] == "as_of":
            low, high = max(low, _before(work.request.as_of)), min(high, work.request.as_of)
        elif question[0] == "past" and question[1] < work.request.as_of:
            low = max(low, question[1])
        elif question[0] == "past":
            high = min(high, question[1])
    return {
        "files": work.files.rows(), "horizon": (low, high), "identity": name, "output": work.request.output,
        "line": made.line(), "warnings": len(problems),
    }  # fmt: skip


def _before(day: str) -> str:
    """Something that sorts directly before a day."""
    return day[:-1] + chr(ord(day[-1]) - 1) + "~"


def _home(site: Site) -> str:
    """Scheme and host of the site's address."""
    address: str = site.config["address"]
    return "/".join(address.split("/")[:3])


def converter(
    work: reading.Build, site: Site, names: dict[str, str]
) -> Callable[[str, str], tuple[str, list[Problem], Any]]:
    """A function that gives the body of a page as HTML: converted when it was read, or before, or now.

    `names` are the published names of the files of static/.
    """
    bodies, base = work.store("bodies"), urlsplit(site.config["address"]).path
    published = {f"static/{name}": base + one for name, one in names.items()}
    terms = {lang: reading.of_terms(one) for lang, one in site.glossary.items()}

    def html(body: Body) -> tuple[str, list[Problem], Any]:
        digest = site.texts[body.path]
        token = digest + terms[body.lang]
        data = bodies.one(body.path, token)
        if data is not None:
            return data.decode(), [], None
        from builder import markup

        text = load.text(work.request.root, body.path, digest)
        if text is None:
            return "", [reading.changed_meanwhile(body.path)], None
        try:
            made = markup.convert(text, glossary=site.glossary[body.lang], scanned=True)
        except MemoryError:
            raise
        except Exception as error:  # whatever the library fails with: it must not be taken for a mistake of a template
            said = f"the text cannot be converted ({type(error).__name__}: {error})"
            hint = "Take away half of it, and half again, to find the place; write that more simply."
            return "", [Problem(body.path, body.line, 1, "not-converted", said, hint)], None
        return made.html, list(made.problems), None if made.problems else (body.path, token, made.html.encode())

    def convert(lang: str, page: str) -> tuple[str, list[Problem], Any]:
        body = site.bodies[lang, page]
        ids, links = site.needs[lang, page]
        made, problems, fresh = html(body)
        if not problems:
            made, problems = marks.filled(made, ids, {one: published.get(lead, lead) for one, lead in links.items()})
        found = [one if one.path else one._replace(path=body.path, line=one.line + body.line - 1) for one in problems]
        return made, found, fresh

    return convert


def write_addresses(root: str) -> int:
    """Enters every page into the ledger of addresses that must never die; returns how many it holds."""
    config, examined, _ = reading.survey(root)
    prefix = f"content/{config['languages'][0]}/"
    pages = {load.page_id(path) for path, one in examined.items() if path.startswith(prefix) and "sections" in one}
    known = load.addresses(root, []).keys()
    with open(os.path.join(root, load.ADDRESSES), "w", encoding="utf-8", newline="\n") as file:
        file.write("# Every address that was ever published, without language. None is removed: see old_addresses.\n")
        file.writelines(f"{page}\n" for page in sorted(known | pages))
    return len(known | pages)


def explain(root: str, output: str, address: str) -> list[str]:
    """What is known of a published address, from the cache of the last build."""
    place = write.Place(os.path.abspath(output))
    kept = cache.Kept(place.work, root)
    before = kept.part("outputs")
    outputs: dict[str, Fact] = before.get("outputs", {})  # type: ignore[assignment]
    path = re.sub(r"^\w+://[^/]*|[?#].*", "", address).lstrip("/")
    found = next((one for one in (path, path + "index.html", path + "/index.html") if one in outputs), None)
    if found is None:
        return [f"nothing is known of {address}: {kept.why or 'it was not made by the last build'}"]
    total, size, asked = outputs[found]
    story, questions = marshal.loads(before["stories"][found]), before["questions"]  # type: ignore[index]
    lines = [f"/{found}", f"  made from     {story['origin']}"]
    if story["template"]:
        lines.append(f"  by            templates/{story['template']} and the templates that it includes")
    lines += [
        f"  size          {size:,} bytes, SHA-256 {total}",
        f"  last rendered because {story['why'] or 'it is a file of static/'}",
    ]
    if asked:
        lines.append("  depends on the answers to:")
        lines += sorted("    " + " ".join(map(str, questions[one])) for one in memoryview(asked).cast("I"))  # type: ignore[index]
    return lines
