// Predictions against a ground truth: the twelve figures of COCO.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { runMeasured } from '../measure/run-measured.mjs'
import { seededNumbers } from '../shapes/seeded.mjs'
import { copyFolder } from './floors.mjs'
import { expectEqual } from './recorder.mjs'

const FILE = 'annotations/instances_train2017.json'
const DETECTIONS = 20
const OPERATION = 'evaluate boxes'

/** Makes detections of a COCO file: half of the objects nearly, the rest anywhere. */
export function evaluationVersions(_shape, _scale, source, scratch) {
  const { images, annotations, categories } = JSON.parse(
    readFileSync(path.join(source, FILE), 'utf8'),
  )
  const random = seededNumbers('detections')
  const byImage = new Map(images.map(({ id }) => [id, []]))
  for (const annotation of annotations) byImage.get(annotation.image_id).push(annotation)
  const results = []
  for (const { id, width, height } of images) {
    const objects = byImage.get(id).slice(0, DETECTIONS)
    for (let n = 0; n < DETECTIONS; n++) {
      const object = random() < 0.7 ? objects[n] : undefined
      const [x, y, w, h] = object?.bbox ?? [random() * width, random() * height, 60, 40]
      const bbox = [x + random.whole(-6, 6), y + random.whole(-6, 6), w, h]
      const category_id = object?.category_id ?? random.pick(categories).id
      results.push({ image_id: id, category_id, bbox, score: Math.round(random() * 1000) / 1000 })
    }
  }
  mkdirSync(scratch, { recursive: true })
  const file = path.join(scratch, 'results.json')
  writeFileSync(file, JSON.stringify(results))
  return { results: file, figures: new Map() }
}

/** Measures dsv on a dataset that was added. */
export async function measureEvaluation(recorder, tool, { shape, source, folder, versions }) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  copyFolder(source, path.join(folder, 'data'))
  await recorder.measure(tool, 'init', () => tool.init(folder))
  await recorder.measure(tool, 'add', () => tool.add(folder, shape))
  await recorder.measure(
    tool,
    OPERATION,
    () => tool.evaluate(folder, versions.results),
    (cost) => agree(versions, 'dsv', tool.readFigures(cost)),
  )
}

/** Measures pycocotools on the same files. Reading them counts, loading the program does not. */
export async function measurePycocotools(recorder, python, { source, folder, versions }) {
  const script = fileURLToPath(new URL('../tools/pycocotools-phases.py', import.meta.url))
  mkdirSync(folder, { recursive: true })
  const words = [python, script, path.join(source, FILE), versions.results]
  await recorder.measure(
    { name: 'pycocotools' },
    OPERATION,
    async () => {
      const cost = await runMeasured(words, { cwd: folder })
      if (cost.exitCode !== 0) return cost
      const { seconds, figures } = JSON.parse(cost.stdout.trim().split('\n').at(-1))
      return { ...cost, wallSeconds: seconds, processSeconds: cost.wallSeconds, figures }
    },
    ({ figures }) => agree(versions, 'pycocotools', figures),
  )
}

/** Who comes second has to find the figures of who came first. */
function agree({ figures: known }, tool, figures) {
  known.set(tool, figures)
  const [one, other = one] = known.values()
  const worst = Math.max(...one.map((value, index) => Math.abs(value - other[index])))
  if (!(worst <= 1e-10)) return `figures differ by ${worst}`
  return expectEqual('number of figures', figures.length, 12)
}
