// The charts of the front page, from the numbers that it carries. And canned answers, put where the cursor is.
(() => {
  const carrier = document.getElementById("desk-series");
  const dark = document.documentElement.classList.contains("dark");
  const ink = dark ? "#9ca3af" : "#6b7280";
  const grid = dark ? "rgba(255,255,255,.08)" : "rgba(0,0,0,.06)";
  const colours = ["#7c3aed", "#0ea5e9", "#f59e0b", "#10b981", "#ef4444", "#6366f1", "#84cc16", "#ec4899"];

  const dataset = (label, data, index, filled) => ({
    label, data, borderColor: colours[index % colours.length], borderWidth: 2, pointRadius: 0, pointHitRadius: 12,
    backgroundColor: filled ? colours[index % colours.length] : colours[index % colours.length] + "22",
    tension: 0.25, spanGaps: true,
  });

  const added = (series, name) => {
    const all = Object.values(series.markets).map((market) => market[name]);
    return series.labels.map((_, step) => all.reduce((sum, values) => sum + (values[step] || 0), 0));
  };

  const kinds = {
    stack: (series, [name]) => Object.entries(series.markets).map(([market, of], i) => dataset(market, of[name], i, true)),
    lines: (series, [name]) => Object.entries(series.markets).map(([market, of], i) => dataset(market, of[name], i)),
    sum: (series, names) => names.map((name, i) => dataset({trades: "opened", failed: "failed"}[name] || name, added(series, name), i)),
    platform: (series, names) => names.map((name, i) => dataset(name, series.platform[name], i, names.length === 1)),
    rates: (series) => {
      const released = added(series, "released"), failed = added(series, "failed"), disputed = added(series, "disputed");
      const share = (part) => part.map((n, i) => (released[i] + failed[i] ? Math.round(n * 1000 / (released[i] + failed[i])) / 10 : null));
      return [dataset("completed", share(released), 3), dataset("disputed", share(disputed), 4)];
    },
  };

  const draw = (canvas, series) => {
    const kind = canvas.dataset.kind;
    const bars = kind === "stack" || canvas.dataset.chart === "registered";
    new Chart(canvas, {
      type: bars ? "bar" : "line",
      data: { labels: series.labels, datasets: kinds[kind](series, canvas.dataset.chart.split(",")) },
      options: {
        animation: false, responsive: true, maintainAspectRatio: false, interaction: { mode: "index", intersect: false },
        plugins: { legend: { position: "bottom", labels: { color: ink, boxWidth: 10, boxHeight: 10, usePointStyle: true } } },
        scales: {
          x: { stacked: bars, ticks: { color: ink, maxRotation: 0, autoSkipPadding: 16 }, grid: { display: false } },
          y: { stacked: bars, beginAtZero: true, ticks: { color: ink, maxTicksLimit: 5 }, grid: { color: grid }, border: { display: false } },
        },
      },
    });
  };

  if (carrier && window.Chart) {
    const series = JSON.parse(carrier.textContent);
    document.querySelectorAll("canvas[data-chart]").forEach((canvas) => draw(canvas, series));
  }

  document.querySelectorAll("select[data-fills]").forEach((select) => {
    select.addEventListener("change", () => {
      const area = document.getElementById(select.dataset.fills);
      const text = select.selectedOptions[0].dataset.text || "";
      if (area && text) { area.setRangeText(text, area.selectionStart, area.selectionEnd, "end"); area.focus(); }
      select.selectedIndex = 0;
    });
  });
})();
