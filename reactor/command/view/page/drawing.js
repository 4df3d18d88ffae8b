// Drawing: the lanes that are in view, on one canvas, with their names and what they wait for as text beside it.
//
// Law of this file: what is out of sight is not there. However long the recording and however many its lanes, the page
// has as many rows as fit, and a span too narrow to be seen is drawn once, with its neighbours.

const ROW = 24; // pixels, as in panels.css
const LEAST = 20; // events, or microseconds, that are shown at the closest
const COLOURS = ["--asleep", "--parked", "--ready", "--parked", "--running"]; // by what a lane does
const HEIGHTS = [10, 4, 10, 10, 12];

class Drawing {
  constructor(recording, { lanes, wakes }, choose) {
    Object.assign(this, { recording, lanes, wakes, choose, scale: "events", from: 0, to: 1 });
    this.wanted = ""; // what the names of lanes have to contain
    this.rows = the("#rows");
    this.canvas = the("#rows canvas");
    this.showAll();
    this.rows.addEventListener("scroll", () => this.draw());
    this.canvas.addEventListener("click", (click) => this.choose(this.eventUnder(click.offsetX)));
    new ResizeObserver(() => this.draw()).observe(this.rows);
  }

  // Where an event stands across, in events or in microseconds.
  across(event) {
    return this.scale === "events" ? event : this.recording.events[event]?.[0] ?? 0;
  }

  eventAcross(place) {
    if (this.scale === "time") return eventAt(this.recording, place);
    return Math.max(0, Math.min(Math.floor(place), this.recording.events.length - 1));
  }

  eventUnder(x) {
    return this.eventAcross(this.from + (x / this.canvas.clientWidth) * (this.to - this.from));
  }

  get end() {
    return this.scale === "events" ? Math.max(1, this.recording.events.length) : Math.max(1, this.recording.length);
  }

  showAll() {
    [this.from, this.to] = [0, this.end];
  }

  // As much times factor, and where the cursor is stays where it is.
  zoom(factor) {
    const width = Math.min(Math.max((this.to - this.from) * factor, LEAST), this.end);
    const middle = this.across(this.at);
    const share = Math.min(Math.max((middle - this.from) / (this.to - this.from), 0), 1);
    this.from = Math.min(Math.max(0, middle - share * width), this.end - width);
    this.to = this.from + width;
  }

  setScale(scale) {
    if (scale === this.scale) return;
    const [from, to] = [this.eventAcross(this.from), this.eventAcross(this.to)];
    this.scale = scale;
    [this.from, this.to] = [from === 0 ? 0 : this.across(from), Math.max(this.across(to), this.across(from) + LEAST)];
    if (to >= this.recording.events.length - 1) this.to = this.end;
  }

  // Turn the page when the cursor leaves it.
  follow() {
    const [place, width] = [this.across(this.at), this.to - this.from];
    if (place >= this.from && place <= this.to) return;
    this.from = Math.min(Math.max(0, place - width * 0.1), Math.max(0, this.end - width));
    this.to = this.from + width;
  }

  show(at, state) {
    [this.at, this.state] = [at, state];
    this.follow();
    this.draw();
  }

  draw() {
    if (this.state === undefined) return;
    const [first, last] = [this.eventAcross(this.from), this.eventAcross(this.to)];
    const inView = this.lanes.filter((lane) => lane.born <= last && lane.died >= first && this.isWanted(lane));
    const top = Math.floor(this.rows.scrollTop / ROW);
    const many = Math.min(inView.length, Math.ceil(this.rows.clientHeight / ROW) + 1);
    const start = Math.max(0, Math.min(top, inView.length - many));
    const seen = inView.slice(start, start + many);
    the("#room").style.height = `${inView.length * ROW}px`;
    the("#shown").style.top = `${start * ROW}px`;
    the("#labels").replaceChildren(...seen.map((lane) => this.label(lane)));
    this.paint(seen, first, last);
  }

  isWanted(lane) {
    return this.wanted === "" || lane.name.toLowerCase().includes(this.wanted);
  }

  label(lane) {
    const name = element("span", "name", lane.name);
    name.style.paddingLeft = `${Math.min(lane.depth, 8) * 0.8}rem`;
    const item = element("li", `lane ${lane.kind}`, name, element("span", "does", this.does(lane)));
    item.title = `${lane.kind} ${lane.name}`;
    item.classList.toggle("is-running", lane.numbers.has(this.state.running));
    return item;
  }

  // What a lane does now, as text.
  does({ kind, key, numbers, fd, side }) {
    const { state } = this;
    if (kind === "loop") return state.ended ? "closed" : state.step ?? "";
    if (numbers.has(state.running)) return "runs";
    const task = state.tasks.get(key);
    if (task !== undefined) return doing(task);
    if (state.ready.some((number) => numbers.has(number))) return "is ready";
    return numbers.has(state.sides.get(fd)?.[side]?.waiter) ? `waits for ${SIDES[side]}` : "";
  }

  paint(seen, first, last) {
    const { canvas } = this;
    const width = canvas.clientWidth;
    const height = seen.length * ROW;
    const ratio = window.devicePixelRatio;
    [canvas.width, canvas.height] = [width * ratio, height * ratio];
    canvas.style.height = `${height}px`;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    const colours = COLOURS.map((name) => this.colour(name));
    this.paintTurns(pen, width, height, first, last);
    seen.forEach((lane, row) => this.paintLane(pen, lane, row * ROW + ROW / 2, first, last, colours));
    this.paintWakes(pen, seen, first, last);
    this.paintCursor(pen, height);
  }

  // A colour of colours.css as it comes out now: a canvas knows nothing of light-dark().
  colour(name) {
    this.canvas.style.color = `var(${name})`;
    return getComputedStyle(this.canvas).color;
  }

  x(event) {
    return ((this.across(event) - this.from) / (this.to - this.from)) * this.canvas.clientWidth;
  }

  paintTurns(pen, width, height, first, last) {
    const { turns } = this.recording;
    const [from, to] = [turnOf(this.recording, first), turnOf(this.recording, last)];
    if ((to - from) * 8 > width) return; // so close that they would be a grey
    pen.fillStyle = this.colour("--rule");
    for (let turn = Math.max(1, from); turn <= to; turn += 1) pen.fillRect(this.x(turns[turn]), 0, 1, height);
  }

  paintLane(pen, lane, middle, first, last, colours) {
    let painted = -1; // so far to the right
    let best = -1; // what is painted there
    const from = Math.max(0, lastNotAfter(lane.spans, first, (span) => span[1]));
    for (let index = from; index < lane.spans.length; index += 1) {
      const [begin, end, what] = lane.spans[index];
      if (begin > last) break;
      const left = Math.max(0, this.x(begin));
      const right = Math.max(this.x(end), left + (what === WHAT.running ? 2 : 1));
      if (right <= painted && what <= best) continue;
      pen.fillStyle = colours[what];
      pen.fillRect(left, middle - HEIGHTS[what] / 2, right - left, HEIGHTS[what]);
      [painted, best] = [right, what];
    }
  }

  // From who woke to who is woken, where there is room for that.
  paintWakes(pen, seen, first, last) {
    if ((last - first) * 6 > this.canvas.clientWidth) return;
    const rows = new Map(seen.map((lane, row) => [lane, row * ROW + ROW / 2]));
    pen.fillStyle = this.colour("--ready");
    const before = Math.max(0, lastNotAfter(this.wakes, first, ([event]) => event));
    for (let index = before; index < this.wakes.length && this.wakes[index][0] <= last; index += 1) {
      const [event, from, to] = this.wakes[index];
      const [above, below] = [rows.get(from), rows.get(to)];
      if (above === undefined || below === undefined) continue;
      const x = this.x(event);
      pen.fillRect(x, Math.min(above, below), 1, Math.abs(above - below));
      pen.beginPath();
      pen.arc(x + 0.5, below, 3, 0, 2 * Math.PI);
      pen.fill();
    }
  }

  paintCursor(pen, height) {
    pen.fillStyle = this.colour("--focus");
    pen.fillRect(Math.round(this.x(this.at)) - 0.5, 0, 1.5, height);
  }
}

function doing({ state, error, door }) {
  if (state === "new") return "has set out";
  return state === "ready" ? "is ready" : error ?? door;
}
