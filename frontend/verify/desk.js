// The desk's look-up: the camera reads the code of a card into the number's box, and the form is sent as if typed.
// The signature is checked by the server; frames stay in scan.js.
import decoderFile from "zxing-wasm/reader/zxing_reader.wasm";
import { prepareDecoder, readCamera, ScanError } from "./scan.js";

const form = document.querySelector("[data-scan-form]");
const box = form?.querySelector("[data-scan]");
let filming = null;
let decoder = null;

const part = (name) => form.querySelector(`[data-scan-${name}]`);

function show(isFilming) {
  box.hidden = false;
  part("film").hidden = !isFilming;
  part("stop").hidden = !isFilming;
  part("start").hidden = isFilming;
}

async function film() {
  const said = part("said");
  const field = form.elements.number;
  filming = new AbortController();
  show(true);
  said.textContent = box.dataset.looking;
  part("stop").focus();
  let text = null;
  try {
    decoder ??= prepareDecoder(box.dataset.wasm || decoderFile);
    text = await readCamera(part("video"), filming.signal);
    said.textContent = "";
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
    said.textContent = box.dataset[error.code] ?? box.dataset.busy;
  } finally {
    filming = null;
    show(false);
  }
  if (text === null) return part("start").focus();
  field.value = text;
  return form.requestSubmit();
}

if (box && globalThis.isSecureContext && navigator.mediaDevices?.getUserMedia) {
  part("start").hidden = false;
  part("start").addEventListener("click", film);
  part("stop").addEventListener("click", () => filming?.abort());
  document.addEventListener("visibilitychange", () => document.hidden && filming?.abort());
  addEventListener("pagehide", () => filming?.abort());
}
