// What a mark tells when it is pointed at, touched or reached by keys. A plot is one stop of Tab; in it the arrows go
// from mark to mark.

const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
const plots = document.querySelectorAll(".plot");
const tip = document.querySelector("#tip");
let told; // the mark that the tip is about

function tell(mark) {
  if (told === mark) return;
  told = mark;
  const [name, value, spread] = tip.children;
  name.textContent = mark.dataset.name;
  value.textContent = mark.dataset.value;
  spread.textContent = mark.dataset.spread;
  tip.hidden = false;
  place();
  light(mark.closest(".row").dataset.model);
}

// The tip stays beside its mark, also when the page is scrolled, as it is by keys.
function place() {
  if (told === undefined) return;
  const dot = told.querySelector(".dot").getBoundingClientRect();
  const { width, height } = tip.getBoundingClientRect();
  const left = Math.min(Math.max(dot.left + dot.width / 2 - width / 2, 8), innerWidth - width - 8);
  const above = dot.top - height - 8;
  tip.style.translate = `${left}px ${above < 8 ? dot.bottom + 8 : above}px`;
}

function light(model) {
  for (const row of document.querySelectorAll(".row")) {
    row.classList.toggle("lit", row.dataset.model === model);
  }
}

function hush(mark) {
  if (told !== mark) return; // another one has been told meanwhile
  told = undefined;
  tip.hidden = true;
  light(undefined);
}

function shownMarks(plot) {
  return [...plot.querySelectorAll(".mark")].filter((mark) => mark.getClientRects().length > 0);
}

function makeStop(plot, stop = shownMarks(plot)[0]) {
  for (const mark of plot.querySelectorAll(".mark")) {
    mark.setAttribute("tabindex", mark === stop ? "0" : "-1");
  }
}

function makeStops() {
  for (const plot of plots) makeStop(plot);
}

function target(key, marks, from) {
  if (key === "Home") return marks.at(0);
  if (key === "End") return marks.at(-1);
  return key in STEPS ? marks[marks.indexOf(from) + STEPS[key]] : undefined;
}

function follow(event) {
  if (event.key === "Escape") hush(told);
  const plot = event.currentTarget;
  const next = target(event.key, shownMarks(plot), event.target);
  if (next === undefined) return;
  event.preventDefault();
  makeStop(plot, next);
  next.focus();
}

function listen(mark) {
  mark.querySelector("title").remove(); // the browser would show it beside the tip
  mark.addEventListener("pointermove", () => tell(mark)); // no pointerenter, which scrolling causes too
  mark.addEventListener("pointerleave", () => hush(mark));
  mark.addEventListener("focus", () => tell(mark));
  mark.addEventListener("blur", () => hush(mark));
}

for (const plot of plots) {
  plot.querySelectorAll(".mark").forEach(listen);
  plot.addEventListener("keydown", follow);
}
makeStops();
document.addEventListener("chosen", makeStops);
addEventListener("scroll", place, { passive: true });
addEventListener("resize", place);
