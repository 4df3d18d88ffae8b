// The transport: where in the recording one is, and all that goes elsewhere: buttons, fields, keys, and time.
//
// Law of this file: there is one present event; whatever moves it calls go.

const SPEEDS = () => [...the("#speed").options].map((option) => option.value);

class Transport {
  constructor(recording, history, show) {
    Object.assign(this, { recording, history, show, at: 0, playing: false, owed: 0, before: 0, writing: null });
    the("#slider").max = Math.max(0, recording.events.length - 1);
  }

  go(number) {
    this.at = Math.min(Math.max(0, number), Math.max(0, this.recording.events.length - 1));
    this.show(this.at);
  }

  goToTurn(turn) {
    const { turns, events } = this.recording;
    if (turn >= turns.length) return this.go(events.length - 1);
    return this.go(turns[Math.max(0, turn)]);
  }

  // To the beginning of this turn, if one is further in; to that of the one before, if not.
  turnBack() {
    const turn = turnOf(this.recording, this.at);
    this.goToTurn(this.at > this.recording.turns[turn] ? turn : turn - 1);
  }

  turnOn() {
    this.goToTurn(turnOf(this.recording, this.at) + 1);
  }

  play(isPlaying = !this.playing) {
    if (isPlaying && this.at >= this.recording.events.length - 1) this.go(0);
    Object.assign(this, { playing: isPlaying, owed: 0, before: performance.now() });
    the("#play").textContent = isPlaying ? "Stop" : "Play";
    the("#play").setAttribute("aria-pressed", String(isPlaying));
    the("#said").setAttribute("aria-live", isPlaying ? "off" : "polite"); // nobody can listen so fast
    if (isPlaying) requestAnimationFrame((now) => this.tick(now));
  }

  tick(now) {
    if (!this.playing) return;
    this.owed += (Math.max(0, now - this.before) / 1000) * Number(the("#speed").value);
    this.before = now;
    const steps = Math.floor(this.owed);
    this.owed -= steps;
    if (steps > 0) this.go(this.at + steps);
    if (this.at >= this.recording.events.length - 1) this.play(false);
    else requestAnimationFrame((next) => this.tick(next));
  }

  faster(steps) {
    const speeds = SPEEDS();
    const next = speeds.indexOf(the("#speed").value) + steps;
    the("#speed").value = speeds[Math.min(Math.max(0, next), speeds.length - 1)];
  }

  tell(state) {
    const { events } = this.recording;
    the("#slider").value = this.at;
    const [here, all] = [this.at + 1, events.length].map((number) => number.toLocaleString("en"));
    the("#slider").setAttribute("aria-valuetext", `event ${here}, turn ${state.turn}, ${moment(state.time)}`);
    the("#position").textContent = `event ${here} of ${all}`;
    for (const [field, value] of [["#turn", state.turn], ["#time", (state.time / 1e3).toFixed(3)]]) {
      if (field !== this.writing) the(field).value = value;
    }
  }

  listen() {
    const doing = {
      first: () => this.go(0),
      "turn-back": () => this.turnBack(),
      back: () => this.go(this.at - 1),
      play: () => this.play(),
      on: () => this.go(this.at + 1),
      "turn-on": () => this.turnOn(),
      last: () => this.go(Infinity),
    };
    for (const [id, act] of Object.entries(doing)) the(`#${id}`).addEventListener("click", act);
    the("#slider").addEventListener("input", (input) => this.go(Number(input.target.value)));
    this.field("#turn", (turn) => this.goToTurn(Math.round(turn)));
    this.field("#time", (time) => this.go(eventAt(this.recording, time * 1e3)));
    the("#transport").addEventListener("submit", (submit) => submit.preventDefault());
  }

  // What is written there counts when it is finished; what is no number changes nothing.
  field(selector, go) {
    the(selector).addEventListener("input", () => {
      this.writing = selector;
    });
    the(selector).addEventListener("blur", () => {
      this.writing = null;
    });
    the(selector).addEventListener("change", () => {
      this.writing = null;
      const wanted = Number.parseFloat(the(selector).value.replace(",", "."));
      if (Number.isFinite(wanted)) go(wanted);
      else this.go(this.at);
    });
  }
}
