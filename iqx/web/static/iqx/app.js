// What every page runs. Everything works without it: it only saves reloading and looking.
import { follow } from "iqx/live";
import { run } from "iqx/countdown";
import { offerCopying } from "iqx/copy";
import { improveDialogs } from "iqx/dialogs";
import { dismissToasts } from "iqx/toasts";
import { improveForms } from "iqx/form";
import { listenForKeys } from "iqx/keys";
import { ringBell } from "iqx/bell";
import { offerPush } from "iqx/push";
import { offerPrinting } from "iqx/print";

function improve(root) {
  run(root);
  offerCopying(root);
  improveForms(root);
  offerPush(root);
  offerPrinting(root);
  if (root.querySelector("[data-passkey], [data-passkey-code]")) {
    import("iqx/passkeys").then((passkeys) => passkeys.offerPasskeys(root)); // few pages need it
  }
}

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes(`tz=${zone}`)) {
  document.cookie = `tz=${zone}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
}

document.documentElement.classList.add("scripted");
improve(document);
improveDialogs();
dismissToasts();
listenForKeys();
follow();
ringBell();
document.body.addEventListener("htmx:afterSettle", (event) => improve(event.detail.target));

if ("serviceWorker" in navigator && window.isSecureContext) {
  navigator.serviceWorker.register("/sw.js").catch(() => {});
}
