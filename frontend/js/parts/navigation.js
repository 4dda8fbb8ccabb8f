// A page that takes longer than 300 ms to answer shows that it is on its way.

const SLOW_MS = 300;

const leaves = (event, link) =>
  link && !event.defaultPrevented && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey &&
  !event.altKey && !link.target && !link.hasAttribute("download") && link.origin === location.origin &&
  !(link.hash && link.pathname === location.pathname && link.search === location.search);

export function watchNavigation() {
  const bar = document.querySelector("[data-waiting]");
  if (!bar) return;
  let slow = 0;
  const wait = (said) => {
    clearTimeout(slow);
    slow = setTimeout(() => {
      bar.hidden = false;
      if (said) said.textContent = said.dataset.loading;
    }, SLOW_MS);
  };
  const stop = () => {
    clearTimeout(slow);
    bar.hidden = true;
  };
  document.addEventListener("click", (event) => leaves(event, event.target.closest("a[href]")) && wait(document.querySelector("[data-said]")));
  document.addEventListener("submit", (event) => {
    // What a sent form says, forms.js says.
    if (!event.defaultPrevented && !("repeatable" in event.target.dataset)) wait(null);
  });
  addEventListener("pageshow", stop);
}
