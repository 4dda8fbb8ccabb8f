// The small forms that cards and bundles share: days, times, codes, texts.
export class ValueError extends Error {}

export const DAY_SECONDS = 24 * 60 * 60;
// Tehran has kept +03:30 all year since 2022; a fixed offset reads the same on every phone.
const TEHRAN_SECONDS = 3.5 * 60 * 60;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const SERIES = /^[a-z0-9][a-z0-9-]{0,31}$/;
// ZWNJ and ZWJ belong to Persian names; marks that turn the reading direction do not.
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/u;

const utcOf = (day) => {
  const [, year, month, date] = DATE.exec(day).map(Number);
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, date);
  return at;
};

/** `value` as a day 'YYYY-MM-DD' that exists; such strings compare as days do. */
export function dayOf(value) {
  if (typeof value !== "string" || !DATE.test(value)) throw new ValueError("a date is not YYYY-MM-DD");
  if (value < "0001" || utcOf(value).toISOString().slice(0, 10) !== value) throw new ValueError("there is no such day");
  return value;
}

/** The last second of `day` in Tehran, as a Unix time. */
export const endOfDay = (day) => utcOf(day).getTime() / 1000 - TEHRAN_SECONDS + DAY_SECONDS - 1;

/** Noon of `day` in UTC: the same day on every calendar that is read in UTC. */
export const noonOf = (day) => new Date(utcOf(day).getTime() + (DAY_SECONDS / 2) * 1000);

export function unixTime(value) {
  if (!Number.isSafeInteger(value) || value < 0) throw new ValueError("a time is not whole seconds since 1970");
  return value;
}

export function codeOf(value, pattern) {
  if (typeof value !== "string" || !pattern.test(value)) throw new ValueError("a code is not of its form");
  return value;
}

export const seriesOf = (value) => codeOf(value, SERIES);

export function plainText(value, maxBytes) {
  if (typeof value !== "string" || new TextEncoder().encode(value).length > maxBytes || FORBIDDEN.test(value)) {
    throw new ValueError("a text is too long or holds a control character");
  }
  return value;
}
