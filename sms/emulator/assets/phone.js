/* Fetches the part of the page that changes, and puts it in where it changed. Without scripts the page reloads. */
"use strict";

const live = document.getElementById("live");
if (live) {
  const address = new URL(location.href);
  address.searchParams.set("part", "1");
  let shown = null;
  const look = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(address);
        const text = await answer.text();
        if (answer.ok && text !== shown) {
          if (shown !== null) live.innerHTML = text;
          shown = text;
        }
      } catch {
        /* the emulator is gone for a moment */
      }
    }
    setTimeout(look, 1000);
  };
  look();
}
