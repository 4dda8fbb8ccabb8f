// Base45 (RFC 9285), canonical form only: each sequence of bytes has exactly one text.
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const VALUES = new Map([...ALPHABET].map((letter, value) => [letter, value]));

export class Base45Error extends Error {}

/** The bytes written in `text`; throws Base45Error for anything but canonical base45. */
export function decodeBase45(text) {
  if (text.length === 0 || text.length % 3 === 1) throw new Base45Error("no text of base45 has this length");
  const bytes = [];
  for (let at = 0; at < text.length; at += 3) {
    const letters = [...text.slice(at, at + 3)].map((letter) => VALUES.get(letter));
    if (letters.includes(undefined)) throw new Base45Error("a letter outside the alphabet");
    const value = letters[0] + letters[1] * 45 + (letters[2] ?? 0) * 2025;
    const isPair = letters.length === 3;
    if (value > (isPair ? 0xffff : 0xff)) throw new Base45Error("a group is too large for its bytes");
    if (isPair) bytes.push(value >> 8);
    bytes.push(value & 0xff);
  }
  return new Uint8Array(bytes);
}
