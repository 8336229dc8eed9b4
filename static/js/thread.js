// A thread that stays open brings what is new by itself, while somebody looks at it, and disturbs nobody who writes.
// The answer is the page as it is now: new messages are put in their places, parts that changed take the place of the
// old ones, and a part that somebody is just using waits until it is left.
"use strict";

(() => {
  const SECONDS = 10;
  const AWAKE = 60 * 60 * 1000;   // so long after the last sign of life it still asks: no session is kept open by a page
  const WRITING = 20 * 1000;      // so long after the last key somebody is taken to be writing still
  const live = document.querySelector("[data-live]");
  if (!live || !window.htmx) return;
  const told = document.querySelector("[data-live-told]");
  const newer = document.querySelector("[data-newer]");
  let alive = Date.now(), over = false;

  const say = (name) => {
    const text = name ? told.dataset[name] : "";
    if (told.textContent !== text) told.textContent = text;
  };
  const isAsleep = () => Date.now() - alive >= AWAKE;
  const ask = () => {
    if (document.hidden || over) return;
    if (isAsleep()) say("asleep");
    else htmx.trigger(live, "live");
  };
  const wake = () => {
    const slept = isAsleep();
    alive = Date.now();
    if (slept) ask();
  };
  const stop = (name) => { over = true; say(name); };

  // Colleagues are told who is just writing an answer.
  const answer = document.querySelector("#answer textarea");
  let typed = 0;
  answer?.addEventListener("input", () => { typed = Date.now(); });

  live.addEventListener("htmx:configRequest", ({ detail }) => {
    detail.parameters.seen = live.dataset.mark;
    if (answer && answer.value.trim() && Date.now() - typed < WRITING) detail.parameters.writing = "1";
  });
  // The answer is ours alone: nobody who writes is led away from the page because a session has ended.
  live.addEventListener("htmx:beforeOnLoad", (event) => {
    event.preventDefault();
    const { xhr } = event.detail;
    if (xhr.status === 403 || xhr.getResponseHeader("HX-Redirect")) stop("ended");
    else if (xhr.status === 404) stop("gone");
    else if (xhr.status === 204) say("");
    else if (xhr.status === 200 && show(xhr.responseText)) say("");
    else say("away");
  });
  ["htmx:sendError", "htmx:timeout"].forEach((name) => live.addEventListener(name, (event) => {
    event.stopPropagation();
    say("away");
  }));

  function show(text) {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    const said = fresh.querySelector("[data-live]");
    if (!said) return false;
    const still = held();
    const added = placed(said);
    live.dataset.mark = said.dataset.mark;
    const shown = document.querySelector("#answer [name=shown]");
    if (shown) shown.value = said.dataset.newest;
    fresh.querySelectorAll("[data-part]").forEach((part) => waiting.set(part.id, part));
    settle();
    still();
    if (added) point(added);
    return true;
  }

  // What is written in or looked at stays where it is on the screen, whatever comes above it.
  function held() {
    const focused = document.activeElement === document.body ? null : document.activeElement;
    const rect = focused && focused.getBoundingClientRect();
    const isSeen = rect && rect.bottom > 0 && rect.top < innerHeight;
    const kept = isSeen ? focused : document.elementFromPoint(innerWidth / 2, innerHeight / 2);
    const top = kept ? kept.getBoundingClientRect().top : 0;
    return () => { if (kept && kept.isConnected) scrollBy({ top: kept.getBoundingClientRect().top - top, behavior: "instant" }); };
  }

  const words = (row) => [".said-text", ".attached"].map((one) => row.querySelector(one)?.innerHTML).join();

  // Puts the messages that are not here yet in their places, so that only they are read out; tells the newest of them.
  function placed(said) {
    const list = live.querySelector("ol"), rows = [...said.querySelectorAll("[data-said]")];
    const known = new Map([...list.children].map((row) => [row.dataset.said, row]));
    const wanted = new Set(rows.map((row) => row.dataset.said));
    // Of a long thread the newest messages come; those that stand above them here stay.
    let above = 0, isReached = !said.querySelector("#part-older > *") || ![...known.keys()].some((id) => wanted.has(id));
    known.forEach((row, id) => {
      isReached ||= wanted.has(id);
      if (!isReached) above += 1;
      else if (!wanted.has(id)) row.remove();
    });
    document.getElementById("last")?.removeAttribute("id");
    let added = null;
    rows.forEach((row, place) => {
      const here = known.get(row.dataset.said);
      if (!here) {
        list.insertBefore(row, list.children[above + place] || null);
        added = row;
      } else {
        if (row.id) here.id = row.id;
        if (words(here) !== words(row)) here.replaceChildren(...row.childNodes);
        else here.querySelector("time").textContent = row.querySelector("time").textContent;
      }
    });
    return added;
  }

  // Parts: as they came from the server last, and as they should become.
  const plain = (part) => {
    const copy = part.cloneNode(true);
    copy.querySelectorAll("[type=hidden]").forEach((field) => field.removeAttribute("value"));
    return copy.innerHTML;
  };
  const parts = new Map([...document.querySelectorAll("[data-part]")].map((part) => [part.id, plain(part)]));
  const waiting = new Map();

  const wasTouched = (field, part, fresh) => {
    if (field.type === "hidden" || field.tagName === "BUTTON" || field.tagName === "FIELDSET") return false;
    if (field.type === "file") return field.files.length > 0;
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") return field.selectedIndex !== Math.max(0, [...field.options].findIndex((one) => one.defaultSelected));
    // A form that came back with an error holds as its own what was typed.
    const isTyped = field.value !== field.defaultValue || part.querySelector(".error, .note-bad");
    return isTyped && field.value !== "" && field.value !== fresh.querySelector(`[name="${field.name}"]`)?.value;
  };
  const isUsed = (part, fresh) => part.contains(document.activeElement)
    || [...part.querySelectorAll("form")].concat(part.closest("form") || []).some((form) => [...form.elements].some((field) => part.contains(field) && wasTouched(field, part, fresh)));

  function settle() {
    waiting.forEach((fresh, id) => {
      const part = document.getElementById(id), text = plain(fresh);
      if (part && parts.get(id) !== text) {
        if (isUsed(part, fresh)) return;
        part.replaceChildren(...fresh.childNodes);
        Club.bind(part);
        parts.set(id, text);
      }
      waiting.delete(id);
    });
  }

  // A message that came in out of sight is pointed at until it was looked at.
  const watch = new IntersectionObserver((seen) => {
    if (seen.some((one) => one.isIntersecting)) { newer.hidden = true; watch.disconnect(); }
  });
  let pointed = null;
  function point(row) {
    const { top, bottom } = row.getBoundingClientRect();
    if (bottom > 0 && top < innerHeight) return;
    pointed = row;
    newer.hidden = false;
    watch.disconnect();
    watch.observe(row);
  }
  newer.addEventListener("click", () => {
    pointed.tabIndex = -1;
    pointed.focus({ preventScroll: true });
    pointed.scrollIntoView({ block: "center" });
    newer.hidden = true;
  });

  // Opened without a place in it, as after a login, it is open where there is something new; never on the way back.
  const [opened] = performance.getEntriesByType("navigation");
  const isTold = document.querySelector(".messages, .error-summary, [data-focus]");
  if (opened?.type === "navigate" && !location.hash && !isTold) document.getElementById("news")?.scrollIntoView({ behavior: "instant" });
  // One tap gives the stars; arrow keys pass over them, and the button sends.
  document.addEventListener("click", ({ target, detail }) => {
    if (detail && target.matches("[data-sends]")) target.form.requestSubmit();
  });

  setInterval(ask, SECONDS * 1000);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    alive = Date.now();
    over = false;   // perhaps somebody logged in elsewhere meanwhile
    ask();
  });
  window.addEventListener("online", ask);
  ["pointerdown", "keydown", "scroll"].forEach((name) => document.addEventListener(name, wake, { passive: true }));
  document.addEventListener("focusout", () => setTimeout(settle));
})();
