// A chosen or just taken picture is shown before it is sent, with its name and size. Nothing leaves the
// device here. The limit in bytes (data-limit) is told at once; the server checks it again.

const shown = new WeakMap();

function show(box, file) {
  const picture = box.querySelector("img");
  if (shown.has(box)) URL.revokeObjectURL(shown.get(box));
  shown.delete(box);
  picture.hidden = true;
  picture.removeAttribute("src");
  box.classList.toggle("has-file", Boolean(file));
  box.querySelector("[data-file-name]").textContent = file ? file.name : "";
  if (!file || !file.type.startsWith("image/")) return;
  const address = URL.createObjectURL(file);
  shown.set(box, address);
  picture.src = address;
  picture.hidden = false;
}

function change(event) {
  const input = event.target;
  const box = input.closest("[data-file]");
  if (!box) return;
  const file = input.files[0];
  // The camera's input and the folder's input carry one name: only the one used last is sent.
  if (file) {
    for (const other of box.querySelectorAll('input[type="file"]')) if (other !== input) other.value = "";
  }
  const limit = Number(box.dataset.limit);
  box.querySelector("[data-file-large]").hidden = !(file && limit && file.size > limit);
  show(box, file);
}

export function watchFiles() {
  document.addEventListener("change", (event) => event.target.matches('input[type="file"]') && change(event));
}
