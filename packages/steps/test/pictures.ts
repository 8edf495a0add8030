import type { AnnotatedItem, Annotation, AnnotationDraft, Category, Media } from '@dsv/core'
import { stepNamed } from '@dsv/steps'
import { type BlobId, hashBlob } from '@dsv/store'
import sharp from 'sharp'
import { memoryDatasetView } from '../../formats/test/dataset-view.ts'
import type { Made } from './run-step.ts'

/** An image file, and what is said of it. */
export interface PictureFile {
  readonly bytes: Uint8Array
  readonly path: string
  readonly annotations?: readonly AnnotationDraft[]
  readonly changes?: Partial<AnnotatedItem>
}

/** What a step made of pictures, with their files. */
export interface MadePictures extends Made {
  readonly fileOf: (item: AnnotatedItem | undefined) => Uint8Array
}

/** Runs a step on items by `subset/id`, each with a picture. */
export async function runOnPictures(
  name: string,
  pictures: Readonly<Record<string, PictureFile>>,
  options: Readonly<Record<string, unknown>>,
): Promise<MadePictures> {
  const files = new Map<BlobId, Uint8Array>()
  const put = (bytes: Uint8Array): Required<Pick<Media, 'blob' | 'sizeBytes'>> => {
    const blob = hashBlob(bytes)
    files.set(blob, bytes)
    return { blob, sizeBytes: bytes.length }
  }
  const items: AnnotatedItem[] = []
  for (const [key, { bytes, path, annotations = [], changes }] of Object.entries(pictures)) {
    const [subset = '', ...id] = key.split('/')
    const size = await sizeOf(bytes)
    items.push({
      subset,
      id: id.join('/'),
      media: [{ role: 'primary', kind: 'image', path, ...size, ...put(bytes) }],
      layers: {
        ground_truth: annotations.map((each, at): Annotation => ({ uid: `u${at}`, ...each })),
      },
      ...changes,
    })
  }
  return runOnItems(name, items, options, files)
}

/** Runs a step on items of which the files are known; new ones are added to them. */
export async function runOnItems(
  name: string,
  items: readonly AnnotatedItem[],
  options: Readonly<Record<string, unknown>>,
  files: Map<BlobId, Uint8Array>,
): Promise<MadePictures> {
  const categories: Category[] = [{ key: 'car', name: 'car' }]
  const view = memoryDatasetView({ categories, attributes: [], info: {} }, items)
  const notes: { readonly what: string; readonly where: string }[] = []
  const fileOf = (media: Pick<Media, 'blob'> | undefined): Uint8Array => {
    const bytes = media?.blob && files.get(media.blob)
    if (bytes === undefined) throw new Error('no such file')
    return bytes
  }
  const made = await stepNamed(name).apply([{ path: 'data', view }], options, {
    signal: new AbortController().signal,
    readMedia: async (media) => fileOf(media),
    storeMedia: async (bytes) => {
      const blob = hashBlob(bytes)
      files.set(blob, bytes)
      return { blob, sizeBytes: bytes.length }
    },
    onNote: (note) => notes.push(note),
  })
  const found: AnnotatedItem[] = []
  for await (const item of made.items) found.push(item)
  return { schema: made.schema, items: found, notes, fileOf: (item) => fileOf(item?.media[0]) }
}

async function sizeOf(bytes: Uint8Array): Promise<{ width?: number; height?: number }> {
  try {
    const { width, height } = await sharp(bytes).metadata()
    return { width, height }
  } catch {
    return {}
  }
}

/** Red, green and blue of each pixel, row by row, as stored. */
export async function samplesOf(bytes: Uint8Array): Promise<readonly number[]> {
  return [...(await sharp(bytes, { ignoreIcc: true }).removeAlpha().raw().toBuffer())]
}

/** A picture of which each pixel says where it is: `(x, y)` is red `x`, green `y`. */
export async function plot(width: number, height: number): Promise<Buffer> {
  const data = Buffer.alloc(width * height * 3)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) data.set([x % 256, y % 256, (x * y) % 256], (y * width + x) * 3)
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer()
}
