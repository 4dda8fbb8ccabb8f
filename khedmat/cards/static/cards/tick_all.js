// The one tick for all cards. Without this script the tick is sent, and the server takes all of them.
(() => {
  const all = document.querySelector("[data-tick-all]");
  if (!all) return;
  const boxes = [...document.querySelectorAll('input[name="cards"]')];
  const settle = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  };
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
  });
  for (const box of boxes) box.addEventListener("change", settle);
  // Its own value is of no use to the server any more: what stands ticked is what is meant.
  all.removeAttribute("name");
  settle();
})();
