// An address that moved: go on to the new one and keep the fragment, which a redirect by markup would lose.
(function () {
  var canonical = document.querySelector('link[rel="canonical"]');
  if (canonical) {
    var target = new URL(canonical.href);
    location.replace(target.pathname + location.search + location.hash);
  }
})();
