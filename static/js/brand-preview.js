// Shows what a colour comes to before it is saved; the tokens are the server's.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const field = document.querySelector("[data-brand]");
  const preview = document.querySelector("[data-colour-url]");
  if (!field || !preview) return;
  let waiting;
  async function show() {
    const answer = await fetch(`${preview.dataset.colourUrl}?colour=${encodeURIComponent(field.value)}`);
    if (!answer.ok) return;
    const tokens = await answer.json();
    preview.querySelectorAll("[data-theme-sample]").forEach((sample) => {
      for (const [name, value] of Object.entries(tokens[sample.dataset.themeSample])) sample.style.setProperty(name, value);
    });
  }
  field.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(show, 150); });
  show();
});
