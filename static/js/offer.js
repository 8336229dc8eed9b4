// What is typed while the cards of an offer or a segment are drawn anew stays as it was typed.
"use strict";

(() => {
  const form = document.getElementById("offer-form") || document.getElementById("segment-form");
  if (!form) return;
  const WRITTEN = "input:not([type=radio]):not([type=checkbox]):not([type=hidden]), textarea";
  const values = () => new Map([...form.querySelectorAll(WRITTEN)].map((field) => [field.name, field.value]));
  const ofCards = (e) => e.detail.target && e.detail.target.id === "cards";
  let sent = new Map(), typed = [];
  document.addEventListener("htmx:beforeRequest", (e) => { if (ofCards(e)) sent = values(); });
  document.addEventListener("htmx:beforeSwap", (e) => {
    if (ofCards(e)) typed = [...values()].filter(([name, value]) => sent.has(name) && sent.get(name) !== value);
  });
  document.addEventListener("htmx:afterSwap", () => {
    typed.forEach(([name, value]) => {
      const field = form.elements.namedItem(name);
      if (field && "value" in field) field.value = value;
    });
    typed = [];
  });
})();
