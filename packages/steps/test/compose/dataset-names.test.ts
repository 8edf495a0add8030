import { describe, expect, it } from '@jest/globals'
import { datasetNames } from '../../src/compose/dataset-names.ts'

describe('datasetNames', () => {
  it('takes the last part of a path, and more where it takes more to tell them apart', () => {
    expect(datasetNames(['data/north', 'data/south'])).toEqual(['north', 'south'])
    expect(datasetNames(['a/labels', 'b/labels', 'c'])).toEqual(['a-labels', 'b-labels', 'c'])
    expect(datasetNames(['x/a/labels', 'y/a/labels'])).toEqual(['x-a-labels', 'y-a-labels'])
  })

  it('gives no two the same, even where they are one', () => {
    expect(datasetNames(['a', 'a', 'a-2'])).toEqual(['a', 'a-2', 'a-2-2'])
    expect(datasetNames(['', 'a'])).toEqual(['dataset', 'a'])
    expect(new Set(datasetNames(['a/b', 'a-b', 'c/b', 'b'])).size).toBe(4)
  })
})
