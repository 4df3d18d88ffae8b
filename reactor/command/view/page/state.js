// The state of a loop: what is known of it after so many events, and how each of them changes it.
//
// Law of this file: what is in a map is replaced and never changed, so that a copy of a state is a copy of its maps.
// It is the State of reactor.watch over again, and a test compares the two.

class State {
  constructor() {
    this.turn = 0;
    this.time = 0;
    this.step = null; // "wait", "wake", "expire" or "run"
    this.patience = null;
    this.polled = []; // what the poller returned in this turn
    this.woken = []; // whom that woke, in order
    this.due = []; // timers that are due in this turn
    this.batch = 0; // so many at the head of the queue run in this turn
    this.running = null;
    this.place = null; // where that one stands, if it is a task
    this.ready = [];
    this.tasks = new Map(); // those that live: { state, parent, door, place, error }
    this.timers = new Map(); // those that are set, and when they are due
    this.sides = new Map(); // by descriptor: { r, w }, each { armed, waiter } or undefined
    this.ended = false;
  }

  copy() {
    const copy = Object.assign(new State(), this);
    for (const name of ["tasks", "timers", "sides"]) copy[name] = new Map(this[name]);
    for (const name of ["ready", "polled", "woken", "due"]) copy[name] = [...this[name]];
    return copy;
  }

  // How much a copy has to hold.
  get size() {
    return this.ready.length + this.tasks.size + this.timers.size + this.sides.size;
  }

  apply(event) {
    const [time, kind, ...rest] = event;
    this.time = time;
    if (Object.hasOwn(CHANGES, kind)) CHANGES[kind](this, rest);
  }

  unqueue(number) {
    const where = this.ready.indexOf(number);
    if (where < 0) return;
    this.ready.splice(where, 1);
    if (where < this.batch) this.batch -= 1;
  }

  task(number, changes) {
    const task = this.tasks.get(number);
    if (task !== undefined) this.tasks.set(number, { ...task, ...changes });
  }

  side(fd, side, changes) {
    const sides = this.sides.get(fd) ?? {};
    this.sides.set(fd, { ...sides, [side]: { armed: false, waiter: null, ...sides[side], ...changes } });
  }
}

const CHANGES = {
  turn(state, [patience]) {
    Object.assign(state, { turn: state.turn + 1, step: "wait", patience, polled: [], woken: [], due: [] });
    Object.assign(state, { batch: 0, running: null, place: null });
  },

  poll(state, [events]) {
    Object.assign(state, { step: "wake", polled: events });
  },

  wake(state, [number]) {
    if (state.step === "wake" || state.step === "expire") {
      const isDue = state.timers.has(number);
      if (isDue) state.step = "expire";
      (isDue ? state.due : state.woken).push(number);
    }
    state.timers.delete(number);
    state.ready.push(number);
    state.task(number, { state: "ready" });
  },

  run(state, [number, place]) {
    if (state.step !== "run") Object.assign(state, { step: "run", batch: state.ready.length });
    state.unqueue(number);
    Object.assign(state, { running: number, place });
    state.task(number, { state: "running", door: null, place, error: null });
  },

  schedule: (state, [number, when]) => state.timers.set(number, when),

  cancel: (state, [number]) => state.timers.delete(number),

  watch: (state, [fd, side, waiter]) => state.side(fd, side, waiter === null ? { waiter } : { armed: true, waiter }),

  disarm(state, [fd, side]) {
    if (state.sides.get(fd)?.[side] !== undefined) state.side(fd, side, { armed: false });
  },

  forget: (state, [fd]) => state.sides.delete(fd),

  spawn: (state, [number, parent]) =>
    state.tasks.set(number, { state: "new", parent, door: null, place: null, error: null }),

  throw: (state, [number, error]) => state.task(number, { error }),

  park(state, [number, door, place]) {
    const isQueued = state.ready.includes(number);
    state.task(number, { state: isQueued ? "ready" : "parked", door, place });
  },

  finish(state, [number]) {
    state.unqueue(number); // it was closed while it was queued
    state.tasks.delete(number);
  },

  end: (state) => {
    Object.assign(state, { ended: true, running: null, place: null });
  },
};
