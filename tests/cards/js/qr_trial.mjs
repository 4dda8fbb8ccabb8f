// How many photographs of card codes each decoder reads, and how long it takes:
//   python tests/cards/js/qr_pictures.py PICTURES && node tests/cards/js/qr_trial.mjs PICTURES
// Candidates that are not installed are left out; `npm install --no-save jsqr qr @zxing/library` brings them.
import { createRequire } from "node:module";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(join(process.cwd(), "package.json"));
const load = async (name) => import(pathToFileURL(require.resolve(name)));

const candidates = {
  "zxing-wasm": async () => {
    const { prepareZXingModule, readBarcodes } = await load("zxing-wasm/reader");
    const wasm = readFileSync(require.resolve("zxing-wasm/reader/zxing_reader.wasm"));
    await prepareZXingModule({ overrides: { wasmBinary: wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length) }, fireImmediately: true });
    const options = { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 1 };
    return async (picture) => (await readBarcodes(picture, options))[0]?.text;
  },
  jsqr: async () => {
    const module = await load("jsqr");
    const jsQR = module.default.default ?? module.default;
    return async ({ data, width, height }) => jsQR(data, width, height, { inversionAttempts: "dontInvert" })?.data;
  },
  qr: async () => {
    const { decodeQR } = await import(pathToFileURL(join(dirname(require.resolve("qr")), "decode.js")));
    return async (picture) => {
      try {
        return decodeQR(picture);
      } catch {
        return undefined; // it throws where it finds nothing
      }
    };
  },
  "@zxing/library": async () => {
    const module = await load("@zxing/library");
    const zxing = module.default ?? module;
    const hints = new Map([[zxing.DecodeHintType.TRY_HARDER, true]]);
    return async ({ luminance, width, height }) => {
      const source = new zxing.RGBLuminanceSource(luminance, width, height);
      try {
        return new zxing.QRCodeReader().decode(new zxing.BinaryBitmap(new zxing.HybridBinarizer(source)), hints).getText();
      } catch (error) {
        if (error instanceof zxing.Exception) return undefined;
        throw error;
      }
    };
  },
};

/** A binary PGM as luminance and as the RGBA that a canvas gives. */
function readPicture(path) {
  const file = readFileSync(path);
  const [head, width, height] = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(file.toString("latin1", 0, 40));
  const luminance = new Uint8ClampedArray(file.subarray(head.length));
  const data = new Uint8ClampedArray(luminance.length * 4).fill(255);
  luminance.forEach((value, at) => data.fill(value, at * 4, at * 4 + 3));
  return { luminance, data, width: Number(width), height: Number(height), colorSpace: "srgb" };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const folder = process.argv[2];
const groups = Map.groupBy?.(readdirSync(folder), (name) => name.replace(/-\d+\.pgm$/, ""))
  ?? readdirSync(folder).reduce((map, name) => {
    const group = name.replace(/-\d+\.pgm$/, "");
    return map.set(group, [...(map.get(group) ?? []), name]);
  }, new Map());

for (const [name, prepare] of Object.entries(candidates)) {
  let read;
  try {
    read = await prepare();
  } catch (error) {
    console.log(`${name}: not installed (${error.code ?? error.message})`);
    continue;
  }
  let total = 0;
  const everyTime = [];
  const parts = [];
  for (const [group, files] of [...groups].toSorted()) {
    let found = 0;
    for (const file of files) {
      const picture = readPicture(join(folder, file));
      const started = performance.now();
      if ((await read(picture))?.startsWith("KH1:")) found += 1;
      everyTime.push(performance.now() - started);
    }
    total += found;
    parts.push(`${group} ${found}/${files.length}`);
  }
  console.log(`${name}: ${total}/${everyTime.length} read, median ${median(everyTime).toFixed(1)} ms\n  ${parts.join(", ")}`);
}
