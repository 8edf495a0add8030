import type { FormatProvider } from '@dsv/core'
import { detectFormat } from './detect-format.ts'
import { probeMedia } from './media/probe-media.ts'
import { openFrames } from './video/open-frames.ts'
import { formatNames, loadAdapter, loadFormat } from './registry.ts'

/** All built-in formats, as a repository needs them. */
export const builtInFormats: FormatProvider = {
  names: formatNames,
  load: loadAdapter,
  describe: loadFormat,
  detect: async (folder, map) => detectFormat(folder, map),
  probe: async (folder, path) => probeMedia(folder, path),
  openFrames: async (name, video, signal) => openFrames(name, video, signal),
}
