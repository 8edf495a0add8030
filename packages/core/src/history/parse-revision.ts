import { revisionSyntax } from '../errors.ts'

/** A revision: what a user types to name one commit. */
export type Revision =
  /** A branch, a tag, a remote branch, `HEAD` (also written `@`), or the beginning of an id. */
  | { readonly type: 'name'; readonly name: string }
  /** `main@{2}`: where `ref` stood that many operations ago; without a ref the current branch. */
  | { readonly type: 'reflog'; readonly ref?: string; readonly position: number }
  /** `X~n`: follows the first parent `count` times. */
  | { readonly type: 'ancestor'; readonly of: Revision; readonly count: number }
  /** `X^n`: the parent with this number, from 1; 0 is the commit itself. */
  | { readonly type: 'parent'; readonly of: Revision; readonly number: number }
  /** `X^{commit}`: the commit that a tag stands for. */
  | { readonly type: 'peel'; readonly of: Revision }

/** One or many commits, as a user names them. */
export type RevisionRange =
  /** `X`: the commit, and where a history is asked for, its ancestors. */
  | { readonly type: 'one'; readonly revision: Revision }
  /** `^X`: without the commit and its ancestors. */
  | { readonly type: 'without'; readonly revision: Revision }
  /** `A..B`: what B has and A has not; an absent side is `HEAD`. */
  | { readonly type: 'range'; readonly from: Revision; readonly to: Revision }
  /** `A...B`: what one side has and the other has not. */
  | { readonly type: 'symmetric'; readonly from: Revision; readonly to: Revision }

/** Longer revisions are refused, in UTF-16 units. */
const MAX_LENGTH = 1000
const HEAD: Revision = { type: 'name', name: 'HEAD' }
// oxlint-disable-next-line no-control-regex -- names of refs hold no control characters
const FORBIDDEN = /[\u0000-\u0020\u007F~^:?*[\\]|\.\.|@\{|\/\//u
const SUFFIX = /~(\d*)|\^\{([^}]*)\}|\^(\d*)/uy

/**
 * Parses a revision in Git's words (https://git-scm.com/docs/gitrevisions): `main`, `HEAD~2`,
 * `v1.0^2`, `@{1}`, `main@{2}`, `v1.0^{commit}`, `origin/main`, `refs/heads/main`, `1a2b3c`.
 *
 * @throws `DSV_REVISION_SYNTAX`
 */
export function parseRevision(text: string): Revision {
  return parsePart(text, 0, text.length)
}

/**
 * Parses a revision or a range: `A..B`, `A...B`, `^A`.
 *
 * @throws `DSV_REVISION_SYNTAX`
 */
export function parseRevisionRange(text: string): RevisionRange {
  const dots = text.indexOf('..')
  if (dots < 0) {
    return text.startsWith('^')
      ? { type: 'without', revision: parsePart(text, 1, text.length) }
      : { type: 'one', revision: parseRevision(text) }
  }
  const isSymmetric = text[dots + 2] === '.'
  const after = dots + (isSymmetric ? 3 : 2)
  if (text.length === after && dots === 0) throw revisionSyntax('expected a revision', text, after)
  return {
    type: isSymmetric ? 'symmetric' : 'range',
    from: dots === 0 ? HEAD : parsePart(text, 0, dots),
    to: after === text.length ? HEAD : parsePart(text, after, text.length),
  }
}

/** Returns the one canonical spelling of a revision. */
export function printRevision(revision: Revision): string {
  switch (revision.type) {
    case 'name':
      return revision.name
    case 'reflog':
      return `${revision.ref ?? ''}@{${revision.position}}`
    case 'ancestor':
      return `${printRevision(revision.of)}~${revision.count}`
    case 'parent':
      return `${printRevision(revision.of)}^${revision.number}`
    case 'peel':
      break
  }
  return `${printRevision(revision.of)}^{commit}`
}

/** Returns the one canonical spelling of a range. */
export function printRevisionRange(range: RevisionRange): string {
  switch (range.type) {
    case 'one':
      return printRevision(range.revision)
    case 'without':
      return `^${printRevision(range.revision)}`
    case 'range':
      return `${printRevision(range.from)}..${printRevision(range.to)}`
    case 'symmetric':
      break
  }
  return `${printRevision(range.from)}...${printRevision(range.to)}`
}

function parsePart(text: string, start: number, end: number): Revision {
  if (text.length > MAX_LENGTH) {
    throw revisionSyntax(`a revision has at most ${MAX_LENGTH} characters`, text, MAX_LENGTH)
  }
  const { revision, at } = parseBase(text, start, end)
  return parseSuffixes(revision, text, at, end)
}

function parseBase(
  text: string,
  start: number,
  end: number,
): { readonly revision: Revision; readonly at: number } {
  const part = text.slice(start, end)
  const suffixAt = part.search(/[~^]|@\{/u)
  const nameEnd = suffixAt < 0 ? end : start + suffixAt
  const name = text.slice(start, nameEnd)
  checkName(name, text, start)
  if (!text.startsWith('@{', nameEnd) || nameEnd >= end) {
    if (name === '') throw revisionSyntax('expected the name of a commit', text, start)
    return { revision: { type: 'name', name: name === '@' ? 'HEAD' : name }, at: nameEnd }
  }
  const close = text.indexOf('}', nameEnd)
  const digits = text.slice(nameEnd + 2, close)
  if (close < 0 || close >= end || !/^\d{1,9}$/u.test(digits)) {
    throw revisionSyntax('expected a number and "}" after "@{"', text, nameEnd + 2)
  }
  const position = Number(digits)
  const revision: Revision =
    name === '' ? { type: 'reflog', position } : { type: 'reflog', ref: name, position }
  return { revision, at: close + 1 }
}

function checkName(name: string, text: string, start: number): void {
  const found = FORBIDDEN.exec(name)
  if (found !== null) {
    const shown = JSON.stringify(found[0])
    throw revisionSyntax(`a name cannot hold ${shown}`, text, start + found.index)
  }
  const isWrongAtEnd = name.endsWith('/') || name.endsWith('.')
  if (name.startsWith('/') || name.startsWith('-') || isWrongAtEnd) {
    const at = isWrongAtEnd ? start + name.length - 1 : start
    throw revisionSyntax(`a name cannot begin with "/" or "-", or end with "/" or "."`, text, at)
  }
}

function parseSuffixes(base: Revision, text: string, start: number, end: number): Revision {
  let revision = base
  let at = start
  while (at < end) {
    SUFFIX.lastIndex = at
    const found = SUFFIX.exec(text)
    if (found === null) throw revisionSyntax('expected "~" or "^"', text, at)
    const [whole, ancestors, peeled, parent] = found
    const digits = ancestors ?? parent ?? ''
    if (digits.length > 9) throw revisionSyntax('this number is too large', text, at + 1)
    const number = digits === '' ? 1 : Number(digits)
    if (peeled !== undefined) {
      if (peeled !== 'commit' && peeled !== '') {
        throw revisionSyntax('expected "commit" in the braces', text, at + 2)
      }
      revision = { type: 'peel', of: revision }
    } else if (ancestors === undefined) revision = { type: 'parent', of: revision, number }
    else revision = { type: 'ancestor', of: revision, count: number }
    at += whole.length
  }
  return revision
}
