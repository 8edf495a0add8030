import type { Media } from '../model/item.ts'
import type { FrameCursor } from './format-adapter.ts'

/** Frames of many videos. */
export interface FrameSource {
  /** Returns the picture of media that are a frame, as a PNG. */
  read(media: Media): Promise<Uint8Array>
  /** Lets go of all videos. */
  close(): Promise<void>
}

/** So many videos are open at a time. */
const OPEN = 2

/** Returns a source that keeps the videos open that were asked for last. Frames are decoded one after the other. */
export function frameSource(openVideo: (media: Media) => Promise<FrameCursor>): FrameSource {
  const cursors = new Map<string, FrameCursor>()
  let last: Promise<unknown> = Promise.resolve()
  const cursorOf = async (media: Media): Promise<FrameCursor> => {
    const key = media.blob ?? media.path
    const found = cursors.get(key)
    cursors.delete(key)
    const cursor = found ?? (await openVideo(media))
    cursors.set(key, cursor)
    for (const [other, opened] of cursors)
      if (cursors.size > OPEN) {
        cursors.delete(other)
        await opened.close()
      }
    return cursor
  }
  return {
    read: async (media) => {
      const reading = last.then(async () => (await cursorOf(media)).frame(media.frame?.index ?? 0))
      last = reading.catch(() => undefined)
      return reading
    },
    close: async () => {
      await last
      const open = [...cursors.values()]
      cursors.clear()
      await Promise.all(open.map(async (cursor) => cursor.close()))
    },
  }
}
