import {
  type Assertion,
  type CharacterTest,
  type FailPattern,
  isLineEnd,
  isWordCharacter,
  parsePattern,
  type PatternNode,
} from './parse-pattern.ts'

/** Longer patterns are refused, in UTF-16 units. */
const MAX_PATTERN = 1000
/** Patterns with more steps, repetitions written out, are refused. */
const MAX_STEPS = 2000
/** Nothing, repeated, makes no steps; it is refused by the number of times it is looked at. */
const MAX_EMITTED = 20_000
/** A text is looked at up to here, in UTF-16 units. */
const MAX_TEXT = 16_384

/**
 * One step of the machine: go on behind a character or an assertion, or at several places at once.
 * Numbers are places in the program.
 */
type Step =
  | { readonly type: 'character'; readonly test: CharacterTest }
  | { readonly type: 'assertion'; readonly holds: (text: string, at: number) => boolean }
  | { readonly type: 'fork'; targets: readonly number[] }
  | { readonly type: 'accept' }

/**
 * Compiles a regular expression to a test whether a text holds it anywhere.
 *
 * It follows all ways to match side by side instead of trying one after the other (Thompson's
 * construction, https://swtch.com/~rsc/regexp/regexp1.html), so the time is at most steps of the
 * pattern × length of the text, whatever both of them are. Only the first 16,384 UTF-16 units of a
 * text are looked at.
 *
 * @throws what `fail` throws
 */
export function compilePattern(
  pattern: string,
  flags: string,
  fail: FailPattern,
): (text: string) => boolean {
  if (pattern.length > MAX_PATTERN) fail(`a pattern has at most ${MAX_PATTERN} characters`, 0)
  if (!/^[imsu]*$/u.test(flags) || new Set(flags).size < flags.length) {
    fail(
      `the flags of a pattern are i, m, s and u, each once; found "${flags}"`,
      pattern.length + 1,
    )
  }
  const program: Step[] = []
  emitPattern(program, parsePattern(pattern, flags, fail), flags.includes('m'), fail)
  program.push({ type: 'accept' })
  return (text) => matches(program, text)
}

function emitPattern(
  program: Step[],
  pattern: PatternNode,
  multiline: boolean,
  fail: FailPattern,
): void {
  let emitted = 0
  emit(pattern)

  function emit(node: PatternNode): void {
    emitted += 1
    if (emitted > MAX_EMITTED || program.length >= MAX_STEPS) {
      fail('this pattern is too large: it repeats too much', 0)
    }
    switch (node.type) {
      case 'character':
        program.push(node)
        return
      case 'assertion':
        program.push({ type: 'assertion', holds: assertionTest(node.assertion, multiline) })
        return
      case 'sequence':
        for (const part of node.parts) emit(part)
        return
      case 'choice':
        emitChoice(program, node.parts, emit)
        return
      case 'repeat':
        emitRepeat(program, node, () => emit(node.part))
    }
  }
}

function emitChoice(
  program: Step[],
  parts: readonly PatternNode[],
  emitPart: (part: PatternNode) => void,
): void {
  const [only] = parts
  if (only !== undefined && parts.length === 1) {
    emitPart(only)
    return
  }
  const fork = pushFork(program)
  const starts: number[] = []
  const exits = parts.map((part) => {
    starts.push(program.length)
    emitPart(part)
    return pushFork(program)
  })
  fork.targets = starts
  for (const exit of exits) exit.targets = [program.length]
}

function emitRepeat(
  program: Step[],
  node: PatternNode & { readonly type: 'repeat' },
  emitPart: () => void,
): void {
  for (let count = 0; count < node.min; count += 1) emitPart()
  if (node.max === Number.POSITIVE_INFINITY) {
    const start = program.length
    const fork = pushFork(program)
    emitPart()
    pushFork(program).targets = [start]
    fork.targets = [start + 1, program.length]
    return
  }
  const forks: { readonly fork: { targets: readonly number[] }; readonly start: number }[] = []
  for (let count = node.min; count < node.max; count += 1) {
    forks.push({ fork: pushFork(program), start: program.length })
    emitPart()
  }
  for (const { fork, start } of forks) fork.targets = [start, program.length]
}

function pushFork(program: Step[]): { targets: readonly number[] } {
  const fork: Step & { type: 'fork' } = { type: 'fork', targets: [] }
  program.push(fork)
  return fork
}

function assertionTest(
  assertion: Assertion,
  multiline: boolean,
): (text: string, at: number) => boolean {
  switch (assertion) {
    case 'start':
      return (text, at) => at === 0 || (multiline && isLineEnd(text.charCodeAt(at - 1)))
    case 'end':
      return (text, at) => at === text.length || (multiline && isLineEnd(text.charCodeAt(at)))
    case 'boundary':
      return isBoundary
    case 'no-boundary':
      break
  }
  return (text, at) => !isBoundary(text, at)
}

function isBoundary(text: string, at: number): boolean {
  return isWordCharacter(text.charCodeAt(at - 1)) !== isWordCharacter(text.charCodeAt(at))
}

function matches(program: readonly Step[], whole: string): boolean {
  const text = whole.length > MAX_TEXT ? whole.slice(0, MAX_TEXT) : whole
  const seenAt = new Int32Array(program.length).fill(-1)
  const pending: number[] = []
  let here: number[] = []
  let there: number[] = []

  /** Follows everything that needs no character; returns whether that reaches the end. */
  function enter(place: number, at: number, places: number[]): boolean {
    pending.push(place)
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (seenAt[next] === at) continue
      seenAt[next] = at
      const step = program[next]
      if (step === undefined) continue
      if (step.type === 'accept') return true
      if (step.type === 'character') places.push(next)
      else if (step.type === 'fork') pending.push(...step.targets)
      else if (step.holds(text, at)) pending.push(next + 1)
    }
    return false
  }

  for (let at = 0; ;) {
    if (enter(0, at, here)) return true
    if (at >= text.length) return false
    const code = text.codePointAt(at) ?? 0
    at += code > 0xff_ff ? 2 : 1
    for (const place of here) {
      const step = program[place]
      if (step?.type !== 'character' || !step.test(code)) continue
      if (enter(place + 1, at, there)) return true
    }
    ;[here, there] = [there, here]
    there.length = 0
  }
}
