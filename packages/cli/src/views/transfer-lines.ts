import { isRunsRef } from '@dsv/core'
import type { FetchedRef, PushedRef, TransferCount } from '@dsv/remote'
import { oneLine } from './annotation-text.ts'
import type { Paint } from './paint.ts'
import { bytesText, countOf, shortId } from './quantities.ts'

/** Returns what went over, or would: `3 commits, 12 objects and 400 blobs (4.1 MB)`. */
export function transferText({ commits, objects, blobs, blobBytes }: TransferCount): string {
  const sizes = blobs === 0 ? 'no blobs' : `${countOf(blobs, 'blob')} (${bytesText(blobBytes)})`
  return `${countOf(commits, 'commit')}, ${countOf(objects, 'object')} and ${sizes}`
}

/** Returns where to and a line for each ref that changed over there, or would, as `git push` shows them. */
export function pushedLines(
  url: string,
  refs: readonly PushedRef[],
  paint: Paint,
): readonly string[] {
  const lines = refs.flatMap(({ name, from, to, type }) => {
    const short = shortRef(name)
    switch (type) {
      case 'up-to-date':
        return []
      case 'new':
        return [refLine('*', paint.added(newWord(name)), short)]
      case 'deleted':
        return [refLine('-', paint.removed('[deleted]'), `${short} (was ${shortId(from ?? '')})`)]
      case 'forward':
        return [refLine(' ', rangeText(from, to), short)]
      case 'forced':
        return [refLine('+', rangeText(from, to), `${short} (forced)`)]
    }
  })
  return lines.length === 0 ? [] : [`To ${oneLine(url)}`, ...lines]
}

/** Returns where from and a line for each ref that a fetch changed here; what stayed is left out. */
export function fetchedLines(
  url: string,
  refs: readonly FetchedRef[],
  paint: Paint,
): readonly string[] {
  const lines = refs.flatMap(({ name, from, to, type }) => {
    if (isRunsRef(name)) return []
    const short = shortRef(name)
    switch (type) {
      case 'up-to-date':
        return []
      case 'new':
        return [refLine('*', paint.added(newWord(name)), short)]
      case 'moved':
        return [refLine(' ', rangeText(from, to), short)]
      case 'deleted':
        return [refLine('-', paint.removed('[gone over there]'), short)]
      case 'kept':
        return [refLine('!', '[kept]', `${short} (another commit over there)`)]
    }
  })
  return lines.length === 0 ? [] : [`From ${oneLine(url)}`, ...lines]
}

function refLine(sign: string, what: string, name: string): string {
  return ` ${sign} ${what}  ${oneLine(name)}`
}

function newWord(name: string): string {
  return name.startsWith('refs/tags/') ? '[new tag]' : '[new branch]'
}

function rangeText(from: string | undefined, to: string | undefined): string {
  return `${shortId(from ?? '')}..${shortId(to ?? '')}`
}

function shortRef(name: string): string {
  return name.replace(/^refs\/(heads|tags|remotes)\//, '')
}
