import assert from "node:assert/strict";
import { test } from "node:test";
import { Base45Error, decodeBase45 } from "../../../frontend/verify/base45.js";

const decoded = (text) => Buffer.from(decodeBase45(text)).toString("latin1");

// The examples of RFC 9285, section 4.3 and 4.4.
test("decodes the examples of the standard", () => {
  assert.equal(decoded("BB8"), "AB");
  assert.equal(decoded("%69 VD92EX0"), "Hello!!");
  assert.equal(decoded("UJCLQE7W581"), "base-45");
  assert.equal(decoded("QED8WEX0"), "ietf!");
});

for (const [name, text] of [
  ["a group over 16 bits", "GGW"], ["a last group over 8 bits", "::"], ["one letter left over", "BB8B"],
  ["small letters", "bb8"], ["nothing", ""], ["a letter outside the alphabet", "BB_"],
]) {
  test(`refuses ${name}`, () => assert.throws(() => decodeBase45(text), Base45Error));
}
