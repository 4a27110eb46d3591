// Asks without leaving the page: the facts follow the profile and the event, and the answer takes its place below.
// What is known of the child travels in the bodies of requests alone.
"use strict";

window.Asking = (() => {
  const PAUSE = 250;
  let latest = null;
  let typing = null;

  const find = (selector, within = document) => within.querySelector(selector);
  const form = () => find("#ask");
  const filled = () => new URLSearchParams(new FormData(form()));

  // What is seen on the page anyway is told to screen readers alone.
  function say(text, { unseen = false } = {}) {
    const status = find("#said");
    if (!status) return;
    status.className = unseen ? "unseen" : "said";
    status.textContent = text;
  }

  async function send(fields) {
    latest?.abort();
    latest = new AbortController();
    const address = form().getAttribute("action");
    const response = await fetch(address, { method: "POST", body: fields, signal: latest.signal, cache: "no-store" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const found = find("#work", page);
    if (!found) throw new Error(find("h1", page)?.textContent || `The service answered ${response.status}`);
    return found;
  }

  function put(found, ...selectors) {
    for (const selector of selectors) {
      const here = find(selector);
      const there = find(selector, found);
      if (here && there) here.replaceWith(document.adoptNode(there));
    }
  }

  async function attempt(work) {
    say("");
    try {
      await work();
    } catch (error) {
      if (error.name !== "AbortError") say(`That did not work: ${error.message}`);
    }
  }

  // The events follow the profile and the search, the facts the event; whatever was typed elsewhere stays.
  function refresh(...parts) {
    return attempt(async () => {
      const fields = filled();
      fields.set("step", "choose");
      put(await send(fields), ...parts);
    });
  }

  function calculate() {
    return attempt(async () => {
      const button = find("#work-out");
      button.setAttribute("aria-disabled", "true");
      try {
        put(await send(filled()), "#results");
        document.dispatchEvent(new CustomEvent("answered"));
        announce();
      } finally {
        button.removeAttribute("aria-disabled");
      }
    });
  }

  function announce() {
    const results = find("#results");
    const headings = [...results.querySelectorAll(".result > h2, .refusal h2")].map((each) => each.textContent);
    results.focus({ preventScroll: true });
    (find(".refusal", results) || find("h2", results))?.scrollIntoView({ block: "nearest" });
    say(headings.join("; "), { unseen: true });
  }

  function restoreProfile() {
    if (location.search.includes("profile=") || location.hash.includes("profile=")) return;
    if (find(".result, .refusal") || !window.LastProfile.restore(find("#profile"))) return;
    // Absent, the event is the one that practice starts with under this profile.
    if (!location.search.includes("event=")) find("#event").disabled = true;
    refresh("#event-field", "#facts", "#rule-field");
  }

  const PARTS = { all: ["#event-field", "#facts", "#rule-field"], facts: ["#event-hint", "#event-missing", "#facts", "#rule-field"] };

  document.addEventListener("change", (event) => {
    const parts = PARTS[event.target.dataset?.refresh];
    if (parts) refresh(...parts);
  });

  document.addEventListener("input", (event) => {
    if (!event.target.hasAttribute?.("data-find")) return;
    clearTimeout(typing);
    typing = setTimeout(() => refresh("#event-field"), PAUSE);
  });

  document.addEventListener("keydown", (event) => {
    // In the search, Enter looks for events; the dates are asked for in every other field.
    if (event.key !== "Enter" || !event.target.hasAttribute?.("data-find")) return;
    event.preventDefault();
    clearTimeout(typing);
    refresh("#event-field");
  });

  document.addEventListener("submit", (event) => {
    if (event.target.id !== "ask" || event.submitter?.value === "choose") return;
    event.preventDefault();
    calculate();
  });

  document.addEventListener("click", (event) => {
    const target = event.target.closest?.('a[href^="#"]');
    const field = target && document.getElementById(target.hash.slice(1));
    if (!field?.matches("input, select, textarea")) return;
    event.preventDefault();
    const closed = field.closest("details:not([open])");
    if (closed) closed.open = true;
    field.focus();
  });

  restoreProfile();
  return { find, filled, say, send, attempt, announce };
})();
