// Buttons that put their placeholder where the caret of a text is.
"use strict";
document.querySelectorAll("[data-insert]").forEach((button) => {
  const field = document.querySelector(button.dataset.into);
  button.addEventListener("click", () => {
    field.setRangeText(button.dataset.insert, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
});
