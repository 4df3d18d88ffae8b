// The page comes to life: the recording is read, each part is made, and shows what is present.
//
// Law of this file: one function shows, at most once a frame; whatever happens asks for that. Whoever studies a recording
// in the console of a browser finds `stateAfter(event)` there.

const recording = read(the("#recording").textContent);
const history = new History(recording);
const transport = new Transport(recording, history, showSoon);
const drawing = new Drawing(recording, lanesOf(recording), (event) => transport.go(event));
const log = new Log(recording, (event) => transport.go(event));
let isAsked = false;

function showSoon() {
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(show);
}

function show() {
  isAsked = false;
  const present = transport.at;
  const state = history.after(present);
  transport.tell(state);
  showPanels(recording, recording.events[present], state);
  drawing.show(present, state);
  log.show(present);
  document.documentElement.dataset.event = present;
}

// A word of the command line without its folders; a package that was run is called by its name.
const shortened = (word) => word.replace(/\/__main__\.py$/, "").split("/").at(-1);

function introduce() {
  const { header, events, turns, things } = recording;
  const words = header.program.map(shortened).join(" ") || "A reactor";
  document.title = `${words}: a recording`;
  the("#title").textContent = words;
  const many = (kind) => [...things.values()].filter((each) => each.kind === kind).length;
  const parts = [["task", "tasks"], ["watch", "watches"], ["callback", "callbacks"], ["timer", "timers"]]
    .map(([kind, plural]) => [many(kind), kind, plural])
    .map(([number, kind, plural]) => several(number, kind, plural));
  the("#summary").textContent =
    `One loop, in ${header.thread}, waits with ${header.poller}. ${parts.join(", ")}; ` +
    `${several(turns.length - 1, "turn")}, ${several(events.length, "event")}, ${span(recording.length)}` +
    `${recording.length > 0 ? `, asleep for ${Math.round((100 * asleep(recording)) / recording.length)} %` : ""}. ` +
    `Python ${header.python}.`;
}

function zoomed(act) {
  return () => {
    act();
    showSoon();
  };
}

function setScale(scale) {
  the(`input[name=scale][value=${scale}]`).checked = true;
  drawing.setScale(scale);
  showSoon();
}

function find() {
  log.wanted = drawing.wanted = the("#find").value.trim().toLowerCase();
  log.kind = the("#kind").value;
  log.search();
  showSoon();
}

function goToFound(steps) {
  const number = log.further(transport.at, steps);
  if (number !== undefined) transport.go(number);
}

const closer = zoomed(() => drawing.zoom(0.5));
const further = zoomed(() => drawing.zoom(2));
const whole = zoomed(() => drawing.showAll());

function listen() {
  transport.listen();
  const doing = { closer, further, whole, "found-on": () => goToFound(1), "found-back": () => goToFound(-1) };
  doing["help-button"] = () => the("#help").showModal();
  for (const [id, act] of Object.entries(doing)) the(`#${id}`).addEventListener("click", act);
  for (const radio of document.querySelectorAll("input[name=scale]")) {
    radio.addEventListener("change", () => setScale(radio.value));
  }
  the("#find").addEventListener("input", find);
  the("#find").addEventListener("keydown", (press) => press.key === "Enter" && goToFound(press.shiftKey ? -1 : 1));
  the("#kind").addEventListener("change", find);
  document.addEventListener("themed", showSoon);
  listenToKeys({
    " ": () => transport.play(),
    ArrowLeft: () => transport.go(transport.at - 1),
    ArrowRight: () => transport.go(transport.at + 1),
    "Shift+ArrowLeft": () => transport.turnBack(),
    "Shift+ArrowRight": () => transport.turnOn(),
    Home: () => transport.go(0),
    End: () => transport.go(Infinity),
    "<": () => transport.faster(-1),
    ">": () => transport.faster(1),
    "+": closer,
    "-": further,
    0: whole,
    e: () => setScale("events"),
    s: () => setScale("time"),
    g: () => the("#turn").select(),
    "/": () => the("#find").select(),
    n: () => goToFound(1),
    p: () => goToFound(-1),
    "?": () => the("#help").showModal(),
  });
}

globalThis.stateAfter = (event) => history.after(event).copy();
introduce();
listen();
transport.go(0);
