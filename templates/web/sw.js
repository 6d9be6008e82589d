// Keeps the app's own files and the offline page. Pages are never kept: they show somebody's money.
const CACHE = "iqx-{{ version }}";
const SHELL = [{% for address in shell %}"{{ address|escapejs }}", {% endfor %}"/offline"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("iqx-") && name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const request = event.request;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match("/offline")));
    return;
  }
  const address = new URL(request.url);
  if (address.origin === location.origin && SHELL.includes(address.pathname + address.search)) {
    event.respondWith(caches.match(request).then((kept) => kept || fetch(request)));
  }
});

// What the platform tells by Web Push. A repeat has the tag of what it repeats, and takes its place.
self.addEventListener("push", (event) => {
  const told = event.data?.json();
  if (!told) return;
  const shown = { body: told.body, tag: told.tag, data: { link: told.link || "/notices" }, icon: "/static/iqx/icon-192.png" };
  event.waitUntil(self.registration.showNotification(told.title, shown));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const link = new URL(event.notification.data.link, location.origin).href;
  event.waitUntil(
    self.clients.matchAll({ type: "window" }).then(async (windows) => {
      const open = windows.find((page) => page.url === link) ?? windows[0];
      if (!open) return self.clients.openWindow(link);
      await open.focus();
      return open.url === link ? open : open.navigate(link);
    }),
  );
});
