// A thread that stays open brings what is new by itself, while somebody looks at it.
"use strict";

(() => {
  const SECONDS = 15;
  const live = document.querySelector("[data-live]");
  if (!live || !window.htmx) return;
  const ask = () => { if (!document.hidden) htmx.trigger(live, "live"); };
  setInterval(ask, SECONDS * 1000);
  document.addEventListener("visibilitychange", ask);
})();
