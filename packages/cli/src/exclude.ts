import { UsageError } from './failure.ts'

/** Refuses options that contradict each other. @throws `UsageError` */
export function exclude(options: Readonly<Record<string, unknown>>): void {
  const given = Object.entries(options).filter(
    ([, value]) => value !== undefined && value !== false,
  )
  const [first, second] = given
  if (first === undefined || second === undefined) return
  throw new UsageError(`--${first[0]} and --${second[0]} exclude each other.`)
}
