// Buttons that copy a text: only shown where that works.

export function offerCopying(root) {
  for (const button of root.querySelectorAll("button[data-copy]")) {
    if (!navigator.clipboard || button.dataset.ready) continue;
    button.dataset.ready = "yes";
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      const label = button.querySelector("span");
      const before = label.textContent;
      label.textContent = button.dataset.copied;
      button.classList.add("done");
      setTimeout(() => {
        label.textContent = before;
        button.classList.remove("done");
      }, 1600);
    });
  }
}
