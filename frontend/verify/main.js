// The card check. All words come with the page; nothing about a check is sent or stored.
import decoderFile from "zxing-wasm/reader/zxing_reader.wasm";
import { check, doubtOf } from "./check.js";
import { prepareDecoder, readCamera, readPicture, ScanError } from "./scan.js";
import { DeviceStore, Trust } from "./trust.js";
import { clearResult, showNews, showResult } from "./view.js";
import { Words } from "./words.js";

const REFRESH_MILLISECONDS = 60 * 60 * 1000;
const find = (name) => document.querySelector(`[data-part="${name}"]`);
const parts = Object.fromEntries(
  ["news", "anchors", "ask", "film", "video", "camera", "stop", "picture", "text", "check-text", "said", "result", "again", "accept", "pinned", "seen", "ready"]
    .map((name) => [name, find(name)]),
);
const config = find("root").dataset;
const words = new Words(JSON.parse(document.getElementById("verify-texts").textContent), document.documentElement.lang);
const trust = new Trust({
  store: new DeviceStore(new URL(config.scope, location.href)), urls: { anchor: config.anchor, bundle: config.bundle },
});
let filming = null;
let isKept = false; // the worker holds the whole shell

const seconds = () => Math.floor(Date.now() / 1000);
const isAble = () => Boolean(globalThis.isSecureContext && globalThis.caches && crypto?.subtle && globalThis.DecompressionStream);

function say(text) {
  parts.said.textContent = text;
  parts.said.hidden = !text;
}

function tellNews() {
  const bundle = trust.bundle;
  const doubt = doubtOf(bundle, seconds());
  parts.ready.hidden = Boolean(doubt) || !isKept;
  parts.anchors.hidden = !trust.isChanged;
  if (trust.isChanged) {
    parts.pinned.textContent = trust.anchors.pinned;
    parts.seen.textContent = trust.anchors.seen;
    return showNews(parts.news, words, "anchor_changed");
  }
  return showNews(parts.news, words, doubt ?? "fresh", bundle && {
    issued: words.moment(bundle.issuedAt), until: words.moment(bundle.staleAfter), now: words.moment(seconds()),
  });
}

async function refresh() {
  await trust.refresh();
  tellNews();
}

async function judge(text) {
  const verdict = await check(text, trust.bundle, seconds());
  if (verdict.doubt === "no_bundle" && trust.isChanged) verdict.doubt = "anchor_changed";
  await showResult(parts.result, words, verdict);
  say("");
  parts.ask.hidden = true;
  parts.result.hidden = false;
  // The focus goes where the reading goes on, and a screen reader says the outcome.
  parts.result.querySelector("h2").focus({ preventScroll: true });
  parts.result.scrollIntoView({ block: "start" });
}

function explain(error) {
  if (!(error instanceof ScanError)) throw error;
  say(words.texts.scan[error.code]);
}

async function film() {
  filming = new AbortController();
  say(words.texts.scan.looking);
  parts.film.hidden = false;
  parts.camera.hidden = true;
  parts.stop.hidden = false;
  parts.stop.focus();
  let text = null;
  try {
    text = await readCamera(parts.video, filming.signal);
    if (text === null) say("");
  } catch (error) {
    explain(error);
  } finally {
    filming = null;
    parts.film.hidden = true;
    parts.stop.hidden = true;
    parts.camera.hidden = false;
  }
  if (text === null) parts.camera.focus();
  else await judge(text);
}

async function takePicture() {
  const [file] = parts.picture.files;
  if (!file) return;
  say(words.texts.scan.reading);
  try {
    await judge(await readPicture(file));
  } catch (error) {
    explain(error);
  } finally {
    parts.picture.value = "";
  }
}

async function takeText() {
  // A line end from a message program is no part of the text; a space may be.
  const text = parts.text.value.replace(/[\r\n\t]/g, "").replace(/^ +(?=KH1:)/, "");
  if (!text.trim()) {
    say(words.texts.scan.empty);
    parts.text.focus();
    return;
  }
  await judge(text);
}

function startAgain() {
  parts.result.hidden = true;
  parts.ask.hidden = false;
  clearResult(parts.result);
  parts.text.value = "";
  say("");
  parts.camera.focus();
}

function bind() {
  parts.camera.addEventListener("click", film);
  parts.stop.addEventListener("click", () => filming?.abort());
  parts.picture.addEventListener("change", takePicture);
  parts["check-text"].addEventListener("click", takeText);
  parts.again.addEventListener("click", startAgain);
  parts.accept.addEventListener("click", async () => {
    await trust.acceptSeen();
    tellNews();
    parts.camera.focus();
  });
  addEventListener("online", refresh);
  document.addEventListener("visibilitychange", () => document.hidden && filming?.abort());
  setInterval(refresh, REFRESH_MILLISECONDS);
}

async function becomeOffline() {
  if (!navigator.serviceWorker) return;
  await navigator.serviceWorker.register(config.worker, { scope: config.scope });
  await navigator.serviceWorker.ready;
  isKept = true;
}

function giveUp() {
  showNews(parts.news, words, "not_able");
  parts.ask.hidden = true;
}

async function start() {
  if (!isAble()) return giveUp();
  try {
    await trust.load();
  } catch {
    return giveUp(); // some private windows forbid keeping anything
  }
  bind();
  if (trust.bundle || trust.isChanged) tellNews();
  // Without the decoder pasted text still works, without the worker the page still works online.
  await Promise.allSettled([prepareDecoder(config.wasm || decoderFile), becomeOffline(), refresh()]);
  tellNews();
  document.documentElement.dataset.settled = isKept ? "offline" : "online";
}

start();
