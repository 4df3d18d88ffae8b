// The button that turns light into dark. Until it is pressed the page is as the system prefers.

const prefersDark = matchMedia("(prefers-color-scheme: dark)");

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen === undefined ? prefersDark.matches : chosen === "dark";
}

// The button is called what it makes; what is painted is painted anew.
function retheme() {
  the("#theme").textContent = isDark() ? "Light" : "Dark";
  the("#theme").setAttribute("aria-label", `${the("#theme").textContent} colours`);
  document.dispatchEvent(new Event("themed"));
}

the("#theme").addEventListener("click", () => {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  retheme();
});
prefersDark.addEventListener("change", retheme);
retheme();
