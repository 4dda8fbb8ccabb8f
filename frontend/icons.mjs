// The mark as PNG for home screens: drawn from distances, because no image library is at hand.
import { deflateSync } from "node:zlib";

const BAR = [0x0c, 0x3d, 0x40], INK = [0xf5, 0xf1, 0xe8];
const SAMPLES = 4; // a side, for each pixel

// Distances in the mark's own 32 × 32 box, from its middle: two squares, one turned, and a dot.
const box = (x, y, half) => Math.max(Math.abs(x), Math.abs(y)) - half;
const isMark = (x, y) => {
  const turnedX = (x + y) * Math.SQRT1_2, turnedY = (x - y) * Math.SQRT1_2;
  return Math.abs(box(x, y, 9.5)) <= 1 || Math.abs(box(turnedX, turnedY, 9.475)) <= 1 || Math.hypot(x, y) <= 3.2;
};

const isGround = (x, y, radius) => {
  const past = 0.5 - radius;
  return Math.hypot(Math.max(Math.abs(x) - past, 0), Math.max(Math.abs(y) - past, 0)) <= radius;
};

/** RGBA bytes of one icon; `share` is the mark's width as a part of the icon's, `radius` the corner's. */
function pixels(size, share, radius) {
  const rgba = Buffer.alloc(size * size * 4);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      let ground = 0, ink = 0;
      for (let i = 0; i < SAMPLES * SAMPLES; i += 1) {
        const x = (column + ((i % SAMPLES) + 0.5) / SAMPLES) / size - 0.5;
        const y = (row + (Math.floor(i / SAMPLES) + 0.5) / SAMPLES) / size - 0.5;
        if (!isGround(x, y, radius)) continue;
        ground += 1;
        if (isMark((x * 32) / share, (y * 32) / share)) ink += 1;
      }
      const at = (row * size + column) * 4;
      const part = ground ? ink / ground : 0;
      for (let c = 0; c < 3; c += 1) rgba[at + c] = Math.round(BAR[c] + (INK[c] - BAR[c]) * part);
      rgba[at + 3] = Math.round((255 * ground) / (SAMPLES * SAMPLES));
    }
  }
  return rgba;
}

const crcTable = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});
const crc32 = (bytes) => (bytes.reduce((crc, b) => crcTable[(crc ^ b) & 0xff] ^ (crc >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;

function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind, "latin1"), data]);
  const length = Buffer.alloc(4), crc = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  crc.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, crc]);
}

/** One square PNG icon. A maskable one has radius 0 and keeps the mark within the inner 60 %. */
export function iconPng(size, { share = 0.66, radius = 0.22 } = {}) {
  const rgba = pixels(size, share, radius);
  const lines = Buffer.alloc(size * (size * 4 + 1));
  for (let row = 0; row < size; row += 1) rgba.copy(lines, row * (size * 4 + 1) + 1, row * size * 4, (row + 1) * size * 4);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 6, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", head), chunk("IDAT", deflateSync(lines, { level: 9 })), chunk("IEND", Buffer.alloc(0)),
  ]);
}
