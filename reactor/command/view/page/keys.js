// Keys: all that can be pointed at can be done without.
//
// Law of this file: a key that something focused has a use for is left to it.

function listenToKeys(doing) {
  document.addEventListener("keydown", (press) => {
    if (press.ctrlKey || press.metaKey || press.altKey || the("#help").open) return;
    const key = press.shiftKey && press.key.startsWith("Arrow") ? `Shift+${press.key}` : press.key;
    if (!Object.hasOwn(doing, key) || isOwn(press.target, press.key)) return;
    press.preventDefault();
    doing[key]();
  });
}

// Whether the one that is focused does something by itself with that key.
function isOwn(target, key) {
  if (target.matches("input[type=range]")) return false; // it does here what it would do there
  if (target.matches("input[type=radio]")) return key === " " || key.startsWith("Arrow");
  if (target.matches("input, select")) return true;
  return target.matches("button") && key === " ";
}
