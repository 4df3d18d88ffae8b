// Lanes: what the loop, each task and each watch did, and when.
//
// Law of this file: a lane is a list of spans that follow one another, [first event, last event, what], so that it can
// be drawn over time or over events. Timers and callbacks live too shortly for a lane each: they share one by kind,
// but for those that a descriptor tells, such as a channel: one lane for who has one name and one descriptor.

const WHAT = { asleep: 0, parked: 1, ready: 2, awake: 3, running: 4 }; // the higher one is drawn where there is no room
const SHARED = { timer: "timers", callback: "callbacks", thing: "others" };

function lanesOf(recording) {
  const survey = new Survey(recording);
  recording.events.forEach((event, number) => survey.hear(event, number));
  survey.close(Math.max(0, recording.events.length - 1));
  const tasks = treeOf([...survey.lanes.values()].filter((lane) => lane.kind === "task"));
  const others = [...survey.lanes.values()].filter((lane) => lane.kind !== "task" && lane.kind !== "loop");
  const order = ["watch", ...Object.keys(SHARED)];
  others.sort((one, other) => order.indexOf(one.kind) - order.indexOf(other.kind)); // those of a kind stay as they are
  const lanes = [survey.loop, ...tasks, ...others.filter((lane) => lane.spans.length > 0)];
  return { lanes, wakes: survey.wakes };
}

class Lane {
  constructor(key, kind, name) {
    Object.assign(this, { key, kind, name, spans: [], numbers: new Set(), parent: null, depth: 0 });
    Object.assign(this, { born: 0, died: Infinity, fd: null, side: null, isTold: false });
  }

  // That thing is shown in this lane, and told by that side of a descriptor.
  hold(number, told) {
    this.numbers.add(number);
    if (told !== undefined) [this.fd, this.side] = told;
    return this;
  }
}

class Survey {
  constructor(recording) {
    this.recording = recording;
    this.lanes = new Map();
    this.open = new Map(); // the span that each lane is in: [first event, what]
    this.running = null;
    this.wakes = []; // [event, lane that woke, lane that is woken]
    this.again = false; // what runs is queued again already
    this.told = new Map(); // the lane of whom a side tells
    this.loop = this.lane("loop", "loop", "the loop");
  }

  lane(key, kind, name) {
    if (!this.lanes.has(key)) this.lanes.set(key, new Lane(key, kind, name));
    return this.lanes.get(key);
  }

  laneOf(number) {
    const { kind, name } = thing(this.recording, number);
    const told = this.recording.told.get(number);
    if (kind === "task") return this.lane(number, kind, name).hold(number, told);
    if (told !== undefined) return this.lane(`${told[0]} ${name}`, "watch", name).hold(number, told);
    const shared = SHARED[kind];
    return shared === undefined ? this.lane(number, kind, name).hold(number, told) : this.lane(shared, kind, shared);
  }

  // From this event on the lane is in that state; null: in none that is drawn.
  enter(lane, event, what) {
    const before = this.open.get(lane);
    if (before !== undefined) lane.spans.push([before[0], event, before[1]]);
    if (what === null) this.open.delete(lane);
    else this.open.set(lane, [event, what]);
  }

  rest(event) {
    if (this.running === null) return;
    const next = this.again ? WHAT.ready : this.running.isTold ? WHAT.parked : null;
    if (this.open.get(this.running)?.[1] === WHAT.running) this.enter(this.running, event, next);
    Object.assign(this, { running: null, again: false });
  }

  // That side tells another one, or nobody, from now on.
  tell(event, side, lane) {
    const before = this.told.get(side);
    if (before !== undefined && before !== lane) {
      if (before !== this.running) this.enter(before, event, null);
      Object.assign(before, { isTold: false, died: event });
    }
    if (lane === null) this.told.delete(side);
    else this.told.set(side, lane);
  }

  hear([, kind, ...rest], event) {
    if (Object.hasOwn(HEARD, kind)) HEARD[kind](this, event, rest);
  }

  close(event) {
    for (const lane of [...this.open.keys()]) this.enter(lane, event, null);
  }
}

const HEARD = {
  turn(survey, event) {
    survey.rest(event);
    survey.enter(survey.loop, event, WHAT.asleep);
  },

  poll: (survey, event) => survey.enter(survey.loop, event, WHAT.awake),

  wake(survey, event, [number]) {
    const lane = survey.laneOf(number);
    survey.wakes.push([event, survey.running ?? survey.loop, lane]);
    if (lane.numbers.size === 0) return;
    if (lane === survey.running) survey.again = true;
    else survey.enter(lane, event, WHAT.ready);
  },

  run(survey, event, [number]) {
    survey.rest(event);
    survey.running = survey.laneOf(number);
    survey.enter(survey.running, event, WHAT.running);
  },

  park(survey, event, [number]) {
    survey.enter(survey.laneOf(number), event, survey.again ? WHAT.ready : WHAT.parked);
    survey.again = false;
  },

  watch(survey, event, [fd, side, number]) {
    const lane = number === null ? null : survey.laneOf(number);
    if (lane?.kind !== "watch") return survey.tell(event, `${fd} ${side}`, null);
    survey.tell(event, `${fd} ${side}`, lane);
    Object.assign(lane, { isTold: true, died: Infinity });
    if (lane !== survey.running) survey.enter(lane, event, WHAT.parked);
  },

  forget(survey, event, [fd]) {
    for (const side of "rw") survey.tell(event, `${fd} ${side}`, null);
  },

  spawn(survey, event, [number, parent]) {
    const lane = survey.laneOf(number);
    Object.assign(lane, { parent, born: event });
  },

  finish(survey, event, [number]) {
    const lane = survey.laneOf(number);
    survey.enter(lane, event, null);
    lane.died = event;
  },

  cut: (survey, event) => survey.close(event),

  end: (survey, event) => survey.close(event),
};

// Tasks below their parents, each a step further in.
function treeOf(lanes) {
  const below = Map.groupBy(lanes, (lane) => lane.parent);
  const known = new Set(lanes.map((lane) => lane.key));
  const roots = lanes.filter((lane) => !known.has(lane.parent));
  const todo = roots.reverse().map((lane) => [lane, 0]);
  const tree = [];
  while (todo.length > 0) {
    const [lane, depth] = todo.pop();
    lane.depth = depth;
    tree.push(lane);
    todo.push(...(below.get(lane.key) ?? []).reverse().map((child) => [child, depth + 1]));
  }
  return tree;
}
