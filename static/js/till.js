// The till: find the member, type the amount, save, all from the keyboard.
// The server searches, reckons and refuses; this script only asks it, shows its answer and keeps what was typed.
"use strict";
(() => {
  const { group, digits, number, isAmount, words, toast, hush } = window.Club;
  const $ = (id) => document.getElementById(id);
  const form = $("till-form"), who = $("who"), list = $("who-list"), amount = $("amount"), nobody = $("nobody");
  const memberId = $("member-id"), note = $("till-note"), hint = $("who-hint"), count = $("who-count"), spoken = $("amount-words");
  const { ask, post, isAbort, heard, Ended, PATIENCE_TYPING } = window.Till;
  const firstHint = hint.textContent;
  const firstWords = [...spoken.childNodes].map((node) => node.cloneNode(true));
  const said = form.dataset;
  const DRAFT = "till:" + location.host + ":" + said.person;   // nobody finds what another typed
  const DRAFT_LASTS = 3_600_000;

  let options = [], active = -1;
  let foundCode = "";          // what was typed for a member and is a code
  let asked = null;            // the text whose options are shown
  let searching = null;        // { text, done } while a search is under way
  let resolving = null;        // Enter was pressed before the search answered: the promise of its choice
  let saving = false, lastReceipt = "", lastUndo = "", draftTimer;

  function tell(text, ...more) {
    note.hidden = !text;
    note.querySelector("span").replaceChildren(document.createTextNode(text || ""), ...more);
  }
  function tellFailure(error) {
    if (error instanceof Ended) {
      const link = document.createElement("a");
      link.href = said.login; link.target = "_blank"; link.textContent = said.saidLogin;
      tell(window.Club.said("ended") + " ", link);
    } else tell(navigator.onLine ? said.saidLost : window.Club.said("offline"));
  }

  // ── what was typed is kept, also over a reload or a login ──────────────────────────────────────────────
  const KEPT = ["key", "member", "who", "new_name", "amount", "ref", "code"];
  function keep() {
    clearTimeout(draftTimer);
    draftTimer = setTimeout(() => {
      const draft = Object.fromEntries(KEPT.map((name) => [name, form.elements[name].value]));
      draft.at = Date.now();
      try {
        if (draft.member || draft.who || draft.amount || draft.ref) sessionStorage.setItem(DRAFT, JSON.stringify(draft));
        else sessionStorage.removeItem(DRAFT);
      } catch { /* private mode */ }
    }, 200);
  }
  function forget() { clearTimeout(draftTimer); try { sessionStorage.removeItem(DRAFT); } catch { /* private mode */ } }
  function recall() {
    let draft = null;
    try { draft = JSON.parse(sessionStorage.getItem(DRAFT)); } catch { /* none */ }
    const isSame = draft && draft.member && draft.member === memberId.value && !amount.value;   // back from a reward
    if (!draft || ((who.value || amount.value) && !isSame) || !(Date.now() - draft.at < DRAFT_LASTS)) return;
    KEPT.forEach((name) => { if (draft[name]) form.elements[name].value = draft[name]; });
  }

  // ── the member's field: a combobox ─────────────────────────────────────────────────────────────────────
  who.setAttribute("role", "combobox");
  who.setAttribute("aria-autocomplete", "list");
  who.setAttribute("aria-expanded", "false");
  who.setAttribute("aria-controls", "who-list");
  list.setAttribute("role", "listbox");

  function paint() {
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === active)));
    list.hidden = !options.length;
    who.setAttribute("aria-expanded", String(options.length > 0));
    if (active >= 0) { who.setAttribute("aria-activedescendant", options[active].id); options[active].scrollIntoView({ block: "nearest" }); }
    else who.removeAttribute("aria-activedescendant");
  }
  function show(part) {
    options = part ? [...part.children] : [];
    options.forEach((option, i) => { option.id = "who-" + i; });
    list.replaceChildren(...options);
    foundCode = (part && part.dataset.code) || "";
    active = options.length === 1 ? 0 : -1;      // of two or more nobody is chosen: never credit a guess
    count.textContent = (part && part.dataset.count) || "";
    hint.textContent = (part && part.dataset.hint) || firstHint;
    paint();
  }
  function close() { options = []; active = -1; foundCode = ""; list.replaceChildren(); paint(); count.textContent = ""; hint.textContent = firstHint; }

  let searchTimer, searchStop;
  function searchSoon() { clearTimeout(searchTimer); searchTimer = setTimeout(search, 120); }
  function search() {
    clearTimeout(searchTimer);
    if (searchStop) searchStop.abort();
    const text = who.value.trim();
    if (!text) { asked = ""; searching = null; close(); return Promise.resolve(); }
    searchStop = new AbortController();
    const url = said.search + "?q=" + encodeURIComponent(text);
    const done = ask(url, { signal: searchStop.signal, patience: PATIENCE_TYPING }).then(async (answer) => {
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      asked = text;
      show(page.body.firstElementChild);
      tell("");
    }).catch((error) => {
      if (isAbort(error)) return;
      close();
      if (error instanceof Ended) tellFailure(error); else hint.textContent = said.saidSearch;
    }).finally(() => { if (searching && searching.done === done) searching = null; });
    searching = { text, done };
    return done;
  }

  function addCode() {
    const code = $("code");
    code.value = [code.value.trim(), foundCode].filter(Boolean).join(", ");
    who.value = ""; asked = ""; close();
    preview(0); keep();
  }
  // The server put a code that was scanned into another field in its place.
  function place(field, codes, text) {
    $("code").value = codes; $(field).value = "";
    if (field === "who") close();
    if (field === "amount") speak();
    preview(0); keep();
    fault(field, text);
  }

  function choose(option) {
    if (foundCode) addCode();
    memberId.value = option.dataset.member || "";
    who.value = option.dataset.phone || "";
    nobody.checked = false;
    fault("who", "");
    close();
    asked = who.value;
    // Whoever has gone on to the goods or the code while the answer was on its way stays there.
    if (document.activeElement === who || document.activeElement === document.body) amount.focus();
    preview(0);
    keep();
  }
  // Enter in the member's field. Fast fingers go on to the amount while the answer is on its way; if it is not
  // exactly one member, the focus comes back and nobody is chosen.
  async function enter() {
    const text = who.value.trim();
    if (!text) { if (memberId.value || nobody.checked) amount.focus(); return; }
    if (active >= 0 && asked === text) { choose(options[active]); return; }
    if (asked === text && !searching) { if (foundCode) addCode(); else paint(); return; }   // of several, an arrow or another digit decides: never a repeated Enter
    amount.focus();
    const found = searching && searching.text === text ? searching.done : search();
    resolving = found.then(() => {
      if (asked === text && options.length === 1) { choose(options[0]); return true; }
      if (asked === text && foundCode) addCode();
      who.focus();
      return false;
    }).finally(() => { resolving = null; });
  }
  who.addEventListener("input", () => {
    if (memberId.value) { memberId.value = ""; part(); preview(); }   // another name is being typed: the one before is let go
    nobody.checked = false;
    fault("who", "");
    searchSoon();
    keep();
  });
  who.addEventListener("keydown", (e) => {
    if (e.isComposing) return;
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      if (!options.length) return;
      active = (active + (e.key === "ArrowDown" ? 1 : options.length - (active < 0 ? 0 : 1))) % options.length;
      paint();
    } else if (e.key === "Enter") { e.preventDefault(); enter(); }
    else if (e.key === "Escape" && options.length) { e.preventDefault(); e.stopPropagation(); close(); }
    else if (e.key === "Tab" && active >= 0 && asked === who.value.trim()) choose(options[active]);
  });
  list.addEventListener("mousedown", (e) => {
    const option = e.target.closest("[role=option]");
    if (option) { e.preventDefault(); choose(option); }
  });
  who.addEventListener("blur", () => { if (!resolving) { list.hidden = true; who.setAttribute("aria-expanded", "false"); } });
  who.addEventListener("focus", () => { if (options.length) paint(); });
  nobody.addEventListener("change", () => {
    if (nobody.checked) { memberId.value = ""; who.value = ""; close(); fault("who", ""); part(); amount.focus(); }
    preview(0);
  });

  // ── the sums, from the server ──────────────────────────────────────────────────────────────────────────
  let previewTimer, previewStop;
  function preview(wait = 150) {
    clearTimeout(previewTimer);
    if (previewStop) previewStop.abort();
    previewTimer = setTimeout(async () => {
      previewStop = new AbortController();
      const body = new FormData(form);
      try {
        const answer = await post(said.preview, body, { signal: previewStop.signal, patience: PATIENCE_TYPING });
        if (!answer.ok) return;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const part of page.querySelectorAll("[data-into]")) $(part.dataset.into).replaceChildren(...part.childNodes);
        const taken = page.querySelector("[data-taken]"), moved = page.querySelector("[data-moved]");
        if (taken && !memberId.value && !who.value.trim() && !nobody.checked) {   // whose code it is
          memberId.value = taken.dataset.taken; who.value = asked = taken.dataset.who;
          fault("who", ""); keep();
        }
        sellTo();
        offerNaming();
        fault("code", page.querySelector("[data-fault=code]").textContent);
        if (moved && $(moved.dataset.moved).value === body.get(moved.dataset.moved)) place(moved.dataset.moved, moved.dataset.codes, moved.textContent);
        const pay = document.querySelector("#summary [data-pay]");
        if (pay) $("d-pay").textContent = pay.textContent;
      } catch (error) { if (error instanceof Ended) tellFailure(error); /* saving reckons again */ }
    }, wait);
  }
  // A gift card is sold to the member who stands there.
  const cards = $("sell-card"), plainCards = cards.getAttribute("href");
  function sellTo() { cards.href = plainCards.split("?")[0] + (memberId.value ? "?member=" + memberId.value : ""); }

  // ── a name, for who has none ───────────────────────────────────────────────────────────────────────────
  const naming = $("naming"), newName = $("new-name"), nameNow = $("name-now");
  let renaming = false;
  function offerNaming() {
    const rename = document.querySelector("[data-rename]");
    if (rename) rename.hidden = !rename.dataset.rename;
    naming.hidden = !renaming && !document.querySelector("#member [data-nameless]");
    if (nameNow) nameNow.hidden = !memberId.value;   // a newcomer is named with the purchase
  }
  function endNaming() { renaming = false; newName.value = ""; fault("new-name", ""); naming.hidden = true; }
  $("member").addEventListener("click", (e) => {
    const rename = e.target.closest("[data-rename]");
    if (!rename) return;
    renaming = true;
    newName.value = rename.dataset.rename;
    offerNaming();
    newName.select();
  });
  newName.addEventListener("input", () => { fault("new-name", ""); keep(); });
  newName.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || e.isComposing) return;
    e.preventDefault();
    if (memberId.value) giveName(); else amount.focus();
  });
  if (nameNow) nameNow.addEventListener("click", (e) => { e.preventDefault(); giveName(); });
  async function giveName() {
    if (!newName.value.trim()) { amount.focus(); return; }
    const body = new FormData(form);
    body.set("act", "name");
    try {
      const answer = await post(form.action, body, { headers: { Accept: "application/json" } });
      const data = await answer.json().catch(() => ({}));
      if (!answer.ok) { refused(data, answer.status); return; }
      endNaming();
      toast(data.said);
      preview(0);
      amount.focus();
    } catch (error) { tellFailure(error); }
  }

  function speak() {
    const n = isAmount(amount.value) ? number(amount.value) : 0;
    if (!isAmount(amount.value)) spoken.replaceChildren();
    else if (n && digits(amount.value).length <= 15) spoken.textContent = words(n) + " " + said.unit;
    else spoken.replaceChildren(...firstWords.map((node) => node.cloneNode(true)));
  }
  document.addEventListener("till:changed", () => { for (const id of ["line-0-what", "amount", "code"]) fault(id, ""); speak(); preview(); keep(); });
  const part = () => document.dispatchEvent(new CustomEvent("till:parted"));   // the member is let go
  amount.addEventListener("input", () => { fault("amount", ""); speak(); preview(); keep(); });
  ["use-credit", "use-points"].forEach((id) => { if ($(id)) $(id).addEventListener("change", () => preview(0)); });
  $("ref").addEventListener("input", () => { fault("ref", ""); keep(); });

  // ── saving ─────────────────────────────────────────────────────────────────────────────────────────────
  const FIELDS = { who: "who", amount: "amount", ref: "ref", lines: "line-0-what", branch: "branch", new_name: "new-name", use_credit: "use-credit", use_points: "use-points", member: "who", code: "code", coupons: "code" };
  function fault(id, text) {
    const field = $(id), said = $(id + "-error");
    if (!field || !said) return;
    if (text) field.setAttribute("aria-invalid", "true"); else field.removeAttribute("aria-invalid");
    said.hidden = !text;
    said.querySelector("span").textContent = text;
  }
  function newKey() {
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  function busy(on) {
    saving = on;
    document.querySelectorAll("[form=till-form][type=submit]").forEach((b) => { if (on) b.setAttribute("aria-busy", "true"); else b.removeAttribute("aria-busy"); });
  }
  // A clean slate: the next customer must never inherit this member.
  function clear(key) {
    if (searchStop) searchStop.abort();
    form.elements.key.value = key || newKey();
    memberId.value = ""; who.value = ""; amount.value = ""; $("ref").value = ""; nobody.checked = false;
    for (const id of ["use-credit", "use-points"]) if ($(id)) $(id).checked = false;
    Object.values(FIELDS).forEach((id) => fault(id, ""));
    document.dispatchEvent(new CustomEvent("till:cleared"));
    endNaming(); tell(""); close(); asked = ""; speak(); forget(); preview(0);
    who.focus();
  }
  function button(text, act) {
    const b = document.createElement("button");
    b.type = "button"; b.textContent = text; b.addEventListener("click", act);
    return b;
  }
  function print(url) {
    const page = window.open(url + "?print=1", "_blank");
    if (!page) location.assign(url + "?print=1");
  }
  function saved(data, printing) {
    $("recent").innerHTML = data.recent;
    lastReceipt = data.receipt;
    lastUndo = data.undo;
    const more = [];
    if (data.undo) more.push(button(window.Club.said("undo"), () => undo(data.undo)));
    if (!printing) more.push(button(said.saidPrint, () => print(data.receipt)));
    document.body.dataset.saved = String(data.id);
    clear(data.key);
    toast(data.said, ...more);
    if (printing) print(data.receipt);
  }
  function refused(data, status) {
    const faults = Object.entries(data.errors || {});
    if (data.moved) place(data.moved.field, data.moved.codes, "");
    faults.forEach(([name, text]) => fault(FIELDS[name] || name, text));
    tell(data.code === "idempotency_conflict" ? said.saidConflict : data.said || data.detail || (faults.length ? "" : status >= 500 ? said.saidDown : said.saidLost));
    if (!faults.length) return;
    const first = $(FIELDS[faults[0][0]] || faults[0][0]);
    if (first) { first.focus(); if (first === who && who.value) search(); }
  }
  async function save(printing) {
    if (saving) return;
    busy(true);
    try {
      if (resolving && !(await resolving)) return;
      tell(""); hush();   // what was said of the purchase before is not of this one
      const body = new FormData(form);
      const answer = await post(form.action, body, { headers: { Accept: "application/json" } });
      const data = await answer.json().catch(() => ({}));
      if (answer.ok) saved(data, printing); else refused(data, answer.status);
    } catch (error) { tellFailure(error); } finally { busy(false); }
  }
  async function undo(url) {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    try {
      const answer = await post(url, body, { headers: { Accept: "application/json" } });
      const data = await answer.json().catch(() => ({}));
      if (data.recent) $("recent").innerHTML = data.recent;
      toast(data.said || data.detail || said.saidLost);
    } catch (error) { tellFailure(error); }
    who.focus();
  }
  // Two presses: the key goes to the button of one's last purchase, saved here if there is one, and Enter presses it.
  // Never to another's: beside a second till the newest of the list is often theirs.
  function offerUndo() {
    const forms = [...$("recent").querySelectorAll("[data-undo][data-own]")];
    const last = forms.find((one) => new URL(one.action).pathname === lastUndo) || forms[0];
    if (!last) { toast(said.saidNoUndo); return; }
    const press = last.querySelector("button");
    press.focus();
    toast(press.getAttribute("aria-label") + ": " + said.saidUndo);
  }
  form.addEventListener("submit", (e) => { e.preventDefault(); save(e.submitter && e.submitter.name === "print"); });
  $("recent").addEventListener("submit", (e) => {
    if (e.target.matches("[data-undo]")) { e.preventDefault(); undo(e.target.action); }
  });

  // ── keys ───────────────────────────────────────────────────────────────────────────────────────────────
  const flip = (id) => { const box = $(id); if (box) { box.checked = !box.checked; preview(0); } };
  document.addEventListener("keydown", (e) => {
    if (e.key === "F2") { e.preventDefault(); who.focus(); who.select(); }
    else if (e.key === "F4" && !e.altKey) { e.preventDefault(); flip("use-credit"); }
    else if (e.key === "F3") { const first = document.querySelector("#offers [data-reward]"); if (first) { e.preventDefault(); first.focus(); } }
    else if (e.key === "F9") { e.preventDefault(); offerUndo(); }
    else if (e.key === "F8") { e.preventDefault(); flip("use-points"); }
    else if (e.ctrlKey && (e.key === "p" || e.code === "KeyP")) {
      e.preventDefault();
      if (!amount.value && lastReceipt) print(lastReceipt); else save(true);
    } else if (e.key === "Escape" && !e.defaultPrevented && !saving) clear();
  });

  window.addEventListener("online", () => { heard(true); tell(""); });
  window.addEventListener("offline", () => { heard(false); tell(window.Club.said("offline")); });
  recall();
  speak();
  offerNaming();
  const branch = form.elements.branch;
  if (branch && branch.options) {   // the last one used at this till, where the cashier has none of their own
    const KEY = "branch:" + location.host;
    try {
      if (!branch.value) branch.value = localStorage.getItem(KEY) || "";
      if (branch.selectedIndex < 0) branch.value = "";
      branch.addEventListener("change", () => localStorage.setItem(KEY, branch.value));
    } catch { /* private mode */ }
  }
  if (memberId.value || who.value || amount.value) preview(0);
})();
