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

test("a text changed in any letter is not ours", async () => {
  const { text, now } = vectorNamed("valid");
  const bundle = await bundleNamed("fresh");
  const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
  const rounds = Number(process.env.KHEDMAT_CHANGED_TOKENS ?? 2000);
  for (let round = 0; round < rounds; round += 1) {
    const at = round % text.length;
    const step = 1 + Math.floor(round / text.length);
    const letter = alphabet[(alphabet.indexOf(text[at]) + step) % alphabet.length];
    const { outcome } = await check(text.slice(0, at) + letter + text.slice(at + 1), bundle, now);
    assert.equal(outcome, "not_ours", `letter ${at} as '${letter}'`);
  }
});
