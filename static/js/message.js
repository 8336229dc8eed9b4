// A message that is being written: kept in this tab until it was sent, counted near its longest, and not lost to a
// connection that is away. What would end a ticket asks first while something is written and not sent.
"use strict";

(() => {
  const NEAR = 0.9;   // of the longest, from where on it is counted
  const textOf = (form) => form.querySelector("textarea[data-longest]");
  const keyed = (draft) => `draft:${location.host}:${draft}`;
  const keyOf = (form) => keyed(form.dataset.draft);
  const length = (text) => [...text].length;
  const letters = (text) => text.replace(/ي/g, "ی").replace(/ك/g, "ک").replace(/[^\p{L}\p{N}]/gu, "");

  function read(key) {
    try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; }
  }
  const stored = (form) => read(keyOf(form));
  function keep(form, tried) {
    const field = textOf(form);
    try {
      if (!field.value.trim()) sessionStorage.removeItem(keyOf(form));
      else sessionStorage.setItem(keyOf(form), JSON.stringify({ text: field.value, start: field.selectionStart, end: field.selectionEnd, tried }));
    } catch { /* private mode: until the page is left */ }
  }
  // What was written to a ticket that goes on in this one comes along.
  function bring(form) {
    const ids = (form.dataset.draftFrom || "").split(" ").filter(Boolean), user = form.dataset.draft.split(":").pop();
    ids.map((id) => keyed(`${id}:${user}`)).forEach((key) => {
      const draft = read(key), field = textOf(form);
      if (!draft) return;
      if (!wasSent(draft)) field.value = [field.value, draft.text].filter(Boolean).join("\n");
      try { sessionStorage.removeItem(key); } catch { /* private mode */ }
      keep(form);
    });
  }
  const newest = () => Math.max(0, ...[...document.querySelectorAll("[data-said]")].map((row) => +row.dataset.said));
  // Sent it was if it stands in the thread by now; else the way to the server or back was cut.
  const wasSent = (draft) => draft.tried !== undefined && [...document.querySelectorAll("[data-said]")].some((row) =>
    +row.dataset.said > draft.tried && letters(row.querySelector(".said-text")?.textContent || "") === letters(draft.text));
  function recall(form) {
    const field = textOf(form), draft = field && stored(form);
    if (!field) return;
    if (field.value) keep(form);   // it came back refused, as it was
    else if (draft && wasSent(draft)) keep(form);
    else if (draft) {
      field.value = draft.text;
      field.setSelectionRange(draft.start, draft.end);
    }
    bring(form);
    count(field);
  }

  function line(field, id, name) {
    const known = document.getElementById(id), made = known || document.createElement("p");
    made.className = name;
    if (!known) { made.id = id; field.after(made); }
    return made;
  }
  function count(field) {
    const most = +field.dataset.longest, used = length(field.value), id = `${field.id}_count`;
    if (used < most * NEAR) { document.getElementById(id)?.remove(); return; }
    const said = field.dataset.saidCount.replace("#", Club.group(used)).replace("#", Club.group(most));
    line(field, id, used > most ? "error" : "hint").textContent = said;
  }
  function isTooLong(field) {
    const isLong = length(field.value) > +field.dataset.longest, id = `${field.id}_error`;
    if (!isLong) return false;
    const said = line(field, id, "error");
    said.setAttribute("role", "alert");
    said.textContent = field.dataset.saidLong;
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", id);
    field.focus();
    return true;
  }

  const forms = () => [...document.querySelectorAll("form[data-draft]")];
  const isUnsent = () => forms().some((form) => textOf(form)?.value.trim());
  forms().forEach(recall);
  document.querySelectorAll("textarea[data-longest]").forEach(count);
  document.addEventListener("input", ({ target }) => {
    if (!target.matches("textarea[data-longest]")) return;
    count(target);
    if (target.form.dataset.draft) keep(target.form);
  });
  // Where the caret was, too; not after it was sent, which is for the next page to see, nor after a logout forgot it.
  let isSending = false;
  const leave = () => { if (!isSending) forms().forEach((form) => textOf(form) && stored(form) && keep(form)); };
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", () => { isSending = false; });

  // Before others take the form for sent.
  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event, field = textOf(form);
    if (form.method === "dialog" || event.defaultPrevented) return;
    const stop = () => { event.preventDefault(); event.stopPropagation(); };
    if (field && isTooLong(field)) { stop(); return; }
    if (!navigator.onLine) { stop(); Club.toast(Club.said("offline")); return; }
    if (form.dataset.draft) {
      keep(form, newest());
      isSending = true;
    } else if (submitter?.hasAttribute("data-ends") && isUnsent() && !form.dataset.sure) {
      stop();
      ask(form, submitter);
    }
  }, true);

  let asked = null;
  const sheet = document.getElementById("unsent");
  function ask(form, button) {
    asked = [form, button];
    sheet.showModal();
  }
  sheet?.addEventListener("close", () => {
    const [form, button] = asked || [];
    if (sheet.returnValue !== "sure" || !form) return;
    form.dataset.sure = "1";
    form.requestSubmit(button);
  });

  document.addEventListener("message:closing", ({ target }) => {
    const told = target.querySelector("[data-unsent]");
    if (told) told.hidden = !isUnsent();
  });
})();
