// The form for a new page or entry. It is drawn from the JSON Schema of the kind and checks each answer by it, as far as
// a browser can; what it makes is the text of a file, which the code host opens as a proposal. Nothing is stored or sent.
(function () {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const words = JSON.parse(byId("form-words").textContent);
  const form = byId("form"), choice = byId("form-kind"), place = byId("form-fields"), status = byId("form-status");
  const LONGEST = 7000; // the code host refuses longer addresses
  const LATER = ["short", "published", "reviewed", "review_by"]; // filled in beforehand, or seldom wanted
  const NEVER = ["updated", "reviewed_by", "changes", "old_addresses", "order", "avoid"]; // not for a new page
  const LAST = ["source", "as_of", "note"]; // inside a group: after the fact that they belong to
  const LONG = ["summary", "text", "definition", "note"];
  const NAME = "^[a-z0-9][a-z0-9-]*$";
  let names = {}, schema = null, kind = null, root = null, file = null, text = null, opened = true;

  function make(tag, set, ...children) {
    const one = Object.assign(document.createElement(tag), set);
    one.append(...children.filter((child) => child !== null && child !== ""));
    return one;
  }

  function filled(sentence, value) { return sentence.replace(/\{\w+\}/, () => value); }

  // A part of the schema without its alternatives: of a list and one value the list, of something and nothing something.
  function plain(part) {
    let one = part;
    if (part.$ref) one = schema.$defs[part.$ref.split("/").pop()];
    if (one.anyOf) {
      const some = one.anyOf.map(plain).filter((each) => each.type !== "null");
      one = some.find((each) => each.type === "array") || some.find((each) => each.type === "object") || some[0];
    }
    const { description, examples, sourced } = part;
    return Object.assign({}, one, description && { description }, examples && { examples }, sourced && { sourced });
  }

  // What is wrong with one text, in the words of the page; nothing if nothing is.
  function fault(part, value) {
    const type = part["x-type"] || "text", wrong = words.wrong[type] || words.wrong.text;
    if (part.enum && !part.enum.includes(value)) return words.wrong.text;
    if (part.pattern && !new RegExp(part.pattern).test(value)) return wrong;
    if (type === "day" || type === "period") {
      const sides = value.split("/");
      if (!sides.every(exists)) return words.wrong.calendar;
      if (sides[1] && !sides.includes("..")) {
        const most = Math.min(sides[0].length, sides[1].length);
        if (sides[0].slice(0, most) > sides[1].slice(0, most)) return words.wrong.order;
      }
    }
    return part.free && part.free(value) ? words.wrong.exists : "";
  }

  // A name that is not published may come with another proposal: the reader is told, and may go on.
  function doubt(part, value) {
    const known = names[part["x-refers-to"]], key = value.split(", ")[0];
    return known && !(key in known) ? filled(words.wrong.unknown, key) : "";
  }

  function called(name, value) {
    const some = words.choices[name] || {};
    return some[choice.value + "." + value] || some[value] || value;
  }

  function exists(day) {
    if (day.length < 10) return true;
    const moment = new Date(day + "T00:00:00Z");
    return !isNaN(moment) && moment.toISOString().startsWith(day);
  }

  // Controls. Each has a node, read() for its value (nothing if it is empty) and check(all), which shows what is wrong
  // and returns it; `all` includes what the reader has not come to yet.

  function described(id, part) {
    const example = part.examples && typeof (part.examples[0] || []) === "string" ? part.examples[0] : "";
    return make("p", { id: id + "-help", className: "small muted" },
      part.description ? make("span", { lang: part.lines ? document.documentElement.lang : "en" }, part.description) : "",
      example ? " " + words.example + " " : "", example ? make("code", {}, example) : "");
  }

  function leaf(part, name, id, label, needed, bare) {
    let input;
    if (part.enum) {
      input = make("select", {}, make("option", { value: "" }, words.choose), ...part.enum.map((one) =>
        make("option", { value: one, selected: one === part.default }, called(name, one))));
    } else {
      input = make(LONG.includes(name) ? "textarea" : "input", { rows: 3, autocomplete: "off", value: part.value || "" });
      if (part["x-refers-to"]) input.setAttribute("list", "names-" + part["x-refers-to"]);
    }
    input.id = id;
    input.setAttribute("aria-describedby", (bare || id) + "-help " + id + "-error");
    if (needed === true) input.setAttribute("aria-required", "true");
    const error = make("p", { id: id + "-error", className: "wrong", hidden: true });
    const node = make("div", { className: "field" },
      make("label", { htmlFor: id, className: bare ? "hidden" : "" }, label,
        needed === true ? make("span", { className: "muted" }, " (" + words.required + ")") : ""),
      bare ? "" : described(id, part), error, input);
    const one = { node, input, label, touched: false, needed };
    one.read = () => input.value.trim().replace(/\s*\n\s*/g, part.lines ? "\n" : " ") || undefined;
    if (part.lines) one.read = () => input.value.trim() || undefined;
    one.say = (message, advice) => {
      error.textContent = message || advice || "";
      error.hidden = !error.textContent;
      input.setAttribute("aria-invalid", String(Boolean(message)));
      return message ? [one] : [];
    };
    one.message = () => error.textContent;
    one.check = (all) => {
      if (!all && !one.touched) return [];
      const value = one.read();
      return value === undefined ? one.say(one.needed ? words.wrong.missing : "") : one.say(fault(part, value), doubt(part, value));
    };
    let waiting;
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      if (!error.hidden) one.check(true);
      waiting = setTimeout(look, 1000);
    });
    function look() {
      clearTimeout(waiting);
      if (one.touched && one.said === input.value) return;
      one.touched = true;
      one.said = input.value;
      root.check(false);
      status.textContent = error.hidden ? "" : label + ": " + error.textContent;
    }
    input.addEventListener("change", look);
    return one;
  }

  function group(part, name, id, label, needed) {
    const order = Object.keys(part.properties).filter((key) => !NEVER.includes(key));
    order.sort((a, b) => LAST.indexOf(a) - LAST.indexOf(b));
    const inside = {};
    const must = part.required || [], how = needed || "once begun"; // in a group that may stay empty
    order.forEach((key) => {
      const one = control(part.properties[key], key, id + "-" + key, words.fields[key] || words.languages[key] || key, must.includes(key) && how);
      if (one) inside[key] = one;
    });
    const node = make("fieldset", {}, make("legend", {}, label), described(id, part),
      ...Object.values(inside).map((one) => one.node));
    const either = (part.oneOf || []).map((one) => one.required[0]);
    function read() {
      const found = {};
      Object.keys(inside).forEach((key) => {
        const value = inside[key].read();
        if (value !== undefined) found[key] = value;
      });
      return Object.keys(found).length ? found : undefined;
    }
    function check(all, unsourced) {
      const value = read();
      if (!value && !needed) return Object.values(inside).forEach((one) => one.say && one.say("")) || [];
      const found = Object.values(inside).flatMap((one) => one.check(all));
      const bad = all && either.length && either.filter((key) => value && key in value).length !== 1;
      if (bad) found.push(...inside[either[0]].say(words.wrong.either));
      if (all && unsourced && value && inside.source && !value.source) {
        found.push(...inside.source.items[0].say(words.wrong.source));
      }
      return found;
    }
    return { node, read, check, inside };
  }

  // The words of every language side by side.
  function everyLanguage(part, name, id, label, needed) {
    const properties = {}, codes = Object.keys(words.languages);
    codes.forEach((code) => { properties[code] = { type: "string", "x-type": "words" }; });
    const given = { properties, description: part.description, required: needed ? codes.slice(0, 1) : [] };
    const one = group(given, name, id, label, needed);
    codes.forEach((code) => { one.inside[code].input.lang = code; });
    return one;
  }

  function list(part, name, id, label, needed) {
    const items = [], inner = plain(part.items), nested = inner.type === "object";
    const more = make("button", { type: "button", className: "quiet" }, words.add, make("span", { className: "hidden" }, ": " + label));
    const node = make("fieldset", { className: "list" },
      make("legend", {}, label, needed === true ? make("span", { className: "muted" }, " (" + words.required + ")") : ""),
      described(id, part), more);
    let count = 0;
    function add() {
      count += 1;
      const at = id + "-" + count, title = label + " " + count;
      const one = nested ? group(inner, name, at, title, true) : leaf(inner, name, at, title, false, id);
      if (count > 1 || nested) {
        const less = make("button", { type: "button", className: "quiet" }, words.remove, make("span", { className: "hidden" }, ": " + title));
        less.addEventListener("click", () => {
          items.splice(items.indexOf(one), 1);
          one.node.remove();
          more.focus();
          write();
        });
        one.node.append(less);
      }
      items.push(one);
      more.before(one.node);
      return one;
    }
    more.addEventListener("click", () => { add().node.querySelector("input, select, textarea").focus(); write(); });
    if (!nested || needed) add();
    function read() {
      const found = items.map((one) => one.read()).filter((value) => value !== undefined);
      return found.length ? found : undefined;
    }
    function check(all, unsourced) {
      const found = items.flatMap((one) => one.check(all, unsourced));
      return all && needed && !nested && !read() ? items[0].say(words.wrong.missing) : found;
    }
    return { node, read, check, items };
  }

  function control(given, name, id, label, needed) {
    const part = Object.assign({ default: given.default }, plain(given));
    let one = null;
    if (part["x-type"] === "all-words") one = everyLanguage(part, name, id, label, needed);
    else if (part.type === "object") one = part.properties ? group(part, name, id, label, needed) : null;
    else if (part.type === "array") one = list(part, name, id, label, needed);
    else one = leaf(part["x-type"] === "boolean" ? Object.assign({ enum: ["true", "false"] }, part) : part, name, id, label, needed);
    if (one && part.sourced) {
      const check = one.check;
      one.check = (all) => check(all, !(root.inside.source && root.inside.source.read()));
    }
    return one;
  }

  // The text of the file

  function scalar(value) {
    return /^[A-Za-z0-9][\w.\/+() -]*$/.test(value) ? value : JSON.stringify(value);
  }

  function yaml(data, pad) {
    return Object.keys(data).flatMap((key) => {
      const value = data[key];
      if (typeof value === "string") return [pad + key + ": " + scalar(value)];
      if (!Array.isArray(value)) return [pad + key + ":", ...yaml(value, pad + "  ")];
      if (typeof value[0] === "string") return [pad + key + ": [" + value.map(scalar).join(", ") + "]"];
      return [pad + key + ":", ...value.flatMap((one) => {
        const lines = yaml(one, pad + "    ");
        return [pad + "  - " + lines[0].trimStart(), ...lines.slice(1)];
      })];
    });
  }

  function made() {
    const data = root.read() || {}, name = file.read() || "NAME";
    if (kind.entry) return name + ":\n" + yaml(data, "  ").join("\n") + "\n";
    return "---\n" + yaml(data, "").join("\n") + "\n---\n\n" + (text.read() || "") + "\n";
  }

  function path() { return kind.file.replace("NAME", file.read() || "NAME"); }

  function write() {
    if (!file.own) file.input.value = suggested();
    byId("form-path").textContent = path();
    byId("form-text").value = made();
    byId("form-done").hidden = true;
    opened = false;
  }

  function suggested() {
    const data = root.read() || {}, title = data.title || data.term || data.name || "";
    const day = choice.value === "event" ? (data.date || "").split("/")[0] : "";
    const said = (typeof title === "string" ? title : title.en || "").normalize("NFKD").toLowerCase();
    return (day + " " + said).replace(/[\u0300-\u036f]/g, "").replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "")
      .slice(0, 60).replace(/-$/, "");
  }

  // The steps: choose a kind, answer, check, open

  function today(months) {
    const day = new Date();
    const then = new Date(Date.UTC(day.getFullYear(), day.getMonth() + months, Math.min(day.getDate(), 28)));
    return (months ? then : new Date(Date.UTC(day.getFullYear(), day.getMonth(), day.getDate()))).toISOString().slice(0, 10);
  }

  function draw() {
    root = group(schema, "", "f", words.answers, true);
    file = leaf({ pattern: NAME, "x-type": "name", free: (value) => value in (names[choice.value] || {}) }, "name", "f-name", words.name, true);
    file.input.addEventListener("input", () => { file.own = Boolean(file.input.value); });
    text = kind.entry ? { read: () => "", check: () => [] } :
      leaf({ lines: true, description: words.body }, "text", "f-body", words.fields.text, false);
    const checkAnswers = root.check;
    root.check = (all) => {
      const found = [...checkAnswers(all), ...file.check(all), ...text.check(all)], data = root.read() || {};
      if (data.review_by && data.reviewed && data.review_by <= data.reviewed) {
        found.push(...root.inside.review_by.say(words.wrong.order));
      }
      return found;
    };
    const later = LATER.filter((key) => root.inside[key]);
    if (later.length) {
      root.node.append(make("details", {}, make("summary", {}, words.later), ...later.map((key) => root.inside[key].node)));
    }
    [["published", 0], ["reviewed", 0], ["review_by", 6], ["accessed", 0]].forEach(([key, months]) => {
      if (root.inside[key]) root.inside[key].input.value = today(months);
    });
    place.replaceChildren(root.node, text.node || "", file.node);
    byId("form-rest").hidden = false;
    byId("form-faults").hidden = true;
    write();
    opened = true;
  }

  function choose() {
    kind = words.kinds[choice.value];
    if (!kind) return;
    status.textContent = words.loading;
    Promise.all([
      fetch(words.schemas + choice.value + ".json").then((answer) => answer.json()),
      Object.keys(names).length ? names : fetch(words.names).then((answer) => answer.json()),
    ]).then((found) => {
      names = found[1];
      schema = found[0].additionalProperties ? Object.assign({ $defs: found[0].$defs }, found[0].additionalProperties) : found[0];
      Object.keys(names).filter((target) => !byId("names-" + target)).forEach((target) => {
        form.append(make("datalist", { id: "names-" + target },
          ...Object.keys(names[target]).map((key) => make("option", { value: key }, names[target][key]))));
      });
      draw();
      status.textContent = "";
    }).catch(() => { status.textContent = words.failed; });
  }

  function complain(found) {
    const box = byId("form-faults");
    box.replaceChildren(make("p", { className: "name" }, filled(words.faults, found.length)), make("ul", {}, ...found.map((one) =>
      make("li", {}, make("a", { href: "#" + one.input.id }, one.label + ": " + one.message())))));
    box.hidden = false;
    box.focus();
  }

  function open(event) {
    event.preventDefault();
    const found = root.check(true);
    found.filter((one) => one.node.closest("details")).forEach((one) => { one.node.closest("details").open = true; });
    if (found.length) return complain(found);
    byId("form-faults").hidden = true;
    const content = made(), link = byId("form-link");
    const full = words.repository + "/new/" + words.branch + "?filename=" + encodeURIComponent(path()) + "&value=" + encodeURIComponent(content);
    const short = kind.entry ? words.repository + "/edit/" + words.branch + "/" + path() : full.split("&value=")[0];
    const fits = !kind.entry && full.length < LONGEST;
    link.href = fits ? full : short;
    byId("form-done").hidden = false;
    byId("form-next").textContent = fits ? words.opened : kind.entry ? words.paste : words.long;
    opened = true;
    if (fits) window.open(full, "_blank", "noopener");
    else copy();
    link.focus();
  }

  function copy() {
    const area = byId("form-text");
    const done = () => { status.textContent = words.copied; };
    const byHand = () => { area.focus(); area.select(); status.textContent = words.select; };
    if (navigator.clipboard) navigator.clipboard.writeText(area.value).then(done, byHand);
    else byHand();
  }

  byId("by-hand").hidden = true;
  form.hidden = false;
  form.addEventListener("submit", open);
  form.addEventListener("input", (event) => { if (event.target !== choice && root) write(); });
  form.addEventListener("change", (event) => { if (event.target !== choice && root) write(); });
  byId("form-copy").addEventListener("click", copy);
  choice.addEventListener("change", choose);
  addEventListener("beforeunload", (event) => { if (!opened) event.preventDefault(); });
  if (words.kinds[location.hash.slice(1)]) { choice.value = location.hash.slice(1); choose(); }
})();
