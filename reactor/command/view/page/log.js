// The log: the events round the present one, of those that are looked for.
//
// Law of this file: what is looked for is found once, when it changes; of what is found a few lines are shown.

const LINES = 13;

class Log {
  constructor(recording, go) {
    this.recording = recording;
    this.go = go;
    this.kind = "";
    this.wanted = "";
    for (const [kind, many] of [...recording.kinds].sort()) {
      const option = element("option", "", `${kind} (${many.toLocaleString("en")})`);
      option.value = kind;
      the("#kind").append(option);
    }
    this.search();
  }

  search() {
    const { events } = this.recording;
    this.found = [];
    events.forEach((event, number) => this.isWanted(event) && this.found.push(number));
    the("#found").textContent = this.isSearching ? several(this.found.length, "event") : "";
  }

  get isSearching() {
    return this.kind !== "" || this.wanted !== "";
  }

  isWanted(event) {
    if (this.kind !== "" && this.kind !== event[1]) return false;
    return this.wanted === "" || sentence(this.recording, event).join(" ").toLowerCase().includes(this.wanted);
  }

  // The number of the found event so many further on; undefined if there is none.
  further(from, steps) {
    const here = lastNotAfter(this.found, from, (number) => number);
    return this.found[steps < 0 && this.found[here] !== from ? here : here + steps];
  }

  show(number) {
    const here = Math.max(0, lastNotAfter(this.found, number, (found) => found));
    const first = Math.max(0, Math.min(here - Math.floor(LINES / 2), this.found.length - LINES));
    const lines = this.found.slice(first, first + LINES).map((found) => this.line(found, number));
    if (lines.length === 0) lines.push(element("li", "more", "Nothing like that has happened."));
    the("#events").replaceChildren(...lines);
  }

  line(found, present) {
    const event = this.recording.events[found];
    const [who, what] = sentence(this.recording, event);
    const text = element("span", "", element("b", "", who), who === "" ? "" : " ", what);
    const button = element("button", "", element("time", "", moment(event[0])), element("i", "", event[1]), text);
    button.type = "button";
    button.addEventListener("click", () => this.go(found));
    const line = element("li", event[1] === "turn" ? "turn" : "", button);
    if (found === present) line.setAttribute("aria-current", "true");
    return line;
  }
}
