// COSE_Sign1 with ES256 in the one shape that we write: tag 18, protected header {1: -7, 4: kid}, empty unprotected
// header, payload inside, signature of 64 bytes. An attacker chooses neither the algorithm nor the key.
import { decodeCbor, encodeCbor, hexOf, sameBytes } from "./cbor.js";

export class CoseError extends Error {}
export class UnknownKey extends CoseError {}

const TAG_SIGN1 = 0xd2; // major type 6, value 18
const ES256 = { name: "ECDSA", hash: "SHA-256" };
const P256 = { name: "ECDSA", namedCurve: "P-256" };
const MAX_MESSAGE_BYTES = 4096;
// SubjectPublicKeyInfo of an uncompressed point of P-256, up to the point.
const SPKI_HEAD = Uint8Array.from([
  0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
  0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
]);

const isBytes = (value, length) => value instanceof Uint8Array && (length === undefined || value.length === length);

/** SHA-256 over the key's SubjectPublicKeyInfo; its first 8 bytes are the key id. */
export async function fingerprint(x, y) {
  const spki = new Uint8Array([...SPKI_HEAD, 0x04, ...x, ...y]);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", spki));
}

/** A public key from its point; throws CoseError when (x, y) is no point of P-256. Returns { kid (hex), key }. */
export async function publicKey(x, y) {
  if (!isBytes(x, 32) || !isBytes(y, 32)) throw new CoseError("a coordinate has 32 bytes");
  let key;
  try {
    key = await crypto.subtle.importKey("raw", new Uint8Array([0x04, ...x, ...y]), P256, true, ["verify"]);
  } catch (error) {
    throw new CoseError("the point is not on P-256", { cause: error });
  }
  return { kid: hexOf((await fingerprint(x, y)).subarray(0, 8)), key };
}

function partsOf(message) {
  if (message[0] !== TAG_SIGN1) throw new CoseError("not a COSE_Sign1");
  const parts = decodeCbor(message.subarray(1));
  if (!Array.isArray(parts) || parts.length !== 4) throw new CoseError("a COSE_Sign1 has four parts");
  const [protectedBytes, unprotected, payload, signature] = parts;
  if (!(unprotected instanceof Map) || unprotected.size !== 0) throw new CoseError("the unprotected header is not empty");
  if (!isBytes(protectedBytes) || !isBytes(payload) || !isBytes(signature, 64)) throw new CoseError("a part is not of its form");
  return { protectedBytes, payload, signature };
}

function kidOf(protectedBytes) {
  const header = decodeCbor(protectedBytes);
  const kid = header instanceof Map ? header.get(4) : undefined;
  if (!isBytes(kid, 8)) throw new CoseError("the header names no key");
  if (!sameBytes(protectedBytes, encodeCbor(new Map([[1, -7], [4, kid]])))) throw new CoseError("a header that is not known here");
  return hexOf(kid);
}

/** The payload of a message signed by one of `keys` (Map: key id in hex → CryptoKey); throws CoseError or CborError. */
export async function verifySign1(message, keys, maxBytes = MAX_MESSAGE_BYTES) {
  if (message.length > maxBytes) throw new CoseError("too many bytes");
  const { protectedBytes, payload, signature } = partsOf(message);
  const key = keys.get(kidOf(protectedBytes));
  if (!key) throw new UnknownKey("the key is not among ours");
  const signed = encodeCbor(["Signature1", protectedBytes, new Uint8Array(), payload]);
  if (!(await crypto.subtle.verify(ES256, key, signature, signed))) throw new CoseError("the signature is not the key's");
  return payload;
}
