import { isObject } from '../shared/json-reader.ts'
import { escapeXml } from '../shared/xml-text.ts'
import type { Cuboid, Track } from './tracks.ts'
import { attributeText, GAP, POSE_DEFAULTS } from './tracklets.ts'

const HEAD = `<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>
<!DOCTYPE boost_serialization>
<boost_serialization signature="serialization::archive" version="9">
`

/** Yields the file of tracks piece by piece. Frames in which a track is missing get an unlabelled pose. */
export function* formatTracklets(tracks: readonly Track[]): Generator<string> {
  yield `${HEAD}<tracklets class_id="0" tracking_level="0" version="0">\n`
  yield `  <count>${tracks.length}</count>\n  <item_version>1</item_version>\n`
  for (const [index, track] of tracks.entries()) yield* formatTrack(track, index === 0)
  yield '</tracklets>\n</boost_serialization>\n'
}

function* formatTrack({ name, size, poses }: Track, isFirst: boolean): Generator<string> {
  const [length, width, height] = size
  const frames = [...poses.keys()].toSorted((a, b) => a - b)
  const [first = 0] = frames
  const last = frames.at(-1) ?? first
  // Boost describes a class where it occurs first.
  const version = (id: number, number: number): string =>
    isFirst ? ` class_id="${id}" tracking_level="0" version="${number}"` : ''
  yield `  <item${version(1, 1)}>\n    <objectType>${escapeXml(name)}</objectType>\n`
  yield `    <h>${height}</h>\n    <w>${width}</w>\n    <l>${length}</l>\n`
  yield `    <first_frame>${first}</first_frame>\n    <poses${version(2, 0)}>\n`
  yield `      <count>${last - first + 1}</count>\n      <item_version>2</item_version>\n`
  let before = poses.get(first)
  for (let frame = first; frame <= last; frame++) {
    const cuboid = poses.get(frame)
    const shown = cuboid ?? before
    if (shown === undefined) continue
    const values = cuboid === undefined ? gapValues() : poseValues(cuboid)
    yield `      <item${frame === first ? version(3, 1) : ''}>\n${poseText(shown, values)}`
    if (cuboid !== undefined) yield attributesText(cuboid)
    yield '      </item>\n'
    before = shown
  }
  yield '    </poses>\n    <finished>1</finished>\n  </item>\n'
}

type PoseValues = ReadonlyMap<string, number>

function gapValues(): PoseValues {
  return new Map([
    ...POSE_DEFAULTS,
    ['state', GAP.state],
    ['occlusion', -1],
    ['truncation', GAP.truncation],
  ])
}

function poseValues(cuboid: Cuboid): PoseValues {
  const own = cuboid.extra?.['kitti-raw']
  const kept = (name: string): number | undefined => {
    const value = isObject(own) ? own[name] : undefined
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined
  }
  const { occluded, outside = false, truncated } = cuboid
  const values = new Map([...POSE_DEFAULTS].map(([name, usual]) => [name, kept(name) ?? usual]))
  const hidden = kept('occlusion') ?? 1
  values.set('occlusion', occluded === undefined ? -1 : occluded ? Math.max(hidden, 1) : 0)
  const beyond = Math.max(kept('truncation') ?? 2, 2)
  values.set('truncation', outside ? beyond : truncated === undefined ? -1 : Number(truncated))
  return values
}

const ORDER =
  'state occlusion occlusion_kf truncation amt_occlusion amt_border_l amt_border_r amt_occlusion_kf amt_border_kf'.split(
    ' ',
  )

function poseText({ position, rotation }: Cuboid, values: PoseValues): string {
  const places = [
    ...['tx', 'ty', 'tz'].map((name, at) => [name, position[at] ?? 0] as const),
    ...['rx', 'ry', 'rz'].map((name, at) => [name, rotation[at] ?? 0] as const),
    ...ORDER.map((name) => [name, values.get(name) ?? 0] as const),
  ]
  return places
    .map(([name, value]) => `        <${name}>${Object.is(value, -0) ? '-0' : value}</${name}>\n`)
    .join('')
}

function attributesText({ attributes = {} }: Cuboid): string {
  const lines = Object.entries(attributes).flatMap(([name, value]) => {
    const text = attributeText(value)
    if (text === undefined) return []
    const inner = `<name>${escapeXml(name)}</name><value>${escapeXml(text)}</value>`
    return [`          <attribute>${inner}</attribute>\n`]
  })
  return lines.length === 0 ? '' : `        <attributes>\n${lines.join('')}        </attributes>\n`
}
