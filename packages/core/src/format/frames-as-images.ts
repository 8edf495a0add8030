import type { AnnotatedItem, Media } from '../model/item.ts'
import type {
  DatasetView,
  FormatAdapter,
  ItemEdit,
  WritableFolder,
  WriteContext,
} from './format-adapter.ts'

/** Returns an adapter that is handed pictures where a dataset has frames of videos, unless it holds frames. */
export function framesAsImages(adapter: FormatAdapter): FormatAdapter {
  const { format } = adapter
  if (format.holdsFrames === true || format.canWrite === false) return adapter
  return {
    ...adapter,
    write: async (view, ...rest) => adapter.write(shownView(view), ...rest),
    ...(adapter.writeChanged !== undefined && {
      writeChanged: async (
        view: DatasetView,
        edits: readonly ItemEdit[],
        folder: WritableFolder,
        context: WriteContext,
      ) => adapter.writeChanged?.(shownView(view), edits.map(shownEdit), folder, context),
    }),
  }
}

function shownView(view: DatasetView): DatasetView {
  return {
    schema: view.schema,
    layout: view.layout,
    subsets: view.subsets,
    items: async function* shown(subset) {
      for await (const item of view.items(subset)) yield shownItem(item)
    },
    item: async (key) => {
      const item = await view.item(key)
      return item && shownItem(item)
    },
  }
}

function shownEdit({ before, after }: ItemEdit): ItemEdit {
  return { before: before && shownItem(before), after: after && shownItem(after) }
}

function shownItem(item: AnnotatedItem): AnnotatedItem {
  if (!item.media.some(isFrame)) return item
  return {
    ...item,
    media: item.media.map((media) =>
      isFrame(media) ? { ...media, kind: 'image', path: pictureOf(item.id, media) } : media,
    ),
  }
}

/** Returns whether media are the picture of a frame: what it shows is to be decoded from the video that its blob is. */
export function isFramePicture({ kind, frame }: Pick<Media, 'kind' | 'frame'>): boolean {
  return kind === 'image' && frame !== undefined
}

function isFrame({ kind, frame }: Media): boolean {
  return kind === 'video' && frame !== undefined
}

/** Frames are named after their item, which is one for each; others after what they are. */
function pictureOf(id: string, { role }: Media): string {
  return role === 'primary' ? `${id}.png` : `${id}.${role}.png`
}
