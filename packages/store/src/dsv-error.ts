/** What a {@link DsvError} carries beside its message. */
export interface DsvErrorOptions {
  /** The values behind the message, for programs. */
  readonly details?: Readonly<Record<string, unknown>>
  /** One sentence that says what to do now. */
  readonly hint?: string
  readonly cause?: unknown
}

/**
 * A failure that the user can act on. A bug is a plain `Error`.
 *
 * `code` is `DSV_` + noun + what is wrong; it is never renamed and never reused. Compare `code`, or
 * use {@link isDsvError}: `instanceof` fails between realms.
 */
export class DsvError<Code extends string = string> extends Error {
  readonly code: Code
  readonly details: Readonly<Record<string, unknown>>
  readonly hint: string | undefined

  constructor(code: Code, message: string, options: DsvErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'DsvError'
    this.code = code
    this.details = options.details ?? {}
    this.hint = options.hint
  }
}

/** Returns whether `error` is a {@link DsvError}, of the given code when one is given. */
export function isDsvError<Code extends string>(
  error: unknown,
  code?: Code,
): error is DsvError<Code> {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false
  if (!('name' in error) || error.name !== 'DsvError') return false
  return code === undefined || error.code === code
}

/** Returns the `code` of a system error (`ENOENT`, `EACCES`), or undefined for anything else. */
export function systemErrorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
