import { parseCounts } from '@dsv/core'
import { detectFormat, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { gzipSync } from 'node:zlib'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { type MemoryFolder, memoryFolder } from '../memory-folder.ts'
import { nifti } from './nifti.ts'

const adapter = await loadAdapter('brats')

// Two slices of 3 × 2.
const VALUES = [0, 0, 1, 1, 0, 2, 0, 0, 0, 0, 0, 0]

function sample(): MemoryFolder {
  return memoryFolder([
    ['labels', 'background\nedema\nenhancing\n'],
    ['imagesTr/._a.nii.gz', 'junk of another system'],
    [
      'imagesTr/a.nii.gz',
      gzipSync(
        nifti(
          [3, 2, 2, 4],
          Array.from({ length: 48 }, () => 9),
        ),
      ),
    ],
    ['imagesTr/b.nii', nifti([3, 2, 2], VALUES)],
    ['imagesTs/c.nii.gz', gzipSync(nifti([3, 2, 2], VALUES))],
    ['labelsTr/a.nii.gz', gzipSync(nifti([3, 2, 2], VALUES, true))],
    [
      'labelsTr/b.nii',
      nifti(
        [3, 2, 2],
        Array.from({ length: 12 }, () => 1),
      ),
    ],
  ])
}

describe('BraTS', () => {
  it('is read with a mask for each class of each slice of its own volume', async () => {
    const { items, schema } = await readAll(adapter, sample())
    expect(schema.categories.map(({ name }) => name)).toEqual(['background', 'edema', 'enhancing'])
    const rows = items.map(({ subset, id, media, layers }) => [
      subset,
      id,
      media,
      layers['ground_truth']?.map((draft) =>
        draft.type === 'mask'
          ? [draft.category, draft.attributes, draft.width, draft.height, parseCounts(draft.counts)]
          : draft.type,
      ),
    ])
    const medium = { role: 'primary', kind: 'other', width: 2, height: 3 }
    expect(rows).toEqual([
      [
        'train',
        'a',
        [{ ...medium, path: 'imagesTr/a.nii.gz' }],
        [
          ['background', { image_id: 0 }, 2, 3, [0, 2, 2, 1, 1]],
          ['edema', { image_id: 0 }, 2, 3, [2, 2, 2]],
          ['enhancing', { image_id: 0 }, 2, 3, [5, 1]],
          ['background', { image_id: 1 }, 2, 3, [0, 6]],
        ],
      ],
      [
        'train',
        'b',
        [{ ...medium, path: 'imagesTr/b.nii' }],
        [
          ['edema', { image_id: 0 }, 2, 3, [0, 6]],
          ['edema', { image_id: 1 }, 2, 3, [0, 6]],
        ],
      ],
      ['test', 'c', [{ ...medium, path: 'imagesTs/c.nii.gz' }], []],
    ])
  })

  it('takes names of classes from the description, or numbers them', async () => {
    const folder = sample()
    folder.files.delete('labels')
    const numbered = await readAll(adapter, folder)
    expect(numbered.schema.categories.map(({ key }) => key)).toEqual([
      'class-0',
      'class-1',
      'class-2',
    ])
    await folder.write('dataset.json', Buffer.from('{"labels": {"0": "none", "2": "tumour"}}'))
    const described = await readAll(adapter, folder)
    expect(described.schema.categories.map(({ key }) => key)).toEqual(['none', 'class-1', 'tumour'])
  })

  it('is recognised by its folders', async () => {
    expect((await detectFormat(sample()))[0]).toMatchObject({ format: 'brats' })
    expect((await adapter.detect(memoryFolder([['a.nii.gz', '']]))).confidence).toBe(0)
  })

  it.each([
    ['labels', Buffer.from('background\n'), /holds 1, which is the number of no class/],
    ['labelsTr/b.nii', Buffer.from('no'), /is no NIfTI-1 volume/],
    ['labelsTr/b.nii', nifti([3, 2, 2], [1]), /ends before its last value/],
    ['labelsTr/b.nii', nifti([3, 2, 2, 2], VALUES), /has more than three axes/],
    ['labelsTr/a.nii.gz', gzipSync(nifti([3], [1])).subarray(0, 40), /is damaged, or too large/],
  ])('names what is wrong with %s: %#', async (path, bytes, message) => {
    const folder = sample()
    folder.files.set(path, bytes)
    await expect(readAll(adapter, folder)).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
    const { items, problems } = await readAll(adapter, folder, { onError: 'skip' })
    expect([items.length, problems.length > 0]).toEqual([3, true])
  })

  it('is not written', async () => {
    const view = memoryDatasetView({ categories: [], attributes: [], info: {} }, [])
    await expect(writeAll(adapter, view)).rejects.toMatchObject({ code: 'DSV_FORMAT_READ_ONLY' })
  })
})
