type Environment = Readonly<Record<string, string | undefined>>

/**
 * Returns the environment without what a host is told when it asks, for addresses that somebody else chose.
 * Cloud keys only sign, and what they sign names the host; a passphrase opens a key of this machine.
 */
export function withoutTokens(env: Environment): Environment {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => name === 'DSV_SSH_PASSPHRASE' || !/^(?:DSV_|AZURE_STORAGE_SAS_TOKEN$)/.test(name),
    ),
  )
}
