import type { RecordReader } from './record-reader.ts'

/** Who did something, and when. */
export interface Signature {
  readonly name: string
  readonly email: string
  /** Seconds since 1970 UTC. */
  readonly timeSeconds: number
  /** Minutes east of UTC of the clock it was read from. */
  readonly tzMinutes: number
}

/** Returns a signature as it stands in payloads: `[name, email, timeSeconds, tzMinutes]`. */
export function signatureFields(signature: Signature): readonly (string | number)[] {
  return [signature.name, signature.email, signature.timeSeconds, signature.tzMinutes]
}

/** Reads what {@link signatureFields} wrote. @throws `DSV_RECORD_MALFORMED` */
export function readSignature(reader: RecordReader, value: unknown, what: string): Signature {
  const [name, email, timeSeconds, tzMinutes] = reader.list(value, what)
  return {
    name: reader.text(name, `${what}: the name`),
    email: reader.text(email, `${what}: the email`),
    timeSeconds: reader.number(timeSeconds, `${what}: the time`),
    tzMinutes: reader.number(tzMinutes, `${what}: the time zone`),
  }
}
