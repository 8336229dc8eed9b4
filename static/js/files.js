// Files that are too many or too large are told of as they are chosen; the server judges them all the same.
"use strict";
(() => {
  const SVG = "http://www.w3.org/2000/svg";

  function fault(field) {
    const { mostFiles, mostBytes, mostTotal, saidMany, saidLarge, saidTotal, saidHeic } = field.dataset;
    const files = [...field.files], of = (text, file) => text.replace("%(file)s", file.name);
    const photo = files.find((file) => /\.hei[cf]$/i.test(file.name)), large = files.find((file) => file.size > +mostBytes);
    if (files.length > +mostFiles) return saidMany;
    if (photo) return of(saidHeic, photo);
    if (large) return of(saidLarge, large);
    return files.reduce((sum, file) => sum + file.size, 0) > +mostTotal ? saidTotal : "";
  }
  function line(field) {
    const known = document.getElementById(`${field.id}_error`);
    if (known) return known;
    const made = document.createElement("p"), icon = document.createElementNS(SVG, "svg"), use = document.createElementNS(SVG, "use");
    made.className = "error"; made.id = `${field.id}_error`; made.setAttribute("role", "alert");
    icon.setAttribute("class", "icon"); icon.setAttribute("aria-hidden", "true"); use.setAttribute("href", "#i-circle-alert");
    icon.append(use); made.append(icon, document.createElement("span")); field.parentElement.append(made);
    return made;
  }
  function judge(field) {
    const text = fault(field), told = text || document.getElementById(`${field.id}_error`) ? line(field) : null;
    if (told) { told.hidden = !text; told.lastElementChild.textContent = text; }
    field.toggleAttribute("aria-invalid", false);
    if (text) {
      field.setAttribute("aria-invalid", "true");
      const named = (field.getAttribute("aria-describedby") || "").split(" ").filter(Boolean);
      if (!named.includes(told.id)) field.setAttribute("aria-describedby", [...named, told.id].join(" "));
    }
    return !text;
  }
  // At the document, as parts of a page that stays open come and go; before others take the form for sent.
  const FIELD = "input[type=file][data-most-total]";
  document.addEventListener("change", (e) => { if (e.target.matches(FIELD)) judge(e.target); });
  document.addEventListener("submit", (e) => {
    const wrong = [...e.target.querySelectorAll(FIELD)].find((field) => !judge(field));
    if (!wrong) return;
    e.preventDefault();
    const folded = wrong.closest("details");
    if (folded) folded.open = true;
    wrong.focus();
  }, true);
})();
