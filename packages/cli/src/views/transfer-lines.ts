import type { FetchedRef, PushedRef, TransferCount } from '@dsv/remote'
import type { Paint } from './paint.ts'
import { bytesText, countOf, shortId } from './quantities.ts'

/** Returns what went over, or would: `3 commits, 12 objects and 400 blobs of 4.1 MB`. */
export function transferText({ commits, objects, blobs, blobBytes }: TransferCount): string {
  const sizes = blobs === 0 ? 'no blobs' : `${countOf(blobs, 'blob')} of ${bytesText(blobBytes)}`
  return `${countOf(commits, 'commit')}, ${countOf(objects, 'object')} and ${sizes}`
}

/** Returns a line for each ref that changed over there, or would. */
export function pushedLines(refs: readonly PushedRef[], paint: Paint): readonly string[] {
  return refs.map(({ name, from, to, type }) => {
    const short = shortRef(name)
    switch (type) {
      case 'up-to-date':
        return `  ${short} is up to date`
      case 'new':
        return `  ${paint.added(short)} is new, at ${shortId(to ?? '')}`
      case 'deleted':
        return `  ${paint.removed(short)} is deleted (was at ${shortId(from ?? '')})`
      case 'forward':
        return `  ${short} ${shortId(from ?? '')} → ${shortId(to ?? '')}`
      case 'forced':
        return `  ${short} ${shortId(from ?? '')} → ${shortId(to ?? '')} (forced)`
    }
  })
}

/** Returns a line for each ref that a fetch changed here; what stayed is left out. */
export function fetchedLines(refs: readonly FetchedRef[], paint: Paint): readonly string[] {
  return refs.flatMap(({ name, from, to, type }) => {
    const short = shortRef(name)
    switch (type) {
      case 'up-to-date':
        return []
      case 'new':
        return [`  ${paint.added(short)} is new, at ${shortId(to ?? '')}`]
      case 'moved':
        return [`  ${short} ${shortId(from ?? '')} → ${shortId(to ?? '')}`]
      case 'deleted':
        return [`  ${paint.removed(short)} is gone over there`]
      case 'kept':
        return [`  tag ${short} means something else here and stays`]
    }
  })
}

function shortRef(name: string): string {
  return name.replace(/^refs\/(heads|tags|remotes)\//, '')
}
