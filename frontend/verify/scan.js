// Reads the text of a QR from the camera or from a picture. Frames and pictures never leave this file.
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

const READING = { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 1 };
const MAX_FILE_BYTES = 40 * 1024 * 1024;
const PICTURE_SIDES = [2400, 1200]; // a blurred picture is often read better when it is smaller
const FRAME_SIDE = 1080;
const PAUSE_MILLISECONDS = 80;

/** What stopped a reading; `code` names the words for it: refused, no_camera, busy, too_large, no_picture, no_code,
 * no_decoder. */
export class ScanError extends Error {
  constructor(code, options) {
    super(code, options);
    this.code = code;
  }
}

/** Loads the decoder from our own origin; called at opening, so that a later check asks the network for nothing. */
export const prepareDecoder = (wasmUrl) =>
  prepareZXingModule({ overrides: { locateFile: () => wasmUrl }, fireImmediately: true });

async function textIn(pixels) {
  try {
    return (await readBarcodes(pixels, READING))[0]?.text ?? null;
  } catch (error) {
    throw new ScanError("no_decoder", { cause: error });
  }
}

const canvasOf = (width, height) => {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  return canvas.getContext("2d", { willReadFrequently: true });
};

/** The text of the QR in a picture file; throws ScanError. */
export async function readPicture(file) {
  if (file.size > MAX_FILE_BYTES) throw new ScanError("too_large");
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch (error) {
    throw new ScanError("no_picture", { cause: error });
  }
  try {
    for (const side of PICTURE_SIDES) {
      const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
      const width = Math.max(1, Math.round(bitmap.width * scale)), height = Math.max(1, Math.round(bitmap.height * scale));
      const drawing = canvasOf(width, height);
      drawing.drawImage(bitmap, 0, 0, width, height);
      const text = await textIn(drawing.getImageData(0, 0, width, height));
      if (text !== null) return text;
    }
  } finally {
    bitmap.close();
  }
  throw new ScanError("no_code");
}

const CAMERA_CODES = { NotAllowedError: "refused", SecurityError: "refused", NotFoundError: "no_camera", OverconstrainedError: "no_camera" };

async function openCamera() {
  if (!navigator.mediaDevices?.getUserMedia) throw new ScanError("no_camera");
  const video = { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } };
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio: false });
  } catch (error) {
    throw new ScanError(CAMERA_CODES[error.name] ?? "busy", { cause: error });
  }
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The square in the middle of the frame: what the reader sees inside the drawn corners. */
function middleOf(video, drawing) {
  const side = Math.min(video.videoWidth, video.videoHeight);
  const size = Math.min(side, FRAME_SIDE);
  Object.assign(drawing.canvas, { width: size, height: size });
  drawing.drawImage(video, (video.videoWidth - side) / 2, (video.videoHeight - side) / 2, side, side, 0, 0, size, size);
  return drawing.getImageData(0, 0, size, size);
}

/** Shows the camera in `video` until a QR is read or `signal` aborts; the text, or null when aborted. Throws ScanError. */
export async function readCamera(video, signal) {
  const stream = await openCamera();
  const drawing = canvasOf(1, 1);
  try {
    video.srcObject = stream;
    await video.play();
    while (!signal.aborted) {
      const text = video.videoWidth ? await textIn(middleOf(video, drawing)) : null;
      if (signal.aborted) break;
      if (text !== null) return text;
      await pause(PAUSE_MILLISECONDS);
    }
    return null;
  } catch (error) {
    if (signal.aborted) return null; // stopping the film in mid-start is no fault
    throw error instanceof ScanError ? error : new ScanError("busy", { cause: error });
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
    Object.assign(drawing.canvas, { width: 0, height: 0 });
  }
}
