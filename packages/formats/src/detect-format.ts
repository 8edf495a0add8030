import {
  type Detection,
  type Folder,
  type FormatAdapter,
  type FormatProvider,
  isDsvError,
  previewFiles,
} from '@dsv/core'
import { formatNames, loadAdapter } from './registry.ts'
import { pathsBelow } from './folder/path-list.ts'
import { compareText } from './shared/compare-text.ts'

/** What one format says about a folder. */
export interface DetectedFormat extends Detection {
  readonly format: string
}

/**
 * Asks every format whether a folder is in it; the surest comes first, equally sure ones by name. With a
 * column map only the formats that take one are asked.
 *
 * Of a large folder they see the first files of each kind only (`previewFiles`), so that many formats
 * asking cost little more than one.
 */
export async function detectFormat(
  folder: Folder,
  map?: string,
  formats: Pick<FormatProvider, 'names' | 'load'> = { names: formatNames, load: loadAdapter },
): Promise<readonly DetectedFormat[]> {
  const answers: DetectedFormat[] = []
  const preview = await previewOf(folder)
  for (const format of formats.names) {
    const adapter = await formats.load(format)
    if (map !== undefined && adapter.format.takesMap !== true) continue
    answers.push({ format, ...(await detectWith(adapter, preview, map)) })
  }
  return answers.toSorted((a, b) => b.confidence - a.confidence || compareText(a.format, b.format))
}

/** A map that is none of a format says that the folder is not in it. */
async function detectWith(
  adapter: FormatAdapter,
  folder: Folder,
  map: string | undefined,
): Promise<Detection> {
  try {
    return await adapter.detect(folder, map)
  } catch (error) {
    if (!isDsvError(error, 'DSV_MAP_INVALID')) throw error
    return { confidence: 0, reason: error.message }
  }
}

async function previewOf(folder: Folder): Promise<Folder> {
  const shown = previewFiles(await folder.list())
  return {
    list: async (under) => pathsBelow(shown, under),
    has: async (name) => folder.has(name),
    read: async (name) => folder.read(name),
    open: async (name) => folder.open(name),
  }
}
