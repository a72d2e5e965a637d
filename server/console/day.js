// Days as the interface writes them, YYYY-MM-DD, and as numbers to count with. Never the machine's
// time zone: a check day is a day in Japan.

const MILLISECONDS = 86_400_000;

/** The day number of `YYYY-MM-DD`; NaN where it is no day. */
export function number(day) {
  return /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) / MILLISECONDS : NaN;
}

/** `YYYY-MM-DD` of a day number. */
export function text(number) {
  return new Date(number * MILLISECONDS).toISOString().slice(0, 10);
}

/** Today in Japan. */
export function today() {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Tokyo" }).format(new Date());
}

/** A moment of RFC 3339 to the minute, on the clock of Japan; whatever else is written, as it is. */
export function moment(written) {
  const at = Date.parse(written);
  if (Number.isNaN(at)) return written;
  return new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Tokyo", dateStyle: "short", timeStyle: "short" }).format(at);
}

/** `11/22`, as both languages write a day of the year beside others. */
export function short(day) {
  return `${Number(day.slice(5, 7))}/${Number(day.slice(8, 10))}`;
}
