/** The lock of pipelines, which is merged stage by stage. */
export const PIPELINE_LOCK = 'dsv.lock'

/** Larger ones are a conflict like any other. */
export const MAX_LOCK_BYTES: number = 64 * 2 ** 20

/**
 * Merges two locks of pipelines, of which each stage has lines of its own that begin with its name, two spaces in. A
 * stage that both sides ran with different results is left out: then it is out of date, and the next run settles it.
 * Returns undefined where one of them is written differently.
 */
export function mergeLock(
  base: string | undefined,
  ours: string,
  theirs: string,
): string | undefined {
  const [was, left, right] = [base, ours, theirs].map((text) =>
    text === undefined ? undefined : readParts(text),
  )
  if (left === undefined || right === undefined || left.head !== right.head) return undefined
  const names = [...new Set([...left.stages.keys(), ...right.stages.keys()])].toSorted()
  const kept = names.flatMap((name) => {
    const [old, our, their] = [was, left, right].map((parts) => parts?.stages.get(name))
    if (our === their || old === their) return our ?? []
    return old === our ? (their ?? []) : []
  })
  if (kept.length === 0) return `${left.head}stages: {}\n`
  return `${left.head}stages:\n${kept.join('')}`
}

interface LockParts {
  readonly head: string
  /** The lines of each stage, by the first of them. */
  readonly stages: ReadonlyMap<string, string>
}

function readParts(text: string): LockParts | undefined {
  const match = /^stages:(?: \{\})?\n/mu.exec(text)
  if (match === null) return undefined
  const stages = new Map<string, string>()
  const body = text.slice(match.index + match[0].length)
  for (const part of body.split(/^(?= {2}\S)/mu)) {
    if (part === '') continue
    if (!/^ {2}\S/u.test(part)) return undefined
    stages.set(part.slice(0, part.indexOf('\n')), part)
  }
  return { head: text.slice(0, match.index), stages }
}
