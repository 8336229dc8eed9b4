// Shared comforts. No dependency, no eval, no inline handlers: runs under script-src 'self'.
// Every page works without this file.
"use strict";

window.Club = (() => {
  const FA = "۰۱۲۳۴۵۶۷۸۹";
  const AR = "٠١٢٣٤٥٦٧٨٩";
  const root = document.documentElement;
  const persian = root.lang.startsWith("fa");
  const said = (name) => document.body.dataset["said" + name[0].toUpperCase() + name.slice(1)] || "";

  const toLatin = (s) => s.replace(/[۰-۹]/g, (d) => FA.indexOf(d)).replace(/[٠-٩]/g, (d) => AR.indexOf(d));
  const fa = (n) => (persian ? String(n).replace(/\d/g, (d) => FA[d]) : String(n));
  const digits = (s) => toLatin(s).replace(/\D/g, "");
  const group = (n) => fa(String(n).replace(/^0+(?=\d)/, "").replace(/\B(?=(\d{3})+$)/g, persian ? "٬" : ","));
  const number = (s) => Number(digits(s) || 0);

  const ONES = ["", "یک", "دو", "سه", "چهار", "پنج", "شش", "هفت", "هشت", "نه", "ده", "یازده", "دوازده", "سیزده", "چهارده", "پانزده", "شانزده", "هفده", "هجده", "نوزده"];
  const TENS = ["", "", "بیست", "سی", "چهل", "پنجاه", "شصت", "هفتاد", "هشتاد", "نود"];
  const HUNDREDS = ["", "صد", "دویست", "سیصد", "چهارصد", "پانصد", "ششصد", "هفتصد", "هشتصد", "نهصد"];
  const SCALE = ["", " هزار", " میلیون", " میلیارد", " تریلیون"];
  const ENGLISH_ONES = "- one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(" ");
  const ENGLISH_TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
  const ENGLISH_SCALE = ["", " thousand", " million", " billion", " trillion"];
  function englishGroup(c) {
    const r = c % 100, bits = c >= 100 ? [ENGLISH_ONES[Math.floor(c / 100)] + " hundred"] : [];
    if (r >= 20) bits.push(ENGLISH_TENS[Math.floor(r / 10)] + (r % 10 ? "-" + ENGLISH_ONES[r % 10] : ""));
    else if (r) bits.push(ENGLISH_ONES[r]);
    return bits.join(" and ");
  }
  function englishWords(n) {
    const parts = [], small = n > 100 && n % 1000 > 0 && n % 1000 < 100;
    for (let i = 0; n > 0 && i < ENGLISH_SCALE.length; i++, n = Math.floor(n / 1000)) {
      if (n % 1000) parts.unshift(englishGroup(n % 1000) + ENGLISH_SCALE[i]);
    }
    const last = parts.pop();
    return parts.length ? parts.join(" ") + (small ? " and " : " ") + last : last;
  }
  function words(n) {
    if (!n) return "";
    if (!persian) return englishWords(n);
    if (n === 1000) return "هزار";
    const parts = [];
    for (let i = 0; n > 0 && i < SCALE.length; i++, n = Math.floor(n / 1000)) {
      const c = n % 1000;
      if (!c) continue;
      const bits = [];
      if (c >= 100) bits.push(HUNDREDS[Math.floor(c / 100)]);
      const r = c % 100;
      if (r >= 20) { bits.push(TENS[Math.floor(r / 10)]); if (r % 10) bits.push(ONES[r % 10]); } else if (r) bits.push(ONES[r]);
      parts.unshift(bits.join(" و ") + SCALE[i]);
    }
    return parts.join(" و ");
  }

  let toastTimer;
  // `actions` are nodes (a link, a button) that stay 8 seconds beside the text.
  function toast(text, ...actions) {
    const t = document.getElementById("toast");
    t.replaceChildren(document.createTextNode(text), ...actions);
    t.classList.add("on");
    clearTimeout(toastTimer);
    toastTimer = setTimeout(() => t.classList.remove("on"), actions.length ? 8000 : 5000);
  }

  function hush() { clearTimeout(toastTimer); document.getElementById("toast").classList.remove("on"); }

  // Money fields: any digits in, grouped digits shown; "." means three zeros, and ends the number: a digit after it
  // would make 12.5 into 120,005. The server reads the text again.
  const LONGEST = 15;
  // What is no amount (a minus, a fraction, words) is left as typed: the server says what is wrong with it.
  const isAmount = (s) => /^[\s\d۰-۹٠-٩,٬،]*$/.test(s);
  function faultBeside(input, text) {
    const error = document.getElementById(input.id + "-error");
    if (!error) { if (text) toast(text); return; }
    error.hidden = !text;
    error.lastElementChild.textContent = text;
  }
  function bindMoney(input) {
    let ended = false, told = false;   // "." was typed last; its text stands beside the field
    const show = () => { const d = digits(input.value).slice(0, LONGEST); input.value = d ? group(d) : ""; };
    input.addEventListener("beforeinput", (e) => {
      if (e.inputType !== "insertText" || !e.data) return;
      const all = input.selectionStart === 0 && input.selectionEnd === input.value.length;
      if (ended && digits(e.data) && !all) { e.preventDefault(); faultBeside(input, said("zeros")); told = true; return; }
      if (![".", "/", "*", "٫"].includes(e.data)) return;
      e.preventDefault();
      const d = digits(input.value);
      if (!Number(d) || d.length + 3 > LONGEST) return;
      input.value = group(d + "000");
      input.dispatchEvent(new Event("input", { bubbles: true }));
      ended = true;
    });
    input.addEventListener("input", () => {
      ended = false;
      if (told) { faultBeside(input, ""); told = false; }
      if (isAmount(input.value)) show();
    });
  }

  function setTheme(theme) {
    root.dataset.theme = theme;
    document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
  }
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);

  async function copy(text) {
    try { await navigator.clipboard.writeText(text); toast(said("copied")); return true; } catch { return false; }
  }
  const address = (field) => (field.value.includes("://") ? field.value : `https://${field.value}`);

  function bind(scope) {
    scope.querySelectorAll("[data-money]").forEach(bindMoney);
    scope.querySelectorAll("[data-open]").forEach((b) => b.addEventListener("click", (e) => {
      const sheet = document.querySelector(b.dataset.open);
      if (sheet && sheet.showModal) { e.preventDefault(); sheet.showModal(); }
    }));
    scope.querySelectorAll("[data-copy]").forEach((b) => b.addEventListener("click", async () => {
      const field = document.querySelector(b.dataset.copy);
      if (!(await copy(field.value || field.textContent)) && field.select) field.select();
    }));
    scope.querySelectorAll("[data-share-code]").forEach((b) => b.addEventListener("click", async () => {
      const text = `${b.dataset.shareText}: ${document.querySelector(b.dataset.shareCode).textContent}`;
      if (!navigator.share) { copy(text); return; }
      try { await navigator.share({ text }); } catch { /* closed */ }
    }));
    scope.querySelectorAll("[data-js]").forEach((one) => { one.hidden = false; });
    scope.querySelectorAll("[data-share]").forEach((b) => b.addEventListener("click", async () => {
      const url = address(document.querySelector(b.dataset.share));
      if (!navigator.share) { copy(url); return; }
      try { await navigator.share({ url, text: b.dataset.shareText || "" }); } catch { /* closed */ }
    }));
    scope.querySelectorAll("[data-print]").forEach((b) => b.addEventListener("click", () => window.print()));
    // "gives=points credit": only while one of these is chosen; a field with an error stays in sight.
    scope.querySelectorAll("[data-only]").forEach((part) => {
      const [name, values] = part.dataset.only.split("=");
      const chosen = part.closest("form").elements.namedItem(name);
      const show = () => { part.hidden = !values.split(" ").includes(chosen.value) && !part.querySelector(".error"); };
      chosen.addEventListener("change", show);
      show();
    });
    scope.querySelectorAll("[data-submit-on-change]").forEach((f) => f.addEventListener("change", () => f.form.requestSubmit()));
  }

  bind(document);
  document.querySelectorAll("[data-theme-toggle]").forEach((b) => b.addEventListener("click", () => setTheme(isDark() ? "light" : "dark")));
  const focused = document.querySelector("[data-focus]");
  if (focused) focused.focus();

  // A form sent twice by an impatient finger is sent once; the button keeps its focus.
  document.addEventListener("submit", (e) => {
    const button = e.submitter || e.target.querySelector("[type=submit]");
    if (e.defaultPrevented || !button || e.target.method === "dialog" || e.target.target) return;
    if (button.getAttribute("aria-busy") === "true") { e.preventDefault(); return; }
    button.setAttribute("aria-busy", "true");
    if (/\/logout\/$/.test(e.target.getAttribute("action"))) forgetDrafts();
  });
  // Messages that were written and not sent (message.js) are for nobody who comes after.
  function forgetDrafts() {
    try { Object.keys(sessionStorage).filter((key) => key.startsWith("draft:")).forEach((key) => sessionStorage.removeItem(key)); } catch { /* private mode */ }
  }
  // Back from the history: the page is as it was left, its buttons must work again.
  window.addEventListener("pageshow", (e) => { if (e.persisted) document.querySelectorAll("[aria-busy=true]").forEach((b) => b.removeAttribute("aria-busy")); });
  document.addEventListener("click", (e) => {
    document.querySelectorAll("details.drawer[open]").forEach((d) => { if (!d.contains(e.target)) d.open = false; });
  });

  document.addEventListener("htmx:afterSwap", (e) => bind(e.target));
  document.addEventListener("htmx:responseError", (e) => toast(e.detail.xhr.status === 403 ? said("ended") : said("failed")));
  document.addEventListener("htmx:timeout", () => toast(said("failed")));
  document.addEventListener("htmx:sendError", () => toast(navigator.onLine ? said("failed") : said("offline")));

  return { fa, group, digits, number, isAmount, toLatin, words, toast, hush, said, bind };
})();
