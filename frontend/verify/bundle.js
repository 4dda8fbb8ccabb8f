// The one signed, dated file that a check needs: public keys, status list, announced extensions.
import { CborError, decodeCbor, hexOf, mapWith } from "./cbor.js";
import { CoseError, publicKey, verifySign1 } from "./cose.js";
import { DAY_SECONDS, dayOf, plainText, seriesOf, unixTime, ValueError } from "./values.js";

export const MAX_BUNDLE_BYTES = 512 * 1024;
const FRESH_SECONDS = 7 * DAY_SECONDS;
const BITS = 2;
const PER_BYTE = 8 / BITS;
const MAX_STATUS_BYTES = 2 ** 19 / PER_BYTE;
const MAX_KEYS = 64;
const MAX_EXTENSIONS = 500;
const MAX_NOTICE_BYTES = 1000;
const STATUSES = ["valid", "revoked", "replaced", "revoked"]; // 3 is never written: the safer of two errors

export class BundleError extends Error {}

const fromBase64Url = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

/** The anchor's point from its JSON Web Key; throws CoseError for anything but a key of P-256 with its own id. */
export async function anchorOf(jwk) {
  if (jwk?.kty !== "EC" || jwk.crv !== "P-256" || typeof jwk.x !== "string" || typeof jwk.y !== "string") {
    throw new CoseError("not a key of P-256");
  }
  const x = fromBase64Url(jwk.x), y = fromBase64Url(jwk.y);
  return { x, y, ...(await publicKey(x, y)) };
}

/** Unpacks zlib to at most `MAX_STATUS_BYTES`, so that a small file cannot fill the phone's memory. */
async function inflate(packed) {
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  const chunks = [];
  let total = 0;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      total += part.value.length;
      if (total > MAX_STATUS_BYTES) throw new BundleError("the status list is too long");
      chunks.push(part.value);
    }
  } catch (error) {
    reader.cancel().catch(() => {}); // already broken: the error above tells why
    throw error instanceof BundleError ? error : new BundleError("the status list is not zlib", { cause: error });
  }
  if (total === 0) throw new BundleError("the status list is empty");
  const whole = new Uint8Array(total);
  chunks.reduce((at, chunk) => (whole.set(chunk, at), at + chunk.length), 0);
  return whole;
}

function listOf(value, most) {
  if (!Array.isArray(value) || value.length > most) throw new BundleError("not a list, or too long a one");
  return value;
}

async function keysOf(items) {
  const keys = new Map();
  for (const item of listOf(items, MAX_KEYS)) {
    const entry = mapWith(item, ["kid", "x", "y"]);
    const { kid, key } = await publicKey(entry.get("x"), entry.get("y"));
    const named = entry.get("kid");
    if (!(named instanceof Uint8Array) || hexOf(named) !== kid || keys.has(kid)) {
      throw new BundleError("a key id is not its key's own, or stands twice");
    }
    keys.set(kid, key);
  }
  return keys;
}

const extensionsOf = (items) => listOf(items, MAX_EXTENSIONS).map((item) => {
  const entry = mapWith(item, ["series", "until", "notice", "noticed_on"]);
  return {
    series: seriesOf(entry.get("series")), until: dayOf(entry.get("until")),
    notice: plainText(entry.get("notice"), MAX_NOTICE_BYTES), noticedOn: dayOf(entry.get("noticed_on")),
  };
});

async function contentOf(payload) {
  const fields = mapWith(payload, ["v", "issued_at", "stale_after", "keys", "status", "extensions"]);
  if (fields.get("v") !== 1) throw new BundleError("another version");
  const issuedAt = unixTime(fields.get("issued_at")), staleAfter = unixTime(fields.get("stale_after"));
  if (!(issuedAt < staleAfter && staleAfter <= issuedAt + FRESH_SECONDS)) throw new BundleError("good for at most seven days");
  const status = mapWith(fields.get("status"), ["bits", "lst"]);
  if (status.get("bits") !== BITS || !(status.get("lst") instanceof Uint8Array)) throw new BundleError("not two bits a card");
  return {
    issuedAt, staleAfter, keys: await keysOf(fields.get("keys")), statuses: await inflate(status.get("lst")),
    extensions: extensionsOf(fields.get("extensions")),
  };
}

/** Opens a bundle signed by `anchor` (from `anchorOf`); throws BundleError for anything else. Age is the check's matter. */
export async function openBundle(message, anchor) {
  try {
    return await contentOf(decodeCbor(await verifySign1(message, new Map([[anchor.kid, anchor.key]]), MAX_BUNDLE_BYTES)));
  } catch (error) {
    if (error instanceof BundleError) throw error;
    if (error instanceof CoseError || error instanceof CborError || error instanceof ValueError) {
      throw new BundleError(error.message, { cause: error });
    }
    throw error;
  }
}

/** 'valid', 'revoked' or 'replaced'; null when the list does not reach that far. */
export function statusAt(statuses, index) {
  if (index >= statuses.length * PER_BYTE) return null;
  return STATUSES[(statuses[Math.floor(index / PER_BYTE)] >> (index % PER_BYTE * BITS)) & (2 ** BITS - 1)];
}

/** The extension of the round that reaches furthest, or null. */
export function extensionOf(bundle, series) {
  const further = (best, next) => (best && best.until >= next.until ? best : next);
  return bundle.extensions.filter((extension) => extension.series === series).reduce(further, null);
}
