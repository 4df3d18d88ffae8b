// Which models and foundations are shown: what is not chosen leaves plots and tables, and what is below it moves up.

const choices = document.querySelector("#choices");
const count = document.querySelector("#count");

function chosen(name) {
  const boxes = choices.querySelectorAll(`input[name=${name}]:checked`);
  return new Set([...boxes].map((box) => box.value));
}

function show(element, isShown) {
  element.style.display = isShown ? "" : "none"; // what is of SVG knows no `hidden`
}

// Rows of a plot one below the other, and the plot as high as they are.
function stack(plot, models) {
  let top = Number(plot.dataset.top);
  for (const row of plot.querySelectorAll(".row")) {
    const isShown = models.has(row.dataset.model);
    show(row, isShown);
    if (!isShown) continue;
    row.setAttribute("transform", `translate(0 ${top})`);
    top += Number(row.dataset.height);
  }
  plot.setAttribute("viewBox", `0 0 ${plot.viewBox.baseVal.width} ${top}`);
}

function choose() {
  const models = chosen("model");
  const foundations = chosen("on").add("ratio"); // which is of both
  for (const plot of document.querySelectorAll(".plot")) stack(plot, models);
  for (const mark of document.querySelectorAll(".mark")) {
    show(mark, foundations.has(mark.dataset.on));
  }
  for (const row of document.querySelectorAll("tbody tr")) {
    show(row, models.has(row.dataset.model) && foundations.has(row.dataset.on));
  }
  tellCount();
  document.dispatchEvent(new Event("chosen"));
}

function tellCount() {
  const servers = [...document.querySelectorAll("#sheet tbody tr")];
  const shown = servers.filter((row) => row.style.display === "");
  count.textContent = `${shown.length} of ${servers.length} shown`;
}

choices.addEventListener("change", choose);
choices.addEventListener("reset", () => setTimeout(choose)); // when the boxes have been reset
choose();
choices.hidden = false;
