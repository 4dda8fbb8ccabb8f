import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "../../../frontend/verify/check.js";
import { anchor, bundleNamed, bytesOf, shared, vectorNamed } from "./vectors.mjs";
import { BundleError, openBundle } from "../../../frontend/verify/bundle.js";

const asVector = ({ outcome, doubt, claims, extension, effectiveUntil }) => ({
  outcome, doubt, effective_until: effectiveUntil,
  extension: extension && {
    series: extension.series, until: extension.until, notice: extension.notice, noticed_on: extension.noticedOn,
  },
  claims: claims && {
    kind: claims.kind, number: claims.number, series: claims.series, name: claims.name, name_latin: claims.nameLatin,
    valid_from: claims.validFrom, valid_until: claims.validUntil, portrait: claims.portrait && Buffer.from(claims.portrait).toString("base64"),
  },
});

for (const { name, text, bundle, now, expect } of shared.vectors) {
  test(`vector: ${name}`, async () => {
    const said = asVector(await check(text, await bundleNamed(bundle), now));
    assert.deepEqual(Object.fromEntries(Object.keys(expect).map((key) => [key, said[key]])), expect);
  });
}

for (const [name, { data, opens }] of Object.entries(shared.bundles)) {
  test(`bundle ${name} ${opens ? "opens" : "is refused"}`, async () => {
    const opening = openBundle(bytesOf(data), anchor);
    await (opens ? opening : assert.rejects(opening, BundleError));
  });
}

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/** `text` with the letter at `at` moved on by `step` in the alphabet, 1 to 44: always another letter. */
const changed = (text, at, step) =>
  text.slice(0, at) + ALPHABET[(ALPHABET.indexOf(text[at]) + step) % ALPHABET.length] + text.slice(at + 1);

test("a changed text is not ours: each letter in turn, to each other letter, then a second one too", async () => {
  const { text, now } = vectorNamed("valid");
  const bundle = await bundleNamed("fresh");
  const rounds = Number(process.env.KHEDMAT_CHANGED_TOKENS ?? 2000);
  for (let round = 0; round < rounds; round += 1) {
    const at = round % text.length;
    const turn = Math.floor(round / text.length);
    const step = 1 + (turn % (ALPHABET.length - 1));
    const distance = Math.floor(turn / (ALPHABET.length - 1)); // 0 as long as one letter alone is changed
    const one = changed(text, at, step);
    const other = distance === 0 ? one : changed(one, (at + distance) % text.length, step);
    const { outcome } = await check(other, bundle, now);
    assert.equal(outcome, "not_ours", `round ${round}: letter ${at} by ${step}, and the one ${distance} on`);
  }
});
