// Files as they are chosen: each in a line with its size and a way to take it back; what is too much, too large or of no
// kind that is taken is told at once. The server judges them all the same.
"use strict";
(() => {
  const SVG = "http://www.w3.org/2000/svg", KB = 1024, THUMB = 80;
  const FIELD = "input[type=file][data-most-total]";

  function fault(field) {
    const { mostFiles, mostBytes, mostTotal, saidMany, saidLarge, saidTotal, saidHeic, saidOther } = field.dataset;
    const files = [...field.files], of = (text, file) => text.replace("%(file)s", file.name), endings = field.accept.split(",");
    const photo = files.find((file) => /\.hei[cf]$/i.test(file.name)), large = files.find((file) => file.size > +mostBytes);
    const other = files.find((file) => !endings.some((ending) => file.name.toLowerCase().endsWith(ending)));
    if (files.length > +mostFiles) return saidMany;
    if (photo) return of(saidHeic, photo);
    if (other) return of(saidOther, other);
    if (large) return of(saidLarge, large);
    return files.reduce((sum, file) => sum + file.size, 0) > +mostTotal ? saidTotal : "";
  }
  function icon(name) {
    const drawn = document.createElementNS(SVG, "svg"), use = document.createElementNS(SVG, "use");
    drawn.setAttribute("class", "icon"); drawn.setAttribute("aria-hidden", "true"); use.setAttribute("href", `#i-${name}`);
    drawn.append(use);
    return drawn;
  }
  function line(field) {
    const known = document.getElementById(`${field.id}_error`);
    if (known) return known;
    const made = document.createElement("p");
    made.className = "error"; made.id = `${field.id}_error`; made.setAttribute("role", "alert");
    made.append(icon("circle-alert"), document.createElement("span")); (field.closest(".field") || field.parentElement).append(made);
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

  const chosen = new WeakMap();   // what each field holds, as choosing again would forget it
  const put = (field, files) => {
    const held = new DataTransfer();
    files.forEach((file) => held.items.add(file));
    field.files = held.files;
    chosen.set(field, files);
    list(field);
  };
  const key = (file) => [file.name, file.size, file.lastModified].join();
  function add(field) {
    const held = chosen.get(field) || [], known = new Set(held.map(key));
    put(field, [...held, ...[...field.files].filter((file) => !known.has(key(file)))]);
  }
  function size({ size: bytes }, field) {
    const [kilo, mega] = field.dataset.saidSizes.split("|"), isLarge = bytes >= KB * KB;
    const shown = isLarge ? (bytes / KB / KB).toFixed(1).replace(/\.0$/, "").replace(".", Club.fa("1") === "1" ? "." : "٫") : String(Math.max(1, Math.round(bytes / KB)));
    return (isLarge ? mega : kilo).replace("%(size)s", Club.fa(shown));
  }
  // A picture as text: the page's policy lets no other address of one in.
  async function thumb(file, place) {
    if (!/^image\/(png|jpeg|webp|gif)$/.test(file.type)) return;
    try {
      const drawn = await createImageBitmap(file), side = Math.min(drawn.width, drawn.height);
      const canvas = document.createElement("canvas"), image = document.createElement("img");
      canvas.width = canvas.height = THUMB;
      canvas.getContext("2d").drawImage(drawn, (drawn.width - side) / 2, (drawn.height - side) / 2, side, side, 0, 0, THUMB, THUMB);
      drawn.close();
      image.alt = ""; image.src = canvas.toDataURL("image/webp", .8);
      place.replaceWith(image);
    } catch { /* the icon stays */ }
  }
  function list(field) {
    const rows = chosen.get(field).map((file, place) => {
      const row = document.createElement("li"), name = document.createElement("bdi"), told = document.createElement("span"), off = document.createElement("button"), mark = icon("file-text");
      name.textContent = file.name; told.className = "small muted"; told.textContent = size(file, field);
      off.type = "button"; off.className = "btn btn-sm btn-quiet"; off.setAttribute("aria-label", field.dataset.saidRemove.replace("%(file)s", file.name));
      off.append(icon("x"));
      off.addEventListener("click", () => {
        put(field, chosen.get(field).filter((one) => one !== file));
        judge(field);
        const left = field.parentElement.querySelectorAll("li button");
        (left[Math.min(place, left.length - 1)] || field).focus();
      });
      row.append(mark, name, told, off);
      thumb(file, mark);
      return row;
    });
    field.parentElement.querySelector("ul").replaceChildren(...rows);
  }
  function dress(field) {
    const box = document.createElement("div"), label = document.createElement("label"), rows = document.createElement("ul");
    box.className = "picked"; label.className = "btn"; label.htmlFor = field.id; rows.setAttribute("aria-live", "polite");
    label.append(icon("image-up"), field.dataset.saidChoose);
    field.replaceWith(box);
    field.classList.replace("input", "vh");
    box.append(field, label, rows);
    if (field.files.length) add(field);
  }

  document.querySelectorAll(FIELD).forEach(dress);
  // At the document, before others take the form for sent.
  document.addEventListener("change", (e) => {
    if (!e.target.matches(FIELD)) return;
    add(e.target);
    judge(e.target);
  });
  document.addEventListener("submit", (e) => {
    const wrong = [...e.target.querySelectorAll(FIELD)].find((field) => !judge(field));
    if (!wrong) return;
    e.preventDefault();
    const folded = wrong.closest("details");
    if (folded) folded.open = true;
    wrong.focus();
  }, true);
})();
