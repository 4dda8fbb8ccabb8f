// The vectors shared with the Python reference, opened for Node.
import { readFileSync } from "node:fs";
import { anchorOf, openBundle, BundleError } from "../../../frontend/verify/bundle.js";

export const shared = JSON.parse(readFileSync(new URL("../vectors.json", import.meta.url), "utf8"));

export const bytesOf = (base64) => new Uint8Array(Buffer.from(base64, "base64"));

export const anchor = await anchorOf(shared.anchor);

/** The opened bundle of that name, or null when it does not open (or none is named). */
export async function bundleNamed(name) {
  if (name === null) return null;
  try {
    return await openBundle(bytesOf(shared.bundles[name].data), anchor);
  } catch (error) {
    if (error instanceof BundleError) return null;
    throw error;
  }
}

export const vectorNamed = (name) => shared.vectors.find((vector) => vector.name === name);
