// Makes static-built/ (or the folder named as the argument) from frontend/ and node_modules:
// `node frontend/build.mjs`. The same input gives the same bytes.
import { cp, mkdir, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, extname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { iconPng } from "./icons.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, "frontend");
const packages = join(root, "node_modules");
const target = resolve(process.argv[2] ?? join(root, "static-built"));
const fresh = `${target}.${process.pid}`;

// Browsers that a budget phone of the last four years has.
const browsers = ["chrome109", "firefox115", "safari16.4"];
const bundling = {
  absWorkingDir: root, bundle: true, minify: true, sourcemap: false, metafile: false, write: true,
  target: browsers, legalComments: "none", charset: "utf8", logLevel: "warning",
};

const exists = (path) => stat(path).then(() => true, () => false);

async function put(name, content) {
  const path = join(fresh, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

async function minifiedCss(path) {
  const text = await readFile(path, "utf8");
  // A map that is not shipped would stop the hashed-names storage.
  const { code } = await transform(text.replace(/\/\*# sourceMappingURL=.*?\*\//g, ""), {
    loader: "css", minify: true, target: browsers, legalComments: "inline", charset: "utf8",
  });
  return code;
}

async function bootstrap() {
  const css = join(packages, "bootstrap/dist/css");
  await put("css/bootstrap.rtl.css", await minifiedCss(join(css, "bootstrap.rtl.min.css")));
  await put("css/bootstrap.ltr.css", await minifiedCss(join(css, "bootstrap.min.css")));
}

async function icons() {
  const font = join(packages, "bootstrap-icons/font");
  const css = await minifiedCss(join(font, "bootstrap-icons.min.css"));
  // woff2 alone: every browser that runs the rest reads it.
  const sources = /src:url\([^)]*\.woff2[^)]*\)[^;}]*/;
  if (!sources.test(css)) throw new Error("bootstrap-icons.min.css no longer names its woff2 as expected");
  await put("css/icons.css", css.replace(sources, 'src:url("../fonts/bootstrap-icons.woff2") format("woff2")'));
  await put("fonts/bootstrap-icons.woff2", await readFile(join(font, "fonts/bootstrap-icons.woff2")));
}

async function fonts() {
  const files = join(packages, "@fontsource-variable/vazirmatn/files");
  for (const script of ["arabic", "latin"]) {
    await put(`fonts/vazirmatn-${script}.woff2`, await readFile(join(files, `vazirmatn-${script}-wght-normal.woff2`)));
  }
  await put("css/fonts.css", await minifiedCss(join(source, "css/fonts.css")));
}

async function ownCssAndJs() {
  await build({
    ...bundling, entryPoints: { khedmat: join(source, "css/index.css") }, outdir: join(fresh, "css"), external: ["../img/*"],
  });
  const entries = (await readdir(join(source, "js"))).filter((name) => name.endsWith(".js")).sort();
  await build({
    ...bundling, entryPoints: entries.map((name) => join(source, "js", name)), outdir: join(fresh, "js"), format: "iife",
  });
}

async function pictures() {
  await cp(join(source, "img"), join(fresh, "img"), { recursive: true });
  await put("img/icon-180.png", iconPng(180, { radius: 0, share: 0.6 }));
  await put("img/icon-192.png", iconPng(192));
  await put("img/icon-512.png", iconPng(512));
  await put("img/icon-maskable-512.png", iconPng(512, { radius: 0, share: 0.5 }));
}

/** The offline card check and the desk's scanner: their programs bundled, everything else beside them copied as it is. */
async function verify() {
  const folder = join(source, "verify");
  if (!(await exists(folder))) return;
  const entries = [];
  for (const name of ["main.js", "desk.js", "sw.js"]) if (await exists(join(folder, name))) entries.push(join(folder, name));
  if (entries.length) {
    await build({
      ...bundling, entryPoints: entries, outdir: join(fresh, "verify"), format: "iife",
      loader: { ".wasm": "file" }, assetNames: "[name]",
    });
  }
  const isAsset = async (path) => (await stat(path)).isDirectory() || ![".js", ".mjs", ".md"].includes(extname(path));
  await cp(folder, join(fresh, "verify"), { recursive: true, filter: isAsset });
}

async function listed(folder) {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((e) => e.isFile()).map((e) => join(e.parentPath ?? e.path, e.name)).sort();
}

await rm(fresh, { recursive: true, force: true });
try {
  await Promise.all([bootstrap(), icons(), fonts(), ownCssAndJs(), pictures(), verify()]);
  await rm(target, { recursive: true, force: true });
  await rename(fresh, target);
} finally {
  await rm(fresh, { recursive: true, force: true });
}
let total = 0;
for (const path of await listed(target)) {
  const { size } = await stat(path);
  total += size;
  console.log(`${(size / 1024).toFixed(1).padStart(8)} kB  ${relative(target, path)}`);
}
console.log(`${(total / 1024).toFixed(1).padStart(8)} kB  in all`);
