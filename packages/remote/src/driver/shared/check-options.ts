import { remoteOptionInvalid } from '../../errors.ts'

/**
 * Checks that a remote has only options that its driver knows.
 *
 * @throws `DSV_REMOTE_OPTION_INVALID`
 */
export function checkOptions(
  location: string,
  options: Readonly<Record<string, string>>,
  known: readonly string[],
): void {
  for (const option of Object.keys(options)) {
    if (known.includes(option)) continue
    const list = known.length === 0 ? 'none' : known.join(', ')
    throw remoteOptionInvalid(location, option, `is not known (known: ${list})`)
  }
}
