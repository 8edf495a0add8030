import { describe, expect, it } from '@jest/globals'
import { annotationsOf, boxOf, runStep, viewOf } from '../run-step.ts'

const DOG = { key: 'k1', name: 'dog', color: [1, 2, 3] as const, parent: 'pet' }
const VIEW = viewOf([{ key: 'pet', name: 'pet' }, DOG, 'cat'], {
  'train/a': [boxOf('k1'), boxOf('cat'), { type: 'caption', text: 'pets' }],
})

describe('project-categories', () => {
  it('has exactly the names, in their order: known ones as they were, new ones added', async () => {
    const made = await runStep('project-categories', VIEW, { names: ['bird', 'dog', 'pet'] })
    expect(made.schema.categories).toEqual([
      { key: 'bird', name: 'bird' },
      DOG,
      { key: 'pet', name: 'pet' },
    ])
    expect(annotationsOf(made).map(({ uid }) => uid)).toEqual(['ground_truth-0', 'ground_truth-2'])
    expect(made.notes).toEqual([
      { what: 'category deleted', where: 'cat' },
      { what: 'annotation deleted with its category', where: 'train/a' },
    ])
  })

  it('gives a new category no key that another one had', async () => {
    const made = await runStep('project-categories', VIEW, { names: ['k1'] })
    expect(made.schema.categories).toEqual([{ key: 'k1~2', name: 'k1' }])
    expect(annotationsOf(made)).toHaveLength(1)
  })

  it('changes nothing where the list is what it was', async () => {
    const made = await runStep('project-categories', VIEW, { names: ['pet', 'dog', 'cat'] })
    expect(made.schema).toEqual(VIEW.schema)
  })

  it('refuses a name twice', async () => {
    await expect(
      runStep('project-categories', VIEW, { names: ['dog', 'dog'] }),
    ).rejects.toMatchObject({ code: 'DSV_OPTION_INVALID' })
  })
})
