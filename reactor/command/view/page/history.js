// History: the state after any event, at once, forwards and backwards.
//
// Law of this file: a copy is kept every few hundred events, so that no state is further away than that.

const APART = 500;

class History {
  constructor(recording) {
    this.recording = recording;
    this.kept = [];
    const state = new State();
    recording.events.forEach((event, number) => {
      if (number % APART === 0) this.kept.push(state.copy());
      state.apply(event);
    });
    this.at = -1;
    this.state = new State();
  }

  // The state when that event has happened. It is lent: the next call changes it.
  after(number) {
    const from = Math.floor(number / APART);
    if (number < this.at || from * APART > this.at + 1) {
      this.state = (this.kept[from] ?? new State()).copy();
      this.at = from * APART - 1;
    }
    while (this.at < number) {
      this.at += 1;
      this.state.apply(this.recording.events[this.at]);
    }
    return this.state;
  }
}
