// Keys of the inbox: j and k go to the next and the previous ticket, r to the answer, e closes; Ctrl+Enter sends.
// By the place of the key, so that they are the same on a Persian keyboard.
"use strict";

(() => {
  const links = [...document.querySelectorAll("#ticket-list [data-ticket]")];
  const open = document.querySelector("#answer");
  const at = () => links.findIndex((link) => link.matches(open ? "[aria-current]" : ":focus"));
  const go = (by) => {
    const link = links[Math.min(Math.max(at() + by, 0), links.length - 1)];
    if (!link) return;
    if (open) location.assign(link.href);
    else link.focus();
  };
  const keys = {
    KeyJ: () => go(1),
    KeyK: () => go(-1),
    KeyR: () => open && open.querySelector("textarea").focus(),
    KeyE: () => document.querySelector("[name=act][value=close]")?.click(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.code === "Enter" && event.target.form === open && open) {
      open.querySelector("[value=answer], [value=note]").click();
    }
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, textarea, select")) return;
    const act = keys[event.code];
    if (act) { event.preventDefault(); act(); }
  });
})();
