// Writes the news and a result into the page; everything as text, nothing as HTML.
import { fill } from "./words.js";

const LOOK = {
  valid: ["ok", "check-circle"], extended: ["ok", "calendar2-check"], expired: ["warn", "calendar2-x"],
  not_yet: ["info", "calendar2-event"], revoked: ["bad", "x-octagon"], replaced: ["warn", "arrow-left-right"],
  not_ours: ["bad", "patch-exclamation"], cannot_tell: ["info", "question-circle"],
};
const NEWS_LOOK = {
  fetching: ["mute", "arrow-repeat"], fresh: ["ok", "check-circle-fill"], no_bundle: ["warn", "exclamation-triangle-fill"],
  stale: ["warn", "exclamation-triangle-fill"], clock: ["warn", "clock-history"], anchor_changed: ["bad", "shield-exclamation"],
  not_able: ["bad", "exclamation-circle-fill"],
};

const slot = (root, name) => root.querySelector(`[data-slot="${name}"]`);

function put(root, name, text) {
  slot(root, name).textContent = text;
}

function dress(element, [tone, icon]) {
  element.dataset.tone = tone;
  element.querySelector("i").className = `bi bi-${icon}`;
}

/** One of the states of NEWS_LOOK, with what its sentence needs. */
export function showNews(root, words, state, values = {}) {
  dress(root, NEWS_LOOK[state]);
  root.dataset.news = state;
  put(root, "news-title", words.texts.news[state].title);
  put(root, "news-body", fill(words.texts.news[state].body, values));
}

async function showPortrait(canvas, portrait) {
  canvas.hidden = true;
  if (!portrait) return;
  try {
    const picture = await createImageBitmap(new Blob([portrait]));
    Object.assign(canvas, { width: picture.width, height: picture.height });
    canvas.getContext("2d").drawImage(picture, 0, 0);
    picture.close();
    canvas.hidden = false;
  } catch {
    // A picture that this browser cannot draw is left out; the printed one is on the card.
  }
}

function showPerson(root, claims) {
  put(root, "name", claims.name);
  put(root, "name-latin", claims.nameLatin);
}

// Of a revoked card, or one that cannot be told, a last day would say the wrong thing.
const DATED = ["valid", "extended", "expired", "not_yet"];

function showFacts(root, words, { outcome, claims, effectiveUntil, extension }) {
  const isDated = DATED.includes(outcome);
  put(root, "kind", words.kind(claims.kind));
  put(root, "number", claims.number);
  put(root, "series", words.series(claims.series));
  put(root, "valid-from", words.day(claims.validFrom));
  put(root, "valid-until", words.day(claims.validUntil));
  put(root, "effective-until", words.day(effectiveUntil));
  for (const part of root.querySelectorAll("[data-when-dated]")) part.hidden = !isDated;
  for (const part of root.querySelectorAll("[data-when-extended]")) part.hidden = !(isDated && extension);
  if (!extension) return;
  put(root, "notice", extension.notice);
  put(root, "noticed-on", fill(words.texts.noticed_on, { day: words.day(extension.noticedOn) }));
}

const sentenceOf = (words, { outcome, doubt, claims, effectiveUntil }) => {
  const { body } = words.texts.outcomes[outcome];
  return fill(doubt ? words.texts.doubts[doubt] : body, {
    until: effectiveUntil && words.day(effectiveUntil), from: claims && words.day(claims.validFrom),
    printed: claims && words.day(claims.validUntil),
  });
};

/** Fills the result; resolves once the portrait, if the card has one, is drawn. */
export async function showResult(root, words, verdict) {
  const { outcome, claims } = verdict;
  root.dataset.outcome = outcome;
  dress(slot(root, "outcome"), LOOK[outcome]);
  put(root, "title", words.texts.outcomes[outcome].title);
  put(root, "sentence", sentenceOf(words, verdict));
  for (const part of root.querySelectorAll("[data-when-known]")) part.hidden = !claims;
  slot(root, "limits").hidden = !claims;
  if (claims) {
    showPerson(root, claims);
    showFacts(root, words, verdict);
  }
  await showPortrait(slot(root, "portrait"), claims?.portrait);
}

/** Takes every word of the last card out of the page again. */
export function clearResult(root) {
  delete root.dataset.outcome;
  for (const part of root.querySelectorAll("[data-card]")) part.textContent = "";
  const canvas = slot(root, "portrait");
  Object.assign(canvas, { width: 0, height: 0, hidden: true });
}
