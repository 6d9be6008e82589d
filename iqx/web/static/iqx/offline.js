// Comes back when the platform answers again. A browser that says "online" has a network, not yet an answer.
async function comeBack() {
  const answer = await fetch(location.href, { method: "HEAD", cache: "no-store" }).catch(() => null);
  if (answer) location.reload();
}

addEventListener("online", comeBack);
setInterval(comeBack, 3000);
