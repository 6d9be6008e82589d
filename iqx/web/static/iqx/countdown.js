// Lets the countdowns run that the server wrote: by what was left then, so a wrong clock here spoils nothing.

const running = new Map();

export function run(root) {
  for (const element of root.querySelectorAll("time.countdown")) {
    if (!running.has(element)) running.set(element, performance.now() + Number(element.dataset.left) * 1000);
  }
}

function write(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

setInterval(() => {
  for (const [element, end] of running) {
    if (!element.isConnected) {
      running.delete(element);
      continue;
    }
    const left = Math.max(0, Math.round((end - performance.now()) / 1000));
    element.textContent = write(left);
    element.classList.toggle("soon", left < 300);
  }
}, 500);
