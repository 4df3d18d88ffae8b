"""Sheet: slices, marks, arrows and counters, as the Trace Event Format wants them.

Law of this file: it knows that format, and nothing of a reactor. What is put on a sheet comes in
the order of time; a slice is written down when it begins, and gets its length when it ends.
Source: the document "Trace Event Format" that perfetto.dev names. Times are in microseconds.
"""

from __future__ import annotations

Entry = dict[str, object]


class Sheet:
    """What a process does, on tracks, which are its threads to the format. now is when."""

    def __init__(self, pid: int) -> None:
        self.now: float = 0
        self._pid = pid
        self._entries: list[Entry] = []
        self._tracks: dict[int, str] = {}
        # By track and kind: the slice that goes on, and since when.
        self._open: dict[tuple[int, str], tuple[float, Entry]] = {}
        self._ended: set[object] = set()  # arrows that have arrived

    def name(self, track: int, name: str) -> None:
        """Call a track so, unless it has a name."""
        self._tracks.setdefault(track, name)

    def begin(self, track: int, kind: str, name: str, **args: object) -> None:
        """Begin a slice; it goes on until that of its kind on its track is ended."""
        entry = self._add("X", track, name=name, cat=kind, dur=0, args=args)
        self._open[track, kind] = self.now, entry

    def end(self, track: int, kind: str) -> None:
        """End the slice of that kind, if there is one."""
        began, entry = self._open.pop((track, kind), (0, {}))
        entry["dur"] = self.now - began

    def slice(self, track: int, kind: str) -> object:
        """Return the name of the slice of that kind that goes on; None if none does."""
        _, entry = self._open.get((track, kind), (0, {}))
        return entry.get("name")

    def mark(self, track: int, name: str) -> None:
        """Put a mark on a track."""
        self._add("i", track, name=name, cat="event", s="t")

    def count(self, track: int, name: str, value: int) -> None:
        """Tell what a counter shows from now on."""
        self._add("C", track, name=name, args={name: value})

    def leave(self, track: int, arrow: int) -> None:
        """Let an arrow leave from the slice that goes on there. It is drawn if it arrives."""
        self._add("s", track, name="wakes", cat="wake", id=arrow)

    def arrive(self, track: int, arrow: int) -> None:
        """Let an arrow arrive at the slice that goes on there."""
        self._add("f", track, name="wakes", cat="wake", id=arrow, bp="e")
        self._ended.add(arrow)

    def whole(self, title: str) -> list[Entry]:
        """Return all of it, with names first, when nothing more comes."""
        for track, kind in list(self._open):
            self.end(track, kind)
        names = [self._named("process_name", 0, {"name": title})]
        for order, track in enumerate(sorted(self._tracks)):
            names.append(self._named("thread_name", track, {"name": self._tracks[track]}))
            names.append(self._named("thread_sort_index", track, {"sort_index": order}))
        kept = [each for each in self._entries if each["ph"] != "s" or each["id"] in self._ended]
        return [*names, *kept]

    def _named(self, what: str, track: int, args: Entry) -> Entry:
        return {"ph": "M", "ts": 0, "pid": self._pid, "tid": track, "name": what, "args": args}

    def _add(self, phase: str, track: int, **rest: object) -> Entry:
        entry = {"ph": phase, "ts": self.now, "pid": self._pid, "tid": track, **rest}
        self._entries.append(entry)
        return entry
