// Forms: no double sending, a look at what was chosen to be sent, codes that came in the address of an e-mail's link.

function clearWhenSent(form) {
  form.dataset.clearing = "yes";
  const told = form.parentElement.querySelector(".attached");
  const file = form.querySelector("input[type=file]");
  file.addEventListener("change", () => {
    told.textContent = file.files[0]?.name ?? "";
    told.hidden = !file.files.length;
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
    if (!event.detail.successful) return;
    form.reset();
    told.hidden = true;
  });
  form.querySelector("textarea").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && matchMedia("(pointer: fine)").matches) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
}

export function improveForms(root) {
  for (const form of root.querySelectorAll("form[method=post]:not([data-improved])")) {
    form.dataset.improved = "yes";
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
      form.setAttribute("aria-busy", "true");
      setTimeout(() => {
        delete form.dataset.sent;
        form.removeAttribute("aria-busy");
      }, 4000);
    });
  }
  for (const form of root.querySelectorAll("form[data-clear]:not([data-clearing])")) clearWhenSent(form);
  for (const chat of root.querySelectorAll("#part-chat")) chat.scrollTop = chat.scrollHeight;
  if (root.id === "part-chat") root.scrollTop = root.scrollHeight;
  const code = location.hash.slice(1);
  const wanted = root.querySelector("input[name=token]");
  if (wanted && code && !wanted.value) {
    wanted.value = decodeURIComponent(code);
    history.replaceState(null, "", location.pathname + location.search);
  }
  for (const choice of root.querySelectorAll("form[data-auto]:not([data-watched])")) {
    choice.dataset.watched = "yes";
    choice.addEventListener("change", () => choice.requestSubmit());
  }
  const wrong = root.querySelector?.("[data-focus], [aria-invalid=true]");
  if (!document.activeElement?.closest("form")) wrong?.focus(); // never away from where somebody types
}
