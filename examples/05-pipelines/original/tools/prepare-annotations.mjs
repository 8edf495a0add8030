// Takes the valid labels of a Pascal VOC export, with lists of images, a label map and a count of the labels.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { optionsOf } from './options.mjs'

const options = optionsOf(process.argv.slice(2))
const [root] = options.get('root')
const [destination] = options.get('destination')
const { concat, labels } = readParameters(options.get('parameters')[0])

rmSync(destination, { recursive: true, force: true })
mkdirSync(destination, { recursive: true })
const counts = {}
const written = []
for (const [id, xml] of annotations(options.get('source')[0])) {
  const kept = xml.replaceAll(/<object>[^]*?<\/object>/g, (object) => {
    const name = nameOf(object)
    if (!labels.includes(name)) return ''
    counts[name] = (counts[name] ?? 0) + 1
    return object.replace(/<name>.*?<\/name>/, `<name>${name}</name>`)
  })
  if (!kept.includes('<object>')) continue
  writeFileSync(path.join(destination, `${id}.xml`), kept)
  written.push(id)
}
const names = Object.keys(counts)
writeFileSync(path.join(root, 'labelmap.txt'), names.map((name) => `${name}:0,0,0::`).join('\n'))
for (const list of ['Main', 'Action', 'Segmentation', 'Layout']) {
  const folder = path.join(root, 'ImageSets', list)
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'default.txt'), written.join('\n'))
}
for (const name of names)
  writeFileSync(path.join(root, 'ImageSets', 'Main', `${name}_default.txt`), '')
const pairs = names.map((name) => `${JSON.stringify(name)}: ${counts[name]}`)
if (options.has('metrics')) writeFileSync(options.get('metrics')[0], `{${pairs.join(', ')}}`)

function nameOf(object) {
  const name = /<name>(.*?)<\/name>/.exec(object)[1]
  const type = /<name>Type<\/name>\s*<value>(.*?)<\/value>/.exec(object)?.[1]
  return concat && type !== undefined ? name + type : name
}

function readParameters(file) {
  const text = readFileSync(file, 'utf8')
  const list = /valid-labels: \[(.*)\]/.exec(text)[1].split(',')
  return {
    concat: /concat-type-attribute: true/i.test(text),
    labels: list.map((label) => label.trim()),
  }
}

/** The annotation files of a zip file, in its order. */
function annotations(file) {
  const folder = mkdtempSync(path.join(tmpdir(), 'dsv-example-'))
  try {
    execFileSync('python3', ['-m', 'zipfile', '-e', file, folder])
    const files = readdirSync(path.join(folder, 'Annotations')).toSorted()
    return files.map((name) => [
      path.parse(name).name,
      readFileSync(path.join(folder, 'Annotations', name), 'utf8'),
    ])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
