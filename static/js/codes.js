// Codes at the till: typed in their field, or ticked among the member's own.
// The server says which of them helps; this script only asks it again and moves the focus.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const code = $("code"), offers = $("offers"), amount = $("amount");
  const changed = () => document.dispatchEvent(new CustomEvent("till:changed"));
  const toAmount = () => (amount.disabled ? $("line-0-what") : amount).focus();

  code.addEventListener("input", changed);
  code.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || e.isComposing) return;
    e.preventDefault();   // a scanner's Enter must not save
    const handOut = offers.querySelector("[data-hand-out][data-typed]");
    if (handOut) handOut.focus(); else { awaited = code.value; toAmount(); }
  });
  // A scanner is quicker than the answer: what is to be handed over takes the focus when it comes.
  let awaited = "";
  new MutationObserver(() => {
    const handOut = offers.querySelector("[data-hand-out][data-typed]");
    if (handOut && awaited && awaited === code.value && !amount.value) handOut.focus();
    awaited = "";
  }).observe(offers, { childList: true });
  // A thing over the counter: one press marks it as handed over, whatever else is typed.
  offers.addEventListener("click", async (e) => {
    const button = e.target.closest("[data-hand-out]");
    if (!button) return;
    e.preventDefault();
    button.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(button.formAction, { method: "POST", body: new FormData(button.form), headers: { Accept: "application/json" } });
      const data = await answer.json().catch(() => ({}));
      window.Club.toast(data.said || data.detail || window.Club.said("failed"));
      if (answer.ok && "typed" in button.dataset) code.value = "";
    } catch { window.Club.toast(window.Club.said("failed")); }
    button.removeAttribute("aria-busy");
    changed(); toAmount();
  });
  offers.addEventListener("change", () => { changed(); toAmount(); });
  document.addEventListener("keydown", (e) => { if (e.key === "F7") { e.preventDefault(); code.focus(); code.select(); } });
  // What was ticked or said was of the customer before.
  document.addEventListener("till:parted", () => offers.replaceChildren());
  document.addEventListener("till:cleared", () => { code.value = ""; offers.replaceChildren(); });
})();
