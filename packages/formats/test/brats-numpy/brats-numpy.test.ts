import { parseCounts } from '@dsv/core'
import { detectFormat, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { formatNpy } from '../../src/shared/npy-file.ts'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { type MemoryFolder, memoryFolder } from '../memory-folder.ts'

const adapter = await loadAdapter('brats-numpy')

// Written by Python: pickle.dumps(['a', 'b']) and of a list of two (2, 3) arrays of numpy.
const IDS = Buffer.from('gASVDQAAAAAAAABdlCiMAWGUjAFilGUu', 'base64')
const BOXES = Buffer.from(
  'gASVDgEAAAAAAABdlCiMFW51bXB5LmNvcmUubXVsdGlhcnJheZSMDF9yZWNvbnN0cnVjdJSTlIwFbnVt' +
    'cHmUjAduZGFycmF5lJOUSwCFlEMBYpSHlFKUKEsBSwJLA4aUaASMBWR0eXBllJOUjAJpOJSJiIeUUpQo' +
    'SwOMATyUTk5OSv////9K/////0sAdJRiiUMwAQAAAAAAAAACAAAAAAAAAAMAAAAAAAAABAAAAAAAAAAF' +
    'AAAAAAAAAAYAAAAAAAAAlHSUYmgDaAZLAIWUaAiHlFKUKEsBSwJLA4aUaBCJQzAAAAAAAAAAAAAAAAAA' +
    'AAAAAAAAAAAAAAAKAAAAAAAAAAoAAAAAAAAACgAAAAAAAACUdJRiZS4=',
  'base64',
)
const VALUES = [0, 0, 1, 1, 0, 2, 0, 0, 0, 0, 0, 0]

function sample(): MemoryFolder {
  return memoryFolder([
    ['labels', 'background\nedema\nenhancing\n'],
    ['val_ids.p', IDS],
    ['val_brain_bbox.p', BOXES],
    // Two slices of two columns and three rows.
    [
      'a_data_cropped.npy',
      formatNpy(
        Array.from({ length: 48 }, () => 0),
        [4, 2, 2, 3],
        '<f4',
      ),
    ],
    ['a_label_cropped.npy', formatNpy(VALUES, [1, 2, 2, 3], '<f8')],
  ])
}

describe('BraTS as NumPy files', () => {
  it('is read with masks of slices and the box of the brain', async () => {
    const { items, schema } = await readAll(adapter, sample())
    expect(schema.categories.map(({ name }) => name)).toEqual(['background', 'edema', 'enhancing'])
    const rows = items.map(({ id, media, layers }) => [
      id,
      media,
      layers['ground_truth']?.map((draft) =>
        draft.type === 'mask'
          ? [draft.category, draft.attributes, draft.width, draft.height, parseCounts(draft.counts)]
          : draft,
      ),
    ])
    const cuboid = { type: 'cuboid-3d', rotation: [0, 0, 0], attributes: { unit: 'voxel' } }
    const medium = { role: 'primary', path: 'a_data_cropped.npy', kind: 'other' }
    expect(rows).toEqual([
      [
        'a',
        [{ ...medium, width: 2, height: 3 }],
        [
          ['background', { image_id: 0 }, 2, 3, [0, 2, 2, 1, 1]],
          ['edema', { image_id: 0 }, 2, 3, [2, 2, 2]],
          ['enhancing', { image_id: 0 }, 2, 3, [5, 1]],
          ['background', { image_id: 1 }, 2, 3, [0, 6]],
          { ...cuboid, position: [2.5, 3.5, 4.5], size: [3, 3, 3] },
        ],
      ],
      ['b', [], [{ ...cuboid, position: [5, 5, 5], size: [10, 10, 10] }]],
    ])
  })

  it('numbers classes that have no names', async () => {
    const folder = sample()
    folder.files.delete('labels')
    const { schema } = await readAll(adapter, folder)
    expect(schema.categories.map(({ key }) => key)).toEqual(['class-0', 'class-1', 'class-2'])
  })

  it('is recognised by its files', async () => {
    expect((await detectFormat(sample()))[0]).toMatchObject({ format: 'brats-numpy' })
    expect((await adapter.detect(memoryFolder([['a.npy', '']]))).confidence).toBe(0)
  })

  it.each([
    ['val_ids.p', Buffer.from('cos\nsystem\n(S"ls"\ntR.'), /os\.system/],
    ['val_ids.p', Buffer.from('I1\n.'), /is no list of names/],
    ['val_ids.p', Buffer.from('(lS"../a"\na.'), /a name that no file can have/],
    ['val_brain_bbox.p', Buffer.from('(lI1\na.'), /a box of not two corners/],
    ['val_brain_bbox.p', Buffer.from('N.'), /something else than boxes/],
    ['a_label_cropped.npy', Buffer.from('no'), /is no NumPy file/],
    ['a_label_cropped.npy', formatNpy(VALUES, [2, 2, 3], '<f4'), /should have four axes/],
    ['a_label_cropped.npy', formatNpy(VALUES, [1, 9, 9, 9], '<f4'), /ends before its last number/],
    ['a_label_cropped.npy', formatNpy([0.5], [1, 1, 1, 1], '<f4'), /holds 0\.5/],
    ['labels', Buffer.from('background\n'), /holds 1, which is the number of no class/],
  ])('names what is wrong with %s: %#', async (path, bytes, message) => {
    const folder = sample()
    folder.files.set(path, bytes)
    await expect(readAll(adapter, folder)).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
    expect((await readAll(adapter, folder, { onError: 'skip' })).problems).toHaveLength(1)
  })

  it('is not written', async () => {
    const view = memoryDatasetView({ categories: [], attributes: [], info: {} }, [])
    await expect(writeAll(adapter, view)).rejects.toMatchObject({ code: 'DSV_FORMAT_READ_ONLY' })
  })
})
