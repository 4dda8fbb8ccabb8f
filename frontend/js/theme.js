// Loaded before the page is drawn, so that no wrong theme flashes. The choice lives in a cookie,
// because the server writes data-bs-theme from it; 'auto' follows the device.
const root = document.documentElement;
const choices = ["light", "dark", "auto"];
const device = matchMedia("(prefers-color-scheme: dark)");

const chosen = () => {
  const found = document.cookie.match(/(?:^|; )khedmat_theme=([a-z]+)/);
  return found && choices.includes(found[1]) ? found[1] : "auto";
};

function apply(choice) {
  root.dataset.bsTheme = choice === "auto" ? (device.matches ? "dark" : "light") : choice;
  for (const button of document.querySelectorAll("[data-theme-set]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeSet === choice));
  }
}

apply(chosen());
device.addEventListener("change", () => apply(chosen()));
document.addEventListener("DOMContentLoaded", () => {
  apply(chosen());
  for (const group of document.querySelectorAll("[data-needs-script]")) group.hidden = false;
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-set]");
    if (!button) return;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `khedmat_theme=${button.dataset.themeSet}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    apply(button.dataset.themeSet);
  });
});
