// The explorer: asks without leaving the page, and hands over what was asked as a link, a command or a calendar file.
// What is known of the child travels in the bodies of requests alone. A link's state stands in the fragment of its
// address, which no browser sends, and the page never writes it into its own address.
"use strict";

(() => {
  const PERSONAL = ["fact.child_date_of_birth", "fact.expected_delivery_date"];
  let latest = null;

  const find = (selector, within = document) => within.querySelector(selector);
  const form = () => find("#ask");

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
    const response = await fetch("/explorer", { method: "POST", body: fields, signal: latest.signal, cache: "no-store" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const found = find("#explorer", page);
    if (!found) throw new Error(find("h1", page)?.textContent || `The service answered ${response.status}`);
    return found;
  }

  const filled = () => new URLSearchParams(new FormData(form()));

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

  // The facts that matter follow the profile and the event; whatever was typed elsewhere stays.
  function refresh(all) {
    return attempt(async () => {
      const fields = filled();
      fields.set("step", "choose");
      const found = await send(fields);
      if (all) put(found, "#event-field");
      else put(found, "#event-hint");
      put(found, "#facts");
    });
  }

  function calculate() {
    return attempt(async () => {
      const button = find("#work-out");
      button.setAttribute("aria-disabled", "true");
      try {
        const found = await send(filled());
        put(found, "#results");
        forgetFragment();
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

  // Once something else is asked, an address that came with a state would no longer say what is shown.
  function forgetFragment() {
    if (location.hash.includes("profile=")) history.replaceState(null, "", location.pathname);
  }

  function restore() {
    const state = new URLSearchParams(location.hash.slice(1));
    if (!state.get("profile")) return;
    attempt(async () => {
      if (!state.get("date")) state.set("step", "choose");
      const found = await send(state);
      find("#explorer").replaceWith(document.adoptNode(found));
      announce();
    });
  }

  function link() {
    const state = new URLSearchParams();
    const withDates = find("#with-dates")?.checked;
    for (const [name, value] of filled()) {
      if (value && (withDates || !PERSONAL.includes(name))) state.set(name, value);
    }
    return `${location.origin}/explorer#${state}`;
  }

  async function copy(text, what) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      area.setAttribute("readonly", "");
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      if (!done) throw new Error("the browser does not let the page copy");
    }
    say(`${what} copied.`);
  }

  async function calendarFile() {
    const result = find(".result");
    const body = JSON.parse(result.dataset.body);
    delete body.explain;
    body.reference ||= result.dataset.calculation.slice(-16);
    const response = await fetch("/v1/calculations", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/calendar" },
      body: JSON.stringify(body),
    });
    const kind = response.headers.get("content-type") || "";
    if (!response.ok || !kind.startsWith("text/calendar")) throw new Error(`no calendar file came (${response.status})`);
    const address = URL.createObjectURL(await response.blob());
    const anchor = document.createElement("a");
    anchor.href = address;
    anchor.download = `deadlines-${body.profile}.ics`;
    document.body.append(anchor);
    anchor.click();
    anchor.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
    say("Calendar file ready.");
  }

  const acts = {
    link: () => copy(link(), "Link"),
    curl: () => copy(find(".curl").textContent, "Command"),
    ics: calendarFile,
    print: async () => window.print(),
  };

  document.addEventListener("change", (event) => {
    const how = event.target.dataset?.refresh;
    if (how) refresh(how === "all");
  });

  document.addEventListener("submit", (event) => {
    if (event.target.id !== "ask" || event.submitter?.value === "choose") return;
    event.preventDefault();
    calculate();
  });

  document.addEventListener("click", (event) => {
    const act = event.target.closest?.("[data-act]")?.dataset.act;
    if (act) attempt(acts[act]);
    const target = event.target.closest?.('a[href^="#fact-"]');
    const field = target && document.getElementById(target.hash.slice(1));
    if (field) {
      event.preventDefault();
      const closed = field.closest("details:not([open])");
      if (closed) closed.open = true;
      field.focus();
    }
  });

  addEventListener("hashchange", restore);
  restore();
})();
