// Files on the reader's own disk: the only place where a page puts anything about a case.
"use strict";

window.Files = (() => {
  const LASTING_MILLISECONDS = 10000;

  function save(blob, name) {
    const address = URL.createObjectURL(blob);
    const anchor = document.createElement("a");
    anchor.href = address;
    anchor.download = name;
    document.body.append(anchor);
    anchor.click();
    anchor.remove();
    setTimeout(() => URL.revokeObjectURL(address), LASTING_MILLISECONDS);
  }

  async function calendar(path, body, name) {
    const response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/calendar" },
      body: JSON.stringify(body),
    });
    const kind = response.headers.get("content-type") || "";
    if (!response.ok || !kind.startsWith("text/calendar")) throw new Error(`no calendar file came (${response.status})`);
    save(await response.blob(), name);
  }

  return { save, calendar };
})();
