import { formatSyntax, type SourceItem, type SourceMedia } from '@dsv/core'
import { probeBytes } from '../media/probe-media.ts'
import { datumaroReading } from '../shared/datumaro-bytes.ts'
import { unpackAnnotations } from '../shared/datumaro-packed-annotations.ts'
import type { JsonObject } from '../shared/json-reader.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import { type ItemSource, readItem } from '../shared/read-datumaro-item.ts'

/** The fields of a row, or of a struct in it. */
export type ArrowFields = ReadonlyMap<string, unknown>

/** Numbers of Datumaro's `MediaType`. */
const IMAGE = 2
const POINT_CLOUD = 6

/** Returns what a row says. @throws `DSV_FORMAT_SYNTAX` */
export async function readArrowRow(
  row: ArrowFields,
  place: { readonly file: string; readonly path: string },
  source: Omit<ItemSource, 'file'>,
): Promise<SourceItem> {
  const [id, subset] = [row.get('id'), row.get('subset')]
  if (typeof id !== 'string' || typeof subset !== 'string') {
    throw formatSyntax(place.file, `${place.path} has no id or no subset`)
  }
  const name = `${place.file}: ${place.path}`
  const record: JsonObject = {
    id,
    attr: datumaroReading(bytesOf(row.get('attributes')) ?? NOTHING, name).dictionary(),
    annotations: unpackAnnotations(
      datumaroReading(bytesOf(row.get('annotations')) ?? NOTHING, name),
      name,
    ),
  }
  const file = { path: place.file, subset, root: '' }
  const media = fieldsOf(row.get('media'))
  const type = media?.get('type')
  const image = type === IMAGE ? fieldsOf(media?.get('image')) : undefined
  const cloud = type === POINT_CLOUD ? fieldsOf(media?.get('point_cloud')) : undefined
  const within = image ?? cloud
  const bytes = bytesOf(within?.get('bytes'))
  const kind = image === undefined ? 'point_cloud' : 'image'
  const path = within?.get('path')
  const named: JsonObject =
    within === undefined || bytes !== undefined || typeof path !== 'string'
      ? {}
      : { [kind]: { path, ...sizeOf(within) } }
  const item = await readItem({ ...record, ...named }, place, { ...source, file })
  if (bytes === undefined) return item
  const stem = safeMediaName(`${subset}/${id}`)
  const primary =
    image === undefined
      ? mediumOf(bytes, `${stem}.pcd`, 'primary', 'point-cloud')
      : await imageOf(bytes, stem, 'primary')
  return { ...item, media: [primary, ...(await relatedOf(cloud, stem))] }
}

/** No list and no dictionary. */
const NOTHING = new Uint8Array(4)

async function relatedOf(
  cloud: ArrowFields | undefined,
  stem: string,
): Promise<readonly SourceMedia[]> {
  const images = cloud?.get('extra_images')
  const media: SourceMedia[] = []
  if (!isIterable(images)) return media
  for (const each of images) {
    const bytes = bytesOf(fieldsOf(each)?.get('bytes'))
    const at = media.length
    if (bytes !== undefined)
      media.push(await imageOf(bytes, `${stem}/extra_image_${at}`, 'related'))
  }
  return media
}

async function imageOf(bytes: Uint8Array, stem: string, role: string): Promise<SourceMedia> {
  const path = `${stem}.${extensionFor(bytes)}`
  const info = await probeBytes(bytes, path)
  return { ...mediumOf(bytes, path, role, 'image'), ...info, kind: 'image' }
}

function mediumOf(
  bytes: Uint8Array,
  path: string,
  role: string,
  kind: SourceMedia['kind'],
): SourceMedia {
  // The batch that the bytes lie in goes on to be used.
  return { role, path, kind, content: async () => Uint8Array.from(bytes) }
}

function extensionFor([first, second]: Uint8Array): string {
  if (first === 0x89) return 'png'
  if (first === 0x49 || first === 0x4d) return 'tiff'
  if (first === 0x42 && second === 0x4d) return 'bmp'
  return first === 0x52 ? 'webp' : 'jpg'
}

/** Sizes are height, then width. */
function sizeOf(image: ArrowFields): JsonObject {
  const size = image.get('size')
  const sides = isIterable(size) ? [...size].map(Number) : []
  return sides.length === 2 && sides.every(Number.isInteger) ? { size: sides } : {}
}

/** Returns the fields of a struct; undefined when it is null. */
export function fieldsOf(value: unknown): ArrowFields | undefined {
  if (!isIterable(value)) return undefined
  const fields = new Map<string, unknown>()
  for (const pair of value) {
    if (!Array.isArray(pair)) return undefined
    const [name, field]: readonly unknown[] = pair
    fields.set(String(name), field)
  }
  return fields
}

function bytesOf(value: unknown): Uint8Array | undefined {
  return value instanceof Uint8Array ? value : undefined
}

function isIterable(value: unknown): value is Iterable<unknown> {
  if (typeof value !== 'object' || value === null) return false
  // Rows of Arrow are proxies, which only say of columns that they are there.
  return typeof Reflect.get(value, Symbol.iterator) === 'function'
}
