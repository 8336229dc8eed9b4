// Buttons, and links which lead to the same without this, that put their words where the caret of a text is.
"use strict";
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  if (!button || event.ctrlKey || event.metaKey) return;
  const field = document.querySelector(button.dataset.into);
  event.preventDefault();
  field.setRangeText(button.dataset.insert, field.selectionStart, field.selectionEnd, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
