// Panels: the state as a person sees it: what is said of the last event, the four steps, the queue, the descriptors.
//
// Law of this file: it shows a state and keeps none. Of long lists the head is shown, and how many more there are.

const MOST = 40;

function showPanels(recording, event, state) {
  showSentence(recording, event, state);
  showSteps(recording, state);
  showReady(recording, state);
  showHeap(recording, state);
  showSides(recording, state);
}

function showSentence(recording, event, state) {
  const [who, what] = event === undefined ? ["", "nothing has been recorded"] : sentence(recording, event);
  the("#said b").textContent = who;
  the("#said span").textContent = what;
  const parked = event?.[1] === "park" ? event[4] : null;
  const place = recording.places.get(parked ?? state.place ?? thing(recording, state.running).place);
  the("#source").classList.toggle("is-empty", place === undefined);
  the("#source code").textContent = place === undefined ? "" : place.text || "(its source cannot be read)";
  the("#source small").textContent =
    place === undefined ? "no line of the program runs" : `${place.name}, ${place.short}`;
}

function showSteps(recording, state) {
  const name = (number) => called(recording, number);
  for (const step of ["wait", "wake", "expire", "run"]) {
    const isLit = state.step === step && !state.ended;
    the(`#${step}`).classList.toggle("lit", isLit);
    if (isLit) the(`#${step}`).setAttribute("aria-current", "step");
    else the(`#${step}`).removeAttribute("aria-current");
  }
  fill("#wait div", state.step === null ? [] : [sleeps(state), asks(state)]);
  const returned = state.polled.map(([fd, sides]) => chip(`fd ${fd} ${sides}`, "fd"));
  const queued = (numbers) => numbers.map((number) => chip(name(number), "ready"));
  fill("#wake div", [...returned, ...queued(state.woken)]);
  fill("#expire div", queued(state.due));
  fill("#run div", runs(state, name));
}

function sleeps({ patience }) {
  return element("p", "", mayFor(patience));
}

function asks(state) {
  const armed = [...state.sides].filter(([, { r, w }]) => r?.armed || w?.armed).length;
  return element("p", "", `asks for ${several(armed, "descriptor")}`);
}

function runs(state, name) {
  if (state.running === null) return [];
  const rest = state.batch === 0 ? [] : [element("p", "", `then ${several(state.batch, "more", "more")} in this turn`)];
  return [chip(name(state.running), "running"), ...rest];
}

const chip = (text, kind) => element("span", `chip ${kind}`, text);

function fill(selector, content, most = 8) {
  const more = content.length - most;
  const shown = more > 0 ? [...content.slice(0, most), element("span", "more", `and ${more} more`)] : content;
  the(selector).replaceChildren(...(shown.length === 0 ? [element("span", "more", "—")] : shown));
}

function showReady(recording, { ready, batch }) {
  the("#ready-count").textContent = ready.length === 0 ? "" : `${ready.length}`;
  const items = ready.slice(0, MOST).map((number, index) => {
    const { kind, name } = thing(recording, number);
    const item = element("li", index < batch ? "" : "later", element("b", "", name), element("small", "", kind));
    item.dataset.thing = number;
    return item;
  });
  if (batch > 0 && batch < items.length) items[batch].classList.add("next-turn");
  if (ready.length > MOST) items.push(element("li", "more", `and ${ready.length - MOST} more`));
  the("#ready").replaceChildren(...(items.length === 0 ? [element("li", "more", "Nothing is ready.")] : items));
}

function showHeap(recording, state) {
  const { svg, many, more } = drawHeap(recording, state, Math.min(520, the("#heap").clientWidth));
  the("#heap-count").textContent = many === 0 ? "" : `${many}`;
  const rest = more > 0 ? [element("p", "more", `and ${more} more below`)] : [];
  the("#heap").replaceChildren(...(many === 0 ? [element("p", "more", "No timer is set.")] : [svg, ...rest]));
}

function showSides(recording, state) {
  const sides = [...state.sides].sort(([one], [other]) => one - other);
  the("#sides-count").textContent = sides.length === 0 ? "" : `${sides.length}`;
  const polled = new Set(state.step === "wait" ? [] : state.polled.map(([fd]) => fd));
  const rows = sides.slice(0, MOST).map((each) => sideRow(recording, each, polled));
  if (sides.length > MOST) rows.push(row("more", "", "", `and ${sides.length - MOST} more`));
  if (rows.length === 0) rows.push(row("more", "—", "—", "None is watched."));
  the("#sides tbody").replaceChildren(...rows);
}

function sideRow(recording, [fd, { r, w }], polled) {
  const asked = [r?.armed ? "read" : "", w?.armed ? "write" : ""].filter(Boolean).join(", ");
  const waiters = [r, w].map((side) => side?.waiter ?? null).filter((waiter) => waiter !== null);
  const names = [...new Set(waiters)].map((waiter) => thing(recording, waiter).name).join(", ");
  return row(polled.has(fd) ? "polled" : "", `${fd}`, asked || "—", names || "—");
}

function row(className, fd, asked, told) {
  const made = element("tr", className, element("th", "", fd), element("td", "", asked), element("td", "", told));
  made.firstChild.scope = "row";
  made.lastChild.title = told;
  return made;
}
