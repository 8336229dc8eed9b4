// A receipt opened to be printed: prints itself once it is drawn; a window of its own closes afterwards.
"use strict";
(async () => {
  await document.fonts.ready;
  window.addEventListener("afterprint", () => { if (window.opener) window.close(); });
  window.print();
})();
