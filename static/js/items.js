// The goods of a purchase one by one: rows grow as they are filled, Enter goes on, an empty row's Enter saves.
// The server finds products, prices them and adds up; this script only asks it and moves the focus.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const box = $("items"), rows = $("item-rows"), form = $("till-form"), amount = $("amount"), known = $("products");
  const MOST = Number(box.dataset.most);
  const first = rows.firstElementChild.cloneNode(true);
  first.querySelectorAll("input").forEach((field) => { field.removeAttribute("value"); });
  const changed = () => document.dispatchEvent(new CustomEvent("till:changed"));
  const filled = (row) => [...row.querySelectorAll("[name$=what], [name$=price]")].some((field) => field.value.trim());

  function number(row, i) {
    row.querySelectorAll("input").forEach((field) => {
      const part = field.name.split("-")[2];
      field.name = `line-${i}-${part}`; field.id = field.name;
      field.setAttribute("aria-label", `${field.dataset.label} ${window.Club.fa(i + 1)}`);
    });
  }
  function append() {
    if (rows.children.length >= MOST) return null;
    const row = first.cloneNode(true);
    number(row, rows.children.length);
    rows.append(row);
    window.Club.bind(row);
    return row;
  }
  // While there are items the sum is theirs: what stood in the amount is not sent.
  function settle() {
    amount.disabled = [...rows.children].some(filled);
    if (amount.disabled) amount.value = "";
  }
  function open() {
    box.open = true;
    const row = [...rows.children].find((one) => !filled(one)) || append() || rows.lastElementChild;
    row.querySelector("input").focus();
  }
  function forget() {
    while (rows.children.length > 1) rows.lastElementChild.remove();
    rows.querySelectorAll("input").forEach((field) => { field.value = ""; });
    box.open = false;
    settle();
  }

  let timer, stop;
  function suggest(text) {
    clearTimeout(timer);
    if (stop) stop.abort();
    timer = setTimeout(async () => {
      stop = new AbortController();
      try {
        const answer = await fetch(box.dataset.search + "?q=" + encodeURIComponent(text), { credentials: "same-origin", signal: stop.signal });
        if (!answer.ok || answer.redirected) return;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        known.replaceChildren(...page.querySelectorAll("option"));
      } catch { /* suggestions are a comfort */ }
    }, 150);
  }

  rows.addEventListener("input", (e) => {
    if (e.target.name.endsWith("what")) suggest(e.target.value.trim());
    settle();
    changed();
  });
  rows.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || e.isComposing) return;
    e.preventDefault();
    const row = e.target.closest("[data-row]"), fields = [...row.querySelectorAll("input")];
    if (!filled(row)) { form.requestSubmit(); return; }
    const next = fields[fields.indexOf(e.target) + 1] || (row.nextElementSibling || append() || row).querySelector("input");
    next.focus();
    next.select();
  });
  box.addEventListener("toggle", () => { if (box.open && !box.contains(document.activeElement)) open(); });
  document.addEventListener("keydown", (e) => { if (e.key === "F6") { e.preventDefault(); open(); } });
  document.addEventListener("till:cleared", forget);
  if (!box.open) while (rows.children.length > 1) rows.lastElementChild.remove();
  settle();
})();
