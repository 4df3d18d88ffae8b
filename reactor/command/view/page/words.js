// Words: moments, names, and a sentence for each kind of event.
//
// Law of this file: what comes from a recording is text, and stays text: it reaches the page by textContent only.

const SIDES = { r: "reading", w: "writing", rw: "reading and writing" };

// Microseconds, as a person would say them.
function span(micros) {
  const size = Math.abs(micros);
  if (size < 1000) return `${Math.round(micros)} µs`;
  if (size < 1e6) return `${digits(micros / 1e3)} ms`;
  return `${digits(micros / 1e6)} s`;
}

function digits(number) {
  const size = Math.abs(number);
  return number.toFixed(size < 10 ? 2 : size < 100 ? 1 : 0);
}

// A moment, always alike, so that it does not jump about while it runs.
function moment(micros) {
  return `${(micros / 1e3).toFixed(3)} ms`;
}

const several = (number, one, many = `${one}s`) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

const list = (names, most = 4) =>
  names.length <= most ? names.join(", ") : `${names.slice(0, most).join(", ")} and ${names.length - most} more`;

function mayFor(patience) {
  if (patience === 0) return "does not sleep";
  return `may sleep ${patience === null ? "until something happens" : `for ${span(patience)}`}`;
}

const isReady = ([fd, sides]) => `fd ${fd} is ready for ${SIDES[sides] ?? sides}`;

const returns = (events) => `the poller returns: ${list(events.map(isReady))}`;

// What a thing is called where nothing else says of which kind it is.
function called(recording, number) {
  const { kind, name } = thing(recording, number);
  return kind === "timer" ? `timer ${name}` : name;
}

// What is said of an event: [who, what happened], in words of the recording and of ours.
function sentence(recording, event) {
  const [, kind, ...rest] = event;
  const name = (number) => called(recording, number);
  return Object.hasOwn(SENTENCES, kind) ? SENTENCES[kind](rest, name) : ["", rest.map(String).join(" ")];
}

const SENTENCES = {
  turn: ([patience]) => ["", `a turn begins, and ${mayFor(patience)}`],
  poll: ([events]) => ["", events.length === 0 ? "the poller returns with nothing" : returns(events)],
  wake: ([number], name) => [name(number), "is at the end of the ready queue now"],
  run: ([number], name) => [name(number), "runs"],
  error: ([number, error], name) => [name(number), `let out ${error}`],
  schedule: ([number, when], name) => [name(number), when === null ? "is never due" : `is due at ${moment(when)}`],
  cancel: ([number], name) => [name(number), "is called off"],
  watch: ([fd, side, number], name) =>
    number === null
      ? ["", `nobody is told of fd ${fd} and ${SIDES[side]} any more`]
      : [name(number), `is told when fd ${fd} is ready for ${SIDES[side]}`],
  disarm: ([fd, side]) => ["", `the poller is not asked for ${SIDES[side]} on fd ${fd} any more`],
  forget: ([fd]) => ["", `nothing watches fd ${fd} any more`],
  spawn: ([number, parent], name) =>
    [name(number), parent === null ? "sets out" : `sets out, in a group of ${name(parent)}`],
  throw: ([number, error], name) => [name(number), `will find ${error} where it waits`],
  park: ([number, door], name) => [name(number), `waits on ${door}`],
  finish: ([number, error], name) => [name(number), error === null ? "has ended" : `has ended with ${error}`],
  cut: ([events]) => ["", `the recording was full after ${several(events, "event")}`],
  end: () => ["", "the reactor is closed"],
};
