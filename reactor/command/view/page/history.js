// History: the state after any event, at once, forwards and backwards.
//
// Law of this file: a copy is kept every few hundred events, and less often where a copy is large, so that all copies
// together are no larger than the recording.

const APART = 500; // events

class History {
  constructor(recording) {
    this.recording = recording;
    this.kept = []; // [number of the event that comes next, state]
    this.next = 0; // the event that comes next
    this.state = new State();
    for (const event of recording.events) {
      if (this.isTime()) this.kept.push([this.next, this.state.copy()]);
      this.apply(event);
    }
  }

  isTime() {
    const last = this.kept.at(-1);
    return last === undefined || this.next - last[0] >= APART + this.state.size;
  }

  apply(event) {
    this.state.apply(event);
    this.next += 1;
  }

  // The state when that event has happened. It is lent: the next call changes it.
  after(number) {
    const [from, kept] = this.kept[lastNotAfter(this.kept, number, ([next]) => next)] ?? [0, new State()];
    if (number < this.next - 1 || from > this.next) [this.next, this.state] = [from, kept.copy()];
    while (this.next <= number && this.next < this.recording.events.length) this.apply(this.recording.events[this.next]);
    return this.state;
  }
}
