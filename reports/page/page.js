"use strict";
// Filters the matrix and the failures, opens what a link points at, copies failures.
// The page is whole without it.

const FEW = 200; // entries of a table that opens by itself when it is filtered

for (const area of document.querySelectorAll(".filtered")) {
  const form = area.querySelector(".filters");
  form.addEventListener("input", () => filter(area, form));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => filter(area, form)));
}
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", () => copy(button));
}
addEventListener("hashchange", reveal);
document.addEventListener("click", (event) => {
  // a second click on a link changes no hash
  if (event.target.closest("a[href='" + CSS.escape(location.hash) + "']")) reveal();
});
reveal();

function wanted(form) {
  const values = {};
  for (const field of form.querySelectorAll("[data-filter]")) {
    values[field.dataset.filter] = field.type === "checkbox" ? field.checked : field.value;
  }
  values.words = values.text.toLowerCase().split(/\s+/).filter(Boolean);
  values.any = form.querySelectorAll("option:checked:not([value=''])").length > 0 ||
    values.odd || values.words.length > 0;
  return values;
}

function filter(area, form) {
  const values = wanted(form);
  let entries = 0;
  let failures = 0;
  for (const table of area.querySelectorAll("table.matrix")) {
    const shown = filterTable(table, values);
    entries += table.dataset.requirement ? shown : 0;
    const grid = table.closest("details");
    if (grid) {
      grid.hidden = values.any && !shown;
      grid.open = values.any && shown <= FEW;
    }
  }
  for (const failure of area.querySelectorAll(".failure")) {
    failure.hidden = !failureFits(failure, values);
    failures += !failure.hidden;
  }
  for (const title of area.querySelectorAll("section > h3")) title.hidden = empty(title);
  form.querySelector("output").textContent = values.any
    ? entries.toLocaleString("en") + " entries of the matrix, " + failures + " failures"
    : "";
}

// whether everything between a heading and the next one is hidden
function empty(title) {
  let next = title.nextElementSibling;
  if (!next || !next.matches("details")) return false;
  for (; next && next.matches("details"); next = next.nextElementSibling) {
    if (!next.hidden) return false;
  }
  return true;
}

function filterTable(table, values) {
  const heads = [...table.tHead.rows[0].cells].map((head) => head.dataset);
  const used = heads.map((facts) => !Object.keys(facts).length);
  let shown = 0;
  for (const body of table.tBodies) {
    let rows = 0;
    for (const row of body.rows) {
      if (row.className === "family") continue;
      const hits = filterRow(row, heads, { ...table.dataset, ...body.dataset }, values, used);
      row.hidden = !hits && values.any;
      rows += !row.hidden;
      shown += hits;
    }
    body.hidden = !rows;
  }
  for (const row of table.rows) {
    if (row.className === "family") continue;
    for (const [place, entry] of [...row.cells].entries()) entry.hidden = values.any && !used[place];
  }
  table.closest(".scroll").hidden = values.any && !shown;
  return shown;
}

// how many entries of a row fit; their columns are marked as used
function filterRow(row, heads, facts, values, used) {
  let hits = 0;
  for (const [place, entry] of [...row.cells].entries()) {
    if (entry.tagName === "TH" || !entry.className) continue;
    const fits = entryFits(entry, { ...facts, ...heads[place], ...row.dataset }, values);
    entry.classList.toggle("off", !fits);
    used[place] ||= fits;
    hits += fits;
  }
  return hits;
}

function entryFits(entry, facts, values) {
  const text = entry.textContent;
  for (const key of ["family", "op", "format", "mode", "requirement"]) {
    if (values[key] && !(facts[key] || "").split(" ").includes(values[key])) return false;
  }
  if (values.letter && !text.includes(values.letter)) return false;
  if (values.odd && !/[^C\d,\s]/.test(text)) return false;
  return contains(Object.values(facts).join(" "), values.words);
}

function failureFits(failure, values) {
  const facts = failure.dataset;
  if (values.letter && facts.letter !== values.letter) return false;
  for (const key of ["family", "op", "requirement", "format", "mode"]) {
    if (values[key] && !facts[key].split(" ").includes(values[key])) return false;
  }
  return !values.words.length || contains(failure.textContent, values.words);
}

function contains(text, words) {
  const low = text.toLowerCase();
  return words.every((word) => low.includes(word));
}

function reveal() {
  const target = document.getElementById(location.hash.slice(1));
  if (target && target.matches("details")) {
    target.open = true;
    target.scrollIntoView();
  }
}

async function copy(button) {
  const failure = button.closest(".failure");
  const text = button.dataset.copy === "markdown" ? markdown(failure) : source(failure);
  const said = (await written(text)) ? "Copied." : "The browser refused to copy.";
  document.querySelector(".status").textContent = said;
  button.classList.add("done");
  setTimeout(() => {
    button.classList.remove("done");
    document.querySelector(".status").textContent = "";
  }, 2000);
}

function source(failure) {
  const script = failure.querySelector(".script");
  return script ? script.textContent : "";
}

function markdown(failure) {
  const text = (name) => failure.querySelector("template." + name).content.textContent;
  const parts = [text("head"), fenced(failure.querySelector(".case").textContent, "text"), text("foot")];
  if (source(failure)) parts.push(fenced(source(failure), "python"));
  return parts.join("\n\n") + "\n";
}

// a fence longer than any within
function fenced(text, language) {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = "`".repeat(Math.max(3, longest + 1));
  return fence + language + "\n" + text.trimEnd() + "\n" + fence;
}

async function written(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return selected(text);
  }
}

// where a page from a file may not use the clipboard
function selected(text) {
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
