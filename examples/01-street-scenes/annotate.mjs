// Plays an annotator: edits the XML files of the dataset, as a labelling tool would save them.
//
//   node annotate.mjs <dataset> <truth file> <task> …
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { vocColor } from './palette-png.mjs'
import { formatObject, readObjects, withBox } from './voc-xml.mjs'

const [folder, truthFile, ...tasks] = process.argv.slice(2)
const truth = new Map(
  JSON.parse(await readFile(truthFile, 'utf8')).map(({ id, objects }) => [id, objects]),
)

const TASKS = new Map([
  ['tighten-people', tightenPeople],
  ['add-traffic-lights', addTrafficLights],
  ['relabel-vans', relabelVans],
  ['delete-ghost', deleteGhost],
  ['add-dog', async () => addMissing('train_010', 'dog')],
  ['fix-car', async () => moveCar(([left, top, right, bottom]) => [left, top, right, bottom])],
  [
    'fix-car-by-eye',
    async () => moveCar(([left, top, right, bottom]) => [left, top, right + 3, bottom]),
  ],
])

for (const name of tasks) {
  const task = TASKS.get(name)
  if (task === undefined) throw new Error(`There is no task ${name}`)
  console.log(`${name}: ${await task()}`)
}

async function tightenPeople() {
  return editObjects(images(1, 6), (object, id) => {
    if (object.name !== 'person') return object.text
    const people = truth.get(id).filter(({ category }) => category === 'person')
    return withBox(object, nearest(people, object.box).box)
  })
}

async function addTrafficLights() {
  const line = `traffic_light:${vocColor(6)}::\n`
  await appendFile(path.join(folder, 'labelmap.txt'), line)
  let added = 0
  for (const id of images(4, 8)) added += await addMissing(id, 'traffic_light')
  return added
}

async function relabelVans() {
  return editObjects(images(1, 5), (object, id) => {
    const isVan = truth
      .get(id)
      .some(({ category, box }) => category === 'van' && `${box}` === `${object.box}`)
    return isVan ? object.text.replace('<name>car<', '<name>van<') : object.text
  })
}

async function deleteGhost() {
  return editObjects(['train_009'], (object, id) => {
    const exists = truth.get(id).some(({ box }) => `${box}` === `${object.box}`)
    return exists ? object.text : ''
  })
}

async function moveCar(adjust) {
  return editObjects(['train_007'], (object, id) => {
    const boxes = truth.get(id)
    if (object.name !== 'car' || boxes.some(({ box }) => `${box}` === `${object.box}`)) {
      return object.text
    }
    const cars = boxes.filter(({ category }) => category === 'car')
    return withBox(object, adjust(nearest(cars, object.box).box))
  })
}

/** Adds the objects of a category that nobody has labelled; returns how many. */
async function addMissing(id, category) {
  const missing = truth.get(id).filter((object) => object.category === category)
  await edit(id, (xml) =>
    xml.replace('</annotation>', `${missing.map(formatTruth).join('\n')}\n</annotation>`),
  )
  return missing.length
}

function formatTruth(object) {
  return formatObject({ ...object, isTruncated: false, area: 1, wholeArea: 1 })
}

/** Replaces each object of the images by what `change` returns; returns how many changed. */
async function editObjects(ids, change) {
  let changed = 0
  for (const id of ids) {
    await edit(id, (xml) => {
      let text = xml
      for (const object of readObjects(xml)) {
        const after = change(object, id)
        if (after === object.text) continue
        text = text.replace(object.text, after)
        changed += 1
      }
      return text
    })
  }
  return changed
}

async function edit(id, change) {
  const file = path.join(folder, 'Annotations', `${id}.xml`)
  await writeFile(file, change(await readFile(file, 'utf8')))
}

function images(from, to) {
  return [...truth.keys()].slice(from - 1, to)
}

function nearest(objects, box) {
  const distance = (object) =>
    object.box.reduce((sum, number, at) => sum + Math.abs(number - box[at]), 0)
  return objects.toSorted((a, b) => distance(a) - distance(b))[0]
}
