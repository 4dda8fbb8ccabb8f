// The clerk's page of a case: photographs are shown at their members before they are saved. Several chosen at
// once are dealt out in the family's order: to those who have none yet, or to all.

const fields = () => [...document.querySelectorAll("[data-portrait]")];

function put(box, file) {
  const input = box.querySelector('input[type="file"]');
  const chosen = new DataTransfer();
  chosen.items.add(file);
  input.files = chosen.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function deal(input) {
  const files = [...input.files];
  const empty = fields().filter((box) => !("hasPortrait" in box.dataset) && !box.querySelector("input").files.length);
  const targets = files.length <= empty.length ? empty : fields();
  // Too many for the family: the server says so beside the button, and nothing is mixed up here.
  if (files.length > targets.length) return;
  files.forEach((file, index) => put(targets[index], file));
  input.value = "";
}

function dress(box) {
  const icon = box.querySelector(".k-face > .bi");
  const chosen = box.querySelector("input").files.length > 0;
  if (icon) icon.hidden = chosen;
  box.querySelector(".k-face").classList.toggle("is-wanted", !chosen && !("hasPortrait" in box.dataset));
}

document.addEventListener("change", (event) => {
  if (event.target.id === "portraits-all") deal(event.target);
  const box = event.target.closest("[data-portrait]");
  if (box) dress(box);
});

// Empty file inputs are sent as empty files, of which the server takes few.
document.getElementById("portraits")?.addEventListener("submit", (event) => {
  for (const input of event.target.elements) if (input.type === "file") input.disabled = !input.files.length;
});
addEventListener("pageshow", () => {
  for (const input of document.querySelectorAll('input[type="file"]:disabled')) input.disabled = false;
});
