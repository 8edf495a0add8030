import { randomBytes } from 'node:crypto'

/** What a worker shall do lies here. */
const WORK = 'refs/dsv/work/'
/** What it made lies here, under the same name. */
const MADE = 'refs/dsv/made/'

/** What nobody has taken away for so long was left by a run that was killed. */
const KEPT_MS = 7 * 24 * 3_600_000

/** Returns a new ref for work; its name says when it was made. */
export function newWorkRef(): string {
  return `${WORK}${Date.now()}-${randomBytes(8).toString('hex')}`
}

/** Returns whether a ref is one for work. */
export function isWorkRef(ref: string): boolean {
  return /^refs\/dsv\/work\/\d{1,15}-[0-9a-f]{16}$/.test(ref)
}

/** Returns the ref under which a worker puts what it made. */
export function madeRefOf(workRef: string): string {
  return `${MADE}${workRef.slice(WORK.length)}`
}

/** Returns those of refs that were left by runs that nobody waits for any more. */
export function leftRefs(refs: Iterable<string>): readonly string[] {
  return [...refs].filter((ref) => {
    const madeMs = Number(/^refs\/dsv\/(?:work|made)\/(\d{1,15})-[0-9a-f]{16}$/.exec(ref)?.[1])
    return madeMs < Date.now() - KEPT_MS
  })
}
