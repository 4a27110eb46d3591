// Every page: says that scripts run, and opens for printing what a printed page should carry.
"use strict";

document.documentElement.classList.add("script");

const openedForPrint = new Set();

addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details[data-print]:not([open])")) {
    details.open = true;
    openedForPrint.add(details);
  }
});

addEventListener("afterprint", () => {
  for (const details of openedForPrint) details.open = false;
  openedForPrint.clear();
});

// Beside each day that is chosen stands the day written out: a browser may show it month first.
const inWords = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, (event) => {
    const field = event.target;
    const place = field.type === "date" && document.getElementById(`${field.id}-written`);
    if (!place) return;
    const chosen = field.valueAsDate;
    place.textContent = chosen ? inWords.format(chosen).replace(",", "") : "";
  });
}
