// The button that turns light into dark. Until it is pressed the page is as the system prefers.

const button = document.querySelector("#theme");
const prefersDark = matchMedia("(prefers-color-scheme: dark)");

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen === undefined ? prefersDark.matches : chosen === "dark";
}

function nameButton() {
  button.textContent = isDark() ? "Light" : "Dark";
  button.setAttribute("aria-label", `${button.textContent} colours`);
}

function turn() {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  nameButton();
}

button.addEventListener("click", turn);
prefersDark.addEventListener("change", nameButton);
nameButton();
button.hidden = false;
