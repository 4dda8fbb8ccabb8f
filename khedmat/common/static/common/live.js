// Keeps the parts of a page that are still under way up to date: fetches the page itself and exchanges the
// elements marked data-live, one by one, until none of them says data-live="working". The focus stays where it is.
// Without this script the page reloads itself (noscript).
(() => {
  const EVERY_MS = 2000;
  const working = () => document.querySelector('[data-live="working"]') !== null;

  const exchange = (fresh) => {
    for (const part of document.querySelectorAll("[data-live]")) {
      const next = fresh.getElementById(part.id);
      if (!next || next.outerHTML === part.outerHTML) continue;
      const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
      part.replaceWith(document.adoptNode(next));
      if (focused) (document.getElementById(focused) ?? document.getElementById(part.id))?.focus();
    }
  };

  const look = async () => {
    // A form under way would lose its mark of being sent.
    if (document.hidden || document.querySelector("form[data-sent]")) return;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!document.querySelector("form[data-sent]")) exchange(fresh);
  };

  const again = () => {
    if (working()) setTimeout(() => look().catch(() => undefined).finally(again), EVERY_MS);
  };
  again();
})();
