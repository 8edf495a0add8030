import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { convertDataset } from '@dsv/formats'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { sampleDataset } from '../safety/sample-datasets.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'dsv-xml-'))
  for (const [file, content] of Object.entries(sampleDataset('coco'))) {
    mkdirSync(path.dirname(path.join(folder, 'in', file)), { recursive: true })
    writeFileSync(path.join(folder, 'in', file), content)
  }
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Reads XML with a parser that shares no code with dsv's. */
function parse(file: string, lists: readonly string[]): unknown {
  const text = readFileSync(file, 'utf8')
  expect(XMLValidator.validate(text)).toBe(true)
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    htmlEntities: true,
    isArray: (name) => lists.includes(name),
  })
  return parser.parse(text)
}

describe('an XML parser that is not ours', () => {
  it('reads the boxes of a COCO dataset written as Pascal VOC', async () => {
    const output = path.join(folder, 'voc')
    await convertDataset({ input: path.join(folder, 'in'), to: 'voc', output })
    const read = parse(path.join(output, 'Annotations', 'größe.xml'), ['object'])
    expect(read).toMatchObject({
      annotation: {
        filename: 'größe.png',
        size: { width: 40, height: 30 },
        object: [{ name: 'dog', bndbox: { xmin: 5, ymin: 4, xmax: 15.5, ymax: 10 } }],
      },
    })
  })

  it('reads the boxes of a COCO dataset written as CVAT XML', async () => {
    const output = path.join(folder, 'cvat')
    await convertDataset({ input: path.join(folder, 'in'), to: 'cvat', output })
    const read = parse(path.join(output, 'annotations.xml'), ['image', 'box'])
    expect(read).toMatchObject({
      annotations: {
        version: 1.1,
        image: expect.arrayContaining([
          expect.objectContaining({
            '@width': '40',
            box: [expect.objectContaining({ '@label': 'dog', '@xtl': '5', '@xbr': '15.5' })],
          }),
        ]),
      },
    })
  })
})
