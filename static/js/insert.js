// Buttons, and links which lead to the same without this, that put their words where the caret of a text is.
"use strict";
document.querySelectorAll("[data-insert]").forEach((button) => {
  const field = document.querySelector(button.dataset.into);
  button.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    field.setRangeText(button.dataset.insert, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
});
