// Cards of the board are dragged to another stage; the form on each card does the same by keyboard.
"use strict";
(() => {
  let dragged = null;
  const column = (e) => e.target.closest && e.target.closest(".board-col");

  document.addEventListener("dragstart", (e) => {
    dragged = e.target.closest && e.target.closest(".lead-card[draggable]");
    if (!dragged) return;
    e.dataTransfer.effectAllowed = "move";
    e.dataTransfer.setData("text/plain", dragged.id);
    dragged.classList.add("is-dragged");
  });
  document.addEventListener("dragend", () => {
    document.querySelectorAll(".is-dragged, .is-over").forEach((one) => one.classList.remove("is-dragged", "is-over"));
    dragged = null;
  });
  document.addEventListener("dragover", (e) => {
    const over = dragged && column(e);
    document.querySelectorAll(".board-col.is-over").forEach((one) => { if (one !== over) one.classList.remove("is-over"); });
    if (!over) return;
    e.preventDefault();
    over.classList.add("is-over");
  });
  document.addEventListener("drop", (e) => {
    const to = dragged && column(e);
    if (!to) return;
    e.preventDefault();
    const form = dragged.querySelector("details form");
    if (form.elements.stage.value === to.dataset.stage) return;
    form.elements.stage.value = to.dataset.stage;
    form.requestSubmit();
  });
  // The board comes back anew: who moved a card by keyboard goes on at that card.
  document.addEventListener("htmx:afterSwap", (e) => {
    const sent = e.detail.requestConfig && e.detail.requestConfig.elt;
    const card = sent && sent.closest && sent.closest(".lead-card");
    const now = card && document.getElementById(card.id);
    if (!now) return;
    now.scrollIntoView({ block: "nearest", inline: "center" }); // on a phone the other stage lies beside the screen
    now.querySelector("a").focus({ preventScroll: true });
  });
})();
