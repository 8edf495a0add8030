// Measures every command on a large dataset without images: wall time, peak memory (RSS), bytes
// handed to the file system. `--items 100000`, `--format voc|coco`; `--short` 2,000 items. Needs the
// built dsv (`npm run bundle`).
import fs from 'node:fs'
import path from 'node:path'
import { readOptions } from '../e2e/reliability/engine/options.mjs'
import { startDsv } from '../e2e/reliability/engine/processes.mjs'
import { withScratch } from '../e2e/reliability/engine/scratch.mjs'
import { vocXml } from '../e2e/reliability/engine/small-dataset.mjs'

const options = readOptions({ items: undefined, format: 'voc' })
const items = Number(options.items ?? (options.short ? 2000 : 100_000))
const CATEGORIES = ['car', 'van', 'person', 'dog']

const nameOf = (at) => String(at).padStart(8, '0')
const boxOf = (at, turn) => [CATEGORIES[at % 4], 1 + turn, 2, 10 + (at % 20), 12 + (at % 9)]

/** One file for each item, and a list of them. */
const voc = {
  write(folder, numbers, turn) {
    const annotations = path.join(folder, 'Annotations')
    const sets = path.join(folder, 'ImageSets', 'Main')
    if (turn === 0) {
      for (const each of [annotations, sets]) fs.mkdirSync(each, { recursive: true })
      fs.writeFileSync(
        path.join(sets, 'train.txt'),
        numbers.map((at) => `${nameOf(at)}\n`).join(''),
      )
    }
    for (const at of numbers) {
      const id = nameOf(at)
      fs.writeFileSync(path.join(annotations, `${id}.xml`), vocXml(id, [boxOf(at, turn)]))
    }
  },
  item: `train/${nameOf(7)}`,
}

/** One file for all items, written piece by piece. */
const turns = new Map()
const coco = {
  write(folder, numbers, turn) {
    for (const at of numbers) if (turn > 0) turns.set(at, turn)
    fs.mkdirSync(path.join(folder, 'annotations'), { recursive: true })
    const file = path.join(folder, 'annotations', 'instances_train.json')
    const descriptor = fs.openSync(file, 'w')
    const list = (name, one) => {
      fs.writeSync(descriptor, `"${name}":[`)
      for (let at = 0; at < items; at += 1000) {
        const some = Array.from({ length: Math.min(1000, items - at) }, (_, more) => one(at + more))
        fs.writeSync(
          descriptor,
          (at > 0 ? ',' : '') + some.map((each) => JSON.stringify(each)).join(','),
        )
      }
      fs.writeSync(descriptor, ']')
    }
    fs.writeSync(descriptor, '{')
    list('images', (at) => ({ id: at + 1, file_name: `${nameOf(at)}.jpg`, width: 32, height: 24 }))
    fs.writeSync(descriptor, ',')
    list('annotations', (at) => {
      const [, x, y, x2, y2] = boxOf(at, turns.get(at) ?? 0)
      const bbox = [x, y, x2 - x, y2 - y]
      return {
        id: at + 1,
        image_id: at + 1,
        category_id: 1 + (at % 4),
        bbox,
        area: 100,
        iscrowd: 0,
      }
    })
    const categories = CATEGORIES.map((name, at) => ({ id: at + 1, name }))
    fs.writeSync(descriptor, `,"categories":${JSON.stringify(categories)}}`)
    fs.closeSync(descriptor)
  },
  item: `train/${nameOf(7)}`,
}

const format = { voc, coco }[options.format]
const numbersFrom = (from, count, step) =>
  Array.from({ length: count }, (_, at) => from + at * step)

await withScratch(async (scratch) => {
  const folder = path.join(scratch, 'work')
  const data = path.join(folder, 'data')
  fs.mkdirSync(data, { recursive: true })
  format.write(data, numbersFrom(0, items, 1), 0)
  process.stdout.write(`${items} items, ${options.format}\n`)
  const run = async (name, args) => {
    const costs = path.join(scratch, 'costs')
    const source = `import fs from 'node:fs'; process.on('exit', () => fs.writeFileSync(${JSON.stringify(costs)}, JSON.stringify({ rss: process.resourceUsage().maxRSS, io: fs.readFileSync('/proc/self/io', 'utf8') })))`
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(source)}` }
    const start = performance.now()
    const ended = await startDsv(folder, args, { env })
    const seconds = (performance.now() - start) / 1000
    const { rss, io } = JSON.parse(fs.readFileSync(costs, 'utf8'))
    const written = Number(/wchar: (\d+)/.exec(io)?.[1])
    const columns = [
      name.padEnd(28),
      `${seconds.toFixed(2)} s`.padStart(10),
      `${Math.round(rss / 1024)} MB`.padStart(9),
      `${(written / 1e6).toFixed(2)} MB written`.padStart(18),
    ]
    process.stdout.write(`${columns.join(' ')}\n`)
    if (ended.exitCode !== 0) {
      process.stdout.write(`  exit ${ended.exitCode}: ${ended.stderr.slice(0, 500)}\n`)
      process.exitCode = 1
    }
  }
  await run('init', ['init'])
  await run('add', ['add', 'data', '--format', options.format])
  await run('commit', ['commit', '-m', 'first'])
  await run('status, nothing changed', ['status'])
  format.write(data, [7], 1)
  await run('commit -a, 1 changed', ['commit', '-am', 'one'])
  await run('branch', ['branch', 'other'])
  format.write(data, numbersFrom(3, Math.floor(items / 100), 100), 2)
  await run('commit -a, 1 % changed', ['commit', '-am', 'one percent'])
  await run('diff, 1 changed', ['diff', '--stat', 'HEAD~2', 'HEAD~1'])
  await run('diff, 1 % changed', ['diff', '--stat', 'HEAD~1', 'HEAD'])
  await run('switch, 1 % changed', ['switch', 'other'])
  format.write(data, [11, 12, 13], 4)
  await run('commit -a, 3 changed', ['commit', '-am', 'on other'])
  await run('switch back', ['switch', 'main'])
  await run('merge', ['merge', 'other'])
  await run('log', ['log'])
  await run('log of one item', ['log', '--item', format.item])
  await run('undo of the merge', ['undo'])
  await run('gc', ['gc'])
  await run('fsck', ['fsck'])
})
