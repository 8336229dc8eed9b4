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
    if (e.key === "Enter" && !e.isComposing) { e.preventDefault(); toAmount(); }   // a scanner's Enter must not save
  });
  offers.addEventListener("change", () => { changed(); toAmount(); });
  document.addEventListener("keydown", (e) => { if (e.key === "F7") { e.preventDefault(); code.focus(); code.select(); } });
  // What was ticked or said was of the customer before.
  document.addEventListener("till:parted", () => offers.replaceChildren());
  document.addEventListener("till:cleared", () => { code.value = ""; offers.replaceChildren(); });
})();
