import { loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { RecordBatchReader } from 'apache-arrow'
import { gunzipSync } from 'node:zlib'
import { arrowSchema } from '../../src/datumaro-arrow/arrow-schema.ts'
import { readAll, readContext, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { type MemoryFolder, memoryFolder } from '../memory-folder.ts'

const adapter = await loadAdapter('datumaro-arrow')

/** `datum-0.arrow` as Datumaro 1.10 writes an item with an annotation of each type, and another, gzipped. */
const SHARD =
  'H4sIAAAAAAACA+1YTWwbRRSe9V+cxClGsmgEQXFXRTKSFTZpK4KVNg5KRSKhUoVKlNLI2diLY9X2mvW6JLShEacW9dBDBbSqUBT1UFUI9dBKHHpIxaWHpOQYOBWJQy5IEScOxMt7s7P2eJKtHVS4kJGeZ97M937ndz0yMfHeB/2EWFCiAULCBEsH2UcCxE+C0IIi+Wr9Ifj1sf77ErYJ4AjJQzsJ1A2kELv/XtWyIqyN5CGEaSGkoGVyasqcK2mErANujWGWgR4CXZDz6rSWlxOsUZYTH12Qi2pBkxNyWjXluFxSDa1oAgtt1TSN3HTF1BA3OR+vQTN6tlVoqVLiobakgJ6M2+6ksoZeKdG+bZh5J0ZwU8vqRk4rQ0xWYy6cgrnLFT/WAUKeAibMxr1AA30KaYP6vGaUc3oRsh6iuQ9CX4zhuoHKuWxRNSuGlshAVVANPaUahv4p6m/nx5m9CAiug4EMtA8zPeG/LAsnGu33cD5iHPX4CAkCbsgF24nYYlE3VRPcLZPDgJuxsV2IO8jFFoOfCCyICPOJrgeoEX+LyUSBj3M5+wHW1lWgKcmOG+2V9FzRTKXzeiVDboPcui0binD2JOYnrl1t1jTUVK6gZjEayAPgQ1t1ezHO3grQIpBJ6n5SScwXyIzacuEIlweJzYmP5v0zhJIlwOHaN228J8xhCKtzplbA9pMtew0s2lj/TtiSas5g+zpgHm/V54LHoa/Tc3TKyEPAbNq4gDhnuD5m1HLKwW4Arqfa3HYYMKPV5rYHAZOvtmY7A7hvqrufi1t4flRbm4s+y54LPPCazcUZth/jVvN8RAFzymqejzHAXLRay4cJuDucnz2Cbfv0DMB54INfQs+FdRdfcbxcmS5rkMAVGlcE8AE4X3BXhNn5vl0Oc5XLIO+jfXhPbPjsOSB0T73EbooQ1US8PiofrR1yHcCHanfGkNe+YzzcGThA3EuI1WEubsJ85Eu3gI+xOshqRcC78Y5fg8K4Gy+xOimMJwV/TrL6geOX1CgflhrxUalRX6u8E29M0K8IeEUYHxTGBwV/xoRxN97BnxbG3XgHPyOM/1PeWR8lYdyNd/Czwvjz4p34LjPe9AgLmTTytfXO+Bc4yH5h35D/kPe4jPt2id8t/2+XVux7uTjVN6bT/NvN2W/wqsgVz6t5j6cu45Qz3L6/cvLEO10dL+NR2DU+NjrBVASCKPdJduw7qA6Mj46cCr5aeCThopGi1d5zX3nvPn7/t9f/iMx9OXT8W+nBm/v2X/tz9TRqHD9+YvT7t6e+2EEzfZxTzb//9MtVqGRb85FHB7BT6r970bp05+DPZ5fKV568lvh64+zSK2sh/+fJ3l+v86qfkT+8ffzbVsHzKSVPfb9gWJJXAOBl1Es/Fspp3YA3vNJ3JC7PwuN9Dp7uRXiN98cHJucxiwG/MMH4sH6RyurpdL6S0TJywjQq2jw/46srK0dXV949dvPGh8mbN95K1uJs5zzgtQbsapiQBaBksl5fTvrJDu6z+tL2vbQ8jNeI102ocQMuDNt3DrWY9DCPpJ0WtKPAGXReDkhHDx1SFEVV2tyEEDzz4+18Xu/cnWOL1LHgs5xp3xYJ5pH2Hav3LwyHm1nmAGwilplwlCmeot4Qco15dg9oGWgN6CnQZsN13smdw210yZyTE/3zDbbD9OyO0P0QAi7EcjAofIcobIVsssmONkz63vf13vf13vf13vf13vf1//X7egwUjdD/ZP8G9UyrhJoVAAA='
const shard = gunzipSync(Buffer.from(SHARD, 'base64'))

function folderWith(bytes: Uint8Array): MemoryFolder {
  return memoryFolder([['datum-0.arrow', bytes]])
}

describe('reading', () => {
  it('reads what Datumaro writes, with the images in it', async () => {
    const folder = folderWith(shard)
    expect((await adapter.detect(folder)).confidence).toBeGreaterThan(0.9)
    const { schema, items } = await readAll(adapter, folder)
    expect(schema.categories.map(({ name, parent }) => [name, parent])).toEqual([
      ['cat', undefined],
      ['dog', undefined],
      ['pup', 'dog'],
    ])
    expect(items).toMatchObject([
      {
        subset: 'train',
        id: 'a/b',
        attributes: { k: 1 },
        media: [{ path: 'train/a/b.png', kind: 'image', width: 8, height: 6, channels: 3 }],
      },
      { subset: 'val', id: 'c', media: [{ width: 4, height: 5 }], layers: { ground_truth: [] } },
    ])
    expect(items[0]?.layers['ground_truth']?.map(({ type }) => type)).toEqual([
      'label',
      'box',
      'polygon',
      'polyline',
      'points',
      'mask',
      'caption',
      'ellipse',
      'cuboid-3d',
      'cuboid-2d',
    ])
    const { items: again } = await adapter.read(folder, readContext(folder).context)
    for await (const { media } of again) {
      expect((await media[0]?.content?.())?.subarray(1, 4)).toEqual(Buffer.from('PNG'))
    }
  })

  it.each([
    [shard.subarray(0, 1000), /is no Arrow file, or is cut off/],
    [Buffer.from('no table'), /is no Arrow file/],
    [replaced('signature:datumaro_arrow', 'signature:datumaro_arrox'), /has no signature/],
    [replaced('annotations', 'annotationz'), /has no column annotations/],
  ])('names what is wrong: %#', async (bytes, message) => {
    await expect(readAll(adapter, folderWith(bytes))).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
  })
})

function replaced(before: string, after: string): Buffer {
  return Buffer.from(shard.toString('latin1').replaceAll(before, after), 'latin1')
}

describe('writing', () => {
  it('has the columns that Datumaro asks for, and the lengths of its dictionaries', async () => {
    const { schema, items, layout } = await readAll(adapter, folderWith(shard))
    const again = await writeAll(adapter, memoryDatasetView(schema, items, layout))
    expect(again.losses).toEqual([])
    const written = again.folder.files.get('datum-0.arrow') ?? new Uint8Array()
    const ours = RecordBatchReader.from(written).open().schema
    const theirs = RecordBatchReader.from(shard).open().schema
    expect(ours.fields.map(String)).toEqual(theirs.fields.map(String))
    const categories = Buffer.from(ours.metadata.get('categories') ?? '')
    expect(categories.readUInt32LE(0)).toBe(categories.length - 4)
  })

  it.each([1, 100, 117, 118, 300, 32_500, 40_000])(
    'finds a length that is a text for names of %i letters',
    (letters) => {
      const { metadata } = arrowSchema({ name: 'é'.repeat(letters) }, {}, 2)
      const bytes = Buffer.from(metadata.get('infos') ?? '')
      expect(bytes.readUInt32LE(0)).toBe(bytes.length - 4)
      expect(JSON.parse(bytes.toString('utf8', 4))).toEqual({ name: 'é'.repeat(letters) })
    },
  )

  it('begins another file after a thousand items', async () => {
    const items = Array.from({ length: 1001 }, (_, index) => ({
      subset: 'train',
      id: `${index}`,
      media: [],
      layers: {},
    }))
    const view = memoryDatasetView({ categories: [], attributes: [], info: {} }, items)
    const { folder } = await writeAll(adapter, view)
    expect([...folder.files.keys()]).toEqual(['datum-00000.arrow', 'datum-00001.arrow'])
    expect((await readAll(adapter, folder)).items).toHaveLength(1001)
  })
})
