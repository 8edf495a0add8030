import path from 'node:path'
import { UsageError } from './failure.ts'

/** Returns an address that means the same from every folder. */
export function addressFrom(base: string, url: string): string {
  // One letter before a colon is a drive of Windows, not a scheme.
  return /^[a-z][a-z0-9+.-]+:/i.test(url) ? url : path.resolve(base, url)
}

/** Returns `name=value` words as options. */
export function optionsOf(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.map((word): [string, string] => {
      const [, name, value] = /^([a-z][a-z0-9-]*)=(.*)$/s.exec(word) ?? []
      if (name === undefined || value === undefined)
        throw new UsageError(`${word} is no option: write name=value.`)
      return [name, value]
    }),
  )
}
