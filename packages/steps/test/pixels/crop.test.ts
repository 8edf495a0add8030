import { describe, expect, it } from '@jest/globals'
import { plot, runOnPictures, samplesOf } from '../pictures.ts'
import { annotationsOf, boxOf, keysOf } from '../run-step.ts'

describe('crop', () => {
  it('cuts out a region, as far as the image goes', async () => {
    const pictures = {
      'a/large': {
        bytes: await plot(20, 10),
        path: 'large.png',
        annotations: [boxOf('car', 4, 2, 4, 4)],
      },
      'a/small': { bytes: await plot(6, 4), path: 'small.png' },
      'a/tiny': { bytes: await plot(3, 3), path: 'tiny.png' },
    }
    const made = await runOnPictures('crop', pictures, { region: '5,2,8,4' })
    expect(made.items.map(({ id, media }) => [id, media[0]?.width, media[0]?.height])).toEqual([
      ['large', 8, 4],
      ['small', 1, 2],
    ])
    expect(annotationsOf(made, 'a/large')).toMatchObject([{ x: 0, y: 0, width: 3, height: 4 }])
    expect((await samplesOf(made.fileOf(made.items[0]))).slice(0, 3)).toEqual([5, 2, 10])
    expect(made.notes).toEqual([
      { what: 'item left out: the region lies outside of its image', where: 'a/tiny' },
    ])
  })

  it('makes a labelled chip of each annotation', async () => {
    const made = await runOnPictures(
      'crop',
      {
        'a/x': {
          bytes: await plot(20, 10),
          path: 'images/x.png',
          annotations: [
            { type: 'label', category: 'car' },
            { ...boxOf('car', 1.5, 2.2, 4, 4), attributes: { colour: 'red' } },
            { type: 'polygon', category: 'car', parts: [[[10, 0, 30, 0, 30, 5]]] },
            boxOf('car', 50, 50, 4, 4),
          ],
        },
        'a/y': { bytes: await plot(4, 4), path: 'images/y.png' },
      },
      { chips: true, margin: 0.25 },
    )
    expect(keysOf(made)).toEqual(['a/x_crop_1', 'a/x_crop_2'])
    expect(made.items.map(({ media }) => media[0])).toMatchObject([
      { path: 'images/x_crop_1.png', width: 7, height: 7 },
      { path: 'images/x_crop_2.png', width: 15, height: 7 },
    ])
    expect((await samplesOf(made.fileOf(made.items[0]))).slice(0, 3)).toEqual([0, 1, 0])
    const [label] = annotationsOf(made, 'a/x_crop_1')
    expect(label).toMatchObject({ type: 'label', category: 'car', attributes: { colour: 'red' } })
    expect(made.notes).toEqual([{ what: 'annotation without pixels left out', where: 'a/x' }])
  })

  it.each([
    [{}],
    [{ region: '1,2,3' }],
    [{ region: '0,0,0,1' }],
    [{ region: '1,1,1,1', chips: true }],
    [{ chips: true, margin: -1 }],
  ])('refuses %j', async (options) => {
    const pictures = { 'a/b': { bytes: await plot(2, 2), path: 'b.png' } }
    await expect(runOnPictures('crop', pictures, options)).rejects.toMatchObject({
      code: 'DSV_OPTION_INVALID',
    })
  })
})
