import { describe, expect, it } from '@jest/globals'
import { type AnnotatedItem, compileQuery } from '@dsv/core'
import { box, item, SCHEMA } from './query-samples.ts'

const street = item(
  'a/night_12',
  [
    box('u1', 'car', [10, 20, 30, 30], { score: 0.9, sourceId: 12, provenance: 'manual' }),
    box('u2', 'van', [0, 0, 100, 20], { attributes: { color: 'red', 'my attr': 1 } }),
    box('u3', 'dog', [5, 5, 50, 50], { score: 0.4 }),
  ],
  {
    tags: ['night', 'rain'],
    attributes: { weather: 'rain' },
    media: [
      { role: 'primary', kind: 'image', path: 'img/Night_12.jpg', width: 2048, height: 1024 },
    ],
  },
)
const empty = item('b/day', [], { subset: 'val' })

function matches(text: string, of: AnnotatedItem = street): boolean {
  return compileQuery(text, SCHEMA).matchesItem(of)
}

describe('compileQuery', () => {
  it.each([
    'category = "car" and area < 1024 and subset = "train"',
    'exists(category = "dog" and score > 0.3)',
    'count(category = "person") <= 0',
    'not exists(occluded)',
    'attributes.color = "red"',
    'attributes."my attr" = 1',
    "tags has 'night'",
    'media.width > 1920',
    'media.path ~ /night_\\d+/i',
    'id ~ "^a"',
    'type in ("box", "polygon")',
    'type not in ("polygon", "mask")',
    'layer = "ground_truth"',
    'uid = "u1"',
    'width / height > 3',
    'provenance = "manual"',
    'category in ("person", "delivery van")',
    'category = "van"',
    'label = "van" and label in ("delivery van")',
    'score is null',
    'score is not null && sourceId == 12',
    'category.supercategory = "vehicle"',
    'category.parent = "car"',
    'item.attributes.weather = "rain"',
    'max(area) > 100',
    'sum(area, where category = "car") = 900',
    'sum(area where category = "car") = 30 * 30',
    'avg(score) = 0.65',
    'min(width) = 30 and count() = 3',
    '-x < -(9) and !(y > 100) || false',
    'id starts with "a/" and id ends with "12" and id contains "night"',
    'width + height * 2 = 90',
    '(width + height) * 2 = 120',
    '1 = 1',
    'category = "car" AND NOT occluded',
    'category !~ /^c/',
    'width / media.width > 0.04',
  ])('finds the sample with %s', (text) => {
    expect(matches(text)).toBe(true)
  })

  it.each([
    'category = "Car"',
    'category = "car" and area > 1024',
    'category = "dog" and score > 0.5',
    'count(category = "person") >= 1',
    'width / 0 > 1',
    'attributes.constructor is not null',
    'extra.coco.iscrowd = 1',
    'text ~ /stop/',
    'score < "a"',
    'attributes.color has "red"',
  ])('does not find the sample with %s', (text) => {
    expect(matches(text)).toBe(false)
  })

  it('asks all conditions of one annotation', () => {
    const query = compileQuery('category = "dog" and area < 1000', SCHEMA)
    expect(query.matchesItem(street)).toBe(false)
    expect(compileQuery('exists(category = "dog") and area < 1000').matchesItem(street)).toBe(true)
  })

  it('returns the annotations with which an item matches, with their layer', () => {
    const twoLayers = {
      ...street,
      layers: { ...street.layers, 'predictions/yolo': [box('p1', 'car', [0, 0, 5, 5])] },
    }
    const query = compileQuery('category.supercategory = "vehicle" and width < 50', SCHEMA)
    const found = query.matchingAnnotations(twoLayers)
    expect(found.map(({ layer, annotation }) => [layer, annotation.uid])).toEqual([
      ['ground_truth', 'u1'],
      ['predictions/yolo', 'p1'],
    ])
  })

  it('returns all annotations of a matching item when the query is about items', () => {
    const query = compileQuery('exists(category = "dog")')
    expect(query.matchingAnnotations(street)).toHaveLength(3)
    expect(query.matchingAnnotations(empty)).toEqual([])
  })

  it.each([
    ['subset = "val"', true],
    ['subset = "val" or category = "car"', true],
    ['category = "car"', false],
    ['not category = "car"', false],
    ['category != "car"', false],
    ['score is null', false],
    ['not (category = "car" and subset = "train")', true],
    ['not exists(category = "car")', true],
    ['count() = 0 and max(area) is null and sum(area) = 0', true],
  ])('decides on an item without annotations: %s is %s', (text, expected) => {
    expect(matches(text, empty)).toBe(expected)
  })

  it('gives the same answer from a function each time, whatever annotation it is asked at', () => {
    const query = compileQuery('area > avg(area) and area < max(area, where area < max(area))')
    expect(query.matchingAnnotations(street)).toEqual([])
    const above = compileQuery('area > avg(area)').matchingAnnotations(street)
    expect(above.map(({ annotation }) => annotation.uid)).toEqual(['u2', 'u3'])
    expect(query.matchesItem(empty)).toBe(false)
  })

  it('knows a category by its key alone where the schema does not have it', () => {
    const stray = item('x', [box('u', 'ghost', [0, 0, 1, 1])])
    expect(matches('category = "ghost" and category.name = "ghost"', stray)).toBe(true)
    expect(matches('category = "ghost" and category.supercategory is null', stray)).toBe(true)
  })

  it('compares hostile values without being misled', () => {
    const hostile = item('x', [
      box('u', undefined, [Number.NaN, 0, 1, 1], {
        score: Number.NaN,
        attributes: JSON.parse('{"__proto__": 1, "a": [1, 2]}'),
      }),
    ])
    expect(matches('score = score', hostile)).toBe(false)
    expect(matches('attributes.__proto__ = 1 and attributes.a has 2', hostile)).toBe(true)
    expect(matches('attributes.toString is null', hostile)).toBe(true)
  })

  it('says what has to be read', () => {
    const query = compileQuery(
      '(subset = "train" or subset in ("val", "test")) and media.width > 5 and subset != "x"',
    )
    expect(query.needsAnnotations).toBe(false)
    expect(query.subsets).toEqual(['train', 'val', 'test'])
    expect(query.uses).toEqual({ items: ['subset', 'media.width'], annotations: [], layers: [] })
  })

  it.each([
    ['layer = "a" and category = "x"', ['a']],
    ['layer = "a" and count(layer = "b") > 1', ['a', 'b']],
    ['count(layer = "b") > 1', ['b']],
    ['layer = "a" or category = "x"', undefined],
    ['count() > 1', undefined],
  ])('names the layers that %s looks at', (text, layers) => {
    expect(compileQuery(text).uses.layers).toEqual(layers)
    expect(compileQuery(text).needsAnnotations).toBe(true)
  })

  it.each([
    ['subset = "a" and subset = "b"', []],
    ['subset = "a" or id = "b"', undefined],
    ['not subset = "a"', undefined],
    ['exists(subset = "a")', undefined],
  ])('pins the subsets of %s', (text, subsets) => {
    expect(compileQuery(text).subsets).toEqual(subsets)
  })

  it('warns of what the schema does not have, and of what can never hold', () => {
    const { warnings } = compileQuery('category in ("cra", "dog") and score = "high"', SCHEMA)
    expect(warnings).toEqual([
      'There is no category "cra"; did you mean "car"?',
      'A number is compared with a text: score is never equal to it',
    ])
    expect(compileQuery('category = "cra"').warnings).toEqual([])
  })

  it('warns of an attribute that no annotation has', () => {
    const schema = { ...SCHEMA, attributes: [{ name: 'color', type: 'string' as const }] }
    expect(compileQuery('attributes.colour = "red"', schema).warnings).toEqual([
      'Annotations have no attribute "colour"; did you mean "color"?',
    ])
    expect(compileQuery('attributes.weather = "rain"', schema).warnings).toEqual([
      'Annotations have no attribute "weather"; an attribute of the item is item.attributes.weather',
    ])
  })

  it('stops warning of a list that is nothing but mistakes', () => {
    const names = Array.from({ length: 5000 }, (_, n) => `"name${n}"`)
    const { warnings } = compileQuery(`category in (${names.join(', ')})`, SCHEMA)
    expect(warnings).toHaveLength(20)
  })

  it('computes a nested function once for each item', () => {
    const many = item(
      'x',
      Array.from({ length: 3000 }, (_, n) => box(`u${n}`, 'car', [0, 0, n, 1])),
    )
    const text = 'area > avg(area, where area > avg(area, where area > min(area)))'
    expect(compileQuery(text).matchingAnnotations(many).length).toBeGreaterThan(0)
    expect(matches('count(count() > count(exists(area > 5))) = 0', many)).toBe(true)
  })
})
