import {
  type AnnotationDraft,
  type Attributes,
  type AttributeValue,
  formatSyntax,
  type Json,
} from '@dsv/core'
import { childOf, parseXml, type XmlElement } from '../shared/xml-element.ts'

/** A cuboid of a track in one frame. */
export interface FrameCuboid {
  readonly frame: number
  readonly draft: AnnotationDraft
}

/** What a pose says when nothing is known, and what labelled ones say. */
export const POSE_DEFAULTS: ReadonlyMap<string, number> = new Map([
  ['state', 2],
  ['occlusion_kf', 0],
  ['amt_occlusion', -1],
  ['amt_border_l', -1],
  ['amt_border_r', -1],
  ['amt_occlusion_kf', -1],
  ['amt_border_kf', -1],
])

/** The state and truncation of poses between the times that an object is seen. */
export const GAP = { state: 0, truncation: 2 }

/**
 * Reads all tracks, numbered from 1 in their order. Each pose counts as a frame, also those that say that
 * the object is not in the image.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export function parseTracklets(bytes: Uint8Array, file: string): readonly FrameCuboid[] {
  const { root } = parseXml(withoutDoctype(bytes), file)
  const tracklets = root.name === 'tracklets' ? root : childOf(root, 'tracklets')
  if (tracklets === undefined) throw formatSyntax(file, 'has no <tracklets>')
  const items = tracklets.children.filter(({ name }) => name === 'item')
  return items.flatMap((item, index) => readTrack(item, index + 1, file))
}

/** The files name a document type without saying what it is, and `standalone="true"`, which XML has not. */
function withoutDoctype(bytes: Uint8Array): Uint8Array {
  const length = Math.min(bytes.length, 4096)
  const head = Buffer.from(bytes.subarray(0, length)).toString('latin1')
  const plain = head
    .replace(/<!DOCTYPE\s+boost_serialization\s*>/u, (text) => ' '.repeat(text.length))
    .replace(/(<\?xml[^>]*?)\sstandalone\s*=\s*["']true["']/u, '$1')
  return Buffer.concat([Buffer.from(plain, 'latin1'), bytes.subarray(length)])
}

function readTrack(item: XmlElement, track: number, file: string): readonly FrameCuboid[] {
  const number = numberReader(item, file)
  const category = childOf(item, 'objectType')?.text.trim() ?? ''
  if (category === '') throw formatSyntax(file, `line ${item.line}: a track has no objectType`)
  const size = [number('l'), number('w'), number('h')] as const
  const first = number('first_frame')
  if (!Number.isSafeInteger(first) || first < 0) {
    throw formatSyntax(file, `line ${item.line}: first_frame should be a whole number`)
  }
  const common = attributesIn(item)
  const poses = childOf(item, 'poses')?.children.filter(({ name }) => name === 'item') ?? []
  const cuboids: FrameCuboid[] = []
  let keyOccluded: boolean | undefined
  for (const [index, pose] of poses.entries()) {
    const value = numberReader(pose, file)
    const { occlusion, truncation, rest } = readStates(value)
    const own = occlusion === -1 ? keyOccluded : occlusion > 0
    if (rest['occlusion_kf'] === 1) keyOccluded = own
    if (value('state', 2) === GAP.state && truncation === GAP.truncation) continue
    const attributes = { ...common, ...attributesIn(pose) }
    const isOutside = truncation > 1
    cuboids.push({
      frame: first + index,
      draft: {
        type: 'cuboid-3d',
        position: [value('tx'), value('ty'), value('tz')],
        rotation: [value('rx'), value('ry'), value('rz')],
        size,
        category,
        track,
        ...(own !== undefined && { occluded: own }),
        ...(isOutside && { outside: true }),
        ...((truncation === 0 || truncation === 1) && { truncated: truncation === 1 }),
        ...(Object.keys(attributes).length > 0 && { attributes }),
        ...(Object.keys(rest).length > 0 && { extra: { 'kitti-raw': rest } }),
      },
    })
  }
  return cuboids
}

type NumberReader = (name: string, otherwise?: number) => number

/** What a pose says beside its numbers; levels that are no flags, and what is unusual, are kept. */
function readStates(value: NumberReader): {
  readonly occlusion: number
  readonly truncation: number
  readonly rest: Readonly<Record<string, Json>>
} {
  const [occlusion, truncation] = [value('occlusion', -1), value('truncation', -1)]
  const rest: Record<string, Json> = {}
  for (const [name, usual] of POSE_DEFAULTS) {
    const own = value(name, usual)
    if (own !== usual) rest[name] = own
  }
  if (occlusion > 1) rest['occlusion'] = occlusion
  if (truncation > 2) rest['truncation'] = truncation
  return { occlusion, truncation, rest }
}

function numberReader(element: XmlElement, file: string): NumberReader {
  return (name, otherwise) => {
    const child = childOf(element, name)
    if (child === undefined && otherwise !== undefined) return otherwise
    const text = child?.text.trim() ?? ''
    const value = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/u.test(text)
      ? Number(text)
      : Number.NaN
    if (Number.isFinite(value)) return value
    const line = child?.line ?? element.line
    throw formatSyntax(file, `line ${line}: ${name} should be a number: "${text.slice(0, 50)}"`)
  }
}

/** Attributes as Datumaro adds them. */
function attributesIn(element: XmlElement): Attributes {
  const list = childOf(element, 'attributes')?.children ?? []
  const pairs = list.flatMap((attribute) => {
    const name = childOf(attribute, 'name')?.text ?? ''
    return name === '' ? [] : [[name, valueOf(childOf(attribute, 'value')?.text ?? '')] as const]
  })
  return Object.fromEntries(pairs)
}

function valueOf(text: string): AttributeValue {
  if (text === 'true' || text === 'false') return text === 'true'
  const number = Number(text)
  return text !== '' && String(number) === text && Number.isFinite(number) ? number : text
}

/** Returns the text of an attribute; undefined when it would be read as something else. */
export function attributeText(value: AttributeValue): string | undefined {
  if (typeof value === 'object') return undefined
  const text = String(value)
  return Object.is(valueOf(text), value) ? text : undefined
}
