// Checks the exports of the story against what is true of the pictures. Shares no code with dsv: COCO is read with
// JSON.parse, YOLO by splitting lines.
//
//   node check-export.mjs <folder with truth.json, coco/ and yolo/>
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

const [work] = process.argv.slice(2)
const truth = JSON.parse(readFileSync(path.join(work, 'truth.json'), 'utf8'))
const wanted = new Map(
  truth.map(({ id, objects }) => [id, objects.map(({ category, box }) => line(category, box))]),
)

compare('COCO', readCoco(path.join(work, 'coco')))
compare('YOLO', readYolo(path.join(work, 'yolo')))

function compare(name, found) {
  let boxes = 0
  for (const [id, lines] of wanted) {
    const got = (found.get(id) ?? []).toSorted()
    if (got.join('\n') !== lines.toSorted().join('\n')) {
      throw new Error(`${name}: the boxes of ${id} are not what the picture shows`)
    }
    boxes += got.length
  }
  if (found.size !== wanted.size) throw new Error(`${name}: ${found.size} images`)
  console.log(`${name}: ${boxes} boxes on ${found.size} images, each where the picture has it`)
}

/** Boxes by image: `category left top right bottom`. */
function readCoco(folder) {
  const found = new Map()
  for (const file of filesBelow(folder).filter((name) => name.endsWith('.json'))) {
    const { images, annotations, categories } = JSON.parse(readFileSync(file, 'utf8'))
    const names = new Map(categories.map(({ id, name }) => [id, name]))
    const ids = new Map(images.map(({ id, file_name }) => [id, path.parse(file_name).name]))
    for (const id of ids.values()) found.set(id, [])
    for (const { image_id, category_id, bbox, segmentation } of annotations) {
      if (isMask(segmentation)) continue
      const [x, y, width, height] = bbox
      found.get(ids.get(image_id)).push(line(names.get(category_id), [x, y, x + width, y + height]))
    }
  }
  return found
}

/** Masks are checked by pycocotools in e2e/interop. */
function isMask(segmentation) {
  return segmentation !== undefined && !Array.isArray(segmentation)
}

function readYolo(folder) {
  const files = filesBelow(folder)
  const yaml = readFileSync(
    files.find((name) => name.endsWith('.yaml')),
    'utf8',
  )
  const names = new Map(
    [...yaml.matchAll(/^\s+(\d+): (.+)$/gm)].map(([, id, name]) => [Number(id), name.trim()]),
  )
  const found = new Map()
  for (const image of files.filter((name) => name.endsWith('.jpg'))) {
    const id = path.parse(image).name
    const label = files.find((name) => path.parse(name).base === `${id}.txt`)
    const lines = label === undefined ? [] : readFileSync(label, 'utf8').trim().split('\n')
    found.set(
      id,
      lines.map((text) => fromYolo(names, text.split(' ').map(Number))),
    )
  }
  return found
}

/** YOLO says centre and size as parts of the image, 640 × 360 here. */
function fromYolo(names, [category, cx, cy, width, height]) {
  const horizontal = [cx - width / 2, cx + width / 2].map((part) => Math.round(part * 640))
  const vertical = [cy - height / 2, cy + height / 2].map((part) => Math.round(part * 360))
  return line(names.get(category), [horizontal[0], vertical[0], horizontal[1], vertical[1]])
}

function line(category, box) {
  return `${category} ${box.join(' ')}`
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => path.join(folder, name))
    .toSorted()
}
