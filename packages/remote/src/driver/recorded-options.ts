import { remoteOptionInvalid } from '../errors.ts'

/** Options that name files, keys or accounts of this machine, or make a secret go where it would not. */
const OF_THIS_MACHINE =
  /^(?:media-)*(?:token-file|allow-insecure|identity-file|host-key|known-hosts|ssh-config|profile)$/

/** Returns the options that others can use too: those that a repository may put on record. */
export function optionsForAll(
  options: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !OF_THIS_MACHINE.test(name)))
}

/**
 * Checks options that a repository names: whoever wrote them chooses no file, key or account here.
 *
 * @throws `DSV_REMOTE_OPTION_INVALID`
 */
export function checkRecordedOptions(
  address: string,
  options: Readonly<Record<string, string>>,
): void {
  for (const name of Object.keys(options)) {
    if (!OF_THIS_MACHINE.test(name)) continue
    const problem =
      'is for this machine alone, so a repository cannot set it; give it to a remote of this address'
    throw remoteOptionInvalid(address, name, problem)
  }
}
