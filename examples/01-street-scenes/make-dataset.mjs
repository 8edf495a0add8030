// Draws 24 street scenes and writes them as a Pascal VOC dataset that was labelled in a hurry.
//
//   node make-dataset.mjs <folder for the dataset> <file for the truth>
//
// What is true of the pictures goes into the second file; what is wrong in the dataset is listed
// in README.md, and put right by annotate.mjs in the course of the story.
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import sharp from 'sharp'
import { palettePng, vocColor } from './palette-png.mjs'
import { randomNumbers } from './random.mjs'
import { drawScene, HEIGHT, WIDTH } from './scene.mjs'
import { formatXml } from './voc-xml.mjs'

const SEED = 2024
const CLASSES = ['background', 'car', 'van', 'person', 'dog', 'tree']
const IMAGES = [...names('train', 16), ...names('val', 8)]
/** From this one on, images have masks too; the ones before are those with mistakes. */
const FIRST_WITH_MASKS = 10

const [target, truthFile] = process.argv.slice(2)
if (target === undefined || truthFile === undefined) {
  throw new Error('usage: node make-dataset.mjs <folder for the dataset> <file for the truth>')
}

await makeFolders(target)
const truth = []
for (const [index, id] of IMAGES.entries()) {
  const scene = sceneOf(index)
  truth.push({ id, objects: scene.objects.map(toTruth) })
  await writeImage(id, index, scene)
}
await writeLists(target)
await writeFile(truthFile, `${JSON.stringify(truth)}\n`)
const total = truth.reduce((sum, { objects }) => sum + objects.length, 0)
console.log(`Drew ${IMAGES.length} images with ${total} objects into ${path.basename(target)}`)

function names(subset, length) {
  return Array.from({ length }, (_, at) => `${subset}_${String(at + 1).padStart(3, '0')}`)
}

/** Every picture has a seed of its own; the tenth is drawn again until there is a dog in it. */
function sceneOf(index) {
  const options = { withTrafficLight: index >= 3 && index < 8 }
  for (let attempt = 0; ; attempt += 1) {
    const scene = drawScene(randomNumbers(SEED + 100 * index + attempt), options)
    const has = (category) => scene.objects.some((each) => each.category === category)
    if (index === 9 && !has('dog')) continue
    if (options.withTrafficLight && !has('traffic_light')) continue
    if (index < 5 && !has('van')) continue
    return scene
  }
}

function toTruth({ category, box, outlines, area }) {
  return { category, box, polygons: outlines, maskArea: area }
}

async function writeImage(id, index, { svg, objects, owners }) {
  const jpeg = await sharp(Buffer.from(svg)).jpeg({ quality: 85 }).toBuffer()
  await writeFile(path.join(target, 'JPEGImages', `${id}.jpg`), jpeg)
  const hasMasks = index >= FIRST_WITH_MASKS
  const labelled = hasMasks ? objects : hurriedly(index, objects)
  const xml = formatXml({ id, width: WIDTH, height: HEIGHT, hasMasks, objects: labelled })
  await writeFile(path.join(target, 'Annotations', `${id}.xml`), xml)
  if (!hasMasks) return
  const numbers = [0, ...objects.map(({ category }) => CLASSES.indexOf(category))]
  const classes = owners.map((owner) => numbers[owner])
  const file = `${id}.png`
  await writeFile(path.join(target, 'SegmentationClass', file), palettePng(WIDTH, HEIGHT, classes))
  await writeFile(path.join(target, 'SegmentationObject', file), palettePng(WIDTH, HEIGHT, owners))
}

/** The mistakes of the first pass over the data. */
function hurriedly(index, objects) {
  const labelled = objects
    .filter(({ category }) => category !== 'traffic_light')
    .filter(({ category }) => index !== 9 || category !== 'dog')
    .map((object) => {
      if (object.category === 'van' && index < 5) return { ...object, category: 'car' }
      if (object.category === 'person' && index < 6) return { ...object, box: loosen(object.box) }
      return object
    })
  if (index === 8) labelled.push(ghost())
  if (index === 6) {
    const car = labelled.findIndex(({ category }) => category === 'car')
    labelled[car] = { ...labelled[car], box: shift(labelled[car].box) }
  }
  return labelled
}

function loosen([left, top, right, bottom]) {
  return [
    Math.max(0, left - 4),
    Math.max(0, top - 6),
    Math.min(WIDTH, right + 5),
    Math.min(HEIGHT, bottom + 4),
  ]
}

function shift([left, top, right, bottom]) {
  return [left + 9, top + 4, Math.min(WIDTH, right + 9), bottom + 4]
}

function ghost() {
  return { category: 'tree', box: [300, 20, 352, 78], isTruncated: false, area: 1, wholeArea: 1 }
}

async function makeFolders(root) {
  const folders = ['JPEGImages', 'Annotations', 'SegmentationClass', 'SegmentationObject']
  for (const folder of [...folders, 'ImageSets/Main', 'ImageSets/Segmentation']) {
    await mkdir(path.join(root, folder), { recursive: true })
  }
}

async function writeLists(root) {
  const labels = CLASSES.map((name, index) => `${name}:${vocColor(index)}::`)
  const lines = ['# label:color_rgb:parts:actions', ...labels, '']
  await writeFile(path.join(root, 'labelmap.txt'), lines.join('\n'))
  for (const subset of ['train', 'val']) {
    const all = IMAGES.filter((id) => id.startsWith(subset))
    const masked = IMAGES.slice(FIRST_WITH_MASKS).filter((id) => id.startsWith(subset))
    await writeFile(path.join(root, `ImageSets/Main/${subset}.txt`), `${all.join('\n')}\n`)
    await writeFile(
      path.join(root, `ImageSets/Segmentation/${subset}.txt`),
      `${masked.join('\n')}\n`,
    )
  }
}
