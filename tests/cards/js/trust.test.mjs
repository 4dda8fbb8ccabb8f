import assert from "node:assert/strict";
import { test } from "node:test";
import { Trust } from "../../../frontend/verify/trust.js";
import { bytesOf, shared } from "./vectors.mjs";

const URLS = { anchor: "anchor", bundle: "bundle" };
const json = (value) => new TextEncoder().encode(JSON.stringify(value));
const ours = json(shared.anchor);
const fresh = bytesOf(shared.bundles.fresh.data), later = bytesOf(shared.bundles.later.data);

async function otherAnchor() {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["verify", "sign"]);
  return json(await crypto.subtle.exportKey("jwk", pair.publicKey));
}

function memory() {
  const held = new Map();
  return {
    held, read: async (name) => held.get(name) ?? null, write: async (name, bytes) => void held.set(name, bytes),
    remove: async (name) => void held.delete(name),
  };
}

/** A device and the server it talks to; `server` may be changed between refreshes. */
function device(server) {
  const store = memory();
  return { store, server, trust: new Trust({ store, urls: URLS, fetcher: async (url) => server[url] ?? null }) };
}

test("the first opening pins the anchor and keeps the bundle", async () => {
  const { trust, store } = device({ anchor: ours, bundle: fresh });
  assert.equal(await trust.refresh(), true);
  assert.ok(trust.bundle);
  assert.deepEqual([...store.held.keys()].sort(), ["bundle", "pinned"]);
});

test("offline, the device works from what it holds", async () => {
  const { trust, store, server } = device({ anchor: ours, bundle: fresh });
  await trust.refresh();
  Object.assign(server, { anchor: null, bundle: null });
  const again = new Trust({ store, urls: URLS, fetcher: async () => null });
  await again.load();
  assert.equal(again.bundle.issuedAt, trust.bundle.issuedAt);
  assert.equal(await again.refresh(), false);
  assert.ok(again.bundle);
});

test("an older bundle never takes the place of a newer one", async () => {
  const { trust, server } = device({ anchor: ours, bundle: later });
  await trust.refresh();
  const { issuedAt } = trust.bundle;
  server.bundle = fresh;
  await trust.refresh();
  assert.equal(trust.bundle.issuedAt, issuedAt);
});

test("a damaged bundle leaves the good one in place", async () => {
  const { trust, server } = device({ anchor: ours, bundle: fresh });
  await trust.refresh();
  server.bundle = bytesOf(shared.bundles.flipped_bit.data);
  assert.equal(await trust.refresh(), false);
  assert.ok(trust.bundle);
});

test("another anchor stops all checks, offline too, until it is accepted knowingly", async () => {
  const { trust, store, server } = device({ anchor: ours, bundle: fresh });
  await trust.refresh();
  server.anchor = await otherAnchor();
  assert.equal(await trust.refresh(), false);
  assert.equal(trust.isChanged, true);
  assert.equal(trust.bundle, null);
  assert.notEqual(trust.anchors.pinned, trust.anchors.seen);

  const offline = new Trust({ store, urls: URLS, fetcher: async () => null });
  await offline.load();
  assert.equal(offline.isChanged, true);
  assert.equal(offline.bundle, null);

  await trust.acceptSeen();
  assert.equal(trust.isChanged, false);
  assert.equal(trust.bundle, null, "the old anchor's bundle is not the new one's");
});

test("checks go on when the server shows the pinned anchor again", async () => {
  const { trust, server } = device({ anchor: ours, bundle: fresh });
  await trust.refresh();
  server.anchor = await otherAnchor();
  await trust.refresh();
  server.anchor = ours;
  assert.equal(await trust.refresh(), true);
  assert.ok(trust.bundle);
});

test("what is no key is taken for no answer", async () => {
  const { trust, server } = device({ anchor: ours, bundle: fresh });
  await trust.refresh();
  server.anchor = new TextEncoder().encode("<html>sign in to the café's network</html>");
  await trust.refresh();
  assert.equal(trust.isChanged, false);
  assert.ok(trust.bundle);
});
