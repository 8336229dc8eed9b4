// How the till asks the server: with patience and no longer, with a fresh token after a login in another tab, and
// saying whether the server is reached at all.
"use strict";
window.Till = (() => {
  const $ = (id) => document.getElementById(id);
  const form = $("till-form"), token = form.elements.csrfmiddlewaretoken;

  class Ended extends Error {}   // the session is over
  class Late extends Error {}    // no answer in time: what was asked may have been done all the same, or be done later
  const PATIENCE = 12_000, PATIENCE_TYPING = 5_000;   // the database itself gives up after ten seconds
  const headers = { "HX-Request": "true", "HX-Current-URL": location.href };

  async function ask(url, { signal, patience = PATIENCE, ...settings } = {}) {
    const stop = new AbortController();
    let late = false, answer;
    const timer = setTimeout(() => { late = true; stop.abort(); }, patience);
    if (signal) signal.addEventListener("abort", () => stop.abort(), { once: true });
    try {
      answer = await fetch(url, { credentials: "same-origin", ...settings, headers: { ...headers, ...settings.headers }, signal: stop.signal });
    } catch (error) {
      if (late || !isAbort(error)) heard(false);
      throw late ? new Late() : error;
    } finally { clearTimeout(timer); }
    heard(![502, 503, 504].includes(answer.status));
    if (answer.redirected || answer.headers.has("HX-Redirect")) throw new Ended();
    return answer;
  }

  // After a login in another tab the token in this form is stale: take a new one and go on.
  async function renewToken() {
    const answer = await ask(form.action);
    if (!answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("#till-form [name=csrfmiddlewaretoken]");
    if (fresh) token.value = fresh.value;
    return Boolean(fresh);
  }

  async function post(url, body, settings = {}) {
    const send = () => ask(url, { method: "POST", body, ...settings });
    let answer = await send();
    if (answer.status === 403 && await renewToken()) {
      body.set("csrfmiddlewaretoken", token.value);
      answer = await send();
    }
    return answer;
  }

  const isAbort = (error) => error.name === "AbortError";

  // On line is who reaches the server, and whose server reaches its database.
  let answered = true;
  function online() { const on = navigator.onLine && answered; $("net-on").hidden = !on; $("net-off").hidden = on; }
  function heard(answer) { answered = answer; online(); }
  online();

  return { ask, post, isAbort, heard, Ended, PATIENCE_TYPING };
})();
