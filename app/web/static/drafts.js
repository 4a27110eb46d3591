// The page of drafts: puts a file of the reader's own disk into the form. Where it was checked, its verdict has the focus.
"use strict";

(() => {
  const WORKBOOK = /\.xls[xm]$/i;
  const find = (selector) => document.querySelector(selector);

  function encoded(buffer) {
    let bytes = "";
    for (const byte of new Uint8Array(buffer)) bytes += String.fromCharCode(byte);
    return btoa(bytes);
  }

  async function open(file) {
    const workbook = WORKBOOK.test(file.name);
    find("#sent-workbook").value = workbook ? encoded(await file.arrayBuffer()) : "";
    find("#sent-name").value = file.name;
    find("#text").value = workbook ? "" : await file.text();
    find("#opened").textContent = workbook ? `The workbook ${file.name} is open.` : `The text of ${file.name} is below.`;
  }

  find("#open-file").addEventListener("change", (event) => {
    if (event.target.files.length) open(event.target.files[0]);
  });

  // What is pasted or typed takes the place of a workbook.
  find("#text").addEventListener("input", () => {
    find("#sent-workbook").value = "";
    if (WORKBOOK.test(find("#sent-name").value)) find("#sent-name").value = "";
    find("#opened").textContent = "";
  });

  const result = find(".refusal, #results");
  if (result) {
    result.setAttribute("tabindex", "-1");
    result.focus();
  }
})();
