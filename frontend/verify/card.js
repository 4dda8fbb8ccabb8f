// The token in a card's QR: 'KH1:' and base45 of a signed CBOR Web Token. Unknown claims are refused.
import { decodeBase45 } from "./base45.js";
import { decodeCbor, mapWith } from "./cbor.js";
import { verifySign1 } from "./cose.js";
import { codeOf, dayOf, endOfDay, plainText, seriesOf, unixTime, ValueError } from "./values.js";

const PREFIX = "KH1:";
const MAX_TEXT_CHARS = PREFIX.length + (4096 / 2) * 3;
const MAX_NAME_BYTES = 200;
const MAX_PORTRAIT_BYTES = 700;
const CAPACITY = 2 ** 19;
const STATUS_URI = "/verify/bundle";
const KIND = /^[a-z][a-z0-9_]{0,31}$/;
const NUMBER = /^[A-Z0-9][A-Z0-9-]{0,31}$/;
const CLAIM = {
  issuer: 1, expires: 4, issued: 6, status: 65535, kind: -70001, number: -70002, series: -70003, name: -70004,
  nameLatin: -70005, validFrom: -70006, validUntil: -70007, portrait: -70008,
};
const REQUIRED = Object.values(CLAIM).filter((claim) => claim !== CLAIM.portrait);

/** The signed bytes inside the text of a QR; throws when it is not the text of a card. */
export function unwrap(text) {
  if (text.length > MAX_TEXT_CHARS || !text.startsWith(PREFIX)) throw new ValueError("the text is not a card's");
  return decodeBase45(text.slice(PREFIX.length));
}

function nameOf(value, { mayBeEmpty = false } = {}) {
  const name = plainText(value, MAX_NAME_BYTES);
  if (!mayBeEmpty && !name.trim()) throw new ValueError("the name is empty");
  return name;
}

function statusIndexOf(value) {
  const entry = mapWith(mapWith(value, ["status_list"]).get("status_list"), ["idx", "uri"]);
  const index = entry.get("idx");
  if (entry.get("uri") !== STATUS_URI) throw new ValueError("the status is not in our list");
  if (!Number.isSafeInteger(index) || index < 0 || index >= CAPACITY) throw new ValueError("the index is outside the list");
  return index;
}

function portraitOf(value) {
  if (value === undefined) return null;
  if (!(value instanceof Uint8Array) || value.length === 0 || value.length > MAX_PORTRAIT_BYTES) {
    throw new ValueError("a portrait has 1 to 700 bytes");
  }
  return value;
}

function claimsOf(payload) {
  const names = payload instanceof Map && payload.has(CLAIM.portrait) ? [...REQUIRED, CLAIM.portrait] : REQUIRED;
  const values = mapWith(payload, names);
  if (values.get(CLAIM.issuer) !== "khedmat") throw new ValueError("another issuer");
  const claims = {
    kind: codeOf(values.get(CLAIM.kind), KIND),
    number: codeOf(values.get(CLAIM.number), NUMBER),
    series: seriesOf(values.get(CLAIM.series)),
    name: nameOf(values.get(CLAIM.name)),
    nameLatin: nameOf(values.get(CLAIM.nameLatin), { mayBeEmpty: true }),
    validFrom: dayOf(values.get(CLAIM.validFrom)),
    validUntil: dayOf(values.get(CLAIM.validUntil)),
    issuedAt: unixTime(values.get(CLAIM.issued)),
    statusIndex: statusIndexOf(values.get(CLAIM.status)),
    portrait: portraitOf(values.get(CLAIM.portrait)),
  };
  if (claims.validFrom > claims.validUntil) throw new ValueError("the card ends before it begins");
  if (unixTime(values.get(CLAIM.expires)) !== endOfDay(claims.validUntil)) {
    throw new ValueError("the expiry is not the last second of the printed day");
  }
  return claims;
}

/** The claims of the card in `message` (from `unwrap`); throws UnknownKey, or another error for what is no card of ours. */
export async function readCard(message, keys) {
  return claimsOf(decodeCbor(await verifySign1(message, keys)));
}
