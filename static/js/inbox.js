// Keys of the inbox: j and k go to the next and the previous ticket, r to the answer, e asks whether to close, x ticks a
// row, ? shows them all; Ctrl+Enter sends. By the place of the key, so that they are the same on a Persian keyboard.
// Those of one letter can be switched off, and never work while somebody types or a dialog is open.
"use strict";

(() => {
  const OFF = "tickets-one-letter-off";
  const links = [...document.querySelectorAll("#ticket-list [data-ticket]")];
  const answer = document.getElementById("answer");
  const keys = document.getElementById("keys"), closing = document.getElementById("closing");
  const oneLetter = keys.querySelector("[data-one-letter]");
  try { oneLetter.checked = !localStorage.getItem(OFF); } catch { /* private mode: they work */ }
  oneLetter.addEventListener("change", () => {
    try {
      if (oneLetter.checked) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "1");
    } catch { /* until the page is left */ }
  });

  // The open one in sight in its pane, the page left where it is.
  const pane = document.querySelector(".pane-list"), here = pane?.querySelector(".here");
  if (here && here.getBoundingClientRect().bottom > pane.getBoundingClientRect().bottom) pane.scrollTop += here.getBoundingClientRect().top - pane.getBoundingClientRect().top - pane.clientHeight / 3;

  const at = () => links.findIndex((link) => (answer ? link.matches("[aria-current]") : link.closest("li").contains(document.activeElement)));
  const go = (by) => {
    const link = links[Math.min(Math.max(at() + by, 0), links.length - 1)];
    if (!link) return;
    if (answer) location.assign(link.href);
    else link.focus();
  };
  const acts = {
    KeyJ: () => go(1),
    KeyK: () => go(-1),
    KeyR: () => answer && answer.querySelector("textarea").focus(),
    KeyE: () => {
      if (!closing || !document.querySelector("#part-acts [name=act][value=close]")) return;
      closing.dispatchEvent(new CustomEvent("message:closing", { bubbles: true }));
      closing.showModal();
    },
    KeyX: () => links[at()]?.closest("li").querySelector("[name=ticket]")?.click(),
  };
  const TYPED = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]";
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    if (event.isComposing || event.repeat || !(target instanceof Element) || document.querySelector("dialog[open]")) return;
    if (event.ctrlKey && event.code === "Enter" && answer && target.form === answer) {
      answer.querySelector("[value=answer], [value=note]").click();
      return;
    }
    if (event.ctrlKey || event.altKey || event.metaKey || target.closest(TYPED) || !oneLetter.checked) return;
    const isAsking = event.shiftKey && (event.code === "Slash" || event.key === "?" || event.key === "؟");
    const act = isAsking ? () => keys.showModal() : !event.shiftKey && acts[event.code];
    if (act) { event.preventDefault(); act(); }
  });

  // What is ticked in the list: all at once, and how many.
  const all = document.querySelector("[data-all]"), count = document.querySelector("[data-count]");
  if (!all) return;
  const boxes = [...document.querySelectorAll("#ticket-list [name=ticket]")];
  const tell = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && !all.checked;
    count.textContent = ticked ? count.dataset.count.replace("#", Club.fa(ticked)) : "";
  };
  all.addEventListener("change", () => { boxes.forEach((box) => { box.checked = all.checked; }); tell(); });
  boxes.forEach((box) => box.addEventListener("change", tell));
  window.addEventListener("pageshow", tell);
  tell();
})();
