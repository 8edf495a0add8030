// Prints the SHA-256 of what a COCO file says, whatever the order of its records and fields:
// node coco-digest.mjs <file>
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

const { images, annotations, categories } = JSON.parse(readFileSync(process.argv[2], 'utf8'))

const total = createHash('sha256')
for (const list of [images, annotations, categories]) {
  total.update(`${list.length}\n`)
  list.sort((a, b) => a.id - b.id)
  for (const record of list) total.update(`${plain(record)}\n`)
}
console.log(total.digest('hex'))

/** Fields in one order. */
function plain(record) {
  return JSON.stringify(
    Object.keys(record)
      .toSorted()
      .map((name) => [name, record[name]]),
  )
}
