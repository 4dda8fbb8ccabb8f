// Menus are <details class="k-menu">: they open without a script; a press elsewhere or Escape closes them.

const opened = () => document.querySelectorAll("details.k-menu[open]");

export function closeMenus() {
  document.addEventListener("click", (event) => {
    for (const menu of opened()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("focusin", (event) => {
    for (const menu of opened()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.code !== "Escape") return;
    for (const menu of opened()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  for (const menu of document.querySelectorAll("details.k-menu")) {
    menu.addEventListener("toggle", () => menu.open && menu.querySelector("[autofocus]")?.focus());
  }
}
