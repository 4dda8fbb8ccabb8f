// Keys are bound to their place on the keyboard (event.code), so that they work on a Persian layout too.
// An element with data-key="Slash" is focused, or clicked if it is a button or a link.

const isTyping = (element) => element?.closest?.("input, textarea, select, [contenteditable]");

function visible(element) {
  return element.checkVisibility ? element.checkVisibility({ visibilityProperty: true }) : element.offsetParent !== null;
}

export function bindKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
    const bound = [...document.querySelectorAll(`[data-key="${CSS.escape(event.code)}"]`)].find(visible);
    if (!bound) return;
    event.preventDefault();
    bound.focus();
    if (bound.matches("button, a, summary")) bound.click();
    else bound.select?.();
  });
}
