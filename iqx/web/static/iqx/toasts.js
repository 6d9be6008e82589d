// Good news go away by themselves; bad news stay until they are clicked away.

export function dismissToasts() {
  const toasts = document.getElementById("toasts");
  for (const toast of toasts?.querySelectorAll(".toast") ?? []) {
    toast.addEventListener("click", () => toast.remove());
    if (!toast.classList.contains("error")) setTimeout(() => toast.remove(), 7000);
  }
}
