// Asks every few seconds for the part of a page that changes by itself, and puts it in where it differs. The answer
// is a small piece of HTML with an ETag, so that an unchanged hall costs one empty answer. A lost connection is said.
(() => {
  const part = document.querySelector("[data-poll]");
  if (!part) return;
  const late = document.querySelector("[data-late]");
  const every = Number(part.dataset.every) || 5000;
  let etag = "";

  const look = async () => {
    if (document.hidden) return;
    const headers = etag ? { "If-None-Match": etag } : {};
    const answer = await fetch(part.dataset.poll, { headers, cache: "no-store" });
    if (answer.redirected || (!answer.ok && answer.status !== 304)) throw new Error(String(answer.status));
    if (late) late.hidden = true;
    if (answer.status === 304) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const isFirst = etag === "";
    etag = answer.headers.get("ETag") ?? "";
    if (isFirst && part.innerHTML.trim() === fresh.body.innerHTML.trim()) return;
    part.replaceChildren(...fresh.body.childNodes);
  };

  const again = () => setTimeout(() => look().catch(() => { if (late) late.hidden = false; }).finally(again), every);
  again();
})();
