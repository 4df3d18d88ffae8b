// The recording: what stands in the page, read once, with an index of its turns, places and things.
//
// Law of this file: nothing of it changes after it is read. What only introduces a place or a thing is no event here:
// nothing happens in it. Kinds that are not known here are kept, and shown by their words. Events count from 0, turns
// from 1; 0 is what was before the first.

function read(text) {
  const [header, ...events] = JSON.parse(text);
  const recording = { header, events: [], turns: [0] };
  for (const map of ["places", "things", "kinds"]) recording[map] = new Map();
  recording.told = new Map(); // whom a descriptor tells: [descriptor, side]
  for (const event of events) note(recording, event);
  tellApart(recording);
  recording.length = recording.events.at(-1)?.[0] ?? 0;
  return recording;
}

function note(recording, event) {
  const [, kind, first, ...rest] = event;
  if (kind === "place") recording.places.set(first, placeOf(rest));
  else if (kind === "thing") recording.things.set(first, { kind: rest[0], name: rest[1], place: rest[2] });
  else {
    if (kind === "watch" && event[4] !== null) recording.told.set(event[4], [first, rest[0]]);
    if (kind === "turn") recording.turns.push(recording.events.length);
    recording.kinds.set(kind, (recording.kinds.get(kind) ?? 0) + 1);
    recording.events.push(event);
  }
}

// How long the poller has slept in all, in microseconds.
function asleep({ events }) {
  let sum = 0;
  let since = null;
  for (const [time, kind] of events) {
    if (kind === "poll" && since !== null) sum += time - since;
    since = kind === "turn" ? time : null;
  }
  return sum;
}

// Of several tasks with one name each has its number behind it, and whoever a descriptor tells has that.
function tellApart({ things, told }) {
  const alike = Map.groupBy([...things], ([, { kind, name }]) => `${kind} ${name}`);
  for (const several of alike.values()) {
    if (several.length > 1) for (const [number, one] of several) one.name += more(one, number, told.get(number));
  }
}

function more({ kind }, number, told) {
  if (kind === "task") return ` ${number}`;
  return told === undefined ? "" : `, fd ${told[0]}`;
}

function placeOf([name, file, line, text]) {
  return { name, file, line, text: text.trim(), short: `${file.split("/").at(-1)}:${line}` };
}

// The number of the last event that is not after a moment; the first one, if all are.
function eventAt(recording, time) {
  return Math.max(0, lastNotAfter(recording.events, time, (event) => event[0]));
}

// The turn that an event belongs to.
function turnOf(recording, event) {
  return Math.max(0, lastNotAfter(recording.turns, event, (begin) => begin, 1));
}

function lastNotAfter(sorted, limit, key, from = 0) {
  let low = from;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (key(sorted[middle]) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function thing(recording, number) {
  const name = number === null ? "nobody" : `thing ${number}`;
  return recording.things.get(number) ?? { kind: "thing", name, place: null };
}
