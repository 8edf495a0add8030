import type { Format } from '@dsv/core'

/** Videos whose frames are items; read with FFmpeg. */
export const videoFormat: Format = {
  name: 'video',
  title: 'Videos (frames become items; needs FFmpeg)',
  source: new URL('https://ffmpeg.org/ffmpeg.html'),
  holds: new Set(),
  canWrite: false,
  variants: [],
}
