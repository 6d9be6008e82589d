// Keys for who trades all day: a page marks links, buttons and fields with data-key; "?" shows what there is.

export function listenForKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const marked = [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === event.key);
    if (!marked) return;
    event.preventDefault();
    if (marked.matches("input, textarea, select")) marked.focus();
    else marked.click();
  });
}
