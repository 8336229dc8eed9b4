// The admin's theme is the one of all our pages: a cookie. Runs before the page is painted; core.js has the button.
"use strict";
(() => {
  const chosen = /(?:^|; )theme=(light|dark)/.exec(document.cookie);
  if (chosen) document.documentElement.dataset.theme = chosen[1];
})();
