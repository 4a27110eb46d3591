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
