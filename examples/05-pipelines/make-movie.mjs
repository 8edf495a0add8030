// Makes a short video and the labels that CVAT would export for it, as Pascal VOC in a zip file without images.
//
//   node make-movie.mjs <folder> <seed>     (needs FFmpeg)
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { randomNumbers } from '../01-street-scenes/random.mjs'
import { zipOf } from './zip.mjs'

const [folder, seed = '1'] = process.argv.slice(2)
const [WIDTH, HEIGHT, FRAMES] = [96, 64, 12]
const KINDS = [
  { name: 'Car', color: [200, 40, 40], attributes: { Type: 'Van' } },
  { name: 'Car', color: [220, 90, 40], attributes: { Type: 'SUV' } },
  { name: 'Pedestrian', color: [40, 200, 90], attributes: {} },
  { name: 'Bicycle', color: [60, 60, 220], attributes: {} },
  { name: 'Dog', color: [120, 90, 60], attributes: {} },
]

const random = randomNumbers(Number(seed))
const things = KINDS.map((kind) => ({
  ...kind,
  x: Math.floor(random() * 60),
  y: Math.floor(random() * 40),
  speed: 1 + Math.floor(random() * 3),
  first: Math.floor(random() * 4),
  last: 5 + Math.floor(random() * 7),
}))

mkdirSync(folder, { recursive: true })
writeVideo(path.join(folder, 'movie.mkv'))
writeFileSync(path.join(folder, 'cvat-pascalvoc.zip'), zipOf(labels()))

/** The box of a thing in a frame: corners with whole numbers; undefined where it is not there. */
function boxIn({ x, y, speed, first, last }, frame) {
  if (frame < first || frame > last) return undefined
  const left = Math.min(WIDTH - 14, x + speed * (frame - first))
  return [left, y, left + 12, y + 9]
}

function writeVideo(file) {
  const frames = Array.from({ length: FRAMES }, (_, frame) => pixelsOf(frame))
  const input = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${WIDTH}x${HEIGHT}`, '-r', '5']
  const output = ['-c:v', 'ffv1', '-fflags', '+bitexact', '-flags', '+bitexact']
  const parameters = ['-v', 'error', '-y', ...input, '-i', '-', ...output, file]
  const { status, stderr } = spawnSync('ffmpeg', parameters, { input: Buffer.concat(frames) })
  if (status !== 0) throw new Error(`FFmpeg failed: ${stderr}`)
}

function pixelsOf(frame) {
  const pixels = Buffer.alloc(WIDTH * HEIGHT * 3, 230)
  for (const thing of things) {
    const [left, top, right, bottom] = boxIn(thing, frame) ?? [0, 0, 0, 0]
    for (let y = top; y < bottom; y++)
      for (let x = left; x < right; x++) pixels.set(thing.color, (y * WIDTH + x) * 3)
  }
  return pixels
}

function labels() {
  const ids = Array.from({ length: FRAMES }, (_, at) => `frame_${String(at).padStart(6, '0')}`)
  const names = [...new Set(KINDS.map(({ name }) => name))]
  return [
    ...ids.map((id, frame) => [`Annotations/${id}.xml`, annotationOf(id, frame)]),
    ['ImageSets/Main/default.txt', ids.map((id) => `${id}\n`).join('')],
    ['labelmap.txt', names.map((name) => `${name}:0,0,0::\n`).join('')],
  ]
}

function annotationOf(id, frame) {
  const objects = things.flatMap((thing) => {
    const box = boxIn(thing, frame)
    return box === undefined ? [] : [objectOf(thing, box)]
  })
  return [
    '<annotation>',
    '  <folder></folder>',
    `  <filename>${id}.PNG</filename>`,
    `  <size><width>${WIDTH}</width><height>${HEIGHT}</height><depth></depth></size>`,
    '  <segmented>0</segmented>',
    ...objects,
    '</annotation>',
    '',
  ].join('\n')
}

function objectOf({ name, attributes }, [left, top, right, bottom]) {
  const given = Object.entries(attributes).map(
    ([key, value]) => `<attribute><name>${key}</name><value>${value}</value></attribute>`,
  )
  return [
    '  <object>',
    `    <name>${name}</name>`,
    '    <truncated>0</truncated>',
    '    <occluded>0</occluded>',
    '    <difficult>0</difficult>',
    `    <bndbox><xmin>${left}</xmin><ymin>${top}</ymin><xmax>${right}</xmax><ymax>${bottom}</ymax></bndbox>`,
    `    <attributes>${given.join('')}</attributes>`,
    '  </object>',
  ].join('\n')
}
