// What the club asks of a newcomer at the till: shown while a newcomer is chosen, kept until the purchase is saved.
"use strict";
(() => {
  const asking = document.getElementById("asking"), member = document.getElementById("member");
  if (!asking) return;
  const fields = [...asking.querySelectorAll("input, select")];
  const DRAFT = "asking:" + location.host;

  function offer() { asking.hidden = !member.querySelector("[data-newcomer]"); }
  function keep() {
    const typed = fields.filter((field) => field.value).map((field) => [field.name, field.value]);
    try {
      if (typed.length) sessionStorage.setItem(DRAFT, JSON.stringify(Object.fromEntries(typed)));
      else sessionStorage.removeItem(DRAFT);
    } catch { /* private mode */ }
  }
  function recall() {
    let draft = null;
    try { draft = JSON.parse(sessionStorage.getItem(DRAFT)); } catch { /* none */ }
    if (draft) fields.forEach((field) => { if (!field.value) field.value = draft[field.name] || ""; });
  }
  function clearFault(field) {
    const said = document.getElementById(field.id + "-error");
    field.removeAttribute("aria-invalid");
    if (said) said.hidden = true;
  }

  asking.addEventListener("input", (e) => {
    clearFault(e.target); keep();
    if (e.target.name === "referrer") document.dispatchEvent(new CustomEvent("till:changed"));   // a friend may get more
  });
  asking.addEventListener("keydown", (e) => {   // Enter moves on, as everywhere at the till but in the amount
    if (e.key !== "Enter" || e.isComposing) return;
    e.preventDefault();
    (fields[fields.indexOf(e.target) + 1] || document.getElementById("amount")).focus();
  });
  document.addEventListener("till:cleared", () => { fields.forEach((field) => { field.value = ""; clearFault(field); }); keep(); });
  new MutationObserver(offer).observe(member, { childList: true });
  recall();
  offer();
})();
