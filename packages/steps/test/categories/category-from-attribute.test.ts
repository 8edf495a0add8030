import { describe, expect, it } from '@jest/globals'
import { annotationsOf, boxOf, runStep, viewOf } from '../run-step.ts'

const CAR = { key: 'k1', name: 'Car', color: [1, 2, 3] as const, sourceIds: { coco: 3 } }
const VIEW = viewOf([CAR, 'Bicycle', 'CarVan'], {
  'train/a': [
    { ...boxOf('k1'), attributes: { Type: 'Van' } },
    { ...boxOf('k1'), attributes: { Type: 'SUV' } },
    { ...boxOf('k1'), attributes: { Type: 'SUV', doors: 5 } },
    boxOf('Bicycle'),
    { type: 'caption', text: 'a', attributes: { Type: 'Van' } },
  ],
})

describe('category-from-attribute', () => {
  it('adds the value to the name, in a category that there is or a new one', async () => {
    const made = await runStep('category-from-attribute', VIEW, { attribute: 'Type' })
    expect(made.schema.categories).toEqual([
      { key: 'CarSUV', name: 'CarSUV', color: [1, 2, 3] },
      { key: 'Bicycle', name: 'Bicycle' },
      { key: 'CarVan', name: 'CarVan' },
    ])
    expect(annotationsOf(made).map(({ category }) => category)).toEqual([
      'CarVan',
      'CarSUV',
      'CarSUV',
      'Bicycle',
      undefined,
    ])
    expect(annotationsOf(made)[0]?.attributes).toEqual({ Type: 'Van' })
  })

  it('keeps a category that some annotation still has', async () => {
    const made = await runStep('category-from-attribute', VIEW, {
      attribute: 'doors',
      separator: '-',
    })
    expect(made.schema.categories.map(({ name }) => name)).toEqual([
      'Car',
      'Car-5',
      'Bicycle',
      'CarVan',
    ])
  })

  it('takes the value alone', async () => {
    const made = await runStep('category-from-attribute', VIEW, {
      attribute: 'Type',
      replace: true,
    })
    expect(made.schema.categories.map(({ name }) => name)).toEqual([
      'SUV',
      'Van',
      'Bicycle',
      'CarVan',
    ])
  })

  it('changes nothing where no annotation has the attribute', async () => {
    const made = await runStep('category-from-attribute', VIEW, { attribute: 'nothing' })
    expect(made.schema).toEqual(VIEW.schema)
  })

  it('gives two categories that meet one name, and no key twice', async () => {
    const view = viewOf(
      [
        { key: 'k1', name: 'A' },
        { key: 'AB', name: 'other' },
        { key: 'k2', name: 'A-' },
      ],
      {
        'train/a': [
          { ...boxOf('k1'), attributes: { t: 'B' } },
          { ...boxOf('k2'), attributes: { t: 'B' } },
          boxOf('AB'),
        ],
      },
    )
    const made = await runStep('category-from-attribute', view, { attribute: 't' })
    expect(made.schema.categories).toEqual([
      { key: 'AB~2', name: 'AB' },
      { key: 'AB', name: 'other' },
      { key: 'A-B', name: 'A-B' },
    ])
  })
})
