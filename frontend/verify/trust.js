// What this device knows: the pinned anchor key and the last good bundle. A check reads it and never fetches.
import { anchorOf, MAX_BUNDLE_BYTES, openBundle } from "./bundle.js";
import { fingerprint } from "./cose.js";
import { hexOf } from "./cbor.js";

const FETCH_MILLISECONDS = 15_000;
const MAX_ANCHOR_BYTES = 4096;
const FINGERPRINT_BYTES = 16;

/** The Cache Storage entries of this page: `pinned`, `seen` (an anchor that differs) and `bundle`, nothing else. */
export class DeviceStore {
  static NAME = "khedmat-verify-data";

  constructor(base) {
    this.base = base;
  }

  #url(name) {
    return new URL(`data/${name}`, this.base).href;
  }

  async read(name) {
    const found = await (await caches.open(DeviceStore.NAME)).match(this.#url(name));
    return found ? new Uint8Array(await found.arrayBuffer()) : null;
  }

  async write(name, bytes) {
    await (await caches.open(DeviceStore.NAME)).put(this.#url(name), new Response(bytes));
  }

  async remove(name) {
    await (await caches.open(DeviceStore.NAME)).delete(this.#url(name));
  }
}

/** The bytes at `url`, or null when the network, the server or the size says no. Sends no cookie. */
async function fetchBytes(url, most) {
  try {
    const answer = await fetch(url, {
      cache: "no-cache", credentials: "omit", redirect: "error", signal: AbortSignal.timeout(FETCH_MILLISECONDS),
    });
    if (!answer.ok) return null;
    const bytes = new Uint8Array(await answer.arrayBuffer());
    return bytes.length <= most ? bytes : null;
  } catch {
    return null; // offline: what the device holds still serves
  }
}

async function parseAnchor(bytes) {
  try {
    return bytes && (await anchorOf(JSON.parse(new TextDecoder().decode(bytes))));
  } catch {
    return null; // no key: as good as not fetched
  }
}

async function tryOpen(bytes, anchor) {
  try {
    return bytes && anchor ? await openBundle(bytes, anchor) : null;
  } catch {
    return null; // signed by another key, or damaged: not a bundle for this device
  }
}

const shown = async ({ x, y }) => hexOf((await fingerprint(x, y)).subarray(0, FINGERPRINT_BYTES)).match(/.{4}/g).join(" ");

export class Trust {
  /** `store` has read, write and remove; `urls` has anchor and bundle; `fetcher(url, maxBytes)` gives bytes or null. */
  constructor({ store, urls, fetcher = fetchBytes }) {
    Object.assign(this, { store, urls, fetcher, bundle: null, anchors: null, isChanged: false });
  }

  /** Reads what the device holds. `bundle` stays null while another anchor than the pinned one has been seen. */
  async load() {
    const pinned = await parseAnchor(await this.store.read("pinned"));
    const seen = await parseAnchor(await this.store.read("seen"));
    this.isChanged = Boolean(pinned && seen && seen.kid !== pinned.kid);
    this.anchors = this.isChanged ? { pinned: await shown(pinned), seen: await shown(seen) } : null;
    this.bundle = this.isChanged ? null : await tryOpen(await this.store.read("bundle"), pinned);
    return this;
  }

  /** Fetches anchor and bundle and keeps what is good and newer; returns whether a good bundle came. */
  async refresh() {
    await this.#refreshAnchor();
    const isFresh = await this.#refreshBundle();
    await this.load();
    return isFresh && !this.isChanged;
  }

  async #refreshAnchor() {
    const bytes = await this.fetcher(this.urls.anchor, MAX_ANCHOR_BYTES);
    const fetched = await parseAnchor(bytes);
    if (!fetched) return;
    const pinned = await parseAnchor(await this.store.read("pinned"));
    if (!pinned) await this.store.write("pinned", bytes);
    else if (pinned.kid === fetched.kid) await this.store.remove("seen");
    else await this.store.write("seen", bytes);
  }

  async #refreshBundle() {
    const bytes = await this.fetcher(this.urls.bundle, MAX_BUNDLE_BYTES);
    const anchor = await parseAnchor(await this.store.read("pinned"));
    const fetched = await tryOpen(bytes, anchor);
    if (!fetched) return false;
    // An older bundle, replayed, would bring revoked cards back to life.
    const held = await tryOpen(await this.store.read("bundle"), anchor);
    if (!held || fetched.issuedAt >= held.issuedAt) await this.store.write("bundle", bytes);
    return true;
  }

  /** The reader has compared the keys and takes the new one: pin it, and drop what the old one signed. */
  async acceptSeen() {
    const seen = await this.store.read("seen");
    if (!seen) return;
    await this.store.remove("bundle");
    await this.store.write("pinned", seen);
    await this.store.remove("seen");
    await this.refresh();
  }
}
