// The code on the card: fetched when the card is looked at, and again when it has ended.
"use strict";
(() => {
  const shown = document.querySelector("[data-code]");
  if (!shown) return;
  const sheet = shown.closest("dialog");
  let timer;

  function isSeen() { return !document.hidden && (!sheet || sheet.open); }
  function wait() {
    const code = shown.querySelector("[data-seconds]");
    clearTimeout(timer);
    if (code) timer = setTimeout(renew, Number(code.dataset.seconds) * 1000);
  }
  async function renew() {
    clearTimeout(timer);
    if (!isSeen()) return;
    try {
      const answer = await fetch(shown.dataset.code, { credentials: "same-origin" });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      shown.replaceChildren(...page.body.childNodes);
      wait();
    } catch {
      shown.replaceChildren();   // rather none than one that has ended
      timer = setTimeout(renew, 5000);
    }
  }

  document.addEventListener("visibilitychange", renew);
  if (sheet) document.querySelectorAll(`[data-open="#${sheet.id}"]`).forEach((b) => b.addEventListener("click", () => setTimeout(renew)));
  else wait();
})();
