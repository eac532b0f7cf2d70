// Sorts and filters the tables of this page. Without it they are plain tables in the order of their keys.
"use strict";
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const names = Array.from(table.tHead.rows[0].cells, cell => cell.textContent.trim());
  const text = (row, column) => row.cells[column].textContent.trim();

  // Numbers by size, words by the alphabet behind them, empty cells last in both directions.
  const compare = (a, b) => {
    const [x, y] = [Number(a.replace("inf", "Infinity")), Number(b.replace("inf", "Infinity"))];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y) || a.localeCompare(b);
    return x < y ? -1 : x > y ? 1 : 0;
  };
  const sort = (column, direction) => {
    const sorted = rows.slice().sort((a, b) => {
      const [x, y] = [text(a, column), text(b, column)];
      if (x === "" || y === "") return (x === "") - (y === "");
      return direction * compare(x, y);
    });
    body.append(...sorted);
  };
  Array.from(table.tHead.rows[0].cells).forEach((cell, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...cell.childNodes);
    cell.append(button);
    button.addEventListener("click", () => {
      const ascending = cell.getAttribute("aria-sort") !== "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      cell.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      sort(column, ascending ? 1 : -1);
    });
  });

  // Terms must all hold: column=value, column<value, column>value, or a text somewhere in the row.
  const tools = document.createElement("div");
  tools.className = "tools";
  const input = document.createElement("input");
  input.type = "search";
  input.placeholder = `filter: ${names[0]}=${rows.length ? text(rows[0], 0) : "1"}, ${names.at(-1)}>1, or any text`;
  input.setAttribute("aria-label", "filter rows");
  const count = document.createElement("output");
  const holds = (row, term) => {
    const parts = /^([^<>=]+)([<>=])(.*)$/.exec(term);
    const column = parts ? names.indexOf(parts[1]) : -1;
    if (column < 0) return row.textContent.toLowerCase().includes(term.toLowerCase());
    const cell = text(row, column);
    if (cell === "" || parts[3] === "") return cell === parts[3];
    const order = compare(cell, parts[3]);
    return parts[2] === "=" ? order === 0 : parts[2] === "<" ? order < 0 : order > 0;
  };
  const filter = () => {
    const terms = input.value.split(/[\s,]+/).filter(term => term !== "");
    let shown = 0;
    for (const row of rows) {
      row.hidden = !terms.every(term => holds(row, term));
      shown += !row.hidden;
    }
    count.textContent = `${shown} of ${rows.length} rows`;
  };
  input.addEventListener("input", filter);
  tools.append(input, count);
  table.parentElement.before(tools);
  filter();
}
