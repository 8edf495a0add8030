import type { AnnotationDraft, DatasetStream, Loss, SourceItem, SourceMedia } from '@dsv/core'
import { sourcesClash } from '../errors.ts'
import { unionSchemas } from './union-schemas.ts'

/** One of several datasets that become one. */
export interface Source {
  /** What the user called it, for messages. */
  readonly input: string
  /** A short name that no other source has. */
  readonly name: string
  readonly stream: DatasetStream
}

/** Several datasets as one. */
export interface MergedSources {
  readonly stream: DatasetStream
  /** Returns which source a media file is of, by its path in the merged dataset, and its path there. */
  readonly placeOf: (path: string) => { readonly index: number; readonly path: string } | undefined
}

/** How datasets are merged. */
export interface MergeOptions {
  /** Puts the name of its source before the id and media of every item. */
  readonly prefix: boolean
  /** Told what of one source had to give way to another. */
  readonly onLoss: (loss: Loss) => void
}

/**
 * Merges datasets into one: categories by name, items one source after the other.
 *
 * Numbers that mean something only within their source do not run together: tracks of later sources
 * continue the count, ids of annotations and images (`sourceId`, `extra.<format>.id`) are kept of the first
 * source and given up, with a report, by the others. Memory: one entry for each item and media file.
 *
 * @throws `DSV_SOURCES_CLASH` while the items are read: two sources have an item of one subset and id, or
 *   files of one path
 */
export function mergeSources(sources: readonly Source[], options: MergeOptions): MergedSources {
  const named = sources.map(({ name, stream }) => ({ name, schema: stream.schema }))
  const { schema, keys } = unionSchemas(named, options.onLoss)
  const places = new Map<string, number>()
  const prefixOf = (index: number): string =>
    options.prefix ? `${sources[index]?.name ?? ''}/` : ''
  async function* items(): AsyncGenerator<SourceItem> {
    const owners = new Map<string, number>()
    let usedTracks = 0
    for (const [index, { name, stream }] of sources.entries()) {
      const tracks = trackCounter(usedTracks)
      const ids = idDropper(index > 0, name, options.onLoss)
      for await (const item of stream.items) {
        const merged = prefixed(item, prefixOf(index))
        claim(owners, JSON.stringify([merged.subset, merged.id]), index, () => {
          return `item ${merged.subset}/${merged.id}`
        })
        for (const { path } of merged.media) claim(places, path, index, () => `file ${path}`)
        yield mapDrafts(ids.item(merged), (draft) => {
          const key = draft.category === undefined ? undefined : keys[index]?.get(draft.category)
          const kept = ids.draft(tracks.draft(draft))
          return key === undefined ? kept : { ...kept, category: key }
        })
      }
      usedTracks = tracks.largest()
    }
  }
  function claim(
    owners: Map<string, number>,
    key: string,
    index: number,
    what: () => string,
  ): void {
    const owner = owners.get(key)
    if (owner === undefined) owners.set(key, index)
    else if (owner !== index)
      throw sourcesClash(what(), sources[owner]?.input ?? '', sources[index]?.input ?? '')
  }
  return {
    stream: { schema, layout: null, items: items() },
    placeOf: (path) => {
      const index = places.get(path)
      return index === undefined ? undefined : { index, path: path.slice(prefixOf(index).length) }
    },
  }
}

function prefixed(item: SourceItem, prefix: string): SourceItem {
  if (prefix === '') return item
  const media = item.media.map((each): SourceMedia => ({ ...each, path: prefix + each.path }))
  return mapDrafts({ ...item, id: prefix + item.id, media }, (draft) =>
    draft.type === 'reference' ? { ...draft, path: prefix + draft.path } : draft,
  )
}

function mapDrafts(
  item: SourceItem,
  change: (draft: AnnotationDraft) => AnnotationDraft,
): SourceItem {
  const layers = Object.entries(item.layers).map(
    ([layer, drafts]) => [layer, drafts.map(change)] as const,
  )
  return { ...item, layers: Object.fromEntries(layers) }
}

/** Moves numbers of tracks behind those that earlier sources used. */
function trackCounter(used: number): {
  readonly draft: (draft: AnnotationDraft) => AnnotationDraft
  readonly largest: () => number
} {
  let largest = used
  return {
    draft: (draft) => {
      if (typeof draft.track !== 'number') return draft
      const track = draft.track + used
      largest = Math.max(largest, track)
      return used === 0 ? draft : { ...draft, track }
    },
    largest: () => largest,
  }
}

/** Leaves out ids that another source may use, and says so once for each source. */
function idDropper(
  isDropping: boolean,
  source: string,
  onLoss: (loss: Loss) => void,
): {
  readonly item: (item: SourceItem) => SourceItem
  readonly draft: (draft: AnnotationDraft) => AnnotationDraft
} {
  const told = new Set<string>()
  const tell = (what: string): void => {
    if (!told.has(what)) onLoss({ what, where: source })
    told.add(what)
  }
  return {
    draft: (draft) => {
      if (!isDropping || draft.sourceId === undefined) return draft
      tell('field: sourceId')
      const { sourceId: _, ...rest } = draft
      return rest
    },
    item: (item) => {
      if (!isDropping || item.extra === undefined) return item
      const extra = Object.entries(item.extra).map(([format, value]) => {
        if (typeof value !== 'object' || value === null || !('id' in value)) return [format, value]
        tell(`item extra: ${format}.id`)
        const { id: _, ...rest } = value
        return [format, rest]
      })
      return { ...item, extra: Object.fromEntries(extra) }
    },
  }
}
