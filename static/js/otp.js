// The code page: counts down to the next code, sends six digits by itself, reads the SMS where the phone offers it.
// Without it the page works the same: the server says when it is too early.
"use strict";
(() => {
  const form = document.querySelector("[data-otp]");
  const input = form && form.querySelector("input[name=code]");
  const again = document.querySelector("[data-resend]");

  if (again) {
    const label = again.textContent;
    let left = Number(again.dataset.resend);
    const tick = () => {
      const waiting = left > 0;
      again.setAttribute("aria-disabled", String(waiting));
      again.textContent = waiting ? again.dataset.saidWait.replace("#", window.Club ? Club.fa(left) : left) : label;
      if (waiting) { left -= 1; setTimeout(tick, 1000); }
    };
    again.addEventListener("click", (e) => { if (again.getAttribute("aria-disabled") === "true") e.preventDefault(); });
    tick();
  }

  if (!input) return;
  let sent = "";
  const sendWhenFull = () => {
    const typed = window.Club ? Club.digits(input.value) : input.value.replace(/\D/g, "");
    if (typed.length === 6 && typed !== sent) { sent = typed; form.requestSubmit(); }
  };
  input.addEventListener("input", sendWhenFull);
  if (window.OTPCredential) {
    const stop = new AbortController();
    form.addEventListener("submit", () => stop.abort());
    navigator.credentials.get({ otp: { transport: ["sms"] }, signal: stop.signal })
      .then((found) => { if (found) { input.value = found.code; sendWhenFull(); } })
      .catch(() => {});
  }
})();
