import { encodeCanonical, type TreeEntry } from '@dsv/store'
import type { Attributes } from '../model/annotation.ts'
import type { Item, ItemKey, Media, MediaInfo } from '../model/item.ts'
import { isAttributes } from './annotation-fields.ts'
import { decodeItemKey, encodeItemKey } from './item-key.ts'
import { type LinkList, linkList } from './link-list.ts'
import { isFields, readRecord, type RecordReader } from './record-reader.ts'

const VERSION = 1
const KINDS: readonly MediaInfo['kind'][] = ['image', 'video', 'point-cloud', 'other']

/**
 * Returns the entry of an item in the tree of items. The value is canonical `[1, fields]`:
 *
 * | field | means |
 * |---|---|
 * | `a` | attributes |
 * | `e` | extra |
 * | `k` | `[subset, id]` as spelled, when that is not NFC |
 * | `m` | media, each with the fields below |
 * | `t` | tags |
 *
 * | field of a medium | means |
 * |---|---|
 * | `b` | index of the link that is the blob |
 * | `c` `h` `w` | channels, height, width |
 * | `f` | frame: `[index]` or `[index, seconds]` |
 * | `k` | kind: 0 image, 1 video, 2 point cloud, 3 other |
 * | `o` | EXIF orientation |
 * | `p` `r` | path, role |
 * | `s` | size in bytes |
 *
 * @throws `DSV_ITEM_KEY_INVALID`
 */
export function encodeItem(item: Item): TreeEntry {
  const links = linkList()
  const fields: Record<string, unknown> = {}
  if (item.attributes !== undefined) fields.a = item.attributes
  if (item.extra !== undefined) fields.e = item.extra
  if (!isNfc(item.subset) || !isNfc(item.id)) fields.k = [item.subset, item.id]
  fields.m = item.media.map((media) => mediaFields(media, links))
  if (item.tags !== undefined) fields.t = item.tags
  const value = encodeCanonical([VERSION, fields])
  return { key: encodeItemKey(item), value, links: links.links }
}

/**
 * Returns the item in an entry of the tree of items.
 *
 * @throws `DSV_RECORD_CORRUPT`, `DSV_RECORD_MALFORMED`, `DSV_RECORD_VERSION_UNSUPPORTED`
 */
export function decodeItem(entry: TreeEntry): Item {
  const key = decodeItemKey(entry.key)
  const reader = readRecord('An item record', entry.value, entry.links, VERSION)
  const fields = reader.fields(reader.body[0], 'The body')
  return {
    ...(fields.k === undefined ? key : readSpelling(reader, fields.k, key)),
    media: reader.list(fields.m, 'The media').map((media) => readMedia(reader, media)),
    ...(fields.a !== undefined && { attributes: readAttributes(reader, fields.a) }),
    ...(fields.t !== undefined && {
      tags: reader.list(fields.t, 'The tags').map((tag) => reader.text(tag, 'A tag')),
    }),
    ...(fields.e !== undefined && { extra: readJsonFields(reader, fields.e, 'The extra fields') }),
  }
}

function readSpelling(reader: RecordReader, value: unknown, key: ItemKey): ItemKey {
  const [first, second] = reader.list(value, 'The spelling')
  const subset = reader.text(first, 'The subset')
  const id = reader.text(second, 'The id')
  const isSame = subset.normalize('NFC') === key.subset && id.normalize('NFC') === key.id
  return isSame ? { subset, id } : reader.fail('the spelling is of another item')
}

/** Reads a map of JSON. @throws `DSV_RECORD_MALFORMED` */
export function readJsonFields(
  reader: RecordReader,
  value: unknown,
  what: string,
): NonNullable<Item['extra']> {
  const json = reader.json(value, what)
  return isJsonFields(json) ? json : reader.fail(`${what} are not a map`)
}

function isJsonFields(value: unknown): value is NonNullable<Item['extra']> {
  return isFields(value)
}

function readAttributes(reader: RecordReader, value: unknown): Attributes {
  return isAttributes(value) ? value : reader.fail('The attributes are not a map of plain values')
}

function isNfc(text: string): boolean {
  return text.normalize('NFC') === text
}

function mediaFields(media: Media, links: LinkList): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  if (media.blob !== undefined) fields.b = links.indexOf(media.blob)
  if (media.channels !== undefined) fields.c = media.channels
  if (media.frame !== undefined) {
    const { index, seconds } = media.frame
    fields.f = seconds === undefined ? [index] : [index, seconds]
  }
  if (media.height !== undefined) fields.h = media.height
  fields.k = KINDS.indexOf(media.kind)
  if (media.orientation !== undefined) fields.o = media.orientation
  fields.p = media.path
  fields.r = media.role
  if (media.sizeBytes !== undefined) fields.s = media.sizeBytes
  if (media.width !== undefined) fields.w = media.width
  return fields
}

function readMedia(reader: RecordReader, value: unknown): Media {
  const fields = reader.fields(value, 'A medium')
  const kind = KINDS[reader.number(fields.k, 'The kind of a medium')]
  if (kind === undefined) return reader.fail('The kind of a medium is unknown')
  const number = (name: string): number => reader.number(fields[name], `Field ${name} of a medium`)
  return {
    role: reader.text(fields.r, 'The role of a medium'),
    path: reader.text(fields.p, 'The path of a medium'),
    kind,
    ...(fields.b !== undefined && { blob: reader.blob(fields.b, 'A medium') }),
    ...(fields.s !== undefined && { sizeBytes: number('s') }),
    ...(fields.w !== undefined && { width: number('w') }),
    ...(fields.h !== undefined && { height: number('h') }),
    ...(fields.c !== undefined && { channels: number('c') }),
    ...(fields.o !== undefined && { orientation: number('o') }),
    ...(fields.f !== undefined && { frame: readFrame(reader, fields.f) }),
  }
}

function readFrame(reader: RecordReader, value: unknown): NonNullable<Media['frame']> {
  const [index, seconds] = reader.list(value, 'A frame')
  return {
    index: reader.number(index, 'The index of a frame'),
    ...(seconds !== undefined && { seconds: reader.number(seconds, 'The time of a frame') }),
  }
}
