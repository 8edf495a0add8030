import {
  type Detection,
  type FormatAdapter,
  type FormatProvider,
  framesAsImages,
  isDsvError,
  type SourceItem,
} from '@dsv/core'
import { systemErrorCode } from '@dsv/store'
import { detectFormat } from '../detect-format.ts'
import { formatUnknown, pluginInvalid } from '../errors.ts'
import { builtInFormats } from '../format-provider.ts'
import { isFormatName } from '../registry.ts'
import { compareText } from '../shared/compare-text.ts'
import type { Plugin } from './load-plugins.ts'

/**
 * Returns the built-in formats and those of plugins.
 *
 * @throws `DSV_PLUGIN_INVALID` when a plugin has the name of another format, which nobody could choose then
 */
export function formatsWithPlugins(plugins: readonly Plugin[]): FormatProvider {
  if (plugins.length === 0) return builtInFormats
  const added = new Map<string, FormatAdapter>()
  for (const { package: source, adapter } of plugins) {
    const { name } = adapter.format
    if (isFormatName(name) || added.has(name))
      throw pluginInvalid(source, `calls its format ${name}, as another format is called`)
    added.set(name, framesAsImages(carefully(source, adapter)))
  }
  const names = [...builtInFormats.names, ...added.keys()].toSorted(compareText)
  const load = async (name: string): Promise<FormatAdapter> => {
    const plugin = added.get(name.toLowerCase().replaceAll('_', '-'))
    if (plugin !== undefined) return plugin
    if (!isFormatName(name)) throw formatUnknown(name, names)
    return builtInFormats.load(name)
  }
  return {
    names,
    load,
    describe: async (name) =>
      isFormatName(name) ? builtInFormats.describe(name) : (await load(name)).format,
    detect: async (folder, map) => detectFormat(folder, map, { names, load }),
    probe: async (folder, path) => builtInFormats.probe(folder, path),
    openFrames: async (...args) => builtInFormats.openFrames(...args),
  }
}

/** A plugin that fails while it looks at a folder only says that the folder is not for it. */
function carefully(source: string, adapter: FormatAdapter): FormatAdapter {
  return {
    format: adapter.format,
    detect: async (...args) => detectCarefully(source, adapter, args),
    read: async (folder, context) => {
      const stream = await named(source, context.signal, async () => adapter.read(folder, context))
      return { ...stream, items: namedItems(source, context.signal, stream.items) }
    },
    write: async (view, folder, context) =>
      named(source, context.signal, async () => adapter.write(view, folder, context)),
    ...(adapter.readChanged !== undefined && {
      readChanged: async (...args: Parameters<NonNullable<FormatAdapter['readChanged']>>) =>
        adapter.readChanged?.(...args),
    }),
    ...(adapter.writeChanged !== undefined && {
      writeChanged: async (...args: Parameters<NonNullable<FormatAdapter['writeChanged']>>) =>
        adapter.writeChanged?.(...args),
    }),
  }
}

async function detectCarefully(
  source: string,
  adapter: FormatAdapter,
  args: Parameters<FormatAdapter['detect']>,
): Promise<Detection> {
  try {
    const { confidence, reason } = await adapter.detect(...args)
    const isShare = typeof confidence === 'number' && confidence >= 0 && confidence <= 1
    if (isShare && typeof reason === 'string') return { confidence, reason }
    return { confidence: 0, reason: `the plugin ${source} gives no confidence from 0 to 1` }
  } catch (error) {
    return { confidence: 0, reason: `the plugin ${source} failed: ${messageOf(error)}` }
  }
}

/** A failure that is no error of ours is the plugin's, and says so. */
async function named<Result>(
  source: string,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (isDsvError(error) || signal.aborted || systemErrorCode(error) !== undefined) throw error
    throw pluginInvalid(source, `failed: ${messageOf(error)}`, error)
  }
}

async function* namedItems(
  source: string,
  signal: AbortSignal,
  items: AsyncIterable<SourceItem>,
): AsyncGenerator<SourceItem> {
  const iterator = items[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await named(source, signal, async () => iterator.next())
      if (next.done === true) return
      yield next.value
    }
  } finally {
    await iterator.return?.()
  }
}

function messageOf(error: unknown): string {
  const hasMessage = typeof error === 'object' && error !== null && 'message' in error
  return hasMessage ? String(error.message) : String(error)
}
