// The search page: looks in the index that the build wrote, and shows what it finds by kind. Letters are folded as the
// build folds them, so that a text typed without the Tajik letters finds words that have them.
(function () {
  "use strict";
  var words = document.getElementById("search-words").dataset;
  var field = document.getElementById("q");
  var results = document.getElementById("search-results");
  var count = document.getElementById("search-count");
  var folds = {};
  words.folds.split(" ").forEach(function (pair) { folds[pair[0]] = pair.slice(1); });

  function fold(text) {
    return text.normalize("NFC").toLowerCase().replace(/[^\x00-\x7f]/g, function (letter) {
      return letter in folds ? folds[letter] : letter;
    });
  }

  // The three forms of a count; languages with one form have the same three times.
  function counted(n) {
    var ten = n % 10, hundred = n % 100;
    var form = words.countMany;
    if (words.countOneRule === "ru") {
      if (ten === 1 && hundred !== 11) form = words.countOne;
      else if (ten >= 2 && ten <= 4 && (hundred < 12 || hundred > 14)) form = words.countFew;
    } else if (n === 1) form = words.countOne;
    return form.replace(/\d+/, String(n));
  }

  function show(found) {
    var groups = {}, order = [];
    found.slice(0, 60).forEach(function (one) {
      if (!groups[one.k]) { groups[one.k] = []; order.push(one.k); }
      groups[one.k].push(one);
    });
    results.textContent = "";
    order.forEach(function (kind) {
      var heading = document.createElement("h2");
      heading.textContent = words["kind" + kind[0].toUpperCase() + kind.slice(1)] + " (" + groups[kind].length + ")";
      var list = document.createElement("ul");
      list.className = "records";
      groups[kind].forEach(function (one) {
        var item = document.createElement("li"), name = document.createElement("p"), link = document.createElement("a");
        name.className = "name";
        link.href = one.u;
        link.textContent = one.t;
        name.appendChild(link);
        item.appendChild(name);
        var text = document.createElement("p");
        text.className = "small";
        text.textContent = (one.d ? one.d + ". " : "") + one.s;
        item.appendChild(text);
        list.appendChild(item);
      });
      results.appendChild(heading);
      results.appendChild(list);
    });
    count.textContent = found.length ? counted(found.length) : words.none;
    if (!found.length) results.className = "";
  }

  function start(rows) {
    var index = new MiniSearch({
      idField: "i", fields: ["t", "n", "s"], storeFields: ["k", "u", "t", "s", "d"],
      processTerm: function (term) { return fold(term) || null; },
      searchOptions: { prefix: true, boost: { t: 3, n: 2 }, combineWith: "AND",
        fuzzy: function (term) { return term.length > 4 ? 0.2 : false; } }
    });
    rows = rows.map(function (row, number) {
      return { i: number, k: row[0], u: row[1], t: row[2], s: row[3], n: row[4], d: row[5] };
    });
    // In pieces: a cheap phone would not answer to a finger while all is read at once.
    return index.addAllAsync(rows, { chunkSize: 40 }).then(function () { listen(index); });
  }

  function listen(index) {
    var waiting;
    function look() {
      var query = field.value.trim();
      if (!query) { results.textContent = ""; count.textContent = ""; return; }
      var found = index.search(query);
      // Nothing has all the words: what has some of them is better than an empty page.
      show(found.length ? found : index.search(query, { combineWith: "OR" }));
    }
    field.addEventListener("input", function () { clearTimeout(waiting); waiting = setTimeout(look, 150); });
    field.form.addEventListener("submit", function (event) {
      event.preventDefault();
      history.replaceState(null, "", "?q=" + encodeURIComponent(field.value));
      look();
    });
    look();
  }

  // Who only reads the list from A to Z need not wait for what the search is made of.
  var begun = false;
  function begin() {
    if (begun) return;
    begun = true;
    var library = new Promise(function (loaded, failed) {
      var script = document.createElement("script");
      script.src = words.library;
      script.onload = loaded;
      script.onerror = failed;
      document.head.appendChild(script);
    });
    var index = fetch(words.index).then(function (answer) {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    });
    Promise.all([index, library]).then(function (both) { return start(both[0]); })
      .catch(function () { begun = false; count.textContent = words.failed; });
  }

  var asked = new URLSearchParams(location.search).get("q");
  if (asked) {
    field.value = asked;
    results.className = "awaited"; // keeps room for what will be found, so that nothing jumps
  }
  if (field.value || document.activeElement === field) begin();
  field.addEventListener("focus", begin);
  field.addEventListener("input", begin);
})();
