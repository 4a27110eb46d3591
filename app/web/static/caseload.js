// The caseload: reads a file on the reader's own disk into the table, and shows how far the work is. The table travels
// in the bodies of requests alone.
"use strict";

(() => {
  const WORKBOOK = /\.xls[xm]$/i;
  let latest = null;
  const find = (selector, within = document) => within.querySelector(selector);

  function say(text, { unseen = false } = {}) {
    const status = find("#said");
    status.className = unseen ? "unseen" : "said";
    status.textContent = text;
  }

  async function attempt(work) {
    say("");
    try {
      await work();
    } catch (error) {
      if (error.name !== "AbortError") say(`That did not work: ${error.message}`);
    }
  }

  function parsed(text) {
    return new DOMParser().parseFromString(text, "text/html");
  }

  function refusal(text) {
    const page = parsed(text);
    return [...page.querySelectorAll("main h1, main .lead, main li")].map((each) => each.textContent.trim()).join(" ");
  }

  function progress(done, of) {
    find("#progress").hidden = false;
    find("#progress-bar").max = of || 1;
    find("#progress-bar").value = done;
    find("#progress-text").textContent = `${done} of ${of}`;
  }

  // Each line says how far the work is; the last one carries the page.
  async function follow(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let pending = "";
    let page = null;
    for (;;) {
      const { value, done } = await reader.read();
      pending += value || "";
      const lines = pending.split("\n");
      pending = lines.pop();
      for (const line of lines) {
        const told = JSON.parse(line);
        if (told.html) page = told.html;
        else progress(told.done, told.of);
      }
      if (done) return page;
    }
  }

  function work() {
    return attempt(async () => {
      latest?.abort();
      latest = new AbortController();
      const focused = document.activeElement?.id;
      find("#work-out").setAttribute("aria-disabled", "true");
      try {
        const response = await fetch("/caseload", {
          method: "POST",
          headers: { Accept: "application/x-ndjson" },
          body: new URLSearchParams(new FormData(find("#caseload"))),
          signal: latest.signal,
          cache: "no-store",
        });
        if (!response.ok) throw new Error(refusal(await response.text()));
        const page = await follow(response);
        if (!page) throw new Error("the answer ended before its end");
        find("#work").replaceWith(document.adoptNode(find("#work", parsed(page))));
      } finally {
        find("#work-out").removeAttribute("aria-disabled");
        find("#progress").hidden = true;
      }
      const chooser = document.getElementById(focused);
      const refused = find(".refusal h2");
      const target = refused || (chooser?.hasAttribute("data-again") ? chooser : find("#results"));
      if (target.matches("h2")) target.setAttribute("tabindex", "-1");
      target.focus();
      say(find("#count")?.textContent || find(".refusal h2")?.textContent || "", { unseen: true });
    });
  }

  function open(file) {
    return attempt(async () => {
      let text;
      if (WORKBOOK.test(file.name)) {
        const response = await fetch("/caseload/workbook", {
          method: "POST",
          headers: { "Content-Type": "application/octet-stream" },
          body: file,
          cache: "no-store",
        });
        text = await response.text();
        if (!response.ok) throw new Error(refusal(text));
      } else {
        text = await file.text();
      }
      find("#table").value = text;
      await work();
    });
  }

  if (!find("#table").value.trim()) window.LastProfile.restore(find("#profile"));

  document.addEventListener("submit", (event) => {
    if (event.target.id !== "caseload" || event.submitter?.name === "as") return;
    event.preventDefault();
    work();
  });

  document.addEventListener("change", (event) => {
    if (event.target.id === "open-table" && event.target.files.length) open(event.target.files[0]);
    else if (event.target.hasAttribute?.("data-again")) work();
  });

  document.addEventListener("dragover", (event) => {
    if (event.target.closest?.("#drop")) event.preventDefault();
  });

  document.addEventListener("drop", (event) => {
    const file = event.target.closest?.("#drop") && event.dataTransfer.files[0];
    if (!file) return;
    event.preventDefault();
    open(file);
  });
})();
