import path from 'node:path'
import { UsageError } from './failure.ts'

/** Returns an address that means the same from every folder. */
export function addressFrom(base: string, url: string): string {
  // One letter before a colon is a drive of Windows, not a scheme; `git@host:path` is how ssh names it.
  return /^(?:[^/\\@:]+@)?[a-z][a-z0-9+.-]+:/i.test(url) ? url : path.resolve(base, url)
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

/** Returns a path of a registry as its snapshots name it: without slashes at the end, `.` is everything. */
export function registryPath(typed: string): string {
  const inside = typed.replace(/^(?:\.\/)+|\/+$/g, '')
  return inside === '.' ? '' : inside
}

/**
 * Returns where something from a registry goes: what the user named, else the name that it has there.
 */
export function placeFor(inside: string, output: string | undefined): string {
  if (output !== undefined) return output
  if (inside === '') throw new UsageError('Name a place for the whole registry with -o.')
  return path.posix.basename(inside)
}
