import type { AnnotationDraft, FormatAdapter, SourceItem } from '@dsv/core'
import { isDsvError } from '@dsv/core'
import { formatNames, loadAdapter } from '@dsv/formats'
import { itemWith, mediaBytes, writeSample } from '../format-matrix.ts'
import { type MemoryFolder, memoryFolder } from '../memory-folder.ts'
import { SAMPLE_HEIGHT, SAMPLE_WIDTH, sampleAnnotation } from '../sample-annotations.ts'
import { READ_ONLY_SAMPLES } from './read-only-samples.ts'

const SIZE = { width: SAMPLE_WIDTH, height: SAMPLE_HEIGHT }

/** A small dataset that is sound. */
export interface Sample {
  readonly adapter: FormatAdapter
  /** Format and variant, for messages. */
  readonly name: string
  readonly files: ReadonlyMap<string, Uint8Array>
}

/** Returns a sample of each format in each variant; `video`, which has no annotations, has none. */
export async function samples(): Promise<readonly Sample[]> {
  const all: Sample[] = []
  for (const format of formatNames) all.push(...(await samplesOf(await loadAdapter(format))))
  return all
}

async function samplesOf(adapter: FormatAdapter): Promise<readonly Sample[]> {
  const { name, canWrite, variants } = adapter.format
  if (canWrite === false) {
    const files = READ_ONLY_SAMPLES[name]
    return files === undefined ? [] : [{ adapter, name, files: memoryFolder(files).files }]
  }
  const made: Sample[] = []
  for (const variant of variants.length === 0 ? [undefined] : variants) {
    const files = await writtenFiles(adapter, variant)
    made.push({ adapter, name: variant === undefined ? name : `${name} (${variant})`, files })
  }
  return made
}

/** Two images with an annotation of each type, or of one type where the format cannot mix them. */
async function writtenFiles(
  adapter: FormatAdapter,
  variant: string | undefined,
): Promise<MemoryFolder['files']> {
  const types = [...adapter.format.holds].filter((type) => type !== 'relation')
  const choices = [types, ...types.map((type) => [type])]
  for (const choice of choices) {
    const drafts = choice.map(sampleAnnotation)
    const files = new Map<string, Uint8Array>()
    try {
      const items = [imageItem('a1', drafts), imageItem('a2', drafts)]
      const folder = await writeSample(adapter, items, variant, () => {})
      for (const path of await folder.list()) files.set(path, await folder.read(path))
    } catch (error) {
      if (!isDsvError(error)) throw error
      continue
    }
    return files
  }
  throw new Error(`${adapter.format.name} writes none of its types`)
}

/** Returns an image of the train subset with these annotations. */
export function imageItem(id: string, drafts: readonly AnnotationDraft[]): SourceItem {
  const item = itemWith(drafts, 'image')
  return { ...item, id, media: item.media.map((each) => ({ ...each, path: `images/${id}.png` })) }
}

/** Returns the files of a sample besides its images; of those that both images have only the first. */
export function filesToDamage({ files }: Sample): readonly (readonly [string, Uint8Array])[] {
  const image = mediaBytes({ role: '', path: '', kind: 'image', ...SIZE })
  return [...files].filter(([path, bytes]) => {
    const isSecond = path.includes('a2') && files.has(path.replaceAll('a2', 'a1'))
    return !isSecond && bytes.length > 0 && Buffer.compare(bytes, image) !== 0
  })
}
