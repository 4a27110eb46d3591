// The explorer hands over what was asked: as a link, a command or a calendar file. A link's state stands in the fragment
// of its address, which no browser sends, and the page never writes it into its own address.
"use strict";

(() => {
  const { find, filled, say, send, attempt, announce } = window.Asking;
  const PERSONAL = ["fact.child_date_of_birth", "fact.expected_delivery_date"];

  // Once something else is asked, an address that came with a state would no longer say what is shown.
  document.addEventListener("answered", () => {
    if (location.hash.includes("profile=")) history.replaceState(null, "", location.pathname);
  });

  function restore() {
    const state = new URLSearchParams(location.hash.slice(1));
    if (!state.get("profile")) return;
    attempt(async () => {
      if (!state.get("date")) state.set("step", "choose");
      const found = await send(state);
      find("#work").replaceWith(document.adoptNode(found));
      announce();
    });
  }

  function link() {
    const state = new URLSearchParams();
    const withDates = find("#with-dates")?.checked;
    for (const [name, value] of filled()) {
      if (value && name !== "search" && (withDates || !PERSONAL.includes(name))) state.set(name, value);
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
    await window.Files.calendar("/v1/calculations", body, `deadlines-${body.profile}.ics`);
    say("Calendar file ready.");
  }

  const acts = {
    link: () => copy(link(), "Link"),
    curl: () => copy(find(".curl").textContent, "Command"),
    ics: calendarFile,
    print: async () => window.print(),
  };

  document.addEventListener("click", (event) => {
    const act = event.target.closest?.("[data-act]")?.dataset.act;
    if (act) attempt(acts[act]);
  });

  addEventListener("hashchange", restore);
  restore();
})();
