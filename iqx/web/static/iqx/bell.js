// The bell: counts anew a moment after something happened to its reader, and when he comes back to the page.

const LATER_MS = 2500; // a notice is written shortly after its event

let waiting = 0;

async function count() {
  waiting = 0;
  const bell = document.getElementById("bell");
  if (!bell || document.hidden) return;
  const answer = await fetch(bell.dataset.bell, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer?.ok && answer.status === 200) bell.outerHTML = await answer.text();
}

export function ringBell() {
  document.addEventListener("iqx:event", (event) => {
    if (event.detail.channel === "user" && !waiting) waiting = setTimeout(count, LATER_MS);
  });
}
