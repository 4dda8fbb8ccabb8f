// What a card is worth. The same answers as `check` in khedmat/cards/verify_bundle.py; shared vectors hold both to it.
import { Base45Error } from "./base45.js";
import { CborError } from "./cbor.js";
import { CoseError, UnknownKey } from "./cose.js";
import { readCard, unwrap } from "./card.js";
import { extensionOf, statusAt } from "./bundle.js";
import { DAY_SECONDS, endOfDay, ValueError } from "./values.js";

// A phone whose clock stands before the file's date can tell neither expiry nor staleness. A day is forgiven.
const CLOCK_SLACK_SECONDS = DAY_SECONDS;
const REFUSALS = [Base45Error, CborError, CoseError, ValueError];

const isRefusal = (error) => REFUSALS.some((kind) => error instanceof kind);

/** Why a bundle cannot be relied on at `now` (Unix time): 'no_bundle', 'stale', 'clock', or null. */
export function doubtOf(bundle, now) {
  if (!bundle) return "no_bundle";
  if (now > bundle.staleAfter) return "stale";
  return now < bundle.issuedAt - CLOCK_SLACK_SECONDS ? "clock" : null;
}

function datedOutcome(claims, extension, now) {
  if (now <= endOfDay(claims.validFrom) - DAY_SECONDS) return "not_yet";
  if (now <= endOfDay(claims.validUntil)) return "valid";
  return extension && now <= endOfDay(extension.until) ? "extended" : "expired";
}

function verdict(outcome, claims, bundle, doubt = null) {
  const extension = extensionOf(bundle, claims.series);
  const reaches = extension !== null && extension.until > claims.validUntil;
  return {
    outcome, doubt, claims, extension: reaches ? extension : null,
    effectiveUntil: reaches ? extension.until : claims.validUntil,
  };
}

const bare = (outcome, doubt = null) => ({ outcome, doubt, claims: null, extension: null, effectiveUntil: null });

/**
 * What the card in `text` is worth at `now` (Unix time, seconds) by what `bundle` knows (null: none was ever fetched).
 * Returns { outcome, doubt, claims, effectiveUntil, extension }; never throws for any text.
 */
export async function check(text, bundle, now) {
  let claims;
  const doubt = doubtOf(bundle, now);
  try {
    const message = unwrap(text);
    if (doubt === "no_bundle") return bare("cannot_tell", doubt);
    claims = await readCard(message, bundle.keys);
  } catch (error) {
    // A key younger than a stale bundle may be ours.
    if (error instanceof UnknownKey && doubt) return bare("cannot_tell", doubt);
    if (isRefusal(error)) return bare("not_ours");
    throw error;
  }
  if (doubt) return verdict("cannot_tell", claims, bundle, doubt);
  const status = statusAt(bundle.statuses, claims.statusIndex);
  if (status === null) return verdict("cannot_tell", claims, bundle, "not_listed");
  if (status !== "valid") return verdict(status, claims, bundle);
  return verdict(datedOutcome(claims, extensionOf(bundle, claims.series), now), claims, bundle);
}
