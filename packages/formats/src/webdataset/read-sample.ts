import {
  type AnnotationDraft,
  type Attributes,
  formatSyntax,
  GROUND_TRUTH,
  isAttributes,
  type Json,
  type OpenFile,
  type ReadContext,
  type SourceItem,
  type SourceMedia,
} from '@dsv/core'
import { safeMediaName } from '../shared/media-finder.ts'
import { isImagePath, isVideoPath } from '../media/media-kind.ts'
import { probeFile } from '../media/probe-media.ts'
import { isArray, isObject, type JsonObject, parseJson } from '../shared/json-reader.ts'
import { decodeText } from '../shared/text-reader.ts'
import { annotationFromJson } from './annotation-json.ts'
import type { ClassTable } from './class-names.ts'
import type { Sample, Shard } from './shard.ts'
import type { TarMember } from './tar-members.ts'

/** Members of samples that are text. */
const MAX_TEXT_BYTES = 64 * 2 ** 20
const MAX_MEDIA_BYTES = 2 ** 30
/** Members of a sample's JSON that have a meaning of their own. */
export const RESERVED: ReadonlySet<string> = new Set([
  '__key__',
  '__id__',
  '__subset__',
  '__media__',
  'annotations',
  'attributes',
  'tags',
])

/** What a sample is read with. */
export interface SampleSource {
  readonly file: OpenFile
  readonly shard: Shard
  readonly classes: ClassTable
  readonly context: Pick<ReadContext, 'onLoss'>
}

/** Reads one sample. @throws `DSV_FORMAT_SYNTAX` */
export async function readSample(sample: Sample, source: SampleSource): Promise<SourceItem> {
  const { shard, context } = source
  const { key, members } = sample
  const facts = await readFacts(sample, source)
  const subset = typeof facts['__subset__'] === 'string' ? facts['__subset__'] : shard.subset
  const id = typeof facts['__id__'] === 'string' ? facts['__id__'] : key
  const { annotations, attributes, tags, extra } = splitFacts(facts, source.classes)
  const media: SourceMedia[] = []
  const drafts: AnnotationDraft[] = []
  for (const [suffix, member] of members) {
    if (isMedia(suffix)) media.push(await readMedium(member, suffix, subset, sample, source))
    else if (suffix === 'cls') {
      drafts.push({ type: 'label', category: await readClass(member, source) })
    } else if (suffix === 'txt') {
      drafts.push({ type: 'caption', text: await readText(member, source) })
    } else if (suffix !== 'json') {
      context.onLoss({ what: `member: ${suffix}`, where: `${shard.path}: ${member.name}` })
    }
  }
  return {
    subset,
    id,
    media: withPrimary(media, facts['__media__']),
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...(tags.length > 0 && { tags }),
    ...(Object.keys(extra).length > 0 && { extra: { webdataset: extra } }),
    layers: { [GROUND_TRUTH]: [...drafts, ...annotations] },
  }
}

/** Tells the classes that a sample names, without looking at its images. */
export async function noteClasses(sample: Sample, source: SampleSource): Promise<void> {
  const member = sample.members.get('cls')
  if (member !== undefined) await readClass(member, source)
  const list = (await readFacts(sample, source))['annotations']
  for (const each of isArray(list) ? list : []) annotationFromJson(each, source.classes.keyOf)
}

function isMedia(suffix: string): boolean {
  return isImagePath(`a.${suffix}`) || isVideoPath(`a.${suffix}`)
}

async function readFacts({ members }: Sample, source: SampleSource): Promise<JsonObject> {
  const member = members.get('json')
  if (member === undefined) return {}
  const name = `${source.shard.path}: ${member.name}`
  const json = parseJson(await readBytes(member, source, MAX_TEXT_BYTES), name)
  return isObject(json) ? json : { __value__: json }
}

async function readClass(member: TarMember, source: SampleSource): Promise<string> {
  const text = (await readText(member, source)).trim()
  if (text === '') throw formatSyntax(source.shard.path, `${member.name} names no class`)
  return source.classes.keyOf(/^\d{1,9}$/u.test(text) ? Number(text) : text)
}

async function readText(member: TarMember, source: SampleSource): Promise<string> {
  const name = `${source.shard.path}: ${member.name}`
  return decodeText(await readBytes(member, source, MAX_TEXT_BYTES), name)
}

async function readBytes(
  { name, offset, sizeBytes }: TarMember,
  { file, shard }: SampleSource,
  limit: number,
): Promise<Uint8Array> {
  if (sizeBytes > limit) throw formatSyntax(shard.path, `${name} has ${sizeBytes} bytes`)
  return file.read(offset, sizeBytes)
}

async function readMedium(
  member: TarMember,
  suffix: string,
  subset: string,
  { key }: Sample,
  source: SampleSource,
): Promise<SourceMedia> {
  const dot = suffix.lastIndexOf('.')
  const ending = member.name.slice(member.name.length - suffix.length - 1)
  const path = `${subset}/${safeMediaName(key + ending)}`
  const info = await probeFile(partOf(source.file, member), path)
  return {
    role: dot < 0 ? 'primary' : suffix.slice(0, dot),
    path,
    ...info,
    content: async () => readBytes(member, source, MAX_MEDIA_BYTES),
  }
}

function partOf(file: OpenFile, { offset, sizeBytes }: TarMember): OpenFile {
  return {
    sizeBytes,
    read: async (at, length) => {
      const end = Math.min(at + length, sizeBytes)
      return end <= at ? new Uint8Array() : file.read(offset + at, end - at)
    },
    close: async () => {},
  }
}

/** The image itself comes first; one without bytes is known by what the JSON says of it. */
function withPrimary(
  media: readonly SourceMedia[],
  stated: Json | undefined,
): readonly SourceMedia[] {
  const primary = media.filter(({ role }) => role === 'primary')
  const [first, ...others] = primary
  const rest = media.filter(({ role }) => role !== 'primary')
  // A sample has one image; further ones with another extension are other files of it.
  const further = others.map((each) => ({ ...each, role: extensionRole(each.path) }))
  if (first !== undefined) return [first, ...further, ...rest]
  if (!isObject(stated) || typeof stated['path'] !== 'string') return rest
  const { path, width, height } = stated
  const size =
    typeof width === 'number' && typeof height === 'number' && width > 0 && height > 0
      ? { width, height }
      : {}
  return [{ role: 'primary', path, kind: 'image', ...size }, ...rest]
}

function extensionRole(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1).toLowerCase()
}

interface SplitFacts {
  readonly annotations: readonly AnnotationDraft[]
  readonly attributes: Attributes
  readonly tags: readonly string[]
  readonly extra: JsonObject
}

function splitFacts(facts: JsonObject, { keyOf }: ClassTable): SplitFacts {
  const { annotations: list, attributes: own, tags: stated } = facts
  const read = isArray(list) ? list.map((each) => annotationFromJson(each, keyOf)) : []
  const annotations = read.filter((draft) => draft !== undefined)
  const isRead = isArray(list) && annotations.length === list.length
  const tags = isArray(stated) ? stated.filter((tag) => typeof tag === 'string') : []
  const isTagged = isArray(stated) && tags.length === stated.length
  const rest = Object.entries(facts).filter(([name]) => !RESERVED.has(name))
  const flat = rest.filter(([, value]) => isAttributes({ value }))
  const unread = {
    ...(!isRead && list !== undefined && { annotations: list }),
    ...(!isTagged && stated !== undefined && { tags: stated }),
    ...(!isAttributes(own) && own !== undefined && { attributes: own }),
    ...Object.fromEntries(rest.filter(([, value]) => !isAttributes({ value }))),
  }
  return {
    annotations: isRead ? annotations : [],
    attributes: { ...attributesOf(flat), ...(isAttributes(own) ? own : {}) },
    tags: isTagged ? tags : [],
    extra: unread,
  }
}

function attributesOf(entries: readonly (readonly [string, Json])[]): Attributes {
  const attributes: unknown = Object.fromEntries(entries)
  return isAttributes(attributes) ? attributes : {}
}
