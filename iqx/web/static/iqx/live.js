// Follows the feed, and has the server render anew whatever part of the page an event is about.
//
// A page says what it follows in #live-channels, with the seq that it was rendered at; so nothing that happened in
// between is missed, and after a lost connection it goes on from the last seq that it saw. No state is kept here: an
// event only says that a part is out of date. Parts carry data-on ("user:trade_paid,trade_released market") and
// data-every, the least number of seconds between two renderings.

const QUIET_MS = 1500; // a connection that is back by then was never missed
const LONGEST_MS = 20000;
const SILENCE_MS = 40000; // heartbeats come every 15 s

const seen = new Map();
let channels = [];
let socket = null;
let tries = 0;
let lastHeard = 0;
let noteTimer = 0;
let leaving = false;

const nameOf = (message) => (message.channel === "user" ? "user" : "market");
const keyOf = (message) => `${message.channel}/${message.market ?? ""}`;

export function follow() {
  const told = document.getElementById("live-channels");
  if (!told) return;
  channels = JSON.parse(told.textContent);
  for (const channel of channels) seen.set(keyOf(channel), channel.since);
  window.addEventListener("pagehide", () => {
    leaving = true;
    socket?.close();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload(); // what a browser froze may be old
  });
  window.addEventListener("online", () => socket || connect());
  window.addEventListener("offline", () => socket?.close());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() - lastHeard > SILENCE_MS) socket?.close();
  });
  setInterval(() => {
    if (socket?.readyState === WebSocket.OPEN && Date.now() - lastHeard > SILENCE_MS) socket.close();
  }, 5000);
  connect();
}

function connect() {
  if (socket || leaving) return;
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const mine = (socket = new WebSocket(`${scheme}://${location.host}/ws/v1`, "iqx.v1"));
  mine.onopen = () => {
    tries = 0;
    for (const channel of channels) subscribe(channel);
  };
  mine.onmessage = (event) => hear(JSON.parse(event.data));
  mine.onclose = (event) => {
    if (socket === mine) socket = null;
    if (leaving) return;
    if (event.code === 4001) {
      location.reload(); // the session has ended: the server says what to see now
      return;
    }
    say(false);
    setTimeout(connect, Math.min(LONGEST_MS, 250 * 2 ** tries++) * (0.75 + Math.random() / 2));
  };
}

function subscribe(channel) {
  const wanted = { op: "subscribe", id: keyOf(channel), channel: channel.channel, since: seen.get(keyOf(channel)) };
  if (channel.market) wanted.market = channel.market;
  socket.send(JSON.stringify(wanted));
}

function hear(message) {
  lastHeard = Date.now();
  if (message.op === "subscribed") {
    say(true);
  } else if (message.op === "error") {
    if (message.code === "invalid_since" || message.code === "not_authenticated") location.reload();
  } else if (message.seq) {
    seen.set(keyOf(message), message.seq);
    touch(nameOf(message), message.type);
    document.dispatchEvent(new CustomEvent("iqx:event", { detail: message }));
  }
}

function concerns(part, stream, type) {
  return part.dataset.on.split(" ").some((wish) => {
    const [name, types] = wish.split(":");
    return name === stream && (!types || types.split(",").includes(type));
  });
}

function touch(stream, type) {
  for (const part of document.querySelectorAll("[data-part][data-on]")) {
    if (part.dataset.on && concerns(part, stream, type)) refresh(part);
  }
}

const timers = new WeakMap();

// The first news are shown at once, what comes in the next seconds together.
function refresh(part) {
  const state = timers.get(part) ?? { at: 0, waiting: 0 };
  timers.set(part, state);
  if (state.waiting) return;
  const wait = Math.max(60, state.at + Number(part.dataset.every) * 1000 - Date.now());
  state.waiting = setTimeout(async () => {
    state.waiting = 0;
    state.at = Date.now();
    if (document.hidden) {
      document.addEventListener("visibilitychange", () => refresh(part), { once: true });
      return;
    }
    await render(part);
  }, wait);
}

async function render(part) {
  const address = new URL(location.href);
  address.searchParams.set("part", part.dataset.part);
  address.hash = "";
  try {
    await htmx.ajax("GET", address.pathname + address.search, { target: part, swap: "innerHTML" });
  } catch {
    setTimeout(() => refresh(part), 2000);
  }
}

function say(connected) {
  const note = document.getElementById("connection");
  clearTimeout(noteTimer);
  if (connected) note.hidden = true;
  else noteTimer = setTimeout(() => (note.hidden = false), QUIET_MS);
}
