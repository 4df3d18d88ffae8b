// Sorting the table by a column: up, then down. What was not measured comes last, either way.

const headings = [...document.querySelectorAll("#sheet .sorts")];
const body = document.querySelector("#sheet tbody");

function exact(row, column) {
  const value = row.children[column].dataset.exact;
  return value === undefined || value === "" || isNaN(value) ? value : Number(value);
}

function compare(one, other, direction) {
  if (one === undefined || other === undefined) return (one === undefined) - (other === undefined);
  return direction * (one < other ? -1 : Number(one > other));
}

function sortBy(column) {
  const heading = headings[column];
  const isUp = heading.getAttribute("aria-sort") !== "ascending";
  const rows = [...body.rows].sort((one, other) =>
    compare(exact(one, column), exact(other, column), isUp ? 1 : -1),
  );
  body.append(...rows);
  for (const each of headings) each.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", isUp ? "ascending" : "descending");
}

function makeButton(heading, column) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...heading.childNodes);
  button.addEventListener("click", () => sortBy(column));
  heading.append(button);
}

headings.forEach(makeButton);
