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

async function show(place) {
  const worker = await navigator.serviceWorker.getRegistration();
  const known = Notification.permission === "granted" && (await worker?.pushManager.getSubscription());
  place.querySelector("[data-push-ask]").hidden = Boolean(known) || Notification.permission === "denied";
  place.querySelector("[data-push-on]").hidden = !known;
  place.querySelector("[data-push-off]").hidden = Notification.permission !== "denied";
}

export function offerPush(root) {
  if (!("PushManager" in window && "Notification" in window && "serviceWorker" in navigator)) return;
  for (const place of root.querySelectorAll("[data-push]:not([data-ready])")) {
    place.dataset.ready = "yes";
    show(place);
    place.querySelector("[data-push-ask]").addEventListener("click", async (event) => {
      event.target.disabled = true;
      await subscribe(place).catch(() => {});
      event.target.disabled = false;
      show(place);
    });
  }
}
