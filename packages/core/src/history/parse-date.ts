import { dateSyntax } from '../errors.ts'

/** A moment, and the clock it is read from. */
export interface ClockTime {
  /** Seconds since 1970 UTC. */
  readonly timeSeconds: number
  /** Minutes east of UTC. */
  readonly tzMinutes: number
}

const DAY = 86_400
const UNITS: ReadonlyMap<string, number> = new Map([
  ['second', 1],
  ['minute', 60],
  ['hour', 3600],
  ['day', DAY],
  ['week', 7 * DAY],
])
const MONTHS: ReadonlyMap<string, number> = new Map([
  ['month', 1],
  ['year', 12],
])
const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[t ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(z|[+-]\d{2}:?\d{2})?)?$/u
const SPAN = /^(\d{1,6}|an?|last)[ .](second|minute|hour|day|week|month|year)s?(?:[ .]ago)?$/u

/**
 * Returns the moment that a user means, in seconds since 1970 UTC: `2026-01-31`,
 * `2026-01-31T12:00:00+02:00`, `@1700000000`, `now`, `today`, `yesterday`, `2.weeks`, `3 days ago`,
 * `last month`. Without a time a date is its first second; without a zone it is that of `now`.
 *
 * @throws `DSV_DATE_SYNTAX`
 */
export function parseDate(text: string, now: ClockTime): number {
  const written = text.trim().toLowerCase()
  if (/^(?:@\d{1,12}|\d{9,12})$/u.test(written)) return Number(written.replace('@', ''))
  const result = parseWord(written, now) ?? parseIso(written, now) ?? parseSpan(written, now)
  if (result === undefined) throw dateSyntax(text)
  return result
}

function parseWord(written: string, now: ClockTime): number | undefined {
  if (written === 'now') return now.timeSeconds
  if (written === 'yesterday') return now.timeSeconds - DAY
  if (written !== 'today' && written !== 'midnight') return undefined
  const shift = now.tzMinutes * 60
  return Math.floor((now.timeSeconds + shift) / DAY) * DAY - shift
}

function parseIso(written: string, now: ClockTime): number | undefined {
  const found = ISO.exec(written)
  if (found === null) return undefined
  const [, year, month, day, hour = '0', minute = '0', second = '0', zone] = found
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day))
  const isReal =
    new Date(date).getUTCDate() === Number(day) &&
    new Date(date).getUTCMonth() + 1 === Number(month)
  if (!isReal || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const clock = Number(hour) * 3600 + Number(minute) * 60 + Number(second)
  return date / 1000 + clock - minutesOf(zone, now) * 60
}

function minutesOf(zone: string | undefined, now: ClockTime): number {
  if (zone === undefined) return now.tzMinutes
  if (zone === 'z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return zone.startsWith('-') ? -minutes : minutes
}

function parseSpan(written: string, now: ClockTime): number | undefined {
  const found = SPAN.exec(written)
  if (found === null) return undefined
  const [, amount = '', unit = ''] = found
  const count = /^\d/u.test(amount) ? Number(amount) : 1
  const seconds = UNITS.get(unit)
  if (seconds !== undefined) return now.timeSeconds - count * seconds
  return monthsBefore(now, count * (MONTHS.get(unit) ?? 0))
}

/** The same day of an earlier month, or its last day: a month before March 31 is February 28. */
function monthsBefore(now: ClockTime, months: number): number {
  const shift = now.tzMinutes * 60
  const local = new Date((now.timeSeconds + shift) * 1000)
  const first = new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() - months, 1))
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0))
  const day = Math.min(local.getUTCDate(), last.getUTCDate())
  const clock = (((now.timeSeconds + shift) % DAY) + DAY) % DAY
  return first.getTime() / 1000 + (day - 1) * DAY + clock - shift
}
