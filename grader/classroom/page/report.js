"use strict";

// Sorting: click a column's heading; click again to reverse the order.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => head.querySelector("button")?.addEventListener("click", () => {
    const words = head.classList.contains("words") || column === 0;
    const before = head.getAttribute("aria-sort");
    const down = before ? before === "ascending" : !words;
    heads.forEach(other => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = row => row.cells[column].dataset.key ?? row.cells[column].textContent.trim();
    const number = row => key(row) === "" ? -1 : Number(key(row));
    const order = words
      ? (a, b) => key(a).localeCompare(key(b), undefined, { numeric: true })
      : (a, b) => number(a) - number(b);
    const body = table.tBodies[0];
    body.append(...[...body.rows].sort((a, b) => down ? order(b, a) : order(a, b)));
  }));
}

// Filters: students by name, optionally by all text on their page, and by missing points.
const rows = [...document.querySelector("#students tbody").rows];
const [search, everywhere, lacks, task] = ["search", "everywhere", "lacks", "task"]
  .map(id => document.getElementById(id));
const pages = new Map(rows.map(row => [row, document.getElementById(row.dataset.page)]));
const texts = new Map();
function text(row) {
  if (!everywhere.checked) return row.cells[0].textContent.toLowerCase();
  if (!texts.has(row)) texts.set(row, pages.get(row).textContent.toLowerCase());
  return texts.get(row);
}
function filter() {
  const wanted = search.value.trim().toLowerCase();
  let shown = 0;
  for (const row of rows) {
    const show = (!wanted || text(row).includes(wanted))
      && (!lacks.checked || row.dataset.full === "no")
      && (!task.value || row.dataset.missed.split(" ").includes(task.value));
    row.hidden = pages.get(row).hidden = !show;
    shown += show;
  }
  document.getElementById("count").textContent = `${shown} of ${rows.length} students`;
}
search.addEventListener("input", filter);
everywhere.addEventListener("change", filter);
lacks.addEventListener("change", filter);
task.addEventListener("change", filter);
for (const button of document.querySelectorAll("button[data-task]")) {
  button.addEventListener("click", () => {
    task.value = button.dataset.task;
    filter();
    task.scrollIntoView();
    task.focus();
  });
}

// A link to a student opens their page; printing shows all pages that the filters leave.
function open_linked() {
  const page = document.getElementById(location.hash.slice(1));
  if (page instanceof HTMLDetailsElement) {
    page.open = true;
    page.scrollIntoView();
    page.querySelector("summary").focus();
  }
}
addEventListener("hashchange", open_linked);
addEventListener("load", open_linked);
function open_all() {
  const closed = [...pages.values()].filter(page => !page.hidden)
    .flatMap(page => [page, ...page.querySelectorAll("details")]).filter(each => !each.open);
  for (const each of closed) each.open = true;
  return closed;
}
let opened_to_print = [];
addEventListener("beforeprint", () => { opened_to_print = open_all(); });
addEventListener("afterprint", () => { for (const each of opened_to_print) each.open = false; });
document.getElementById("open").addEventListener("click", open_all);
