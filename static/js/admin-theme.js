// The admin's theme is the one of all our pages: a cookie. Runs before the page is painted.
"use strict";
(() => {
  const root = document.documentElement;
  const chosen = /(?:^|; )theme=(light|dark)/.exec(document.cookie);
  if (chosen) root.dataset.theme = chosen[1];
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  document.addEventListener("click", (e) => {
    if (!e.target.closest("[data-admin-theme]")) return;
    const theme = isDark() ? "light" : "dark";
    root.dataset.theme = theme;
    document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
  });
})();
