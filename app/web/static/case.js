// One case: asks without leaving the page, opens and saves files on the reader's own disk. The case travels in the
// bodies of requests alone and is nowhere else than in this page and in the files that the reader saves.
"use strict";

(() => {
  const PAUSE = 250;
  let latest = null;
  let typing = null;
  const find = (selector, within = document) => within.querySelector(selector);

  function say(text, { unseen = false } = {}) {
    const status = find("#said");
    status.className = unseen ? "unseen" : "said";
    status.textContent = text;
  }

  async function attempt(work) {
    try {
      await work();
    } catch (error) {
      if (error.name !== "AbortError") say(`That did not work: ${error.message}`);
    }
  }

  async function send(fields) {
    latest?.abort();
    latest = new AbortController();
    const response = await fetch("/case", { method: "POST", body: fields, signal: latest.signal, cache: "no-store" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const found = find("#work", page);
    if (!found) throw new Error([find("h1", page), find(".lead", page)].map((each) => each?.textContent).join(": "));
    return found;
  }

  const opened = () => [...document.querySelectorAll("details.event[open]")].map((each) => each.id);

  // The whole page follows each answer; what was open stays open, and the focus goes where the reader looks next.
  function show(found, { open, focus }) {
    find("#work").replaceWith(document.adoptNode(found));
    for (const id of open) {
      const details = document.getElementById(id);
      if (details) details.open = true;
    }
    const target = find(".refusal") ? find(".refusal h2") : find(focus);
    if (target && !target.matches("input, select, button, summary, [tabindex]")) target.setAttribute("tabindex", "-1");
    target?.focus();
    say(find(".refusal h2")?.textContent || [...document.querySelectorAll(".summary a")].map((each) => each.textContent).join(", "), {
      unseen: true,
    });
  }

  function work(submitter) {
    return attempt(async () => {
      const step = submitter?.name === "step" ? submitter.value : "";
      const fields = new URLSearchParams(new FormData(find("#case")));
      if (step) fields.set("step", step);
      const removed = step.startsWith("remove-");
      const adds = fields.get("add.type") && fields.get("add.date") && !removed;
      const open = removed ? [] : opened();
      const last = document.querySelectorAll("details.event").length;
      if (adds) open.push(`event-${last}`);
      show(await send(fields), { open, focus: adds ? `#event-${last} > summary` : removed ? "#add-type" : "#results" });
    });
  }

  function look() {
    return attempt(async () => {
      const fields = new URLSearchParams(new FormData(find("#case")));
      fields.set("step", "choose");
      const found = await send(fields);
      for (const selector of ["#add-type", "#event-found"]) {
        find(selector).replaceWith(document.adoptNode(find(selector, found)));
      }
    });
  }

  const body = () => JSON.parse(find("#results").dataset.body);

  const acts = {
    save: async () => {
      const text = JSON.stringify(body(), null, 2);
      window.Files.save(new Blob([text], { type: "application/json" }), "case.json");
      say("The case is saved as case.json in your downloads.");
    },
    ics: async () => {
      const asked = body();
      if (!asked.reference) {
        find("#reference").focus();
        throw new Error("a calendar file needs your reference");
      }
      await window.Files.calendar("/v1/timelines", asked, "case.ics");
      say("Calendar file ready.");
    },
    print: async () => window.print(),
  };

  if (!find("details.event") && !location.search) window.LastProfile.restore(find("#profile")) && look();

  document.addEventListener("submit", (event) => {
    if (event.target.id !== "case") return;
    event.preventDefault();
    work(event.submitter);
  });

  document.addEventListener("click", (event) => {
    const act = event.target.closest?.("[data-act]")?.dataset.act;
    if (act) attempt(acts[act]);
    const target = event.target.closest?.('a[href^="#event-"], a[href^="#case-fact-"], a[href^="#obligation-"], a[href="#as_of"], a[href="#until"]');
    const field = target && document.getElementById(target.hash.slice(1));
    if (field) {
      event.preventDefault();
      for (let closed = field.closest("details:not([open])"); closed; closed = field.closest("details:not([open])")) {
        closed.open = true;
      }
      const within = field.querySelector?.(":scope > details");
      if (within) within.open = true;
      (within?.querySelector("summary") ?? field).focus();
    }
  });

  document.addEventListener("change", (event) => {
    if (event.target.id === "profile") look();
    if (event.target.id === "open-case" && event.target.files.length) {
      attempt(async () => {
        const text = await event.target.files[0].text();
        show(await send(new URLSearchParams({ file: text })), { open: [], focus: "#results" });
      });
    }
  });

  document.addEventListener("input", (event) => {
    if (!event.target.hasAttribute?.("data-find")) return;
    clearTimeout(typing);
    typing = setTimeout(look, PAUSE);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.hasAttribute?.("data-find")) return;
    event.preventDefault();
    clearTimeout(typing);
    look();
  });
})();
