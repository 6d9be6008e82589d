// Web Push: the browser's permission is asked only when its reader taps the button that says what it is for.

function bytes(text) {
  const padded = text.replace(/-/g, "+").replace(/_/g, "/").padEnd(Math.ceil(text.length / 4) * 4, "=");
  return Uint8Array.from(atob(padded), (character) => character.charCodeAt(0));
}

async function tell(place, subscription) {
  const { endpoint, keys } = subscription.toJSON();
  const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  const body = new URLSearchParams({ endpoint, p256dh: keys.p256dh, auth: keys.auth });
  const answer = await fetch(place.dataset.pushTo, { method: "POST", headers: { "X-CSRFToken": token }, body });
  if (!answer.ok) throw new Error(`${answer.status}`);
}

async function subscribe(place) {
  if ((await Notification.requestPermission()) !== "granted") return;
  const worker = await navigator.serviceWorker.ready;
  const wanted = { userVisibleOnly: true, applicationServerKey: bytes(place.dataset.push) };
  await tell(place, await worker.pushManager.subscribe(wanted));
}

// An offer in passing (data-push-offer) shows itself where it can be taken up; the settings say in any case how it is.
async function show(place) {
  const worker = await navigator.serviceWorker.getRegistration();
  const known = Notification.permission === "granted" && (await worker?.pushManager.getSubscription());
  const refused = Notification.permission === "denied";
  reveal(place, "ask", !known && !refused);
  reveal(place, "on", known);
  reveal(place, "off", refused);
  if ("pushOffer" in place.dataset && !place.dataset.asked) place.hidden = Boolean(known) || refused;
}

function reveal(place, name, shown) {
  const part = place.querySelector(`[data-push-${name}]`);
  if (part) part.hidden = !shown;
}

async function ask(place, button) {
  button.disabled = true;
  place.dataset.asked = "yes";
  const failed = await subscribe(place).then(() => false, () => true);
  button.disabled = false;
  await show(place);
  reveal(place, "failed", failed);
  reveal(place, "later", place.querySelector("[data-push-ask]").hidden === false);
  reveal(place, "why", place.querySelector("[data-push-ask]").hidden === false);
}

function later(place) {
  place.hidden = true;
  document.cookie = `push=later; path=/; max-age=${90 * 24 * 60 * 60}; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
}

export function offerPush(root) {
  if (!("PushManager" in window && "Notification" in window && "serviceWorker" in navigator)) return;
  for (const place of root.querySelectorAll("[data-push]:not([data-ready])")) {
    place.dataset.ready = "yes";
    show(place);
    place.querySelector("[data-push-ask]").addEventListener("click", (event) => ask(place, event.currentTarget));
    place.querySelector("[data-push-later]")?.addEventListener("click", () => later(place));
  }
}
