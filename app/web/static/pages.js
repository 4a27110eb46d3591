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

// The last profile is the one thing remembered, in the reader's own browser: it says nothing about a child.
window.LastProfile = (() => {
  const NAME = "last-profile";

  document.addEventListener("change", (event) => {
    if (event.target.id !== "profile") return;
    try {
      localStorage.setItem(NAME, event.target.value);
    } catch {
      // A browser may refuse a page its memory; then nothing is remembered.
    }
  });

  function last() {
    try {
      return localStorage.getItem(NAME);
    } catch {
      return null;
    }
  }

  // Choose the last profile in a list; answer whether that changed it.
  function restore(list) {
    const profile = last();
    if (!profile || list.value === profile || ![...list.options].some((each) => each.value === profile)) return false;
    list.value = profile;
    return true;
  }

  return { restore };
})();

// What a link on this page leads to is unfolded, with what it is a heading of.
function unfold() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let closed = target.closest("details:not([open])"); closed; closed = target.closest("details:not([open])")) closed.open = true;
  const folded = target.parentElement.querySelector(":scope > details.rules");
  if (folded && target.matches("h2")) folded.open = true;
  target.scrollIntoView();
}

addEventListener("hashchange", unfold);
if (document.querySelector("details.rules")) unfold();
