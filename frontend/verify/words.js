// Fills the sentences that the page brought along; no words of its own.
import { noonOf } from "./values.js";

export class Words {
  constructor(texts, language) {
    this.texts = texts;
    const isPersian = language === "fa";
    const locale = isPersian ? "fa-IR-u-ca-persian" : "en-GB";
    this.days = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
    this.moments = new Intl.DateTimeFormat(locale, {
      day: "numeric", month: "long", year: "numeric", hour: "numeric", minute: "2-digit", hourCycle: "h23",
    });
    this.numbers = new Intl.NumberFormat(isPersian ? "fa-IR" : "en-GB", { useGrouping: false });
  }

  /** A day 'YYYY-MM-DD' in the page's calendar and digits. */
  day(value) {
    return this.days.format(noonOf(value));
  }

  /** A Unix time in the page's calendar and the device's time zone. */
  moment(seconds) {
    return this.moments.format(new Date(seconds * 1000));
  }

  /** The name of a kind of card; the code itself for one that this page does not know yet. */
  kind(code) {
    return this.texts.kinds[code] ?? code;
  }

  /** 'amayesh-18' as the round is called in the page's language; other codes as they are. */
  series(code) {
    const [, programme, number] = /^([a-z]+)-(\d{1,4})$/.exec(code) ?? [];
    const pattern = this.texts.series[programme];
    return pattern ? fill(pattern, { number: this.numbers.format(Number(number)) }) : code;
  }
}

/** `sentence` with each {name} replaced. */
export const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
