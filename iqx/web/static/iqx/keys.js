// Keys for who trades all day. A page marks what they reach by data-key: "b", or "g o" for one key after the other.
// "?" shows which there are here. Nothing happens while somebody types, and all can be switched off in that dialog.

const NEXT_MS = 1500;
const TYPED_IN = "textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])";

let first = "";
let forgetting = 0;

const areOff = () => document.cookie.split("; ").includes("keys=off");

function switchKeys(on) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `keys=${on ? "on" : "off"}; path=/; max-age=31536000; samesite=lax${secure}`;
}

const reached = (keys) => document.querySelector(`[data-key="${CSS.escape(keys)}"]`);

function reach(element) {
  if (element.type === "radio") {
    element.click();
    element.form.querySelector("[data-first]:not([hidden])")?.focus();
  } else if (element.matches("input, textarea, select")) {
    element.focus();
    element.scrollIntoView({ block: "nearest" });
  } else {
    element.click();
  }
}

function show(dialog) {
  for (const row of dialog.querySelectorAll("[data-reaches]")) row.hidden = !reached(row.dataset.reaches);
  for (const list of dialog.querySelectorAll("section")) list.hidden = !list.querySelector("[data-reaches]:not([hidden])");
  dialog.querySelector("input").checked = !areOff();
  dialog.showModal();
}

function hear(event, dialog) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat || dialog.open) return;
  if (event.target.closest(TYPED_IN)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (areOff()) return;
  if (event.key === "?") {
    show(dialog);
    return;
  }
  const wanted = reached(first ? `${first} ${event.key}` : event.key);
  clearTimeout(forgetting);
  first = !first && event.key === "g" ? "g" : "";
  if (first) forgetting = setTimeout(() => (first = ""), NEXT_MS);
  if (!wanted) return;
  event.preventDefault();
  reach(wanted);
}

export function listenForKeys() {
  const dialog = document.getElementById("keys");
  if (!dialog) return;
  document.addEventListener("keydown", (event) => hear(event, dialog));
  dialog.querySelector("input").addEventListener("change", (event) => switchKeys(event.target.checked));
  for (const button of document.querySelectorAll("[data-keys-help]")) {
    button.hidden = !matchMedia("(any-pointer: fine)").matches;
    button.addEventListener("click", () => show(dialog));
  }
}
