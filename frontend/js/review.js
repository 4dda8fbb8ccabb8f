// The officer's page: pictures of papers open in the viewer beside them, and a reason may begin with the rules'
// own words. Without this script each picture opens in a tab of its own.

const ZOOM = [0.5, 1, 1.5, 2, 3];

function viewer(box) {
  const sheet = box.querySelector("[data-viewer-sheet]");
  const image = sheet.querySelector("[data-viewer-image]");
  const thumbs = [...box.querySelectorAll("[data-picture]")];
  let turned = 0;
  let zoom = 0;
  const draw = () => {
    image.style.rotate = `${turned}deg`;
    image.style.maxWidth = "none";
    image.style.width = `${ZOOM[zoom] * 100}%`;
  };
  const show = (thumb) => {
    for (const one of thumbs) one.setAttribute("aria-pressed", String(one === thumb));
    sheet.hidden = false;
    turned = 0;
    zoom = 0;
    image.src = thumb.href;
    image.alt = thumb.dataset.title;
    sheet.querySelector("[data-viewer-title]").textContent = thumb.dataset.title;
    draw();
  };
  for (const thumb of thumbs) {
    thumb.setAttribute("role", "button");
    thumb.setAttribute("aria-pressed", "false");
    thumb.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      show(thumb);
    });
    thumb.addEventListener("keydown", (event) => {
      if (event.code !== "Space") return;
      event.preventDefault();
      show(thumb);
    });
  }
  const press = (name, act) =>
    sheet.querySelector(`[data-viewer-${name}]`).addEventListener("click", () => {
      act();
      draw();
    });
  press("turn", () => { turned = (turned + 90) % 360; });
  press("smaller", () => { zoom = Math.max(0, zoom - 1); });
  press("larger", () => { zoom = Math.min(ZOOM.length - 1, zoom + 1); });
  if (thumbs.length) show(thumbs[0]);
}

document.querySelectorAll("[data-viewer]").forEach(viewer);

for (const button of document.querySelectorAll("[data-fill]")) {
  const field = document.getElementById(button.dataset.fill);
  button.hidden = false;
  button.addEventListener("click", () => {
    field.value = field.value ? `${field.value.trimEnd()}\n${button.dataset.words}` : button.dataset.words;
    field.focus();
  });
}
