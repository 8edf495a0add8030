import { type AnnotatedItem, compileExpression } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'

const item: AnnotatedItem = {
  subset: 'train',
  id: 'a',
  media: [{ kind: 'image', role: 'primary', path: 'a.png', width: 40, height: 20 }],
  layers: {
    ground_truth: [
      { uid: '1', type: 'box', x: 0, y: 0, width: 8, height: 2, category: 'car' },
      { uid: '2', type: 'label', category: 'street' },
    ],
  },
}
const [box, label] = item.layers['ground_truth'] ?? []

describe('compileExpression', () => {
  it('gives the value of an item', () => {
    const aspect = compileExpression('media.width / media.height')
    expect([aspect.about, aspect.at(item)()]).toEqual(['item', 2])
    expect(compileExpression('count(type = "box")').at(item)()).toBe(1)
  })

  it('gives the value of each annotation, null where there is none', () => {
    const ratio = compileExpression('width / height')
    const at = ratio.at(item)
    expect([ratio.about, at('ground_truth', box), at('ground_truth', label)]).toEqual([
      'annotation',
      4,
      null,
    ])
  })

  it('gives true or false for a condition', () => {
    const at = compileExpression('category = "car"').at(item)
    expect([at('ground_truth', box), at('ground_truth', label)]).toEqual([true, false])
  })

  it('refuses what is no expression', () => {
    expect(() => compileExpression('width /')).toThrow(
      expect.objectContaining({ code: 'DSV_QUERY_SYNTAX' }),
    )
    expect(() => compileExpression('colour')).toThrow(
      expect.objectContaining({ code: 'DSV_QUERY_SYNTAX' }),
    )
  })
})
