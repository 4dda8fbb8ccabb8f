// Deterministic CBOR only (RFC 8949, 4.2): what has a second spelling is refused, so nothing signed can be respelled.
import { decode, encode } from "cborg";

export class CborError extends Error {}

const STRICT = {
  strict: true, allowIndefinite: false, allowUndefined: false, allowInfinity: false, allowNaN: false,
  allowBigInt: false, rejectDuplicateMapKeys: true, useMaps: true,
};

export const sameBytes = (one, other) =>
  one.length === other.length && one.every((byte, at) => byte === other[at]);

export const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export const encodeCbor = (value) => encode(value);

/** One item, maps as Map; throws CborError when it is not the one deterministic spelling of that item. */
export function decodeCbor(bytes) {
  let value, again;
  try {
    value = decode(bytes, STRICT);
    again = encode(value);
  } catch (error) {
    throw new CborError("not CBOR of the strict kind", { cause: error });
  }
  if (!sameBytes(again, bytes)) throw new CborError("not in deterministic encoding");
  return value;
}

/** `value` when it is a Map with exactly the keys `names`; throws CborError otherwise. */
export function mapWith(value, names) {
  if (!(value instanceof Map) || value.size !== names.length || !names.every((name) => value.has(name))) {
    throw new CborError("a field is missing or not known");
  }
  return value;
}
