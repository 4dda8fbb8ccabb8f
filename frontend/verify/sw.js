// Keeps the shell of the card check, so that it opens without a network: both pages and every file they name.
// Bundle and anchor pass through untouched: the page itself keeps those that are rightly signed.
const SHELL = "khedmat-verify-shell";
const PATIENCE_MILLISECONDS = 4000;
const scope = self.registration.scope;
const PAGES = ["", "en/"].map((path) => new URL(path, scope).href);

const bare = (url) => {
  const address = new URL(url);
  address.search = "";
  address.hash = "";
  return address.href;
};

const named = (text, pattern, base) => [...text.matchAll(pattern)]
  .map(([, found]) => new URL(found, base))
  .filter(({ origin, protocol }) => origin === location.origin && protocol.startsWith("http"))
  .map((address) => bare(address));

/** Files that a page or a style sheet names: links to style sheets, fonts, icons and the like, scripts, url(…). */
function filesIn(text, base, isStyle) {
  return isStyle
    ? named(text, /url\(["']?([^"')]+)["']?\)/g, base)
    : named(text, /<(?:link|script)\b[^>]*?\s(?:href|src)="([^"]+)"/g, base);
}

async function fetchWhole(url) {
  const answer = await fetch(url, { credentials: "omit", cache: "no-cache" });
  if (!answer.ok || answer.redirected) throw new Error(`${url}: ${answer.status}`);
  return answer;
}

/** Sees that every file `page` names is kept; throws, and so leaves the old page in place, when one is missing. */
async function keepFiles(shell, text, base, kept = new Set()) {
  for (const url of filesIn(text, base, base.endsWith(".css"))) {
    if (kept.has(url)) continue;
    kept.add(url);
    if (!(await shell.match(url))) await shell.put(url, await fetchWhole(url));
    if (url.endsWith(".css")) await keepFiles(shell, await (await shell.match(url)).text(), url, kept);
  }
  return kept;
}

async function keepPage(url, answer) {
  const shell = await caches.open(SHELL);
  await keepFiles(shell, await answer.clone().text(), url);
  await shell.put(url, answer);
}

/** Drops what neither page names any more. */
async function prune() {
  const shell = await caches.open(SHELL);
  const wanted = new Set(PAGES);
  for (const page of PAGES) {
    const held = await shell.match(page);
    if (!held) return;
    for (const url of await keepFiles(shell, await held.text(), page)) wanted.add(url);
  }
  for (const { url } of await shell.keys()) if (!wanted.has(url)) await shell.delete(url);
}

async function keepAll() {
  for (const page of PAGES) await keepPage(page, await fetchWhole(page));
  await prune();
}

/** The page from the network when it answers in time, else the kept one. No cookie goes along: it is for everyone. */
async function openPage(event, url) {
  const held = await caches.match(url, { cacheName: SHELL });
  const fresh = fetchWhole(url);
  const keeping = fresh.then((answer) => keepPage(url, answer.clone())).then(prune);
  event.waitUntil(keeping.catch(() => {})); // offline, or half an answer: the kept shell stays whole
  if (!held) return fresh;
  const late = new Promise((resolve) => { setTimeout(resolve, PATIENCE_MILLISECONDS, held); });
  return Promise.race([fresh.then((answer) => answer, () => held), late]);
}

self.addEventListener("install", (event) => {
  event.waitUntil(keepAll().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = bare(request.url);
  if (request.method !== "GET" || new URL(url).origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (PAGES.includes(url)) event.respondWith(openPage(event, url));
  } else if (!url.startsWith(scope) || url.endsWith(".webmanifest")) {
    event.respondWith(caches.match(url, { cacheName: SHELL }).then((held) => held ?? fetch(request)));
  }
});
