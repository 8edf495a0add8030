// Prints what the COCO files of a folder hold, as JSON: how many images each subset has, and the SHA-256 of which
// image has which outlines of which category. Ids do not count: tools number anew; nor do more than two decimals, since
// Datumaro holds coordinates in 32 bits. A file without images, from which all were taken, is no subset.
//
// node coco-content.mjs <folder> [<category>]
//
// With a category only its annotations count, and the images that have some.
import { createHash } from 'node:crypto'
import path from 'node:path'
import { listFiles } from './folder-digest.mjs'
import { readLargeJson } from './read-large-json.mjs'

const [folder, category] = process.argv.slice(2)
const subsets = {}
const records = []
let annotationCount = 0

for (const file of listFiles(folder).filter((name) => name.endsWith('.json'))) {
  const { images, annotations, categories } = readLargeJson(path.join(folder, file))
  const names = new Map(categories.map(({ id, name }) => [id, name]))
  const byImage = new Map(images.map(({ id }) => [id, []]))
  for (const { image_id, category_id, segmentation, bbox } of annotations) {
    const name = names.get(category_id)
    if (category !== undefined && name !== category) continue
    byImage.get(image_id).push(JSON.stringify([name, segmentation ?? bbox], twoDecimals))
    annotationCount++
  }
  const kept = images.filter(({ id }) => category === undefined || byImage.get(id).length > 0)
  for (const { id, file_name, width, height } of kept)
    records.push(
      JSON.stringify([path.basename(file_name), width, height, byImage.get(id).toSorted()]),
    )
  if (kept.length > 0) subsets[path.basename(file, '.json').replace('instances_', '')] = kept.length
}

const digest = createHash('sha256').update(records.toSorted().join('\n')).digest('hex')
console.log(
  JSON.stringify({ subsets, images: records.length, annotations: annotationCount, digest }),
)

function twoDecimals(_name, value) {
  return typeof value === 'number' ? Math.round(value * 100) / 100 : value
}
