// The page without a network: loads what was wanted as soon as there is one.
addEventListener("online", () => location.reload());
