// Comfort on top of pages that read without it: local times, copying, keys.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");

  const clock = new Intl.DateTimeFormat(undefined, {
    hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  });
  const dayAndClock = new Intl.DateTimeFormat(undefined, {
    month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  });
  const twoDigits = (number) => String(number).padStart(2, "0");

  function span(seconds) {
    const minutes = Math.floor(seconds / 60);
    const hours = Math.floor(minutes / 60);
    const days = Math.floor(hours / 24);
    if (days) return `${days} d${hours % 24 ? ` ${hours % 24} h` : ""}`;
    if (hours) return `${hours} h${minutes % 60 ? ` ${minutes % 60} min` : ""}`;
    return `${minutes} min`;
  }

  function inWords(time) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) return time.textContent;
    const now = new Date();
    const sameDay = at.toDateString() === now.toDateString();
    const local = (sameDay ? clock : dayAndClock).format(at);
    const utc = `${twoDigits(at.getUTCHours())}:${twoDigits(at.getUTCMinutes())} UTC`;
    const both = at.getTimezoneOffset() ? `${local} (${utc})` : `${local} UTC`;
    const past = (now - at) / 1000;
    const ago = past < 60 ? "just now" : `${span(past)} ago`;
    return "since" in time.dataset ? `${both}, ${ago}` : both;
  }

  function showTimes() {
    for (const time of document.querySelectorAll("time[data-since], time[data-at]")) {
      const words = inWords(time);
      if (time.textContent !== words) time.textContent = words;
    }
  }

  async function copy(button) {
    const text = button.parentElement.querySelector("code").textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select it";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  }

  function step(list, forward) {
    const rows = [...list.querySelectorAll("a.row")];
    const here = rows.indexOf(document.activeElement);
    const next = here < 0 ? 0 : here + (forward ? 1 : -1);
    rows[Math.min(Math.max(next, 0), rows.length - 1)]?.focus();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
  });
  document.addEventListener("keydown", (event) => {
    const list = document.querySelector("[data-list]");
    if (!list || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "j" || event.key === "k") step(list, event.key === "j");
  });
  document.addEventListener("htmx:after:swap", showTimes);
  showTimes();
  setInterval(showTimes, 30000);
})();
