// The heap of timers, drawn as the tree that it is: none is due before the one above it.
//
// Law of this file: the heap is built as the loop builds its own, by what is pushed in order; of a large one the top is
// drawn, which is what matters next.

const DRAWN = 15; // four levels
const [NODE, LEVEL] = [34, 52];

function heapOf(timers) {
  const heap = [];
  for (const [number, when] of timers) push(heap, { number, when: when ?? Infinity, order: heap.length });
  return heap;
}

const isBefore = (one, other) => one.when < other.when || (one.when === other.when && one.order < other.order);

function push(heap, entry) {
  let at = heap.length;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (!isBefore(entry, heap[above])) break;
    heap[at] = heap[above];
    at = above;
  }
  heap[at] = entry;
}

function drawHeap(recording, state, wide) {
  const heap = heapOf(state.timers);
  const drawn = heap.slice(0, DRAWN);
  const levels = drawn.length === 0 ? 0 : Math.floor(Math.log2(drawn.length)) + 1;
  const svg = svgElement("svg", { viewBox: `0 0 ${wide} ${levels * LEVEL}`, role: "img" });
  svg.setAttribute("aria-label", drawn.map((timer) => told(recording, state, timer)).join("; "));
  drawn.forEach((_, at) => at > 0 && svg.append(link(at, wide)));
  drawn.forEach((timer, at) => svg.append(node(recording, state, timer, at, wide)));
  return { svg, many: heap.length, more: heap.length - drawn.length };
}

const told = (recording, state, { number, when }) => `${thing(recording, number).name} ${due(when - state.time)}`;

const due = (rest) => (rest === Infinity ? "never" : rest > 0 ? `in ${span(rest)}` : "now");

function place(at, wide) {
  const level = Math.floor(Math.log2(at + 1));
  const row = 2 ** level;
  return [((at + 1 - row + 0.5) / row) * wide, level * LEVEL + NODE / 2 + 2];
}

function link(at, wide) {
  const [[x1, y1], [x2, y2]] = [place((at - 1) >> 1, wide), place(at, wide)];
  return svgElement("line", { x1, y1, x2, y2 });
}

function node(recording, state, timer, at, wide) {
  const [x, y] = place(at, wide);
  const level = Math.floor(Math.log2(at + 1));
  const width = Math.min(150, wide / 2 ** level - 6);
  const isNarrow = width < 70; // room for the moment only; the name is in the title
  const group = svgElement("g", { class: at === 0 ? "next" : "" });
  const title = svgElement("title", {}, told(recording, state, timer));
  const box = svgElement("rect", { x: x - width / 2, y: y - NODE / 2, width, height: NODE, rx: 6 });
  const name = thing(recording, timer.number).name;
  const most = Math.floor(width / 6.2);
  const short = name.length > most ? `${name.slice(0, most - 1)}…` : name;
  group.append(title, box);
  if (!isNarrow) group.append(svgElement("text", { x, y: y - 3 }, short));
  group.append(svgElement("text", { x, y: isNarrow ? y + 4 : y + 11, class: "when" }, due(timer.when - state.time)));
  return group;
}
